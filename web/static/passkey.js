// SPDX-License-Identifier: AGPL-3.0-or-later
// Hands the node's question to the browser's passkeys, and the answer to the form. Written out by hand, since older
// browsers lack parseRequestOptionsFromJSON and toJSON (WebAuthn, level 3).
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  buffer
    ? btoa(String.fromCharCode(...new Uint8Array(buffer)))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "")
    : null;
const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const answer = async (form) => {
  const asked = JSON.parse(form.dataset.options);
  const publicKey = { ...asked, challenge: bytes(asked.challenge) };
  let credential;
  if (form.dataset.passkey === "create") {
    publicKey.user = { ...asked.user, id: bytes(asked.user.id) };
    publicKey.excludeCredentials = named(asked.excludeCredentials);
    credential = await navigator.credentials.create({ publicKey });
  } else {
    publicKey.allowCredentials = named(asked.allowCredentials);
    credential = await navigator.credentials.get({ publicKey });
  }
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  };
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const show = (what) => {
    for (const line of form.querySelectorAll("[data-when]")) line.hidden = line.dataset.when !== what;
  };
  let busy = false;
  const begin = async (isQuiet) => {
    if (busy) return;
    busy = true;
    show("");
    try {
      form.elements.credential.value = JSON.stringify(await answer(form));
      form.submit();
    } catch {
      // Some browsers open nothing before somebody has pressed a button; that is no refusal.
      if (!isQuiet) show("refused");
    } finally {
      busy = false;
    }
  };
  if (window.PublicKeyCredential === undefined) {
    show("unsupported");
    form.querySelector("button[type=submit]").disabled = true;
    continue;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(false);
  });
  if (form.dataset.atOnce) begin(true);
}
