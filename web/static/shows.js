// The files that a post shows before its text: one that has come gets its row, and so
// do those that this browser kept. A module, which stands on desk.js.
const shows = document.getElementById("shows");
const list = shows.querySelector("[data-part]");

function attach({ property, address, words = "", caption = "", poster = "", focus }) {
  const row = shows.querySelector("template").content.firstElementChild.cloneNode(true);
  const of = (name) => row.querySelector(`[name=attached-${name}]`);
  for (const one of row.querySelectorAll("[name=attached], button")) one.value = `${property} ${address}`;
  row.querySelector("b").textContent = shows.dataset[property];
  of("alt").value = words;
  of("caption").value = caption;
  of("poster").value = poster;
  of("poster").parentElement.hidden = property !== "video";
  if (property === "photo") row.querySelector("img").src = address;
  row.querySelector("img").hidden = property !== "photo";
  list.append(row);
  shows.open = true;
  if (focus) of("alt").focus();
}

shows.addEventListener("attach", ({ detail }) => {
  attach(detail);
  form.dispatchEvent(new Event("input", { bubbles: true }));
});
form.addEventListener("restored", ({ detail }) => {
  if (!detail.has("attachable")) return;
  const [words, captions, posters] = ["alt", "caption", "poster"].map((name) => detail.getAll(`attached-${name}`));
  list.replaceChildren();
  detail.getAll("attached").forEach((key, n) => {
    const [property, address] = key.split(" ");
    attach({ property, address, words: words[n], caption: captions[n], poster: posters[n] });
  });
});
