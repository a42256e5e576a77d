// The inbox by keyboard, and without loading the page anew: without this each
// decision is a form, and what it answers is the next page.
"use strict";

const first = (selector, page = document) => page.querySelector(selector);
const every = (selector) => [...document.querySelectorAll(selector)];
const current = () => document.activeElement?.closest(".held");
const said = first("#said");
const phrase = (name) => first("#phrases").content.getElementById(name).textContent;
let busy = false; // a decision is on its way

// say tells what happened; loud where it has to be seen, too.
function say(words, loud = true) {
  said.classList.toggle("unseen", !loud);
  said.textContent = words;
}

function go(item) {
  item?.focus({ preventScroll: true });
  item?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = every(".held");
  const at = all.indexOf(current());
  go(at < 0 ? all[0] : all[at + step]);
}

function decide(what) {
  const place = current() ?? first("#one");
  if (!place) return say(phrase("none-chosen"));
  const button = first(`button[value="${what}"]`, place);
  if (!button) return say(phrase("not-open"));
  button.form.requestSubmit(button);
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  a: () => decide("show"),
  s: () => decide("spam"),
  d: () => decide("delete"),
  t: () => decide("trust"),
  x: () => current()?.querySelector("[name=id]")?.click(),
  u: () => first(".done button")?.click(),
  "/": () => first("#q")?.focus(),
  "?": () => first("#keys").showModal(),
};

function pressed(event) {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");
  const action = actions[event.key];
  const chord = event.ctrlKey || event.altKey || event.metaKey || event.isComposing;
  const held = event.repeat && !"jk".includes(event.key); // a key held down decides once
  if (!action || typing || chord || held) return;
  event.preventDefault();
  if (said.textContent) say("", false);
  action();
}

// take puts what was answered in place of what stands here.
function take(page, address, next) {
  for (const part of ["#inbox", ".deskbar"]) first(part).replaceWith(first(part, page));
  document.title = page.title;
  history.replaceState(null, "", address);
  say(first(".done [role=status]")?.textContent ?? "", false);
  go(document.getElementById("m-" + next) ?? first(".held") ?? first("#inbox"));
}

// send posts a form and takes the page that follows. Where that fails nothing
// here changes but the sentence that says so.
async function send(form, button) {
  const fields = new FormData(form, button);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (new URL(answer.url).pathname === "/login") say(phrase("signed-out"));
  else if (answer.ok && first("#inbox", page)) take(page, answer.url, fields.get("next"));
  else say(first(".wrong, main .text", page)?.textContent.trim() ?? phrase("failed"));
}

async function submitted(event) {
  const form = event.target;
  if (form.method !== "post" || !first("#inbox").contains(form)) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  try {
    await send(form, event.submitter);
  } catch {
    say(phrase("silent"));
  }
  busy = false;
}

// changed keeps the box for the whole page and those of its items in step.
function changed({ target }) {
  const all = first("[name=all][value=page]");
  const boxes = every("[name=id]");
  if (target === all) {
    for (const box of boxes) box.checked = all.checked;
  } else if (target.name === "id" && all) {
    all.checked = boxes.every((box) => box.checked);
  }
}

document.addEventListener("keydown", pressed);
document.addEventListener("submit", submitted);
document.addEventListener("change", changed);
const button = first("#ask-keys");
if (button) {
  button.hidden = false;
  button.onclick = actions["?"];
}
