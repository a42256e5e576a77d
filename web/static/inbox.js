// The inbox by keyboard, and without loading the page anew. Everything works
// without this: each decision is a form, and what it answers is the next page.
"use strict";

const said = document.querySelector("#said");
const keys = document.querySelector("#keys");
const ask = document.querySelector("#ask-keys");
let busy = false; // a decision is on its way

const inbox = () => document.querySelector("#inbox");
const items = () => [...document.querySelectorAll(".held")];
const current = () => document.activeElement?.closest(".held");

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
  const all = items();
  const at = all.indexOf(current());
  go(at < 0 ? all[0] : all[at + step]);
}

function decide(what) {
  const place = current() ?? document.querySelector("#one");
  if (!place) return say("Choose one first: j and k move.");
  const button = place.querySelector(`button[value="${what}"]`);
  if (!button) return say("That is not open for this one.");
  button.form.requestSubmit(button);
}

function tick() {
  current()?.querySelector("[name=id]")?.click();
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  a: () => decide("show"),
  s: () => decide("spam"),
  d: () => decide("delete"),
  t: () => decide("trust"),
  x: tick,
  u: () => document.querySelector(".done button")?.click(),
  "/": () => document.querySelector("#q")?.focus(),
  "?": () => keys.showModal(),
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
  for (const part of ["#inbox", ".deskbar"]) {
    const fresh = page.querySelector(part);
    if (fresh) document.querySelector(part)?.replaceWith(fresh);
  }
  document.title = page.title;
  history.replaceState(null, "", address);
  say(document.querySelector(".done [role=status]")?.textContent ?? "", false);
  go(document.getElementById("m-" + next) ?? items()[0] ?? inbox());
}

// send posts a form and takes the page that follows. Where that fails nothing
// here changes but the sentence that says so.
async function send(form, button) {
  const fields = new FormData(form);
  if (button?.name) fields.append(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (new URL(answer.url).pathname === "/login") {
    return say("You were signed out, so nothing was done. Sign in, then decide again.");
  }
  if (!answer.ok || !page.querySelector("#inbox")) {
    return say(page.querySelector(".wrong, main .text")?.textContent.trim() ?? "That did not work, and nothing was done.");
  }
  take(page, answer.url, fields.get("next"));
}

async function submitted(event) {
  const form = event.target;
  if (form.method !== "post" || !inbox().contains(form)) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  try {
    await send(form, event.submitter);
  } catch {
    say("The site does not answer. Whether that was done cannot be told from here: load the page anew to see.");
  } finally {
    busy = false;
  }
}

// changed keeps the box for the whole page and those of its items in step.
function changed(event) {
  const box = event.target;
  const all = document.querySelector("[name=all][value=page]");
  if (box === all) {
    for (const one of document.querySelectorAll("[name=id]")) one.checked = all.checked;
  } else if (box.name === "id" && all) {
    all.checked = [...document.querySelectorAll("[name=id]")].every((one) => one.checked);
  }
}

document.addEventListener("keydown", pressed);
document.addEventListener("submit", submitted);
document.addEventListener("change", changed);
if (ask) {
  ask.hidden = false;
  ask.addEventListener("click", () => keys.showModal());
}
