// Passkeys: signing in with one, and adding one. A button that needs this script
// is hidden until it runs in a browser that can do it; what the browser gives
// then goes with the form, as if it had been typed.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// ask fetches what the site asks of the browser, its texts made bytes again.
async function ask(address) {
  const answer = await fetch(address, { method: "POST" });
  if (answer.redirected) throw new Error("You were signed out meanwhile. Load the page anew.");
  if (!answer.ok) throw new Error((await answer.text()).trim());
  const { publicKey } = await answer.json();
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const known of publicKey.excludeCredentials ?? []) known.id = bytes(known.id);
  return publicKey;
}

// written is what the browser answers, its bytes made texts.
function written(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: {}, response });
}

// why says in a sentence what went wrong.
function why(error) {
  switch (error.name) {
    case "NotAllowedError":
      return "Nothing was done: it was called off, it took too long, or there is no passkey for this site here.";
    case "InvalidStateError":
      return "This device has a passkey for this site already.";
    case "Error":
      return error.message;
  }
  return "That did not work here. Try once more, or another way.";
}

function say(place, words) {
  place.textContent = words;
  place.hidden = words === "";
}

async function use(button) {
  const place = document.querySelector("#passkey-said");
  say(place, "");
  button.disabled = true;
  try {
    const publicKey = await ask(button.dataset.begin);
    const credential = await (publicKey.user ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: button.dataset.field, value: written(credential) });
    button.form.append(field);
    button.form.submit(); // whatever else stands in it
  } catch (error) {
    say(place, why(error));
    button.disabled = false;
  }
}

const button = document.querySelector("button[data-begin]");
if (button && window.PublicKeyCredential) {
  button.addEventListener("click", () => use(button));
  button.closest("[hidden]").hidden = false;
  for (const instead of document.querySelectorAll("[data-instead]")) instead.hidden = true;
}
