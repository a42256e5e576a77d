// Passkeys: signing in with one, and adding one. A button that needs this script
// is hidden until it runs in a browser that can do it; what the browser gives
// then goes with the form, as if it had been typed.
"use strict";

const said = document.querySelector("#passkey-said");
const phrase = (name) => document.getElementById("phrases").content.getElementById(name)?.textContent;
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// ask fetches what the site asks of the browser, its texts made bytes again.
async function ask(address) {
  const answer = await fetch(address, { method: "POST" });
  if (answer.redirected) throw new Error(phrase("signed-out"));
  if (!answer.ok) throw new Error((await answer.text()).trim());
  const { publicKey } = await answer.json();
  publicKey.challenge = bytes(publicKey.challenge);
  for (const one of [publicKey.user, ...(publicKey.excludeCredentials ?? [])]) if (one) one.id = bytes(one.id);
  return publicKey;
}

// written is what the browser answers, its bytes made texts.
function written({ id, rawId, type, response: given }) {
  const response = { transports: given.getTransports?.() };
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (given[part]) response[part] = text(given[part]);
  }
  return JSON.stringify({ id, rawId: text(rawId), type, clientExtensionResults: {}, response });
}

function say(words) {
  said.textContent = words;
  said.hidden = !words;
}

async function use(button) {
  say("");
  button.disabled = true;
  try {
    const publicKey = await ask(button.dataset.begin);
    const credential = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey });
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: button.dataset.field, value: written(credential) });
    button.form.append(field);
    button.form.submit(); // whatever else stands in it
  } catch ({ name, message }) {
    say(name === "Error" ? message : phrase(name) ?? phrase("failed"));
    button.disabled = false;
  }
}

const button = document.querySelector("button[data-begin]");
if (button && window.PublicKeyCredential) {
  button.onclick = () => use(button);
  button.closest("[hidden]").hidden = false;
  for (const instead of document.querySelectorAll("[data-instead]")) instead.hidden = true;
}
