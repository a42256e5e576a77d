// Never lose a word: what is typed is sent to the site about a second later. Until
// that has it, it is kept in this browser, and offered at the next visit.
const pause = 1000; // milliseconds between a key and the sending
const retry = 5000; // and between two tries while it is silent
const parting = 60000; // bytes that are still sent when a page is left
const own = ["id", "version", "copy", "base"]; // no words
const apart = [...own, "at", "tab", "link", "tell", "asked", "kind", "as", "page"]; // nor are those that follow from them

const place = `hark ${form.dataset.writer} `; // before the keys in localStorage
const tab = Math.random().toString(36).slice(2);
let version = 0; // that was sent last
let soonest; // when it is sent
let stop; // ends the request on its way
let dirty = false; // there are words that the site does not have
let lost = false; // the site did not take the last ones
let two = false; // another tab writes the same: nothing is sent until the writer saves
let leaving = false; // the form itself is on its way

const around = (selector) => form.parentElement.querySelector(selector);
const written = (at, how) => new Date(at).toLocaleString(document.documentElement.lang, how);
const clock = (at) => written(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const key = () => field("id").value || field("copy").value;

// here uses what keeps words in this browser, which may be full or forbidden.
function here(use) {
  try {
    return use(localStorage);
  } catch {}
}

const drop = (name = key()) => here((store) => store.removeItem(place + name));

function put(left) {
  const one = { left, at: Date.now(), fresh: !field("id").value, fields: [...new FormData(form)] };
  return here((store) => store.setItem(place + key(), JSON.stringify(one)) ?? true);
}

const all = () => here((store) => Object.entries(store)
  .filter(([name]) => name.startsWith(place))
  .map(([name, words]) => ({ name: name.slice(place.length), ...JSON.parse(words) }))) ?? [];

// kept are texts that may belong here, the newest first.
function kept() {
  const blank = !(field("id").value || field("base").value);
  return all().filter((one) => one.name === key() || (blank && one.fresh)).sort((a, b) => b.at - a.at);
}

function soon(after = pause) {
  soonest ??= setTimeout(send, after);
}

function body() {
  field("at").value = version = Math.max(Date.now(), version + 1);
  field("tab").value = tab;
  return new FormData(form);
}

// send brings the words to the site, one request at a time.
async function send() {
  clearTimeout(soonest);
  soonest = undefined;
  if (leaving || !dirty) return;
  if (two) return away("kept-two");
  put();
  if (stop) return; // the next one follows
  stop = new AbortController();
  dirty = false;
  try {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(patience)]);
    const fields = body();
    await heard(await fetch(form.dataset.keep, { method: "POST", body: fields, signal }), fields.get("at"));
  } catch {
    if (!leaving) away("kept-silent");
  }
  stop = undefined;
  if (dirty && !two) soon(lost ? retry : pause);
}

async function heard(answer, at) {
  if (answer.status === 409) return parted(parsed(await answer.text()));
  around("#out").hidden = !answer.redirected;
  if (answer.redirected || !answer.ok) return away(`kept-${answer.status}`);
  field("base").value = at;
  lost = false;
  if (!dirty) drop();
  unsaved = dirty;
  say(phrase(field("id").value ? "saved-beside" : "saved", clock(Date.now())));
}

// away keeps here what the site did not take.
function away(why) {
  lost = dirty = unsaved = true;
  say(put() ? phrase(why) ?? phrase("kept") : phrase("not-kept"));
}

// parted shows both texts, where another tab has written.
function parted(page) {
  for (const name of own) field(name).value = page.querySelector(`form.write [name=${name}]`).value;
  const other = page.querySelector(".other");
  if (other) first(".preview").replaceWith(other);
  around(".wrong")?.remove();
  form.before(page.querySelector(".wrong"));
  two = true;
  away("kept-two");
}

const words = (fields) => JSON.stringify([...fields].filter(([name]) => !apart.includes(name)).sort(([a], [b]) => (a > b) - (a < b)));
const stand = (fields) => words(fields) === words(new FormData(form)); // in the form

// land forgets words that left with a form and were saved. Who went back gets the post.
function land() {
  for (const { left, name, fields } of all()) {
    if (!left || !form.dataset.saved.includes(`${name}-${new Map(fields).get("at")}`)) continue;
    drop(name);
    if (!field("id").value && stand(fields)) location.replace(`/desk/write/${name}`);
  }
}

// offer shows that words are kept here that the site lacks.
function offer() {
  const box = around("#here");
  const one = kept().find(({ name, fields }) => !stand(fields) || drop(name));
  box.hidden = !one;
  if (!one) return;
  box.querySelector("b").textContent = `${written(one.at, { dateStyle: "long" })}, ${clock(one.at)}`;
  box.onclick = ({ target }) => {
    if (target.value === "take") {
      restore(one);
      box.hidden = true;
    } else if (target.value === "forget") {
      drop(one.name);
      offer();
    }
  };
}

// restore writes kept words into the form.
function restore(one) {
  const fields = new URLSearchParams(one.fields);
  for (const input of form.querySelectorAll("[name]:not(button, [name^=attached])")) {
    const values = fields.getAll(input.name);
    if (["checkbox", "radio"].includes(input.type)) input.checked = values.includes(input.value);
    else if (values.length && (input.type !== "hidden" || own.includes(input.name))) input.value = values[0];
  }
  for (const link of fields.getAll("link")) ticks.set(link, fields.getAll("tell").includes(link));
  form.dispatchEvent(new CustomEvent("restored", { detail: fields }));
  changed();
  text.focus();
}

// part sends what was typed last when the page is left.
function part() {
  if (leaving || !dirty) return;
  const fields = new URLSearchParams(body());
  if (lost || two || String(fields).length > parting) put();
  if (!two) fetch(form.dataset.keep, { method: "POST", body: fields, keepalive: true }).catch(() => put());
  leaving = true;
}

form.addEventListener("input", () => {
  lost ||= leaving; // perhaps
  leaving = false;
  dirty = true;
  soon();
});
form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  leaving = true;
  body();
  stop?.abort();
  if (!event.submitter?.formNoValidate) put(true); // the other buttons save no words
  else if (!lost || two) drop();
});
form.addEventListener("keep", send); // by a key
addEventListener("blur", send);
addEventListener("focus", () => { if (lost) send(); });
addEventListener("pageshow", () => {
  leaving = false;
  land();
  offer();
});
addEventListener("pagehide", part);
document.addEventListener("visibilitychange", () => { if (document.hidden) send(); });
if (field("id").value) land();
