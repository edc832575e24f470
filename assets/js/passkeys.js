// Passkeys: what the server asks goes to the device, and what the device answers is sent with the form.
const ASK = {
  get: (options) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  create: (options) =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
};

async function ask(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    const answered = await ASK[form.dataset.passkey](JSON.parse(form.dataset.options));
    form.elements.passkey.value = JSON.stringify(answered.toJSON());
  } catch {
    // Cancelled, timed out, or a browser without passkeys: the code can still be typed.
    failed.hidden = false;
    return;
  }
  form.requestSubmit();
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-passkey]") || form.elements.passkey.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form);
  },
  { capture: true },
);
