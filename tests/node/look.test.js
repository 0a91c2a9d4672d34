// Every page of the front channel, looked at in every way: see pages.js.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { fits, inLanguage, inspect, launch, narrow, noScript, openPage, phone, shoot } from "./pages.js";
import { startGrantlet, user } from "./server.js";

const languages = ["en", "de", "fr", "es", "pt", "zh", "ja"];
const settings = `
[registration]
mode = "open"

[[resources]]
uri = "https://notes.example"
name = "Your notes"
scopes = { "notes.read" = "Read your notes", "notes.write" = "Change your notes" }

[[authorization_details]]
type = "payment"
description = "Send a payment"
required = ["amount"]
`;
const television = {
  client_id: "television",
  client_name: "Television",
  logo: "<svg xmlns='http://www.w3.org/2000/svg' width='48' height='48'><circle cx='24' cy='24' r='22' fill='#1f5fbf'/></svg>",
  token_endpoint_auth_method: "none",
  grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
  redirect_uris: [],
};
let browser;

before(async () => (browser = await launch()));
after(() => browser?.close());

/** A server of its own for each test, so that none uses up another's attempts at passwords and codes; and a client that registered itself there. */
async function startWorld(more = "") {
  const server = await startGrantlet({ clients: [television], settings: settings + more });
  const registration = {
    client_name: "A stranger with quite a long name that has to be broken somewhere",
    redirect_uris: ["https://stranger.example/callback"],
    post_logout_redirect_uris: ["https://stranger.example/bye"],
    token_endpoint_auth_method: "none",
  };
  const reply = await fetch(`${server.issuer}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(registration),
  });
  assert.equal(reply.status, 201);
  return { server, stranger: (await reply.json()).client_id };
}

function authorizationUrl({ server }, changes = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(`${server.issuer}/authorize`);
  const parameters = {
    client_id: "web",
    redirect_uri: "http://127.0.0.1:9/callback",
    response_type: "code",
    scope: "openid profile email offline_access",
    state: "from-the-client",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...changes,
  };
  url.search = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined));
  return url.href;
}

const strangersUrl = (world, changes = {}) =>
  authorizationUrl(world, { client_id: world.stranger, redirect_uri: "https://stranger.example/callback", ...changes });

async function signIn(page, password = user.password) {
  await page.fill("input[name=username]", user.username);
  await page.fill("input[name=password]", password);
  await page.click("#sign-in");
}

/** Leads through every page, and calls `look` at each. */
async function visitAll(world, page, look) {
  const { server, stranger } = world;
  // Where the client would be.
  await page.route("http://127.0.0.1:9/**", (route) => route.fulfill({ contentType: "text/html", body: "<title>client</title>" }));
  await page.goto(authorizationUrl(world, { scope: "openid profile" }));
  await look("login");
  await signIn(page, "wrong");
  await page.waitForSelector("#problem");
  await look("login-problem");
  await signIn(page);
  await page.waitForSelector("#consent");
  await look("consent");
  await page.click("#allow");
  await page.waitForURL("http://127.0.0.1:9/**");
  await page.goto(authorizationUrl(world));
  await page.waitForSelector("#before");
  await look("consent-more");
  const details = JSON.stringify([{ type: "payment", amount: "12.50 €" }]);
  const claims = JSON.stringify({ userinfo: { birthdate: null, picture: null } });
  await page.goto(
    strangersUrl(world, { scope: "openid notes.read", resource: "https://notes.example", claims, authorization_details: details }),
  );
  await page.waitForSelector("#consent");
  await look("consent-stranger");
  await page.goto(authorizationUrl(world, { prompt: "select_account" }));
  await look("account-choice");
  await page.goto(`${server.issuer}/device`);
  await look("device");
  await page.fill("#user_code", "BCDF-GHJK");
  await page.click("#continue");
  await page.waitForSelector("#problem");
  await look("device-problem");
  for (const answer of ["allow", "deny"]) {
    const form = new URLSearchParams({ client_id: "television", scope: "openid profile" });
    const started = await (await fetch(`${server.issuer}/device_authorization`, { method: "POST", body: form })).json();
    await page.goto(started.verification_uri_complete);
    await page.click("#continue");
    await page.waitForSelector("#consent");
    if (answer === "allow") await look("device-consent");
    await page.click(`#${answer}`);
    await page.waitForSelector("#done, #denied");
    await look(`device-${answer}`);
  }
  await page.goto(`${server.issuer}/logout?client_id=web`);
  await look("logout");
  await page.click("#stay");
  await page.waitForSelector("#still-signed-in");
  await look("signed-in");
  await page.goto(`${server.issuer}/logout`);
  await page.click("#logout");
  await page.waitForSelector("#signed-out");
  await look("signed-out");
  await page.goto(
    `${server.issuer}/logout?client_id=${stranger}&post_logout_redirect_uri=${encodeURIComponent("https://stranger.example/bye")}`,
  );
  await page.waitForSelector("#destination");
  await look("signed-out-stranger");
  await page.goto(strangersUrl(world, { response_type: "token" }));
  await page.waitForSelector("#destination");
  await look("leaving");
  await page.goto(strangersUrl(world, { response_type: "token", response_mode: "form_post" }));
  await page.waitForSelector("form #continue");
  await look("leaving-form");
  for (const [name, changes] of [
    ["client", { client_id: "nobody" }],
    ["redirect", { redirect_uri: "https://evil.example/" }],
    ["faulty", { client_id: undefined }],
  ]) {
    await page.goto(authorizationUrl(world, changes));
    await look(`error-${name}`);
  }
}

// A square, drawn: the smallest logo that can be seen.
const logo = `<svg xmlns='http://www.w3.org/2000/svg' width='96' height='32'><rect width='96' height='32' rx='6' fill='#a3005c'/></svg>`;
const branded = `
[site]
name = "Notes & Company"
logo = "${logo}"
accent = "#a3005c"
support = "help@notes.example"
privacy = "https://notes.example/privacy"
terms = "https://notes.example/terms"
`;

for (const [name, options, more] of [
  ["wide", { viewport: { width: 1280, height: 800 } }, ""],
  ["phone", phone, ""],
  ["branded", { viewport: { width: 1280, height: 800 } }, branded],
  ["branded-phone", phone, branded],
]) {
  test(`every page is accessible, fits and keeps its own policy (${name})`, async (t) => {
    const world = await startWorld(more);
    t.after(() => world.server.stop());
    const { context, page, complaints } = await openPage(browser, options);
    await visitAll(world, page, (what) => inspect(page, `${what}-${name}`));
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

for (const language of languages) {
  test(`every page is whole in ${language}, on the narrowest screen and without scripts`, async (t) => {
    const world = await startWorld();
    t.after(() => world.server.stop());
    const { context, page, complaints } = await openPage(browser, { ...narrow, ...noScript, ...inLanguage(language) });
    await visitAll(world, page, async (what) => {
      assert.equal(await page.getAttribute("html", "lang"), language);
      await fits(page, `${what}-${language}`);
      await shoot(page, `${what}-${language}`);
    });
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
