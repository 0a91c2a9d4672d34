// The playground of `grantlet dev`, in a browser: every step, every attack with its refusal, by keyboard, on a phone, in both themes.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { Person } from "./forms.js";
import { withFewColours } from "./picture.js";
import { fits, inspect, launch, noScript, openPage, phone, shoot } from "./pages.js";
import { freePort, startGrantlet } from "./server.js";

let server;
let browser;

before(async () => {
  server = await startGrantlet();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What the thief is told, and by which section; `status` is what the server answered. */
const attacks = {
  state: { says: "The state is not the one that this browser was sent out with", section: "RFC 9700 section 4.7" },
  iss: { says: "The answer says that it comes from another server", section: "RFC 9207 section 2.4" },
  secret: { status: 400, says: "The ULID alone opens nothing", section: "OAuth 2.1 sections 1.4 and 4.1.3", failed: "secret_hash = " },
  verifier: { status: 400, says: "it is still there: redeem it rightly in step 4", section: "RFC 7636 section 4.6", failed: "code_challenge = " },
  client: { status: 400, says: "The code is another client's", section: "OAuth 2.1 section 4.1.3", failed: "client_id = " },
  redirect: { status: 400, says: "what is sent must match", section: "OAuth 2.1 section 10.2", failed: "redirect_uri = " },
  late: { status: 400, says: "with its clock 61 seconds ahead", section: "OAuth 2.1 section 4.1.2", failed: "expires_at > " },
  race: { status: 400, says: "One delete found the item; the other four found nothing", section: "OAuth 2.1 sections 4.1.3 and 7.5.2" },
  replay: { status: 400, says: "this revokes nothing", section: "OAuth 2.1 section 7.5.2" },
  twice: { status: 400, says: "a theft turns into an alarm", section: "OAuth 2.1 section 7.5.2" },
  tampered: { status: 401, says: "you have no key. DynamoDB was not even asked", section: "RFC 9068 section 4" },
  idtoken: { status: 401, says: "typ must be at+jwt", section: "RFC 9068 section 4" },
  audience: { status: 401, says: "by its aud", section: "RFC 8707 section 2" },
  unbound: { status: 401, says: "bound to a key that you do not have", section: "RFC 9449 section 7.1" },
  again: { status: 200, says: "The generation did not move", section: "OAuth 2.1 section 4.3.1" },
  stolen: { status: 400, says: "a replaced token is a stolen one", section: "RFC 9700 section 4.14.2" },
};

/** What went wrong at the server's side of the page, other than the refusals that were asked for. */
const real = (complaints) => complaints.filter((text) => !text.startsWith("Failed to load resource: the server responded with a status of 4"));

async function open(options = {}, { confidential = false, dpop = false } = {}) {
  const opened = await openPage(browser, options);
  const { page } = opened;
  await page.goto(`${server.issuer}/playground`);
  await page.waitForSelector("#step-2 table");
  if (confidential) await page.check("[name=client][value=confidential]");
  if (dpop) await page.check("[name=dpop]");
  if (confidential || dpop) {
    const challenge = await page.innerText("#step-1 .out");
    await page.click("#setup button[type=submit]");
    await page.waitForFunction((old) => document.querySelector("#step-1 .out").innerText !== old, challenge);
  }
  return opened;
}

/** From step 2 to step 3, as the playground's person. */
async function allow(page) {
  const [username, password] = await page.locator("#person code").allInnerTexts();
  await page.click("#go");
  await page.fill("input[name=username]", username);
  await page.fill("input[name=password]", password);
  await page.click("#sign-in");
  await page.click("#allow");
  await page.waitForSelector("#step-4:not([hidden])");
}

/** Presses a button, and waits for what it adds. */
async function press(page, button, step) {
  const wires = page.locator(`#step-${step} .out .wire`);
  const count = await wires.count();
  await page.click(button);
  await wires.nth(count).waitFor();
  return page.locator(`#step-${step} .out .wire`).nth(count);
}

async function attack(page, name) {
  await page.click(`#attack-${name}`);
  const result = page.locator(`[data-attack=${name}]`).first();
  await result.locator(".section").first().waitFor();
  const expected = attacks[name];
  const text = await result.innerText();
  assert.ok(text.includes(expected.says), `${name}: ${text}`);
  assert.ok(text.includes(expected.section), `${name}: ${text}`);
  assert.ok((await page.innerText("#said")).includes(expected.says), `${name}: it is read out`);
  if (expected.status) assert.ok(text.includes(`HTTP/1.1 ${expected.status}`), `${name}: ${text}`);
  if (expected.failed) {
    const clauses = await result.locator(".clauses .failed").allInnerTexts();
    assert.equal(clauses.length, 1, `${name}: ${clauses}`);
    assert.ok(clauses[0].includes(expected.failed), `${name}: ${clauses}`);
  }
  return result;
}

for (const [name, kind] of [
  ["a public client", {}],
  ["a confidential client", { confidential: true }],
  ["a client with bound tokens", { dpop: true }],
]) {
  test(`a walk as ${name}: every step, and every attack is refused by its section`, async () => {
    const { page, context, complaints } = await open({}, kind);
    assert.ok((await page.innerText("#step-2")).includes("code_challenge_method"));
    await allow(page);
    assert.equal(page.url(), `${server.issuer}/playground`, "the code is no longer in the address");
    assert.ok((await page.innerText("#step-3")).includes("state is ours"));
    assert.ok((await page.innerText("#step-3")).includes("PutItem code#") || (await page.locator("#step-3 details").count()) > 3);
    for (const one of ["state", "iss", "secret", "verifier", "client", "redirect", "late"]) await attack(page, one);

    const exchange = await press(page, "#redeem", 4);
    const text = await exchange.innerText();
    for (const part of ["POST /token HTTP/1.1", "200 OK", "DeleteItem code#", "applied", "if secret_hash = sha256:", "AND code_challenge ="]) {
      assert.ok(text.includes(part), `${part} in ${text}`);
    }
    assert.equal(text.includes("Authorization: Basic"), Boolean(kind.confidential));
    assert.equal(text.includes("DPoP: "), Boolean(kind.dpop));
    assert.ok(await page.isDisabled("#attack-verifier"), "the code is gone");
    const tokens = await page.innerText("#step-5");
    for (const claim of ["at+jwt", "grant_id", "at_hash", "nonce", "HMAC-SHA256", "Whom it is for"]) assert.ok(tokens.includes(claim), claim);

    assert.ok((await (await press(page, "#userinfo", 6)).innerText()).includes("Pat Playground"));
    const refreshed = await (await press(page, "#refresh", 6)).innerText();
    assert.ok(refreshed.includes("UpdateItem grant#") && refreshed.includes("generation = 1"), refreshed);
    await press(page, "#api", 6);
    const asked = await (await press(page, "#api", 6)).innerText();
    assert.ok(asked.includes("The API let you in") && asked.includes("Nothing. It was not asked."), asked);
    for (const one of ["tampered", "idtoken", "audience", "again", "replay", ...(kind.dpop ? ["unbound"] : [])]) await attack(page, one);

    await page.click("#revoke");
    await page.waitForSelector("#step-7 .verdict");
    const statuses = await page.locator("#step-7 .wire > header .status").allInnerTexts();
    assert.deepEqual(statuses.map((status) => status.slice(0, 3)), ["200", "400", "401", "200"]);
    assert.ok(await page.isDisabled("#attack-twice"), "the walk is over");
    assert.deepEqual(real(complaints), []);
    await context.close();
  });
}

for (const [name, reach] of [
  ["race", async () => {}],
  ["twice", async (page) => press(page, "#redeem", 4)],
  ["stolen", async (page) => {
    await press(page, "#redeem", 4);
    await press(page, "#refresh", 6);
  }],
]) {
  test(`${name}: the thief is refused, and what the client has is dead`, async () => {
    const { page, context, complaints } = await open();
    await allow(page);
    await reach(page);
    const result = await attack(page, name);
    await result.locator(".wire").nth(name === "race" ? 6 : 2).waitFor();
    const statuses = (await result.locator(".wire > header .status").allInnerTexts()).map((status) => status.slice(0, 3));
    if (name === "race") assert.deepEqual(statuses.slice(0, 5).sort(), ["200", "400", "400", "400", "400"]);
    assert.deepEqual(statuses.slice(-2), ["401", "400"], "userinfo and refresh");
    await shoot(page, `playground-${name}`);
    assert.deepEqual(real(complaints), []);
    await context.close();
  });
}

test("whoever takes too long is told so, and gets another code", async () => {
  const { page, context } = await openPage(browser);
  await page.clock.install();
  await page.goto(`${server.issuer}/playground`);
  await page.waitForSelector("#step-2 table");
  await allow(page);
  assert.match(await page.innerText("#left"), /It has \d\d seconds left/);
  // The page's clock alone is moved; the server is asked for what it would answer then.
  await page.route("**/token", (route) => route.continue({ url: `${server.issuer}/playground/late/token` }));
  await page.clock.fastForward(61_000);
  assert.ok((await page.innerText("#left")).startsWith("It is over"));
  await page.click("#redeem");
  await page.waitForSelector("#step-4 .verdict.bad");
  assert.ok((await page.innerText("#step-4")).includes("You took longer than 60 seconds"));
  assert.ok((await page.locator("#step-4 .clauses .failed").innerText()).includes("expires_at > "));
  await page.click("text=Begin again, for another code");
  await page.waitForSelector("#allow");
  await context.close();
});

test("when the server is gone, the page says so where it can be seen", async () => {
  const gone = await startGrantlet();
  const { page, context } = await openPage(browser);
  await page.goto(`${gone.issuer}/playground`);
  await page.waitForSelector("#step-2 table");
  assert.ok(await page.evaluate(() => scrollY === 0), "the first visit begins at the top");
  await gone.stop();
  await page.click("#go");
  await page.waitForSelector("#said.notice");
  assert.ok((await page.innerText("#said")).includes("Is the server still running?"));
  await context.close();
});

test("a person says no, and the page says so", async () => {
  const { page, context } = await open();
  const [username, password] = await page.locator("#person code").allInnerTexts();
  await page.click("#go");
  await page.fill("input[name=username]", username);
  await page.fill("input[name=password]", password);
  await page.click("#sign-in");
  await page.click("#deny");
  await page.waitForSelector("#step-3 .verdict.bad");
  assert.ok((await page.innerText("#step-3")).includes("access_denied"));
  assert.ok(await page.isHidden("#step-4"));
  await context.close();
});

test("a JWT as the code is redeemed again and again, and a lock does not stop it", async () => {
  const { page, context, complaints } = await open();
  assert.ok((await page.innerText("#step-8")).includes("Grantlet does not do this"));
  await page.click("#jwt-make");
  await page.waitForSelector("#jwt-log", { state: "attached" });
  assert.ok((await page.innerText("#step-8 .out")).includes("openid profile email"), "everybody reads it");
  await page.click("#jwt-redeem");
  await page.click("#jwt-redeem");
  await page.click("#jwt-lock");
  await page.click("#jwt-redeem");
  await page.waitForSelector("#jwt-log li:nth-child(4)");
  const log = await page.locator("#jwt-log li").allInnerTexts();
  assert.ok(log[0].startsWith("200") && log[1].includes("Nobody noticed") && log[3].includes("locked out"), log.join("\n"));
  assert.deepEqual(real(complaints), []);
  await context.close();
});

test("a reload keeps the walk, and a curl command is what was sent", async () => {
  const { page, context } = await open();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await allow(page);
  await press(page, "#redeem", 4);
  await page.reload();
  await page.waitForSelector("#step-5 table");
  await page.click("#step-4 .wire button");
  await page.waitForFunction(() => document.querySelector("#said").textContent === "Copied.");
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(command.startsWith(`curl -i ${server.issuer}/token`) && command.includes("--data-urlencode 'grant_type=authorization_code'"), command);
  await page.click("#reset");
  await page.waitForSelector("#step-5", { state: "hidden" });
  await page.click("#go");
  await page.waitForSelector("#login");
  await context.close();
});

test("the keyboard alone is enough, and focus goes where something new is", async () => {
  const { page, context } = await open();
  const [username, password] = await page.locator("#person code").allInnerTexts();
  await page.focus("#go");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#login");
  await page.focus("input[name=username]");
  await page.keyboard.type(username);
  await page.focus("input[name=password]");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#allow");
  await page.focus("#allow");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#step-4:not([hidden])");
  const focused = () => page.evaluate(() => document.activeElement.innerText);
  await page.waitForFunction(() => document.activeElement.tagName === "H2");
  assert.ok((await focused()).includes("The code comes back"));
  await page.focus("#attack-verifier");
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.activeElement.className === "title");
  assert.ok((await focused()).includes("wrong verifier"));
  await page.focus("#redeem");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.innerText === "The client redeems the code");
  await context.close();
});

