// More comforts of the editor: the place where one is, the zone of the clock at
// hand. Everything works without them. Stands on desk.js and keep.js.
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

if (form) {
  for (const button of form.querySelectorAll("[data-locate]")) {
    button.hidden = !navigator.geolocation || !isSecureContext;
    button.addEventListener("click", () => locate(button));
  }
  form.addEventListener("change", ({ target }) => {
    if (target.name?.startsWith("start-")) zoned();
  });
}
