// Accounts kept here, as people meet them: signing up by mail, a second factor, recovery codes, a forgotten password; with scripts off, and on a phone.

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import { dark, inLanguage, inspect, launch, noScript, openPage, phone } from "./pages.js";
import { startGrantlet } from "./server.js";

const first = "garlic unicycle parliament 7";
const second = "another garlic unicycle parliament";
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

/** What an authenticator app shows for a key at a time (RFC 6238). */
function codeOf(key, time = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...key.replaceAll(" ", "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const seed = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / 30_000)));
  const tag = createHmac("sha1", seed).update(counter).digest();
  const word = tag.readUInt32BE(tag[19] & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

/** Follows the link in the latest mail to `address`, as it is shown on the local server's page. */
async function followMail(page, address) {
  await page.goto(`${server.issuer}/dev/mail`);
  const link = page.locator("article", { hasText: address }).first().locator("a");
  await link.click();
}

async function signIn(page, address, password) {
  await page.fill("#login input[name=username]", address);
  await page.fill("#login input[name=password]", password);
  await page.click("#sign-in");
}

for (const [name, options] of [
  ["phone", phone],
  ["no-script", { ...noScript, ...dark }],
]) {
  test(`a person signs up, secures the account, and finds the way back in (${name})`, async () => {
    const { context, page, complaints } = await openPage(browser, options);
    const look = async (what) => options.javaScriptEnabled !== false && (await inspect(page, `passwords-${what}-${name}`));
    const address = `carol-${randomBytes(4).toString("hex")}@example.com`;

    await page.goto(`${server.issuer}/account`);
    await look("login");
    await page.click("#to-sign-up");
    await look("sign-up");
    await page.fill("#email", address);
    await page.click("#send-link");
    await page.waitForSelector("#sent");
    await look("sent");
    await followMail(page, address);
    await page.waitForSelector("#choose");
    await page.fill("#password", "password1");
    await page.click("#save");
    await page.waitForSelector("[role=alert]");
    await look("choose");
    await page.fill("#password", first);
    await page.click("#save");
    await page.waitForSelector("#sign-out");
    assert.equal(new URL(page.url()).pathname, "/account");

    await page.goto(`${server.issuer}/account/factors`);
    await look("factors-off");
    await page.click("#begin");
    const key = await page.innerText("#key");
    await look("enrol");
    await page.fill("#code", codeOf(key, Date.now() - 30_000));
    await page.click("#confirm");
    await page.waitForSelector("#codes");
    await look("codes");
    const codes = await page.locator("#codes code").allInnerTexts();
    assert.equal(codes.length, 10);
    await page.click("#kept");
    await page.waitForSelector("#factor-on");
    await look("factors-on");

    for (const code of [() => codeOf(key), () => codes[0]]) {
      await context.clearCookies();
      await page.goto(`${server.issuer}/account`);
      await signIn(page, address, first);
      await page.waitForSelector("#factor");
      await page.fill("#code", "000000");
      await page.click("#confirm");
      await page.waitForSelector("[role=alert]");
      await look("factor");
      await page.fill("#code", code());
      await page.click("#confirm");
      await page.waitForSelector("#sign-out");
    }

    await context.clearCookies();
    await page.goto(`${server.issuer}/account/password`);
    await page.click("#to-forgot");
    await look("forgot");
    await page.fill("#username", address);
    await page.click("#send-link");
    await page.waitForSelector("#sent");
    await followMail(page, address);
    await page.fill("#password", second);
    await page.click("#save");
    await page.waitForSelector("#finished");
    await look("finished");
    await page.click("#to-account");
    await signIn(page, address, second);
    await page.fill("#code", codes[1]);
    await page.click("#confirm");
    await page.waitForSelector("#sign-out");

    await page.goto(`${server.issuer}/account/password`);
    await look("password");
    await page.goto(`${server.issuer}/account/email`);
    await look("email");
    await page.fill("#email", `new-${address}`);
    await page.click("#send-link");
    await page.waitForSelector("#notice");
    await followMail(page, `new-${address}`);
    await look("confirm-email");
    await page.click("#confirm");
    await page.waitForSelector("#finished");
    await page.goto(`${server.issuer}/account/factors`);
    await page.click("#remove");
    await page.waitForSelector("#factor-off");
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("pages and mails are in the person's language", async () => {
  for (const [language, words] of [
    ["de", "Konto anlegen"],
    ["ja", "アカウントを作成"],
  ]) {
    const { context, page } = await openPage(browser, inLanguage(language));
    const address = `dora-${randomBytes(4).toString("hex")}@example.com`;
    await page.goto(`${server.issuer}/account`);
    await page.click("#to-sign-up");
    assert.equal(await page.innerText("h1"), words);
    await page.fill("#email", address);
    await page.click("#send-link");
    await page.waitForSelector("#sent");
    await page.goto(`${server.issuer}/dev/mail`);
    assert.ok((await page.locator("article", { hasText: address }).first().innerText()).includes(`${words}:`));
    await context.close();
  }
});

test("a mail is printed where the program runs, with the link that its page has", async () => {
  const { context, page, complaints } = await openPage(browser);
  const address = `erin-${randomBytes(4).toString("hex")}@example.com`;
  await page.goto(`${server.issuer}/account`);
  await page.click("#to-sign-up");
  await page.fill("#email", address);
  await page.click("#send-link");
  await page.waitForSelector("#sent");
  await page.goto(`${server.issuer}/dev/mail`);
  const mail = page.locator("article", { hasText: address });
  const link = await mail.locator("a").innerText();
  assert.ok(link.startsWith(`${server.issuer}/`), link);
  const heading = `MAIL    to ${address}: ${await mail.locator("h2").innerText()}`;
  const isPrinted = () => {
    const lines = server.log().split("\n");
    return lines.indexOf(heading) >= 0 && lines.indexOf(`        ${link}`) > lines.indexOf(heading);
  };
  const deadline = Date.now() + 30_000;
  while (!isPrinted()) {
    assert.ok(Date.now() < deadline, server.log());
    await page.reload();
  }
  // What is printed is the link itself, which works.
  await page.goto(link);
  await page.waitForSelector("#choose");
  assert.deepEqual(complaints, []);
  await context.close();
});
