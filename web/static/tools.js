// Tools for Markdown, each named by its mark: it is put to what is selected, or to the word
// or line at the caret, and taken back where it stands.
const tools = first(".tools");

// parts are the text in five: what stands before, then what a tool is for, left of what is
// selected, selected, and right of it, then what stands after.
function parts(separator) {
  const { value, selectionStart: start, selectionEnd: end } = text;
  const [, space, chosen, rest] = /^(\s*)([^]*?)(\s*)$/.exec(value.slice(start, end));
  const [head, tail] = [value.slice(0, start) + space, rest + value.slice(end)];
  const exact = chosen && separator !== "\n";
  const left = exact ? "" : head.split(separator).at(-1);
  const right = exact ? "" : tail.split(separator)[0];
  return [head.slice(0, head.length - left.length), left, chosen, right, tail.slice(right.length)];
}

// put types what is new, and selects what was chosen.
function put(before, chosen, after) {
  const [old, fresh] = [text.value, before + chosen + after];
  let from = 0;
  let end = 0;
  while (from < old.length && old[from] === fresh[from]) from++;
  while (end < Math.min(old.length, fresh.length) - from && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  type(fresh.slice(from, fresh.length - end), from, old.length - end);
  text.setSelectionRange(before.length, before.length + chosen.length);
}

function around(open, close, [before, left, chosen, right, after]) {
  const words = left + chosen + right;
  const bare = words.slice(open.length, -close.length);
  if (words === open + bare + close) put(before, bare, after);
  else if (before.endsWith(open) && after.startsWith(close)) put(before.slice(0, -open.length) + left, chosen, right + after.slice(close.length));
  else put(before + open + left, chosen, right + close + after);
}

// link selects what is to be typed next.
function link([before, left, chosen, right, after]) {
  const from = (before + left).length;
  for (const { 0: old, 1: name, 2: address, index } of text.value.matchAll(/(?<!!)\[([^\]\n]*)\]\(([^)\s]*)\)/g)) {
    const end = index + old.length;
    if (index <= from && from + chosen.length <= end) return put(text.value.slice(0, index), name || address.replace(/^url$/, ""), text.value.slice(end));
  }
  const words = left + chosen + right;
  if (words && !/^https?:\S+$/.test(words)) put(`${before}[${words}](`, "url", `)${after}`);
  else put(`${before}[`, "", `](${words || "url"})${after}`);
}

// begin has lines begin with a mark, in place of any other but that of a quote.
function begin(mark, [before, left, chosen, right, after]) {
  const other = mark === "> " ? /^()(> ?)?/ : /^(\s*)(#+ +|([-*+]|\d+[.)]) +(\[[ x]\] +)?)?/i;
  const bare = (line) => line.replace(other, "$1");
  const old = (left + chosen + right).split("\n");
  const blank = (line) => old.length > 1 && mark !== "> " && !line.trim();
  let n = 0;
  let fresh = old.map((line) => (blank(line) ? line : line.replace(other, (_, indent) => indent + mark.replace("1", ++n))));
  const back = fresh.join("\n") === old.join("\n").replace(/^(\s*[-*+] +)\[x\]/gim, "$1[ ]");
  if (back) fresh = old.map(bare);
  const words = fresh.join("\n");
  const from = Math.max(0, left.length + fresh[0].length - old[0].length);
  const to = Math.max(from, words.length - right.length);
  const gap = (line) => (!back && line?.trim() && line === bare(line) ? "\n" : ""); // or that line would be one of them
  put(before + gap(before.split("\n").at(-2)) + words.slice(0, from), words.slice(from, to), words.slice(to) + gap(after.split("\n")[1]) + after);
}

function use({ target }) {
  let mark = target.closest("button")?.value;
  const word = parts(/[^\p{L}\p{M}\p{N}]/u);
  if (mark === "_" && /[^\s\p{P}]\*?\0|\0\*?[^\s\p{P}]/u.test(`${word[0]}\0${word[4]}`)) mark = "*"; // in words _ is none
  if (mark === "[") link(word);
  else if (mark?.endsWith(" ")) begin(mark, parts("\n"));
  else if (mark === "`" && word[2].includes("\n")) around("```\n", "\n```", parts("\n"));
  else if (mark) around(mark, mark, word);
}

// walk leads the focus from tool to tool.
function walk(event) {
  const all = [...tools.children];
  const at = all.indexOf(event.target);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all.at(to % all.length).focus();
}

tools.hidden = false;
tools.onclick = use;
tools.onkeydown = walk;
tools.onmousedown = (event) => event.preventDefault(); // the focus stays in the text
tools.addEventListener("focusin", ({ target }) => { // Tab leads back to it
  for (const one of tools.children) one.tabIndex = one === target ? 0 : -1;
});
