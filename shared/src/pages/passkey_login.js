// Signs in with a passkey: by the button, or by what the browser suggests in the field for the user name. What the authenticator answers
// is sent as a form, so that every outcome is a page.
(() => {
  const form = document.getElementById("passkey");
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const failed = document.getElementById("passkey-failed");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  let suggesting;
  let renewals = 10;

  const signIn = async (mediation, signal) => {
    const answer = await fetch("/login/passkey/options", { method: "POST", body: new URLSearchParams(new FormData(form)), signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const { challenge, publicKey } = await answer.json();
    publicKey.challenge = bytes(publicKey.challenge);
    const { id, rawId, type, response } = await navigator.credentials.get({ publicKey, mediation, signal });
    const credential = { id, rawId: text(rawId), type, response: {} };
    for (const name of ["authenticatorData", "clientDataJSON", "signature", "userHandle"])
      if (response[name]) credential.response[name] = text(response[name]);
    form.elements.challenge.value = challenge;
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  };

  // Waits for the person to choose a passkey in the field. A challenge lives for five minutes: before it ends another one is asked for, a few times.
  const suggest = async () => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    const own = (suggesting = new AbortController());
    const renewal = setTimeout(() => renewals-- > 0 && document.visibilityState === "visible" && (own.abort(), suggest()), 270000);
    await signIn("conditional", own.signal).catch(() => {});
    clearTimeout(renewal);
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    suggesting?.abort();
    failed.hidden = true;
    try {
      await signIn("optional");
    } catch {
      failed.hidden = false;
      suggest();
    }
  });
  form.hidden = false;
  suggest();
})();
