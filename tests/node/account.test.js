// Account pages, as people meet them: without scripts, on a phone, by keyboard, in the dark; and what is left of an app that was withdrawn.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { inLanguage, inspect, launch, noScript, openPage, phone, shoot } from "./pages.js";
import { seed, startGrantlet, user } from "./server.js";

const [{ client_secret: secret }] = seed.clients;
let server;
let browser;
let callback;
let callbackServer;

before(async () => {
  server = await startGrantlet();
  callbackServer = createServer((request, response) => response.end("<!doctype html><title>client</title>done")).listen(0, "127.0.0.1");
  await once(callbackServer, "listening");
  callback = `http://127.0.0.1:${callbackServer.address().port}/callback`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  callbackServer?.close();
  await server?.stop();
});

/** Logs in on the page that asks for it. */
async function signIn(page) {
  await page.locator("#username").fill(user.username);
  await page.locator("#password").fill(user.password);
  await page.locator("#sign-in").click();
}

/** Lets the client `web` have what it asks for, and answers with its tokens. */
async function allow(page) {
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(`${server.issuer}/authorize`);
  url.search = new URLSearchParams({
    client_id: "web",
    redirect_uri: callback,
    response_type: "code",
    scope: "openid profile email offline_access",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  await page.goto(url.href);
  if (await page.locator("#sign-in").isVisible()) await signIn(page);
  if (await page.locator("#allow").isVisible()) await page.locator("#allow").click();
  await page.waitForURL(`${callback}?**`);
  const code = new URL(page.url()).searchParams.get("code");
  return (await token({ grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: callback })).json();
}

async function token(form) {
  const credentials = Buffer.from(`web:${encodeURIComponent(secret)}`).toString("base64");
  return fetch(`${server.issuer}/token`, { method: "POST", headers: { authorization: `Basic ${credentials}` }, body: new URLSearchParams(form) });
}

for (const [name, options] of [["desktop", {}], ["phone", phone]]) {
  test(`every account page is fit for everybody on a ${name}`, async () => {
    const { page, context, complaints } = await openPage(browser, options);
    await page.goto(`${server.issuer}/account`);
    await inspect(page, `account-login-${name}`);
    await signIn(page);
    await allow(page);
    for (const path of ["", "/profile", "/apps", "/sessions", "/events", "/data", "/delete"]) {
      await page.goto(`${server.issuer}/account${path}`);
      assert.equal(await page.locator("h1").count(), 1);
      await inspect(page, `account${path.replace("/", "-")}-${name}`);
    }
    await page.locator("#name").fill("somebody else");
    await page.locator("#delete").press("Enter");
    await page.locator("#problem").waitFor();
    await inspect(page, `account-delete-problem-${name}`);
    assert.deepEqual(complaints.filter((text) => !text.includes("400")), []);
    await context.close();
  });
}

test("the pages are in the language of the person, and each fits in it", async () => {
  for (const language of ["de", "fr", "es", "pt", "zh", "ja"]) {
    const { page, context } = await openPage(browser, { ...phone, ...inLanguage(language) });
    await page.goto(`${server.issuer}/account`);
    await signIn(page);
    for (const path of ["", "/profile", "/apps", "/sessions", "/events", "/data", "/delete"]) {
      await page.goto(`${server.issuer}/account${path}`);
      assert.equal(await page.locator("html").getAttribute("lang"), language);
      const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(width[0] <= width[1], `${language} ${path} is too wide`);
    }
    await context.close();
  }
});

test("without scripts a person says who they are, field by field, and mends what was wrong", async () => {
  const { page, context, complaints } = await openPage(browser, noScript);
  await page.goto(`${server.issuer}/account/profile`);
  await signIn(page);
  await page.getByLabel("Nickname").fill("Ali");
  await page.getByLabel("Date of birth").fill("31.5.1990");
  await page.getByLabel("Gender").selectOption("female");
  await page.getByLabel("Street and number").fill("1 Road\nHouse");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("#problem").waitFor();
  assert.equal(await page.locator("#birthdate").getAttribute("aria-invalid"), "true");
  await page.locator("#birthdate-problem").waitFor();
  for (const [label, value] of [["Nickname", "Ali"], ["Date of birth", "31.5.1990"], ["Gender", "female"], ["Street and number", "1 Road\nHouse"]]) {
    assert.equal(await page.getByLabel(label, { exact: true }).inputValue(), value);
  }
  await page.getByLabel("Date of birth").fill("1990-05-31");
  await page.getByLabel("Date of birth").press("Enter");
  await page.locator("#notice").waitFor();
  await page.goto(`${server.issuer}/account/data`);
  const shown = await page.locator("main").innerText();
  for (const words of ["Ali", "1990-05-31", "female", "1 Road\nHouse", "Bern"]) assert.ok(shown.includes(words), words);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a profile with mistakes is fit for everybody", async () => {
  const { page, context } = await openPage(browser, phone);
  await page.goto(`${server.issuer}/account/profile`);
  await signIn(page);
  await page.locator("#zoneinfo").fill("somewhere");
  await page.locator("#locale").fill("German");
  await page.locator("#save").click();
  await page.locator("#problem").waitFor();
  await inspect(page, "account-profile-problem-phone");
  await context.close();
});

test("the navigation of a narrow window names the page, and opens by keyboard without scripts", async () => {
  const { page, context } = await openPage(browser, { ...noScript, viewport: { width: 360, height: 740 } });
  await page.goto(`${server.issuer}/account/sessions`);
  await signIn(page);
  const menu = page.locator("nav summary");
  assert.ok((await menu.innerText()).includes("Sessions and devices"));
  const apps = page.locator("nav details a[href='/account/apps']");
  assert.equal(await apps.isVisible(), false);
  await menu.focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("nav details a[aria-current=page]").innerText(), "Sessions and devices");
  await shoot(page, "account-menu-360");
  await apps.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server.issuer}/account/apps`);
  // In a wide window everything is in sight.
  await page.setViewportSize({ width: 1280, height: 800 });
  assert.equal(await page.locator("nav summary").isVisible(), false);
  assert.equal(await page.locator("nav > ul a[href='/account/sessions']").isVisible(), true);
  await context.close();
});

test("without scripts a person withdraws an app, by keyboard alone, and its tokens are dead", async () => {
  const { page, context } = await openPage(browser, noScript);
  await page.goto(`${server.issuer}/account/apps`);
  await signIn(page);
  const tokens = await allow(page);
  await page.goto(`${server.issuer}/account`);
  await page.locator('main a[href="/account/apps"]').first().focus();
  await page.keyboard.press("Enter");
  await page.locator("#withdraw-web").focus();
  await page.keyboard.press("Enter");
  await page.locator("#notice").waitFor();
  assert.equal(await page.locator("#withdraw-web").count(), 0);
  const refused = await token({ grant_type: "refresh_token", refresh_token: tokens.refresh_token });
  assert.equal((await refused.json()).error, "invalid_grant");
  await page.goto(`${server.issuer}/account/events`);
  // What the client calls itself is text.
  assert.ok((await page.locator("main").innerText()).includes("Web & <b>Shop</b>"));
  await context.close();
});

test("without scripts a person ends what they left open elsewhere", async () => {
  const elsewhere = await openPage(browser, noScript);
  await elsewhere.page.goto(`${server.issuer}/account`);
  await signIn(elsewhere.page);
  const { page, context } = await openPage(browser, noScript);
  await page.goto(`${server.issuer}/account/sessions`);
  await signIn(page);
  assert.ok((await page.locator("main").innerText()).includes("on Linux"));
  await page.locator("#end-others").click();
  await page.locator("#notice").waitFor();
  await elsewhere.page.goto(`${server.issuer}/account`);
  await elsewhere.page.locator("#sign-in").waitFor();
  await page.goto(`${server.issuer}/account`);
  assert.equal(await page.locator("#sign-in").count(), 0);
  await elsewhere.context.close();
  await context.close();
});

test("the download is a file, and another site's form gets nothing", async () => {
  const { page, context } = await openPage(browser, {});
  await page.goto(`${server.issuer}/account/data`);
  await signIn(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#download").click()]);
  assert.equal(download.suggestedFilename(), "account.json");
  const data = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(data.profile.username, user.username);
  assert.ok(!JSON.stringify(data).includes("argon2"));
  // A page of somebody else's that posts to us: the cookie does not even go along.
  await page.goto(callback);
  await page.setContent(`<form method="post" action="${server.issuer}/account/sessions"><input name="end" value="others"><button>x</button></form>`);
  await page.locator("button").click();
  await page.waitForURL(`${server.issuer}/account/sessions`);
  assert.equal(await page.locator("#sign-in").count(), 1);
  // Nor can the pages be framed (clickjacking).
  await page.goto(callback);
  await page.setContent(`<iframe src="${server.issuer}/account"></iframe>`);
  await page.frameLocator("iframe").locator("body.neterror").waitFor({ state: "attached" });
  assert.deepEqual(page.frames().map((frame) => new URL(frame.url()).protocol), ["http:", "chrome-error:"]);
  await context.close();
});
