import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createHash, randomBytes } from "node:crypto";

import { inspect, launch, openPage, phone, shoot } from "./pages.js";
import { startGrantlet, user } from "./server.js";

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
  // As claude.ai and others do it: an address on the web, which hands what it gets to the app on the same device.
  const relay = {
    client_id: "relay",
    client_name: "Relay",
    token_endpoint_auth_method: "none",
    redirect_uris: ["http://127.0.0.1/onward"],
    post_logout_redirect_uris: ["http://127.0.0.1/onward"],
  };
  server = await startGrantlet({ clients: [television, relay] });
  callbackServer = createServer((request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    // A browser asks for an icon, too.
    if (!["/callback", "/onward"].includes(url.pathname)) return response.writeHead(204).end();
    arrived = { method: request.method, url };
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      arrived.form = new URLSearchParams(body);
      if (url.pathname === "/callback") return response.end("<!doctype html><title>client</title>done");
      response.writeHead(302, { location: `claude://done?${body || url.searchParams}` }).end();
    });
  }).listen(0, "127.0.0.1");
  await once(callbackServer, "listening");
  callback = `http://127.0.0.1:${callbackServer.address().port}/callback`;
  browser = await launch();
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

const noSidewaysScroll = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

for (const [name, options] of [
  ["wide", { viewport: { width: 1280, height: 800 } }],
  ["phone-dark", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: "dark" }],
  ["no-script", { javaScriptEnabled: false }],
]) {
  test(`a person logs in and allows (${name})`, async () => {
    const { context, page, complaints } = await openPage(browser, options);
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
  const { context, page } = await openPage(browser);
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
  const { context, page } = await openPage(browser);
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
  const { context, page } = await openPage(browser);
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
    const { context, page, complaints } = await openPage(browser, options);
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
  const { context, page } = await openPage(browser);
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
    const { context, page, complaints } = await openPage(browser, options);
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

/**
 * Where the browser's way ends that begins with `press`. At a custom scheme, whether there is an app for it or not: nothing can be fetched there. But where
 * a policy forbids the redirect, the browser does not even try, and the way ends at the request before.
 */
async function endOfWay(page, press) {
  const failed = page.waitForEvent("requestfailed");
  await press();
  return (await failed).url();
}

for (const [button, answer] of [
  ["allow", "code="],
  ["deny", "error=access_denied"],
]) {
  test(`the browser hands an answer to the app behind a custom scheme (${button})`, async () => {
    const { context, page, complaints } = await openPage(browser);
    await page.goto(authorizationUrl({ client_id: "cli", redirect_uri: "com.example.cli:/callback", scope: "openid", prompt: "consent" }));
    await signIn(page);
    const url = await endOfWay(page, () => page.click(`#${button}`));
    assert.ok(url.startsWith(`com.example.cli:/callback?${answer}`), url);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

for (const [name, changes] of [
  ["a redirect", {}],
  ["a form", { response_mode: "form_post" }],
]) {
  test(`an answer by ${name} goes on to the app behind the client's custom scheme`, async () => {
    const { context, page, complaints } = await openPage(browser);
    const asked = { client_id: "relay", redirect_uri: new URL("/onward", callback).href, scope: "openid", prompt: "consent", ...changes };
    await page.goto(authorizationUrl(asked));
    await signIn(page);
    const url = await endOfWay(page, () => page.click("#allow"));
    assert.equal(arrived.method, changes.response_mode ? "POST" : "GET");
    const answer = changes.response_mode ? arrived.form : arrived.url.searchParams;
    assert.ok(answer.get("code"));
    assert.equal(answer.get("state"), "from-the-client");
    assert.equal(url, `claude://done?${answer}`);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("signing out goes on to the app behind the client's custom scheme", async () => {
  const { context, page, complaints } = await openPage(browser);
  await page.goto(`${server.issuer}/account`);
  await signIn(page);
  const asked = { client_id: "relay", post_logout_redirect_uri: new URL("/onward", callback).href, state: "goodbye" };
  await page.goto(`${server.issuer}/logout?${new URLSearchParams(asked)}`);
  const url = await endOfWay(page, () => page.click("#logout"));
  assert.equal(arrived.url.search, "?state=goodbye");
  assert.equal(url, "claude://done?state=goodbye");
  assert.deepEqual(complaints, []);
  await page.goto(authorizationUrl());
  await page.waitForSelector("#login");
  await context.close();
});

test("the page that sends a form is fit for everybody, and its button sends it too", async () => {
  const { context, page, complaints } = await openPage(browser, phone);
  // No content: the form was sent by the script, and the page stays.
  await page.route(callback, (route) => route.fulfill({ status: 204 }));
  await page.goto(authorizationUrl({ response_mode: "form_post", prompt: "consent" }));
  await signIn(page);
  const sent = page.waitForRequest(callback);
  await page.click("#allow");
  const code = new URLSearchParams((await sent).postData()).get("code");
  assert.ok(code);
  await inspect(page, "form-post");
  await page.unroute(callback);
  await page.click("#continue");
  await page.waitForURL(callback);
  assert.equal(arrived.form.get("code"), code);
  assert.deepEqual(complaints, []);
  await context.close();
});
