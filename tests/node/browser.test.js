import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createHash, randomBytes } from "node:crypto";
import { chromium } from "playwright-core";

import { startGrantlet, user } from "./server.js";

const screenshots = process.env.GRANTLET_SCREENSHOTS;
let server;
let browser;
let callback;
let callbackServer;
let arrived;

before(async () => {
  const television = {
    client_id: "television",
    client_name: "Television",
    token_endpoint_auth_method: "none",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
    redirect_uris: [],
  };
  server = await startGrantlet({ clients: [television] });
  callbackServer = createServer((request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    // A browser asks for an icon, too.
    if (url.pathname !== "/callback") return response.writeHead(404).end();
    arrived = { method: request.method, url };
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      arrived.form = new URLSearchParams(body);
      response.end("<!doctype html><title>client</title>done");
    });
  }).listen(0, "127.0.0.1");
  await once(callbackServer, "listening");
  callback = `http://127.0.0.1:${callbackServer.address().port}/callback`;
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
  if (screenshots) await mkdir(screenshots, { recursive: true });
});
after(async () => {
  await browser?.close();
  callbackServer?.close();
  await server?.stop();
});

function authorizationUrl(changes = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const url = new URL(`${server.issuer}/authorize`);
  url.search = new URLSearchParams({
    client_id: "web",
    redirect_uri: callback,
    response_type: "code",
    scope: "openid profile email offline_access",
    state: "from-the-client",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...changes,
  });
  return url.href;
}

async function openPage(options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

async function shoot(page, name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

const noSidewaysScroll = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

for (const [name, options] of [
  ["wide", { viewport: { width: 1280, height: 800 } }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" }],
  ["no-script", { javaScriptEnabled: false }],
]) {
  test(`a person logs in and allows (${name})`, async () => {
    const { context, page, complaints } = await openPage(options);
    await page.goto(authorizationUrl({ prompt: "consent" }));
    await shoot(page, `login-${name}`);
    await page.fill("#login input[name=username]", user.username);
    await page.fill("#login input[name=password]", user.password);
    await page.click("#sign-in");
    await page.waitForSelector("#allow");
    await shoot(page, `consent-${name}`);
    if (options.javaScriptEnabled !== false) assert.ok(await noSidewaysScroll(page));
    await page.click("#allow");
    await page.waitForURL(`${callback}**`);
    assert.equal(arrived.url.searchParams.get("state"), "from-the-client");
    assert.equal(arrived.url.searchParams.get("iss"), server.issuer);
    assert.ok(arrived.url.searchParams.get("code"));
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("the keyboard alone is enough, and a wrong password says what to do", async () => {
  const { context, page } = await openPage();
  await page.goto(authorizationUrl({ scope: "openid", prompt: "consent" }));
  await page.focus("input[name=username]");
  await page.keyboard.type(user.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type("wrong");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert]");
  await shoot(page, "login-wrong-password");
  await page.focus("input[name=password]");
  await page.keyboard.type(user.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#allow");
  await page.focus("#allow");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${callback}**`);
  assert.ok(arrived.url.searchParams.get("code"));
  await context.close();
});

test("what was allowed once is not asked again", async () => {
  const { context, page } = await openPage();
  await page.goto(authorizationUrl({ scope: "openid profile", prompt: "consent" }));
  await page.fill("input[name=username]", user.username);
  await page.fill("input[name=password]", user.password);
  await page.click("#sign-in");
  await page.click("#allow");
  await page.waitForURL(`${callback}**`);
  await page.goto(authorizationUrl({ scope: "openid profile", state: "second" }));
  await page.waitForURL(`${callback}**`);
  assert.equal(arrived.url.searchParams.get("state"), "second");
  await context.close();
});

test("deny goes back with access_denied", async () => {
  const { context, page } = await openPage();
  await page.goto(authorizationUrl({ prompt: "consent" }));
  await page.fill("input[name=username]", user.username);
  await page.fill("input[name=password]", user.password);
  await page.click("#sign-in");
  await page.waitForSelector("#deny");
  await page.click("#deny");
  await page.waitForURL(`${callback}**`);
  assert.equal(arrived.url.searchParams.get("error"), "access_denied");
  assert.equal(arrived.url.searchParams.get("state"), "from-the-client");
  await context.close();
});

for (const [name, options] of [
  ["by itself", {}],
  ["by its button when scripts are off", { javaScriptEnabled: false }],
]) {
  test(`form_post reaches the client ${name}`, async () => {
    const { context, page, complaints } = await openPage(options);
    await page.goto(authorizationUrl({ response_mode: "form_post", prompt: "consent" }));
    await page.fill("input[name=username]", user.username);
    await page.fill("input[name=password]", user.password);
    await page.click("#sign-in");
    await page.click("#allow");
    if (options.javaScriptEnabled === false) {
      await shoot(page, "form-post");
      await page.click("button");
    }
    await page.waitForURL(`${callback}**`);
    assert.equal(arrived.method, "POST");
    assert.ok(arrived.form.get("code"));
    assert.equal(arrived.form.get("iss"), server.issuer);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("a redirect URI that is not registered ends on a page", async () => {
  const { context, page } = await openPage();
  const response = await page.goto(authorizationUrl({ redirect_uri: "https://evil.example/callback" }));
  assert.equal(response.status(), 400);
  assert.ok(page.url().startsWith(server.issuer));
  await shoot(page, "error-redirect");
  await context.close();
});

async function signIn(page) {
  await page.fill("input[name=username]", user.username);
  await page.fill("input[name=password]", user.password);
  await page.click("#sign-in");
}

for (const [name, options] of [
  ["wide", {}],
  ["narrow-dark-without-scripts", { viewport: { width: 390, height: 800 }, colorScheme: "dark", javaScriptEnabled: false }],
]) {
  test(`a person chooses an account, answers for a device and signs out, ${name}`, async () => {
    const { context, page, complaints } = await openPage(options);
    const form = new URLSearchParams({ client_id: "television", scope: "openid profile" });
    const started = await (await fetch(`${server.issuer}/device_authorization`, { method: "POST", body: form })).json();
    await page.goto(started.verification_uri);
    await page.fill("input[name=user_code]", started.user_code.toLowerCase().replace("-", " "));
    await shoot(page, `device-${name}`);
    await page.keyboard.press("Enter");
    await signIn(page);
    assert.ok((await page.innerText("main")).includes(started.user_code), "the page shows the code to compare");
    await shoot(page, `device-consent-${name}`);
    await page.click("#allow");
    await shoot(page, `device-done-${name}`);

    await page.goto(authorizationUrl({ prompt: "select_account consent" }));
    await shoot(page, `account-${name}`);
    await page.click("#continue");
    await page.waitForSelector("#allow");

    await page.goto(`${server.issuer}/logout`);
    await shoot(page, `logout-${name}`);
    await page.click("#logout");
    await shoot(page, `signed-out-${name}`);
    await page.goto(authorizationUrl());
    await page.waitForSelector("#login");
    const overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert.equal(overflow, 0);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
