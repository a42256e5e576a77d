// Finds posts and links to them without leaving the editor. Stands on desk.js,
// keep.js and ease.js. A module, so that its names are its own.

const finder = document.querySelector("#finder");
const within = (selector) => finder.querySelector(selector);
let asked = 0; // how many searches were begun

// insert types words in place of what is selected, so that the browser can undo it.
function insert(words) {
  const text = field("text");
  text.focus();
  if (document.execCommand("insertText", false, words)) return;
  text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function link(post) {
  const { value, selectionStart, selectionEnd } = field("text");
  const chosen = value.slice(selectionStart, selectionEnd);
  finder.close();
  insert(chosen.trim() && !chosen.includes("\n") ? `[${chosen}](${post.path})` : post.markdown);
}

async function search() {
  const mine = ++asked;
  const words = within("[name=q]").value;
  let found = { posts: [], problem: "The site does not answer. Your words stay here." };
  try {
    const answer = await fetch(`/desk/find?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) });
    if (answer.redirected) found.problem = "You are signed out. Your words stay here.";
    else if (answer.ok) found = await answer.json();
  } catch {} // that is what it says already
  if (mine === asked) list(found, words);
}

function list({ posts, problem, more }, words) {
  within("[role=status]").textContent = problem || (posts.length ? `${words ? "Found" : "The newest"}:${more ? " there are more, add a word to find fewer." : ""}` : "No post that readers can find has these words.");
  within("ul").replaceChildren(...posts.map((post) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const written = document.createElement("small");
    button.type = "button";
    written.textContent = post.written;
    button.append(post.name, written);
    button.onclick = () => link(post);
    item.append(button);
    return item;
  }));
}

if (form && finder) {
  let timer;
  document.querySelector("#find").addEventListener("click", (event) => {
    event.preventDefault();
    finder.showModal();
    within("[name=q]").select();
    search();
  });
  finder.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, wait);
  });
  within("form").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    search();
  });
  within("[value=close]").addEventListener("click", () => finder.close());
}
