// More comforts of the editor: the place where one is, the zone of the clock at
// hand, keys. Everything works without them. Stands on desk.js and keep.js.
"use strict";

// enter writes into a field as a key would, so that whoever listens hears it.
function enter(input, words) {
  input.value = words;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

// locate asks the browser where it is, which asks its user.
function locate(button) {
  const status = button.closest(".field").querySelector("[role=status]");
  status.textContent = "The browser is asked where you are …";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      enter(document.getElementById(button.dataset.locate), `${coords.latitude.toFixed(5)}, ${coords.longitude.toFixed(5)}`);
      status.textContent = "These coordinates will be seen by everybody who sees the post.";
    },
    () => { status.textContent = "The browser does not say where you are. You can type the coordinates, or leave them out."; },
    { timeout: patience, maximumAge: 60000 },
  );
}

// offset is how far a clock here is from UTC at such a time.
function offset(day, time) {
  const minutes = -new Date(`${day}T${time}`).getTimezoneOffset();
  if (Number.isNaN(minutes)) return "";
  const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

// zoned fills in the zone of the clock here, until somebody types another.
function zoned() {
  const [zone, day, time] = ["happens-zone", "start-day", "start-time"].map(field);
  if (!day.value || !time.value || zone.value !== (zone.dataset.ours ?? "")) return;
  zone.dataset.ours = offset(day.value, time.value);
  enter(zone, zone.dataset.ours);
}

// shortcuts are what keys do with Ctrl, or the command key, held down.
const shortcuts = {
  Enter: () => form.querySelector(".go").click(),
  s: keepNow,
  b: () => tool("bold"),
  i: () => tool("italic"),
  k: () => tool("link"),
};

const tool = (name) => form.querySelector(`md-${name}`).click();

// keepNow saves a draft, and comes back to where the caret was. Changes of a post
// that is out are kept beside it.
function keepNow() {
  const button = form.querySelector("[name=do][value=draft]");
  if (!button) return send();
  const text = field("text");
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
    field("text").focus();
    field("text").setSelectionRange(start, end);
  } catch {} // there is none
}

function pressed(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
  const act = shortcuts[event.key];
  if (!act || (event.key.length === 1 && event.key !== "s" && event.target !== field("text"))) return;
  event.preventDefault();
  if (!event.repeat) act();
}

// walk leads the focus from tool to tool.
function walk(event) {
  const all = [...event.currentTarget.querySelectorAll("[role=button]")];
  const at = all.indexOf(event.target.closest("[role=button]"));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  all[at].tabIndex = -1;
  const next = all.at(to % all.length);
  next.tabIndex = 0;
  next.focus();
}

if (form) {
  for (const button of form.querySelectorAll("[data-locate]")) {
    button.hidden = !navigator.geolocation || !isSecureContext;
    button.addEventListener("click", () => locate(button));
  }
  form.addEventListener("change", ({ target }) => {
    if (target.name?.startsWith("start-")) zoned();
  });
  form.addEventListener("keydown", pressed);
  form.querySelector("markdown-toolbar").addEventListener("keydown", walk);
  form.querySelector("#shortcuts").hidden = false;
  comeBack();
}
