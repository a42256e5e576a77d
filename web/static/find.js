// Finds posts and links to them without leaving the editor.
const finder = document.querySelector("#finder");
const within = (selector) => finder.querySelector(selector);
const words = within("[name=q]");
let asked = 0; // how many searches were begun
let timer;

function link(post) {
  const { value, selectionStart, selectionEnd } = text;
  const chosen = value.slice(selectionStart, selectionEnd);
  finder.close();
  type(chosen.trim() && !chosen.includes("\n") ? `[${chosen}](${post.path})` : post.markdown, selectionStart, selectionEnd);
}

async function search() {
  clearTimeout(timer);
  const mine = ++asked;
  const address = `/desk/find?q=${encodeURIComponent(words.value)}`;
  const found = await ask(address, "json", { headers: { Accept: "application/json" } }).catch(({ message }) => ({ posts: [], problem: message }));
  if (mine === asked) list(found);
}

function list({ posts, problem, more }) {
  const some = more ? "some-found" : words.value ? "found" : "newest";
  within("[role=status]").textContent = problem || phrase(posts.length ? some : "none-found");
  within("ul").replaceChildren(...posts.map((post) => {
    const row = within("template").content.firstElementChild.cloneNode(true);
    const button = row.querySelector("button");
    button.prepend(post.name);
    button.onclick = () => link(post);
    row.querySelector("small").textContent = post.written;
    return row;
  }));
}

document.querySelector("#find").onclick = (event) => {
  event.preventDefault();
  within("ul").replaceChildren(); // what was found before must not move under the hand
  finder.showModal();
  words.select();
  search();
};
finder.oninput = () => {
  clearTimeout(timer);
  timer = setTimeout(search, wait);
};
within("form").onsubmit = (event) => {
  event.preventDefault();
  search();
};
within("[value=close]").onclick = () => finder.close();
