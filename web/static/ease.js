// More comforts of the editor: the place where one is, the zone of the clock at hand,
// keys. Everything works without them.

// locate asks the browser where it is, which asks its user.
function locate(button) {
  const status = button.closest(".field").querySelector("[role=status]");
  status.textContent = phrase("locating");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      enter(document.getElementById(button.dataset.locate), `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`);
      status.textContent = phrase("located");
    },
    () => { status.textContent = phrase("lost"); },
    { timeout: patience, maximumAge: 60000 },
  );
}

// offset is how far a clock here is from UTC at such a time.
function offset(day, time) {
  const [, zone] = new Date(`${day}T${time}`).toLocaleString("en", { timeZoneName: "longOffset" }).split("GMT");
  return zone === "" ? "+00:00" : zone ?? "";
}

// zoned fills in the zone of the clock here, until somebody types another.
function zoned() {
  const [zone, day, time] = ["happens-zone", "start-day", "start-time"].map(field);
  if (!day.value || !time.value || zone.value !== (zone.dataset.ours ?? "")) return;
  zone.dataset.ours = offset(day.value, time.value);
  enter(zone, zone.dataset.ours);
}

// shortcuts are what keys do with Ctrl, or the command key, held down.
const tool = (mark) => first(`.tools [value="${mark}"]`).click();
const shortcuts = {
  Enter: () => first(".go").click(),
  s: save,
  b: () => tool("**"),
  i: () => tool("_"),
  k: () => tool("["),
};

// save saves a draft and comes back to the caret. What is out has changes kept beside
// it.
function save() {
  const button = first("[name=do][value=draft]");
  if (!button) return form.dispatchEvent(new Event("keep"));
  try {
    sessionStorage.setItem("hark caret", JSON.stringify([Date.now(), text.selectionStart, text.selectionEnd]));
  } catch {} // then it comes back to the top
  button.click();
}

// comeBack sets the caret where it was when the draft was saved.
function comeBack() {
  try {
    const [at, start, end] = JSON.parse(sessionStorage.getItem("hark caret"));
    sessionStorage.removeItem("hark caret");
    if (Date.now() - at > patience) return;
    text.focus();
    text.setSelectionRange(start, end);
  } catch {} // there is none
}

for (const button of form.querySelectorAll("[data-locate]")) {
  button.hidden = !navigator.geolocation || !isSecureContext;
  button.onclick = () => locate(button);
}
form.addEventListener("change", ({ target }) => {
  if (target.name?.startsWith("start-")) zoned();
});
form.addEventListener("keydown", (event) => {
  const { key } = event;
  const act = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !event.isComposing && shortcuts[key];
  if (!act || ("bik".includes(key) && event.target !== text)) return;
  event.preventDefault();
  if (!event.repeat) act();
});
first("#shortcuts").hidden = false;
comeBack();
