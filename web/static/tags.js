// Completes tags from those in use, which the page names: a combobox as the ARIA
// Authoring Practices have it.
const longest = 8; // tags that are offered at once
const bare = (words) => words.trim().replace(/^#+/, "").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

const input = field("tags");
const list = document.getElementById("offered");
const all = [...form.querySelectorAll("#inuse [data-tag]")].map((one) => ({ name: one.dataset.tag, count: one.querySelector("small").textContent }));
let at = -1; // which is chosen

// part is the tag at the caret, with where it begins and ends.
function part() {
  const { value, selectionStart } = input;
  const start = value.lastIndexOf(",", selectionStart - 1) + 1;
  const end = value.indexOf(",", selectionStart);
  return { start, end: end < 0 ? value.length : end, words: value.slice(start, selectionStart) };
}

// fitting are the tags that begin so, then those that hold it; none that is there.
function fitting({ start, end, words }) {
  const wanted = bare(words);
  const { value } = input;
  const there = `${value.slice(0, start)},${value.slice(end)}`.split(",").map(bare);
  const open = all.filter(({ name }) => !there.includes(bare(name)) && bare(name) !== wanted);
  const first = open.filter(({ name }) => bare(name).startsWith(wanted));
  return [...first, ...open.filter((one) => !first.includes(one) && bare(one.name).includes(wanted))].slice(0, longest);
}

function show(tags) {
  list.replaceChildren(...tags.map(({ name, count }, n) => {
    const option = document.createElement("li");
    const posts = document.createElement("small");
    Object.assign(option, { id: `tag-${n}`, role: "option" });
    option.dataset.tag = name;
    posts.textContent = phrase(count === "1" ? "one-post" : "posts", count);
    option.append(`${name} `, posts);
    return option;
  }));
  list.hidden = !tags.length;
  input.ariaExpanded = String(!list.hidden);
  choose(-1);
}

function choose(n) {
  at = n;
  [...list.children].forEach((option, m) => { option.ariaSelected = String(m === n); });
  input.setAttribute("aria-activedescendant", n < 0 ? "" : `tag-${n}`);
}

function complete({ dataset }) {
  const { start, end } = part();
  const before = input.value.slice(0, start) + (start ? " " : "") + dataset.tag;
  enter(input, before + (input.value.slice(end) || ", "));
  input.setSelectionRange(before.length + 2, before.length + 2);
  show([]);
}

function steer(event) {
  const many = list.children.length;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "ArrowDown" && list.hidden) show(fitting(part()));
  else if (event.key === "ArrowDown") choose((at + 1) % many);
  else if (event.key === "ArrowUp" && !list.hidden) choose(at <= 0 ? many - 1 : at - 1);
  else if (event.key === "Enter" && at >= 0) complete(list.children[at]);
  else if (event.key === "Escape" && !list.hidden) show([]);
  else return;
  event.preventDefault();
}

if (list) {
  Object.assign(input, { role: "combobox", autocomplete: "off", ariaAutoComplete: "list", ariaExpanded: "false" });
  input.setAttribute("aria-controls", list.id);
  input.addEventListener("input", (event) => { if (event.isTrusted) show(bare(part().words) ? fitting(part()) : []); });
  input.onkeydown = steer;
  input.onblur = () => show([]);
  list.onpointerdown = (event) => {
    event.preventDefault(); // the focus stays in the field
    const option = event.target.closest("[role=option]");
    if (option) complete(option);
  };
}
