// Passkeys in a real browser, with the authenticator that Chromium has for tests (WebDriver's virtual authenticator, over its own protocol).

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { dark, inLanguage, inspect, launch, noScript, openPage, phone } from "./pages.js";
import { startGrantlet, user } from "./server.js";

let server;
let browser;

before(async () => {
  server = await startGrantlet({ settings: '[accounts]\nregistration = "open"\n' });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

function authorizationUrl(changes = {}) {
  const url = new URL(`${server.issuer}/authorize`);
  url.search = new URLSearchParams({
    client_id: "web",
    redirect_uri: "http://127.0.0.1/callback",
    response_type: "code",
    scope: "openid profile",
    code_challenge: createHash("sha256").update(randomBytes(32).toString("base64url")).digest("base64url"),
    code_challenge_method: "S256",
    prompt: "login consent",
    ...changes,
  });
  return url.href;
}

/** Plugs an authenticator into the page's browser. It makes sure of its holder by itself, unless it is told otherwise. */
async function plugIn(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  return {
    credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    verifies: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
    remove: () => session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  };
}

async function signInByPassword(page) {
  await page.fill("#username", user.username);
  await page.fill("#password", user.password);
  await page.click("#sign-in");
}

/** A person on the page of their passkeys. The browser suggests none by itself: this authenticator would take every suggestion at once. */
async function atPasskeys({ suggests = false, ...options } = {}) {
  const opened = await openPage(browser, options);
  if (!suggests) await opened.page.addInitScript(() => (PublicKeyCredential.isConditionalMediationAvailable = async () => false));
  await opened.page.goto(`${server.issuer}/account/passkeys`);
  await signInByPassword(opened.page);
  await opened.page.waitForURL("**/account/passkeys**");
  return opened;
}

async function addPasskey(page, name) {
  await page.goto(`${server.issuer}/account/passkeys`);
  await page.fill("#name", name);
  await page.click("#add");
  await page.waitForURL("**/account/passkeys?done=passkey-added");
}

async function removeAll(page) {
  for (;;) {
    await page.goto(`${server.issuer}/account/passkeys`);
    if ((await page.locator(".rows summary").count()) === 0) return;
    await page.locator(".rows summary").first().click();
    await page.locator("button[value=remove]").first().click();
    await page.waitForURL("**/account/passkeys?done=passkey-removed");
  }
}

for (const [name, options] of [
  ["wide", {}],
  ["phone", { ...phone, ...dark }],
]) {
  test(`a person makes passkeys, signs in with one by the button, and removes them (${name})`, async () => {
    const { context, page, complaints } = await atPasskeys(options);
    const authenticator = await plugIn(page);
    await inspect(page, `passkeys-none-${name}`);
    await addPasskey(page, "My <i>laptop</i>");
    assert.equal((await authenticator.credentials()).length, 1);
    assert.ok((await authenticator.credentials())[0].isResidentCredential);
    await inspect(page, `passkeys-one-${name}`);

    // The same authenticator makes no second one for the same person.
    await page.click("#add");
    await page.waitForSelector("#passkey-failed:visible");
    await inspect(page, `passkeys-failed-${name}`);

    // Another one does.
    const key = await plugIn(page, { transport: "usb" });
    await addPasskey(page, "Key");
    assert.equal(await page.locator(".rows summary").count(), 2);
    await key.remove();

    await page.goto(authorizationUrl());
    await page.waitForSelector("#passkey-sign-in:visible");
    await inspect(page, `passkey-login-${name}`);
    await page.click("#passkey-sign-in");
    await page.waitForSelector("#allow");
    assert.ok((await page.innerText("main")).includes(user.username));

    await page.goto(`${server.issuer}/account/passkeys`);
    assert.match(await page.innerText("main"), /Last used/);
    await page.locator(".rows summary").first().click();
    await inspect(page, `passkeys-change-${name}`);
    await page.fill("#name-1", "Renamed");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/account/passkeys?done=passkey-renamed");
    assert.equal(await page.innerText("#passkey-1"), "Renamed");
    await removeAll(page);
    await page.waitForSelector("#no-passkeys");

    // The authenticator still has it; the server knows it no more.
    await page.goto(authorizationUrl());
    await page.click("#passkey-sign-in");
    await page.waitForSelector("#problem");
    await inspect(page, `passkey-refused-${name}`);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("the browser suggests a passkey in the field for the user name", async () => {
  const { context, page, complaints } = await atPasskeys({ suggests: true });
  await plugIn(page);
  await addPasskey(page, "Suggested");
  await page.goto(authorizationUrl());
  // Nobody presses anything: the authenticator answers what the page waits for.
  await page.waitForSelector("#allow");
  await removeAll(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a person makes an account with a passkey in place of a password, and signs in by what the browser suggests", async () => {
  const { context, page, complaints } = await openPage(browser, phone);
  const address = `carol-${randomBytes(4).toString("hex")}@example.com`;
  await page.goto(authorizationUrl());
  await page.click("#to-sign-up");
  await inspect(page, "passkeys-sign-up");
  await page.fill("#email", address);
  await page.click("#send-link");
  await page.waitForSelector("#sent");
  await page.goto(`${server.issuer}/dev/mail`);
  await page.locator("article", { hasText: address }).first().locator("a").click();
  await page.waitForSelector("#create-passkey:visible");
  await inspect(page, "passkeys-new-account");

  // An authenticator that does not make sure of its holder makes none; the next try is as good as the first.
  const authenticator = await plugIn(page);
  await authenticator.verifies(false);
  await page.click("#create-passkey");
  await page.waitForSelector("#passkey-failed:visible");
  await inspect(page, "passkeys-new-account-failed");
  await authenticator.verifies(true);
  await page.click("#create-passkey");
  // Back where they wanted to go.
  await page.waitForSelector("#allow");
  assert.ok((await page.innerText("main")).includes(address));
  const [credential] = await authenticator.credentials();
  assert.ok(credential.isResidentCredential);

  await context.clearCookies();
  await page.goto(authorizationUrl());
  await page.waitForSelector("#allow");
  await page.goto(`${server.issuer}/account/password`);
  await page.waitForSelector("#change-password");
  assert.equal(await page.locator("#current").count(), 0);
  await page.goto(`${server.issuer}/account/passkeys`);
  await page.locator(".rows summary").first().click();
  await page.click("#remove-1");
  await page.waitForSelector("#problem");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("without scripts an account is made with a password", async () => {
  const { context, page } = await openPage(browser, noScript);
  const address = `dora-${randomBytes(4).toString("hex")}@example.com`;
  await page.goto(`${server.issuer}/login/signup`);
  await page.fill("#email", address);
  await page.click("#send-link");
  await page.goto(`${server.issuer}/dev/mail`);
  await page.locator("article", { hasText: address }).first().locator("a").click();
  await page.waitForSelector("#choose");
  assert.equal(await page.locator("#create-passkey").isVisible(), false);
  await page.fill("#password", "garlic unicycle parliament 7");
  await page.click("#save");
  await page.waitForSelector("#sign-out");
  await context.close();
});

test("who is not verified by the authenticator is not let in, and may use the password", async () => {
  const { context, page } = await atPasskeys();
  const authenticator = await plugIn(page);
  await addPasskey(page, "Locked");
  await authenticator.verifies(false);
  await page.goto(authorizationUrl());
  await page.click("#passkey-sign-in");
  await page.waitForSelector("#passkey-failed:visible");
  await signInByPassword(page);
  await page.waitForSelector("#allow");
  await removeAll(page);
  await context.close();
});

test("the keyboard alone is enough", async () => {
  const { context, page, complaints } = await atPasskeys();
  await plugIn(page);
  await page.focus("#name");
  await page.keyboard.type("By keyboard");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/account/passkeys?done=passkey-added");
  await page.goto(authorizationUrl());
  await page.focus("#passkey-sign-in");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#allow");
  await removeAll(page);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a client that demands a passkey leads to where one is made, and the request goes on", async () => {
  const { context, page, complaints } = await openPage(browser, { ...phone });
  await page.addInitScript(() => window.PublicKeyCredential && (PublicKeyCredential.isConditionalMediationAvailable = async () => false));
  const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ["phr"] } } });
  await page.goto(authorizationUrl({ claims, prompt: "consent" }));
  await inspect(page, "stronger-login");
  await signInByPassword(page);
  await page.waitForSelector("#stronger");
  await inspect(page, "stronger");
  const authenticator = await plugIn(page);
  await page.click("#to-passkeys");
  await page.waitForSelector("#onward");
  await inspect(page, "stronger-passkeys");
  await page.fill("#name", "On the way");
  await page.click("#add");
  await page.waitForSelector("#notice");
  assert.equal((await authenticator.credentials()).length, 1);
  await page.click("#go-on");
  await page.waitForSelector("#allow");
  // With two factors wanted, an app can be set up on the way as well.
  await removeAll(page);
  await context.clearCookies();
  const two = JSON.stringify({ id_token: { acr: { essential: true, values: ["urn:grantlet:acr:multi-factor"] } } });
  await page.goto(authorizationUrl({ claims: two, prompt: "consent" }));
  await signInByPassword(page);
  await page.click("#to-factors");
  await page.waitForSelector("#onward");
  await inspect(page, "stronger-factors");
  await page.click("#begin");
  await page.waitForSelector("#key");
  await page.goto(authorizationUrl({ claims: two, prompt: "consent" }));
  await page.route("http://127.0.0.1/callback**", (route) => route.fulfill({ body: "the client" }));
  await page.click("#leave");
  await page.waitForURL(/error=unmet_authentication_requirements/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("without scripts there is no dead button", async () => {
  const { context, page } = await openPage(browser, noScript);
  await page.goto(authorizationUrl());
  assert.equal(await page.locator("#passkey-sign-in").isVisible(), false);
  await page.goto(`${server.issuer}/account/passkeys`);
  await signInByPassword(page);
  await page.waitForSelector("#passkeys-unsupported");
  assert.equal(await page.locator("#add").isVisible(), false);
  await context.close();
});

test("a browser that knows no passkeys is offered none", async () => {
  const { context, page, complaints } = await openPage(browser);
  await page.addInitScript(() => delete window.PublicKeyCredential);
  await page.goto(authorizationUrl());
  assert.equal(await page.locator("#passkey-sign-in").isVisible(), false);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the pages speak the person's language", async () => {
  const { context, page } = await openPage(browser, inLanguage("de"));
  await page.goto(authorizationUrl());
  assert.equal(await page.innerText("#passkey-sign-in"), "Mit Passkey anmelden");
  await context.close();
});