for (const [name, options] of [
  ["wide", { viewport: { width: 1280, height: 800 } }],
  ["phone", phone],
]) {
  test(`everything fits and can be read (${name})`, async () => {
    const { page, context, complaints } = await open(options);
    await allow(page);
    await attack(page, "verifier");
    await attack(page, "state");
    await press(page, "#redeem", 4);
    await press(page, "#userinfo", 6);
    await press(page, "#refresh", 6);
    await page.click("#jwt-make");
    await page.click("#jwt-redeem");
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    await fits(page, name);
    await inspect(page, `playground-${name}`);
    assert.deepEqual(real(complaints), []);
    await context.close();
  });
}

test("without scripts the page says that it needs one, and where the walk is", async () => {
  const { page, context } = await openPage(browser, noScript);
  await page.goto(`${server.issuer}/playground`);
  const notice = page.locator("noscript .notice");
  assert.ok((await notice.innerText()).includes("runs none here"));
  assert.ok((await notice.locator("a").getAttribute("href")).endsWith("docs/why-the-code-step.md"));
  assert.ok(await page.isHidden("#step-1"));
  await context.close();
});

test("the picture in the documentation can be taken again", async () => {
  const { page, context } = await open({ viewport: { width: 1200, height: 800 } });
  await allow(page);
  // Afterwards the client is known, and the picture shows what decides.
  await attack(page, "secret");
  await attack(page, "verifier");
  await page.evaluate(() => document.querySelector("#step-3 .attacks").scrollIntoView({ block: "start" }));
  assert.ok(await page.locator("[data-attack=verifier] .failed").isVisible());
  const picture = withFewColours(await page.screenshot());
  assert.ok(picture.length < 150_000, `${picture.length}`);
  if (process.env.GRANTLET_PICTURE) await writeFile(process.env.GRANTLET_PICTURE, picture);
  await context.close();
});

