// Files for the editor: pasted, dropped or chosen they are sent, one after another,
// while their writer says what they show. Those before the text have rows there, and so
// have those that this browser kept.
const part = (id) => document.getElementById(id);
const shows = part("shows"); // what stands before the text
const rows = new Map(); // files not in their place yet, by their rows
let turn = Promise.resolve(); // of the one on its way

const of = (row, selector) => row.querySelector(selector);
const fresh = (id) => part(id).content.firstElementChild.cloneNode(true);
const plain = (words) => words.trim().replace(/[\\[\]*_`<&~]/g, "\\$&");

function take(files, before) {
  for (const file of files) {
    const row = fresh("arrival");
    rows.set(row, { file, before });
    of(row, "b").textContent = of(row, "progress").ariaLabel = file.name;
    row.onclick = ({ target }) => ({ put, send, leave })[target.value]?.(row);
    of(row, "input").onkeydown = (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      put(row);
    };
    part(before ? "coming" : "arrivals").append(row);
    if (before) shows.open = true;
    if (file === files[0]) of(row, "input").focus();
    if (file.size > form.dataset.most) note(row, phrase("too-large"));
    else send(row);
  }
}

// note says what hinders a file, if anything.
function note(row, words, again) {
  of(row, "span").textContent = words;
  of(row, "[value=send]").hidden = !again;
  of(row, "label").hidden = words && !again;
  of(row, "progress").hidden = of(row, "[value=put]").hidden = words;
  if (words) say(`${rows.get(row).file.name}: ${words}`);
}

function send(row) {
  note(row, "");
  turn = turn.then(() => bring(row));
}

function bring(row) {
  const one = rows.get(row);
  if (!one) return;
  const request = (one.request = new XMLHttpRequest()); // fetch tells of no progress
  const fields = new FormData();
  fields.append("file", one.file);
  request.open("POST", form.dataset.upload);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => { of(row, "progress").value = loaded / total; };
  request.send(fields);
  return new Promise((done) => {
    request.onloadend = () => done(row.isConnected && heard(row, request));
  });
}

function heard(row, { status, response, responseURL }) {
  const why = responseURL.includes("/login") ? "sign-in" : `not-taken-${status}`;
  if (!response?.address) return note(row, response?.error ?? phrase(why) ?? phrase("not-taken"), ![413, 422].includes(status));
  const one = rows.get(row);
  one.there = response;
  of(row, "progress").hidden = true;
  of(row, "input").value ||= response.alt ?? "";
  picture(row, response);
  if (one.before || one.wanted) put(row);
}

// put brings a file to its place, now or once it is here.
function put(row) {
  const { before, there } = rows.get(row);
  const words = of(row, "input").value;
  const focused = row.contains(document.activeElement);
  rows.get(row).wanted = true;
  if (!there) return;
  if (before && there.property) {
    const alt = of(attach({ ...there, words }), "[name=attached-alt]");
    if (focused) alt.focus();
    changed();
  } else if (there.property === "photo") insert(`![${plain(words)}](${there.address})`, true);
  else insert(`[${plain(words || there.name)}](${there.address})`);
  leave(row);
}

function leave(row) {
  row.remove();
  rows.get(row).request?.abort();
  rows.delete(row);
}

// attach makes the row of a file before the text.
function attach({ property, address, words = "", caption = "", poster = "" }) {
  const row = fresh("attach");
  const fill = (name, value) => Object.assign(of(row, `[name=attached-${name}]`), { value });
  for (const one of row.querySelectorAll("[name=attached], button")) one.value = `${property} ${address}`;
  of(row, "b").textContent = phrase(property);
  fill("alt", words);
  fill("caption", caption);
  fill("poster", poster).parentElement.hidden = property !== "video";
  picture(row, { property, address });
  part("attached").append(row);
  shows.open = true;
  return row;
}

function picture(row, { property, address }) {
  if (property === "photo") of(row, "img").src = address;
  of(row, "img").hidden = property !== "photo";
}

// restored brings the files back that this browser kept.
function restored({ detail }) {
  if (!detail.has("attachable")) return;
  const [words, captions, posters] = ["alt", "caption", "poster"].map((name) => detail.getAll(`attached-${name}`));
  part("attached").replaceChildren();
  detail.getAll("attached").forEach((key, n) => {
    const [property, address] = key.split(" ");
    attach({ property, address, words: words[n], caption: captions[n], poster: posters[n] });
  });
}

// insert writes at the cursor. A picture is a paragraph of its own.
function insert(words, apart) {
  const at = text.selectionEnd;
  const [before, after] = [text.value.slice(0, at), text.value.slice(at)];
  if (apart && before) words = "\n\n".slice(/\n{0,2}$/.exec(before)[0].length) + words;
  if (apart && after && !after.startsWith("\n")) words += "\n\n";
  type(words, at, at);
}

// submitted keeps the form here until all files are in their place.
function submitted(event) {
  if (event.submitter?.hasAttribute("data-aside")) return;
  for (const [row, { there }] of rows) if (there) put(row);
  const [[row, { file } = {}] = []] = rows;
  if (!row) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const why = of(row, "span").textContent;
  say(why ? `${file.name}: ${why} ${phrase("without")}` : phrase("not-here", file.name));
  of(row, "button:not([hidden])").focus();
}

// open lets files be chosen by a field and dropped on a place.
function open(input, place, before) {
  input.removeAttribute("name");
  input.onchange = () => {
    take(input.files, before);
    input.value = "";
  };
  place.ondragover = place.ondrop = (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer.files, before);
  };
}

open(part("file"), text, false);
open(part("show"), shows, true);
text.onpaste = (event) => {
  const { files, types } = event.clipboardData;
  if (!files.length || types.includes("text/plain")) return; // words may come as a picture, too
  event.preventDefault();
  take(files, false);
};
form.addEventListener("submit", submitted, true);
form.addEventListener("restored", restored);
addEventListener("beforeunload", (event) => { if (rows.size) event.preventDefault(); });
for (const one of form.querySelectorAll("[data-scripted]")) one.hidden = false;
