// The samples follow what is chosen, and a colour can be picked.
"use strict";

const looks = document.querySelector("form.looks");
const sample = document.querySelector("#sample");
const accent = looks.elements.accent;
const colour = document.querySelector("#colour");

function show() {
  const fields = new FormData(looks);
  const address = new URL(sample.href);
  for (const name of ["theme", "accent", "type", "width"]) address.searchParams.set(name, fields.get(name) ?? "");
  if (/^(#?[0-9a-f]{6}|#?[0-9a-f]{3}|)$/i.test(accent.value.trim()) && address.href !== sample.href) sample.href = address.href;
}

colour.hidden = false;
colour.oninput = () => { accent.value = colour.value; };
accent.oninput = () => { if (/^#[0-9a-f]{6}$/i.test(accent.value)) colour.value = accent.value; };
looks.oninput = show;
