// The editor's comforts; everything works without them. No module, as the others are:
// these stand on its names.
"use strict";

const form = document.querySelector("form.write");
const wait = 400; // milliseconds of rest before the page follows what is typed
const rest = 1000; // between two looks at what those say who are being asked
const most = 20; // such looks
const patience = 15000; // milliseconds for one answer

let unsaved = "unsaved" in form.dataset || document.querySelector(".wrong") != null; // it came back
let timer; // of what was typed
let poller; // of those who are being asked
let looks = 0;
let busy = false; // a request is on its way
const due = []; // the next ones: buttons that were pressed, undefined for none
const ticks = new Map(); // the switches that were set here, by the address of their link

const field = (name) => form.elements[name];
const text = field("text");
const first = (selector) => form.querySelector(selector);
const phrase = (name, what) => document.getElementById("phrases").content.getElementById(name)?.textContent.replace("{}", () => what);
const say = (words) => { first("#status").textContent = words; };
const changed = (input = form) => input.dispatchEvent(new Event("input", { bubbles: true }));
const parsed = (page) => new DOMParser().parseFromString(page, "text/html"); // ours, made of cleaned HTML

// enter writes into a field as a key would, so that whoever listens hears it.
function enter(input, words) {
  input.value = words;
  changed(input);
}

// type puts words in place of others, so that the browser can take it back. Chromium takes
// seconds for many lines, but not as HTML, which others refuse.
function type(words, from, to) {
  text.focus();
  if (!words && from === to) return;
  text.setSelectionRange(from, to);
  if (words.length > 2e3 && document.execCommand("insertHTML", false, new Option(words).innerHTML)) return;
  if (document.execCommand(words ? "insertText" : "delete", false, words)) return;
  text.setRangeText(words, from, to, "end");
  changed(text);
}

// ask is what the site answers, or an error that says in a sentence what hinders it.
async function ask(address, how, options) {
  let problem = "silent";
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(patience), ...options });
    if (answer.ok && !answer.redirected) return await answer[how]();
    problem = answer.redirected ? "signed-out" : "failed";
  } catch {} // it is silent
  throw new Error(phrase(problem));
}

// follow redraws what follows from the words, and does what a button asks for. One
// request is on its way at a time, so that no older answer comes after a newer.
async function follow(button) {
  if (busy) {
    if (button || !due.length) due.push(button);
    return;
  }
  busy = true;
  const body = new FormData(form);
  if (button) body.append(button.name, button.value);
  try {
    const page = parsed(await ask(form.dataset.preview, "text", { method: "POST", body }));
    for (const fresh of page.querySelectorAll("[data-part]")) take(fresh);
    if (button) looks = 0;
    watch();
  } catch (problem) {
    say(problem.message);
  }
  busy = false;
  if (due.length) follow(due.shift());
}

// take puts a part that was redrawn in place of the old. Switches stay as they
// were set meanwhile, and the focus where it is.
function take(fresh) {
  const old = first(`[data-part=${fresh.dataset.part}]`);
  if (!old) return;
  for (const tick of fresh.querySelectorAll("[type=checkbox]")) {
    if (ticks.has(tick.value)) tick.checked = ticks.get(tick.value);
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceChildren(...fresh.childNodes);
  if (!focused) return;
  const twin = { never: "again-to", "again-to": "never" }[focused.name]; // takes the place of one that was pressed
  const all = [...old.querySelectorAll("button, input:not([type=hidden])")];
  const same = (name) => all.find((one) => one.name === name && one.value === focused.value);
  (same(focused.name) ?? same(twin) ?? old.querySelector("button"))?.focus();
}

// watch looks again in a while for what is being asked, and not for ever.
function watch() {
  clearTimeout(poller);
  const asked = form.querySelectorAll("[name=asked]");
  if (asked.length && looks++ < most) {
    poller = setTimeout(follow, rest);
    return;
  }
  if (!asked.length && looks) first("#looked").textContent = phrase("asked");
  looks = 0;
  if (!asked.length) return;
  for (const one of asked) one.remove();
  follow();
}

form.addEventListener("input", ({ target }) => {
  if (target.name === "tell") ticks.set(target.value, target.checked);
  unsaved = true;
  clearTimeout(timer);
  timer = setTimeout(follow, wait);
});
form.addEventListener("submit", (event) => {
  if (!event.submitter?.hasAttribute("data-aside")) {
    unsaved = false;
    return;
  }
  event.preventDefault();
  clearTimeout(timer);
  follow(event.submitter);
});
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
first("[data-live]").hidden = first("[data-part=preview]") != null;
watch();
