// The editor's comforts: a preview that follows the words, and a question before
// words are left unsaved. Everything works without them.
"use strict";

const form = document.querySelector("form.write");
const pane = form?.querySelector("section.preview:not(.other)");
const wait = 400; // milliseconds of rest before the preview follows

let unsaved = form?.parentElement.querySelector(".wrong") != null; // it came back
let timer;
let asked = 0;

async function preview() {
  const turn = ++asked;
  const answer = await fetch(form.dataset.preview, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
  });
  if (turn !== asked) return; // newer words are on their way
  if (answer.redirected || !answer.ok) {
    say(answer.redirected ? "You are signed out. Your words stay here; you can sign in when you save them." : "No preview just now. Your words stay here.");
    return;
  }
  pane.innerHTML = await answer.text(); // our own page, made of cleaned HTML
}

function say(words) {
  form.querySelector("#status").textContent = words;
}

function typed() {
  unsaved = true;
  if (!pane) return;
  clearTimeout(timer);
  timer = setTimeout(() => preview().catch(() => say("The site does not answer. Your words stay here.")), wait);
}

if (form) {
  form.addEventListener("input", typed);
  form.addEventListener("submit", () => { unsaved = false; });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  if (pane) form.querySelector("[data-live]").hidden = true;
}
