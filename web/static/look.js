// The samples follow what is chosen, and a colour can be picked.
"use strict";

const [looks, sample, colour] = ["form.looks", "#sample", "#colour"].map((one) => document.querySelector(one));
const { accent } = looks.elements;

looks.oninput = () => {
  const fields = new FormData(looks);
  const address = new URL(sample.href);
  for (const name of ["theme", "accent", "type", "width"]) address.searchParams.set(name, fields.get(name) ?? "");
  if (/^(#?([0-9a-f]{3}){1,2})?$/i.test(accent.value.trim()) && address.href !== sample.href) sample.href = address.href;
};

colour.hidden = false;
colour.oninput = () => { accent.value = colour.value; };
accent.oninput = () => { if (/^#[0-9a-f]{6}$/i.test(accent.value)) colour.value = accent.value; };
