// Never lose a word: what stands in the editor is sent to the site about a second
// after a key. While the site does not take it, it is kept in this browser, and
// offered at the next visit. Stands on desk.js.
"use strict";

const pause = 1000; // milliseconds between a key and the sending
const retry = 5000; // and between two tries while the site does not answer
const parting = 60000; // bytes that a browser still sends when a page is left
const reasons = { 422: "Too many texts wait unsaved: save or discard some under Posts, Drafts", 507: "The disk of the site is full" };
const own = ["id", "version", "copy", "base"]; // fields that are not words
const apart = [...own, "link", "tell", "asked"]; // nor are those that follow from them

const field = (name) => form.querySelector(`[name=${name}]`);
const key = () => field("id").value || field("copy").value;
const clock = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const keeper = {
  place: `hark ${form?.dataset.writer} `, // before the keys of this writer in localStorage
  tab: Math.random().toString(36).slice(2),
  at: 0, // the version that was sent last
  timer: undefined,
  stop: undefined, // ends the request that is on its way
  again: false, // there are newer words than those on their way
  dirty: false, // there are words that the site does not have
  lost: false, // the site did not take the last ones
  two: false, // another tab writes the same: nothing is sent until the writer saves
  leaving: false, // the form itself is on its way
};

const here = {
  put() {
    const kept = { at: Date.now(), fresh: !field("id").value, fields: [...new FormData(form)] };
    try {
      localStorage.setItem(keeper.place + key(), JSON.stringify(kept));
      return true;
    } catch {
      return false; // no room, or not allowed
    }
  },
  drop(name = key()) {
    try {
      localStorage.removeItem(keeper.place + name);
    } catch {} // not allowed: nothing is there
  },
  // all are the texts that may belong in this form, the newest first.
  all() {
    const blank = !field("id").value && !field("base").value;
    try {
      return Object.keys(localStorage)
        .filter((name) => name.startsWith(keeper.place))
        .map((name) => ({ name: name.slice(keeper.place.length), ...JSON.parse(localStorage.getItem(name)) }))
        .filter((one) => one.name === key() || (blank && one.fresh))
        .sort((a, b) => b.at - a.at);
    } catch {
      return [];
    }
  },
};

function soon(after = pause) {
  keeper.timer ??= setTimeout(send, after);
}

function body() {
  const fields = new URLSearchParams(new FormData(form));
  keeper.at = Math.max(Date.now(), keeper.at + 1);
  fields.append("tab", keeper.tab);
  fields.append("at", keeper.at);
  return fields;
}

// send brings the words to the site. One request is on its way at a time.
async function send() {
  clearTimeout(keeper.timer);
  keeper.timer = undefined;
  if (keeper.leaving || !keeper.dirty) return;
  if (keeper.two) return away("These words are kept in this browser until you save them.");
  if (keeper.stop) {
    keeper.again = true;
    return;
  }
  keeper.stop = new AbortController();
  keeper.dirty = keeper.again = false;
  try {
    const signal = AbortSignal.any([keeper.stop.signal, AbortSignal.timeout(patience)]);
    const fields = body();
    await heard(await fetch(form.dataset.keep, { method: "POST", body: fields, signal }), fields.get("at"));
  } catch {
    if (!keeper.leaving) away("The site does not answer; your words are kept in this browser.");
  }
  keeper.stop = undefined;
  if (keeper.again) soon();
  else if (keeper.lost && !keeper.two) soon(retry);
}

async function heard(answer, at) {
  if (answer.status === 409) return parted(await answer.text());
  if (answer.redirected || !answer.ok) {
    form.parentElement.querySelector("#out").hidden = !answer.redirected;
    away(`${reasons[answer.status] ?? "Not saved"}; your words are kept in this browser.`);
    return;
  }
  field("base").value = at;
  keeper.lost = false;
  form.parentElement.querySelector("#out").hidden = true;
  here.drop();
  unsaved = keeper.dirty;
  say(`Saved at ${clock(Date.now())}${field("id").value ? ", not published yet" : ""}.`);
}

// away keeps here what the site did not take.
function away(words) {
  keeper.lost = keeper.dirty = unsaved = true;
  say(here.put() ? words : "Not saved, and this browser keeps nothing. Copy your words before you leave.");
}

// parted shows both texts, where another tab has written the same.
function parted(page) {
  const answer = new DOMParser().parseFromString(page, "text/html"); // our own page
  for (const name of own) field(name).value = answer.querySelector(`form.write [name=${name}]`).value;
  const other = answer.querySelector(".other");
  if (other) form.querySelector(".preview").replaceWith(other);
  form.parentElement.querySelector(".wrong")?.remove();
  form.before(answer.querySelector(".wrong"));
  keeper.two = true;
  away("These words are kept in this browser until you save them.");
}

// offer shows that words are kept here which the site does not have.
function offer() {
  const box = form.parentElement.querySelector("#here");
  const words = (fields) => JSON.stringify(fields.filter(([name]) => !apart.includes(name)));
  const [one] = here.all().filter((kept) => {
    const same = words(kept.fields) === words([...new FormData(form)]);
    if (same) here.drop(kept.name);
    return !same;
  });
  box.hidden = !one;
  if (!one) return;
  box.querySelector("b").textContent = `${new Date(one.at).toLocaleDateString(document.documentElement.lang, { dateStyle: "long" })}, ${clock(one.at)}`;
  box.onclick = ({ target }) => {
    if (target.value === "take") put(one);
    if (target.value === "forget") here.drop(one.name);
    if (!target.value) return;
    if (target.value === "take") box.hidden = true;
    else offer();
  };
}

// put writes kept words into the form.
function put(kept) {
  const fields = new URLSearchParams(kept.fields);
  for (const input of form.querySelectorAll("[name]:not(button, [name^=attached])")) {
    const values = fields.getAll(input.name);
    if (["checkbox", "radio"].includes(input.type)) input.checked = values.includes(input.value);
    else if (values.length && (input.type !== "hidden" || own.includes(input.name))) input.value = values[0];
  }
  for (const link of fields.getAll("link")) ticks.set(link, fields.getAll("tell").includes(link));
  form.dispatchEvent(new CustomEvent("restored", { detail: fields }));
  form.dispatchEvent(new Event("input", { bubbles: true }));
  field("text").focus();
}

// part sends what was typed last when the page is left.
function part() {
  if (keeper.leaving || !keeper.dirty) return;
  const fields = body();
  if (keeper.lost || keeper.two || String(fields).length > parting) here.put();
  if (!keeper.two) fetch(form.dataset.keep, { method: "POST", body: fields, keepalive: true }).catch(() => here.put());
}

if (form) {
  form.addEventListener("input", () => {
    keeper.dirty = true;
    soon();
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    keeper.leaving = true;
    keeper.stop?.abort();
    if (!keeper.lost || keeper.two) here.drop();
  });
  window.addEventListener("pagehide", part);
  window.addEventListener("pageshow", () => { keeper.leaving = false; });
  window.addEventListener("blur", send);
  window.addEventListener("focus", () => { if (keeper.lost) send(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
  offer();
}
