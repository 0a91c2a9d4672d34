// Makes a passkey, for an account or together with one. What the authenticator answers is sent as a form, so that every outcome is a page.
(() => {
  const form = document.getElementById("add-passkey");
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const failed = document.getElementById("passkey-failed");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const create = async () => {
    const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    // Whoever is not logged in any more, or was too long ago, is shown where to do so; and whose link counts no more, that it does not.
    if (!answer.headers.get("content-type")?.startsWith("application/json")) return form.submit();
    const { challenge, publicKey } = await answer.json();
    publicKey.challenge = bytes(publicKey.challenge);
    publicKey.user.id = bytes(publicKey.user.id);
    for (const other of publicKey.excludeCredentials ?? []) other.id = bytes(other.id);
    const made = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = made.response;
    const { credProps } = made.getClientExtensionResults();
    form.elements.challenge.value = challenge;
    form.elements.credential.value = JSON.stringify({
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) },
      clientExtensionResults: credProps ? { credProps } : {},
    });
    form.submit();
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    document.getElementById("notice")?.remove();
    await create().catch(() => (failed.hidden = false));
  });
  document.getElementById("passkeys-unsupported")?.setAttribute("hidden", "");
  form.hidden = false;
})();
