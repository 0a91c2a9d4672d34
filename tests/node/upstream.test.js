// Two Grantlets in a browser: people log in at the one with their account at the other, connect such accounts, and disconnect them.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { inspect, launch, noScript, openPage, phone, shoot } from "./pages.js";
import { startGrantlet, user } from "./server.js";

let browser;
let other;
let home;
let posted;
let client;
let callback;

before(async () => {
  // Cookies know no ports: two servers on one machine need names of their own.
  const app = {
    client_id: "home",
    client_name: "Home",
    redirect_uris: ["http://localhost/login/callback"],
    token_endpoint_auth_method: "none",
    scope: "openid profile email",
  };
  other = await startGrantlet({ host: "127.0.0.1", clients: [app] });
  const connection = `
[[connections]]
id = "other"
name = "The other Grantlet"
issuer = "${other.issuer}"
client_id = "home"
`;
  home = await startGrantlet({ settings: connection });
  posted = await startGrantlet({ settings: `${connection}response_mode = "form_post"\n` });
  client = createServer((request, response) => response.end("<!doctype html><title>client</title>arrived")).listen(0, "127.0.0.1");
  await once(client, "listening");
  callback = `http://127.0.0.1:${client.address().port}/callback`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  client?.close();
  await home?.stop();
  await posted?.stop();
  await other?.stop();
});

function authorizationUrl(changes = {}, at = home) {
  const url = new URL(`${at.issuer}/authorize`);
  url.search = new URLSearchParams({
    client_id: "web",
    redirect_uri: callback,
    response_type: "code",
    scope: "openid profile email",
    state: "from-the-client",
    code_challenge: createHash("sha256").update(randomBytes(32)).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  });
  return url.href;
}

async function logIn(page) {
  await page.fill("#login input[name=username]", user.username);
  await page.fill("#login input[name=password]", user.password);
  await page.click("#sign-in");
}

/** Logs in at the other Grantlet, and allows Home what it asks for. */
async function answerThere(page) {
  assert.equal(new URL(page.url()).origin, other.issuer);
  await logIn(page);
  await page.click("#allow");
}

