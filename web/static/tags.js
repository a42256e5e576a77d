// Completes tags from those in use, which stand in the page: a combobox as the ARIA
// Authoring Practices have it. Stands on desk.js, keep.js and ease.js. A module, so
// that its names are its own.

const longest = 8; // tags that are offered at once
const bare = (words) => words.trim().replace(/^#+/, "").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

const completer = {
  input: form?.querySelector("#tags"),
  list: document.createElement("ul"),
  all: [...(form?.querySelectorAll("#inuse [data-tag]") ?? [])].map((one) => ({ name: one.dataset.tag, count: one.querySelector("small").textContent })),
  at: -1, // which is chosen
};

// part is the tag at the caret, with where it begins and ends.
function part() {
  const { value, selectionStart } = completer.input;
  const start = value.lastIndexOf(",", selectionStart - 1) + 1;
  const end = value.indexOf(",", selectionStart);
  return { start, end: end < 0 ? value.length : end, words: value.slice(start, selectionStart) };
}

// fitting are the tags that begin so, then those that hold it; none that is there.
function fitting({ start, end, words }) {
  const wanted = bare(words);
  const { value } = completer.input;
  const there = `${value.slice(0, start)},${value.slice(end)}`.split(",").map(bare);
  const open = completer.all.filter((one) => !there.includes(bare(one.name)) && bare(one.name) !== wanted);
  const first = open.filter((one) => bare(one.name).startsWith(wanted));
  return [...first, ...open.filter((one) => !first.includes(one) && bare(one.name).includes(wanted))].slice(0, longest);
}

function show(tags) {
  const { input, list } = completer;
  list.replaceChildren(...tags.map((tag, n) => {
    const option = document.createElement("li");
    option.id = `tag-${n}`;
    option.role = "option";
    option.dataset.tag = tag.name;
    const count = document.createElement("small");
    count.textContent = tag.count === "1" ? "1 post" : `${tag.count} posts`;
    option.append(`${tag.name} `, count);
    return option;
  }));
  list.hidden = !tags.length;
  input.ariaExpanded = String(!list.hidden);
  choose(-1);
}

function choose(n) {
  const { input, list } = completer;
  completer.at = n;
  [...list.children].forEach((option, m) => { option.ariaSelected = String(m === n); });
  if (n < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", `tag-${n}`);
}

function complete(name) {
  const { input } = completer;
  const { start, end } = part();
  const rest = input.value.slice(end) || ", ";
  const before = input.value.slice(0, start) + (start ? " " : "") + name;
  enter(input, before + rest);
  input.setSelectionRange(before.length + 2, before.length + 2);
  show([]);
}

function steer(event) {
  const { list, at } = completer;
  const many = list.children.length;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "ArrowDown" && list.hidden) show(fitting(part()));
  else if (event.key === "ArrowDown") choose((at + 1) % many);
  else if (event.key === "ArrowUp" && !list.hidden) choose(at <= 0 ? many - 1 : at - 1);
  else if (event.key === "Enter" && at >= 0) complete(list.children[at].dataset.tag);
  else if (event.key === "Escape" && !list.hidden) show([]);
  else return;
  event.preventDefault();
}

if (completer.all.length) {
  const { input, list } = completer;
  list.id = "offered";
  list.role = "listbox";
  list.ariaLabel = "Tags in use";
  list.className = "offered";
  list.hidden = true;
  input.after(list);
  input.role = "combobox";
  input.autocomplete = "off";
  input.ariaAutoComplete = "list";
  input.ariaExpanded = "false";
  input.setAttribute("aria-controls", list.id);
  input.addEventListener("input", (event) => { if (event.isTrusted) show(bare(part().words) ? fitting(part()) : []); });
  input.addEventListener("keydown", steer);
  input.addEventListener("blur", () => show([]));
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the focus stays in the field
    const option = event.target.closest("[role=option]");
    if (option) complete(option.dataset.tag);
  });
}
