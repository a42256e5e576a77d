// Files for the editor: pasted, dropped or chosen they are sent, one after another,
// while their writer says what they show. A module, which stands on desk.js and shows.js.
const part = (id) => document.getElementById(id);
const text = part("text");
const shows = part("shows"); // what stands before the text
const rows = new Map(); // files that are not in their place yet, by their rows
let turn = Promise.resolve(); // of the one that is on its way

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
      event.preventDefault(); // the form stays
      put(row);
    };
    part(before ? "coming" : "arrivals").append(row);
    if (before) shows.open = true;
    if (file === files[0]) of(row, "input").focus();
    if (file.size > form.dataset.most) note(row, `A file has at most ${form.dataset.most >> 20} MiB.`);
    else send(row);
  }
}

// note says what hinders a file, if anything does.
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
    request.onloadend = () => done(rows.has(row) && heard(row, request));
  });
}

function heard(row, { response, responseURL }) {
  if (response?.error) return note(row, response.error);
  if (!response) return note(row, responseURL.includes("/login") ? "You are signed out. Sign in in a new tab, then try again." : "The site does not take it just now. Try again.", true);
  const one = rows.get(row);
  one.there = response;
  of(row, "progress").hidden = true;
  of(row, "input").value ||= response.alt ?? "";
  if (response.property === "photo") of(row, "img").src = response.address;
  of(row, "img").hidden = response.property !== "photo";
  if (one.before || one.wanted) put(row);
}

// put brings a file to its place, now or as soon as it is here.
function put(row) {
  const { before, there } = rows.get(row);
  const words = of(row, "input").value;
  rows.get(row).wanted = true;
  if (!there) return;
  if (before && there.property) shows.dispatchEvent(new CustomEvent("attach", { detail: { ...there, words, focus: row.contains(document.activeElement) } }));
  else if (there.property === "photo") insert(`![${plain(words)}](${there.address})`, true);
  else insert(`[${plain(words || there.name)}](${there.address})`);
  leave(row);
}

function leave(row) {
  rows.get(row).request?.abort();
  rows.delete(row);
  row.remove();
}

// insert writes where the cursor stands, so that the browser can take it back. A
// picture is a paragraph of its own.
function insert(words, apart) {
  const at = text.selectionEnd;
  const [before, after] = [text.value.slice(0, at), text.value.slice(at)];
  if (apart && before) words = "\n\n".slice(/\n{0,2}$/.exec(before)[0].length) + words;
  if (apart && after && !after.startsWith("\n")) words += "\n\n";
  text.focus();
  text.setSelectionRange(at, at);
  if (document.execCommand("insertText", false, words)) return;
  text.setRangeText(words, at, at, "end");
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

// submitted keeps the form here until all files are in their place.
function submitted(event) {
  if (event.submitter?.hasAttribute("data-aside")) return;
  for (const [row, { there }] of rows) if (there) put(row);
  const [[row, { file } = {}] = []] = rows;
  if (!row) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  say(`${file.name} is not here yet. Wait for it, or leave it out.`);
  of(row, "button:not([hidden])").focus();
}

// open lets files be chosen by a field and dropped on a place.
function open(input, place, before) {
  input.removeAttribute("name"); // it is sent from here
  input.onchange = () => {
    take(input.files, before);
    input.value = "";
  };
  place.ondragover = place.ondrop = (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    take(event.dataTransfer.files, before); // none as long as they are held above it
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
window.addEventListener("beforeunload", (event) => { if (rows.size) event.preventDefault(); });
for (const one of form.querySelectorAll("[data-scripted]")) one.hidden = false;