/** The blocks of the document: each command, and what it answers with. */
async function readWalk() {
  const text = await readFile(new URL("../../docs/why-the-code-step.md", import.meta.url), "utf8");
  return [...text.matchAll(/```sh\n([^`]*curl[^`]*)```\n```json\n([^`]*)```/g)].map(([, command, answer]) => ({ command, answer: answer.trim() }));
}

test("the commands of why-the-code-step.md do what it says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "grantlet-walk-"));
  const port = await freePort();
  const child = spawn(process.env.GRANTLET_BINARY, ["dev", "--in-memory", "--port", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    let printed = "";
    for await (const chunk of child.stdout) {
      printed += chunk;
      if (printed.includes("set-password demo")) break;
    }
    const word = (pattern) => printed.match(pattern)[1];
    const [link, secret, verifier] = [word(/(http\S+\/authorize\?\S+)/), word(/client +demo +secret +(\S+)/), word(/code_verifier=(\S+)/)];
    const account = { username: "demo", password: word(/user +demo +password +(\S+)/) };
    const arrived = await new Person().authorize(link, account, new URL(link).searchParams.get("redirect_uri"));
    const env = { ...process.env, ISSUER: `http://localhost:${port}`, SECRET: secret, VERIFIER: verifier, CODE: arrived.searchParams.get("code") };
    const walk = await readWalk();
    assert.equal(walk.length, 4);
    for (const { command, answer } of walk) {
      const { stdout } = await promisify(execFile)("sh", ["-c", command], { env, cwd: folder });
      assert.ok(stdout.includes(answer), `${command}\n${stdout}`);
    }
  } finally {
    child.kill("SIGTERM");
    await rm(folder, { recursive: true });
  }
});