test("a person connects an account, logs in with it, and disconnects it", async () => {
  const { context, page, complaints } = await openPage(browser, phone);
  await page.goto(`${home.issuer}/account/connections`);
  await logIn(page);
  await inspect(page, "connections-none");
  await page.click("#connect-other");
  await answerThere(page);
  await page.waitForSelector("#notice");
  assert.equal(new URL(page.url()).pathname, "/account/connections");
  assert.match(await page.textContent("#connections"), /The other Grantlet[\s\S]*alice@example\.com/);
  await inspect(page, "connections-one");

  const elsewhere = await openPage(browser);
  await elsewhere.page.goto(`${home.issuer}/account/connections`);
  await elsewhere.page.click("#with-other");
  await answerThere(elsewhere.page);
  await elsewhere.page.waitForSelector("#disconnect-1");
  assert.match(await elsewhere.page.textContent(".who"), /alice/);
  assert.deepEqual(elsewhere.complaints, []);
  await elsewhere.context.close();

  await page.click("#disconnect-1");
  await page.waitForSelector("#none");
  assert.match(await page.textContent("#notice"), /Disconnected/);
  await shoot(page, "connections-gone");
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const [name, options] of [
  ["wide", {}],
  ["phone without scripts", { ...phone, ...noScript }],
]) {
  test(`a person logs in at another Grantlet (${name})`, async () => {
    const { context, page, complaints } = await openPage(browser, options);
    await page.goto(authorizationUrl({ prompt: "consent" }));
    await page.click("#with-other");
    await answerThere(page);
    // A new person here, with the name that the other one told.
    assert.match(await page.textContent("main"), /alice@example\.com/);
    await page.click("#allow");
    await page.waitForURL(/\/callback\?/);
    const landed = new URL(page.url());
    assert.equal(landed.searchParams.get("state"), "from-the-client");
    assert.ok(landed.searchParams.get("code"));
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

for (const [name, options] of [
  ["wide", {}],
  ["phone without scripts", { ...phone, ...noScript }],
]) {
  // The form comes from another site: what matters is which cookies a browser really sends with it, and with ours.
  test(`an answer by a form comes back to the browser that was sent (${name})`, async () => {
    const { context, page, complaints } = await openPage(browser, options);
    const arrived = [];
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().startsWith(`${posted.issuer}/login/callback`)) {
        arrived.push(request.allHeaders().then((headers) => headers.cookie ?? ""));
      }
    });
    await page.goto(authorizationUrl({ prompt: "consent" }, posted));
    await page.click("#with-other");
    await answerThere(page);
    if (options.javaScriptEnabled === false) {
      // One page of the other Grantlet's, one of ours.
      await page.click("#continue");
      assert.equal(new URL(page.url()).origin, posted.issuer);
      await shoot(page, "upstream-form-no-script");
      await page.click("#continue");
    }
    await page.waitForSelector("#allow");
    assert.match(await page.textContent("main"), /alice@example\.com/);
    const [foreign, own] = await Promise.all(arrived);
    assert.equal(arrived.length, 2);
    assert.doesNotMatch(foreign, /grantlet-upstream/, "browsers keep the cookie from another site's form");
    assert.match(own, /grantlet-upstream/);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("the page that sends an answer on is fit for everybody, and its button sends it too", async () => {
  const { context, page, complaints } = await openPage(browser, phone);
  // No content: our own form was sent by the script, and the page stays.
  const hold = (route) => (route.request().headers().origin === posted.issuer ? route.fulfill({ status: 204 }) : route.continue());
  const callbackHere = `${posted.issuer}/login/callback`;
  await page.route(callbackHere, hold);
  await page.goto(authorizationUrl({ prompt: "consent" }, posted));
  await page.click("#with-other");
  const sent = page.waitForRequest((request) => request.url() === callbackHere && request.headers().origin === posted.issuer);
  await answerThere(page);
  await sent;
  await inspect(page, "upstream-form");
  await page.unroute(callbackHere);
  await page.click("#continue");
  await page.waitForSelector("#allow");
  assert.match(await page.textContent("main"), /alice@example\.com/);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the login page offers the other Grantlet, and says so when nothing came of it", async () => {
  const { context, page, complaints } = await openPage(browser, phone);
  await page.goto(authorizationUrl({ ui_locales: "de" }));
  assert.match(await page.textContent("#with-other"), /Weiter mit The other Grantlet/);
  await inspect(page, "upstream-login");
  await page.click("#with-other");
  await logIn(page);
  await page.click("#deny");
  assert.match(await page.textContent("#problem"), /The other Grantlet hat Sie nicht angemeldet/);
  await inspect(page, "upstream-denied");
  // The other way is still open.
  await logIn(page);
  await page.waitForSelector("#allow");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("whoever came by another Grantlet keeps that way, and nobody else gets it", async () => {
  const { context, page, complaints } = await openPage(browser);
  await page.goto(`${home.issuer}/account/connections`);
  await page.click("#with-other");
  await answerThere(page);
  await page.waitForSelector("#disconnect-1");
  await page.click("#disconnect-1");
  assert.match(await page.textContent("#problem"), /the only way in which you sign in here/);
  await inspect(page, "connections-last");
  assert.deepEqual(complaints, []);
  await context.close();

  const alice = await openPage(browser);
  await alice.page.goto(`${home.issuer}/account/connections`);
  await logIn(alice.page);
  await alice.page.click("#connect-other");
  await answerThere(alice.page);
  assert.match(await alice.page.textContent("#problem"), /already connected with another account here/);
  assert.deepEqual(alice.complaints, []);
  await alice.context.close();
});
