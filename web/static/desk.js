// The editor's comforts: what follows from the words is redrawn while they are
// typed, its buttons work without leaving the page, and there is a question before
// words are left unsaved. Everything works without them.
"use strict";

const form = document.querySelector("form.write");
const wait = 400; // milliseconds of rest before the page follows what is typed
const rest = 1000; // between two looks at what those say who are being asked
const most = 20; // such looks
const patience = 15000; // milliseconds for one answer

let unsaved = form?.hasAttribute("data-unsaved") || form?.parentElement.querySelector(".wrong") != null; // it came back
let timer; // of what was typed
let poller; // of those who are being asked
let looks = 0;
let busy = false; // a request is on its way
const due = []; // the next ones: buttons that were pressed, undefined for none
const ticks = new Map(); // the switches that were set here, by the address of their link

const say = (words) => { form.querySelector("#status").textContent = words; };

// follow redraws what follows from the words, and does what a button asks for. One
// request is on its way at a time, so that no older answer comes after a newer.
async function follow(button) {
  if (busy) {
    if (button || !due.length) due.push(button);
    return;
  }
  busy = true;
  try {
    await ask(button);
  } catch {
    say("The site does not answer. Your words stay here.");
  }
  busy = false;
  if (due.length) follow(due.shift());
}

async function ask(button) {
  const fields = new FormData(form);
  if (button) fields.append(button.name, button.value);
  const answer = await fetch(form.dataset.preview, {
    method: "POST",
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(patience),
  });
  if (answer.redirected || !answer.ok) {
    say(answer.redirected ? "You are signed out. Your words stay here; you can sign in when you save them." : "That did not work just now. Your words stay here.");
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-part]")) take(fresh); // our own page, made of cleaned HTML
  if (button) looks = 0;
  watch();
}

// take puts a part that was redrawn in place of the old. Switches stay as they
// were set meanwhile, and the focus where it is.
function take(fresh) {
  const old = form.querySelector(`[data-part=${fresh.dataset.part}]`);
  if (!old) return;
  for (const tick of fresh.querySelectorAll("[type=checkbox]")) {
    if (ticks.has(tick.value)) tick.checked = ticks.get(tick.value);
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceChildren(...fresh.childNodes);
  if (!focused) return;
  const same = [...old.querySelectorAll("button, input:not([type=hidden])")].find((one) => one.name === focused.name && one.value === focused.value);
  (same ?? twin(old, focused) ?? old.querySelector("button"))?.focus();
}

// twin is the button that has taken the place of one that silences a host.
function twin(part, button) {
  const name = { never: "again-to", "again-to": "never" }[button.name];
  return [...part.querySelectorAll(`[name="${name}"]`)].find((one) => one.value === button.value);
}

// watch looks again in a while for what is being asked, and not for ever.
function watch() {
  clearTimeout(poller);
  const asked = form.querySelectorAll("[name=asked]");
  if (!asked.length) {
    if (looks) form.querySelector("#looked").textContent = "All pages have been asked.";
    looks = 0;
    return;
  }
  if (looks++ < most) {
    poller = setTimeout(follow, rest);
    return;
  }
  for (const one of asked) one.remove();
  looks = 0;
  follow();
}

function typed(event) {
  if (event.target.name === "tell") ticks.set(event.target.value, event.target.checked);
  unsaved = true;
  clearTimeout(timer);
  timer = setTimeout(follow, wait);
}

function submitted(event) {
  if (event.submitter?.hasAttribute("data-aside")) {
    event.preventDefault();
    clearTimeout(timer);
    follow(event.submitter);
    return;
  }
  unsaved = false;
}

if (form) {
  form.addEventListener("input", typed);
  form.addEventListener("submit", submitted);
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  if (form.querySelector("[data-part=preview]")) form.querySelector("[data-live]").hidden = true;
  watch();
}
