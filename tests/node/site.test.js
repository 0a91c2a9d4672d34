// The founding case in a real browser: the example site of examples/express-site beside the real program.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { SignJWT } from "jose";
import * as oauth from "openid-client";

import { Person } from "./forms.js";
import { inspect, openPage, phone } from "./pages.js";
import { freePort, startGrantlet } from "./server.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
});
after(() => browser?.close());

/** Grantlet, the site and a client, each at a port of its own. */
async function startWorld(handOver) {
  const port = await freePort();
  const site = `http://localhost:${port}`;
  const settings = `[site_login]\nurl = "${site}/login"\nissuer = "${site}"\nlogout_uri = "${site}/logged-out"\n`;
  const client = { client_id: "shop", client_secret: "a-secret-of-the-shop", redirect_uris: ["http://127.0.0.1/callback"], first_party: true };
  const grantlet = await startGrantlet({ settings, clients: [client], keep: true });
  const connected = execFileSync(process.env.GRANTLET_BINARY, ["site", "connect", "--json", "--data", grantlet.data]);

  // The site as it stands in the repository, beside the packages of these tests.
  const folder = await mkdtemp(join(tmpdir(), "express-site-"));
  for (const file of ["site.js", "package.json"]) await copyFile(here(`../../examples/express-site/${file}`), join(folder, file));
  await symlink(here("node_modules"), join(folder, "node_modules"));
  const { secret } = JSON.parse(connected);
  const env = { PORT: String(port), GRANTLET_ISSUER: grantlet.issuer, GRANTLET_SITE_SECRET: secret, HAND_OVER: handOver };
  const child = spawn(process.execPath, ["site.js"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");

  let landed;
  const shop = createServer((request, response) => {
    const url = new URL(request.url, callback);
    if (url.pathname === "/elsewhere") return response.setHeader("content-type", "text/html").end("<!doctype html><title>else</title>");
    if (url.pathname !== "/callback") return response.writeHead(404).end();
    landed = url;
    response.setHeader("content-type", "text/html").end("<!doctype html><title>shop</title><p id=arrived>arrived");
  }).listen(0, "127.0.0.1");
  await once(shop, "listening");
  const callback = `http://127.0.0.1:${shop.address().port}/callback`;
  const config = await oauth.discovery(new URL(grantlet.issuer), "shop", "a-secret-of-the-shop", undefined, {
    execute: [oauth.allowInsecureRequests],
  });
  return {
    site,
    secret,
    elsewhere: new URL("/elsewhere", callback).href,
    grantlet,
    /** Where a client sends the browser, and what it does with the answer. */
    async begin(changes = {}) {
      const verifier = oauth.randomPKCECodeVerifier();
      const challenge = await oauth.calculatePKCECodeChallenge(verifier);
      const checks = { pkceCodeVerifier: verifier, expectedState: oauth.randomState() };
      const url = oauth.buildAuthorizationUrl(config, {
        redirect_uri: callback, scope: "openid profile email", state: checks.expectedState, code_challenge: challenge,
        code_challenge_method: "S256", ...changes,
      });
      return { url: url.href, exchange: () => oauth.authorizationCodeGrant(config, landed, checks) };
    },
    userinfo: (tokens) => oauth.fetchUserInfo(config, tokens.access_token, tokens.claims().sub),
    async stop() {
      child.kill();
      shop.close();
      await grantlet.stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function logInAtSite(page, name = "ada", password = "analytical-engine") {
  await page.fill("input[name=username]", name);
  await page.fill("input[name=password]", password);
  await page.click("#enter");
}

/** Whether the browser still has a session at the site. */
async function isLoggedInAtSite(page, site) {
  await page.goto(site);
  return (await page.$("#hello")) !== null;
}

for (const handOver of ["redirect", "form_post"]) {
  describe(`the site hands its logins over by ${handOver}`, () => {
    let world;
    before(async () => (world = await startWorld(handOver)));
    after(() => world?.stop());

    for (const [name, options] of [
      ["with scripts", {}],
      ["without scripts, on a phone", { javaScriptEnabled: false, viewport: { width: 390, height: 844 }, isMobile: true }],
    ]) {
      test(`a user of the site logs in there, and a client gets tokens for them, ${name}`, async () => {
        const context = await browser.newContext(options);
        const page = await context.newPage();
        const { url, exchange } = await world.begin();
        await page.goto(url);
        assert.ok(page.url().startsWith(`${world.site}/login?challenge=`), "people go straight to the site");
        await logInAtSite(page, "ada", "wrong");
        await page.waitForSelector("[role=alert]");
        await logInAtSite(page);
        if (handOver === "form_post" && options.javaScriptEnabled === false) await page.click("#go-on");
        await page.waitForSelector("#arrived");
        const tokens = await exchange();
        assert.equal(tokens.claims().sub, "ada");
        assert.deepEqual(await world.userinfo(tokens).then(({ name, email, email_verified }) => [name, email, email_verified]), [
          "Ada Lovelace", "ada@site.example", true,
        ]);
        await context.close();
      });
    }

    test("whoever is logged in at the site is handed over at once, and prompt=login asks again", async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${world.site}/login`);
      await logInAtSite(page);
      await page.waitForSelector("#hello");
      const first = await world.begin();
      await page.goto(first.url);
      await page.waitForSelector("#arrived");
      assert.equal((await first.exchange()).claims().sub, "ada");
      const again = await world.begin({ prompt: "login" });
      await page.goto(again.url);
      await logInAtSite(page);
      await page.waitForSelector("#arrived");
      const { auth_time } = (await again.exchange()).claims();
      assert.ok(Date.now() / 1000 - auth_time < 60);
      await context.close();
    });

    test("a foreign return address is ignored", async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const visited = [];
      page.on("request", (request) => visited.push(new URL(request.url()).hostname));
      const { url, exchange } = await world.begin();
      await page.goto(url);
      const bait = new URL(page.url());
      for (const name of ["return_to", "redirect_uri", "next", "continue"]) bait.searchParams.set(name, "https://evil.example/");
      await page.goto(bait.href);
      await logInAtSite(page);
      await page.waitForSelector("#arrived");
      assert.equal((await exchange()).claims().sub, "ada");
      assert.ok(!visited.includes("evil.example"), String(visited));
      await context.close();
    });

    test("a login JWT counts once, and in the browser that was sent alone", async () => {
      const [context, other] = [await browser.newContext(), await browser.newContext()];
      const page = await context.newPage();
      let back;
      page.on("request", (request) => {
        if (!request.url().startsWith(`${world.grantlet.issuer}/login/site`)) return;
        const form = request.postData();
        if (form || request.url().includes("token=")) back ??= form ?? new URL(request.url()).search.slice(1);
      });
      const { url } = await world.begin();
      await page.goto(url);
      await logInAtSite(page);
      await page.waitForSelector("#arrived");
      assert.ok(back?.includes("token="));
      const stranger = await other.newPage();
      for (const thief of [page, stranger]) {
        const answer = await thief.goto(`${world.grantlet.issuer}/login/site?${back}`);
        assert.equal(answer.status(), 400);
      }
      // Nor does it help to be on the way oneself: the challenge is another one.
      await stranger.goto((await world.begin()).url);
      assert.equal((await stranger.goto(`${world.grantlet.issuer}/login/site?${back}`)).status(), 400);
      const silent = await world.begin({ prompt: "none" });
      await stranger.goto(silent.url);
      await assert.rejects(silent.exchange(), { error: "login_required" });
      await Promise.all([context.close(), other.close()]);
    });

    test("whoever logs out at the site is signed out here", async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto((await world.begin()).url);
      await logInAtSite(page);
      await page.waitForSelector("#arrived");
      await page.goto(world.site);
      await page.click("#leave");
      await page.waitForSelector("#nobody");
      const silent = await world.begin({ prompt: "none" });
      await page.goto(silent.url);
      await assert.rejects(silent.exchange(), { error: "login_required" });
      await context.close();
    });

    test("whoever signs out here is signed out at the site, in that browser alone", async () => {
      const [context, other] = [await browser.newContext(), await browser.newContext()];
      const [page, elsewhere] = [await context.newPage(), await other.newPage()];
      for (const one of [page, elsewhere]) {
        await one.goto((await world.begin()).url);
        await logInAtSite(one);
        await one.waitForSelector("#arrived");
        assert.ok(await isLoggedInAtSite(one, world.site));
      }
      await page.goto(`${world.grantlet.issuer}/logout`);
      await page.click("#logout");
      await page.waitForSelector("#signed-out");
      const deadline = Date.now() + 30_000;
      while (await isLoggedInAtSite(page, world.site)) assert.ok(Date.now() < deadline, "the site is told");
      assert.ok(await isLoggedInAtSite(elsewhere, world.site));
      await Promise.all([context.close(), other.close()]);
    });
  });
}

/** Posts a login of 8 kB from another site, for the browser that was sent to `page`. Answers with the address in it. */
async function postLongLogin(page, world) {
  const asked = new URL(page.url()).searchParams;
  const now = Math.floor(Date.now() / 1000);
  const address = { formatted: "London, ".repeat(750) };
  const token = await new SignJWT({ nonce: asked.get("challenge"), auth_time: now, address })
    .setProtectedHeader({ alg: "HS256", typ: "grantlet-login+jwt" })
    .setIssuer(world.site).setAudience(world.grantlet.issuer).setSubject("ada").setJti("large")
    .setIssuedAt(now).setExpirationTime(now + 60).sign(Buffer.from(world.secret));
  await page.goto(world.elsewhere);
  await page.evaluate(({ action, fields }) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
  }, { action: `${world.grantlet.issuer}/login/site`, fields: [["token", token], ["state", asked.get("state")]] });
  return address.formatted;
}

// From 127.0.0.1 to localhost is from one site to another, as ports alone are not: the first form comes without cookies.
for (const [name, options] of [["by itself", {}], ["by its button when scripts are off", { javaScriptEnabled: false }]]) {
  test(`a login JWT of 8 kB is posted from another site and goes on ${name}`, async () => {
    const world = await startWorld("redirect");
    try {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints = [];
      // Icons that the example and the client do not have are no complaint.
      page.on("console", (message) => message.type() === "error" && !message.text().includes("404") && complaints.push(message.text()));
      const { url, exchange } = await world.begin({ scope: "openid address" });
      await page.goto(url);
      const address = await postLongLogin(page, world);
      if (options.javaScriptEnabled === false) await page.click("#continue");
      await page.waitForSelector("#arrived");
      const tokens = await exchange();
      assert.equal((await world.userinfo(tokens)).address.formatted, address);
      assert.deepEqual(complaints, []);
      await context.close();
    } finally {
      await world.stop();
    }
  });
}

test("the page that sends a long login on is fit for everybody, and its button sends it too", async () => {
  const world = await startWorld("redirect");
  try {
    const { context, page, complaints } = await openPage(browser, phone);
    const { url, exchange } = await world.begin({ scope: "openid address" });
    await page.goto(url);
    // No content: the form of the page's own was sent by the script, and the page stays.
    const { issuer } = world.grantlet;
    const isOwn = (request) => request.url() === `${issuer}/login/site` && request.headers().origin === issuer;
    await page.route(`${issuer}/login/site`, (route) => (isOwn(route.request()) ? route.fulfill({ status: 204 }) : route.continue()));
    const sent = page.waitForRequest(isOwn);
    const address = await postLongLogin(page, world);
    await sent;
    await inspect(page, "site-form");
    await page.unroute(`${issuer}/login/site`);
    await page.click("#continue");
    await page.waitForSelector("#arrived");
    assert.equal((await world.userinfo(await exchange())).address.formatted, address);
    // Icons that the example and the client do not have are no complaint.
    assert.deepEqual(complaints.filter((text) => !text.includes("404")), []);
    await context.close();
  } finally {
    await world.stop();
  }
});

test("the lines in Python hand a login over", async () => {
  const world = await startWorld("redirect");
  try {
    const person = new Person();
    const { url, exchange } = await world.begin();
    const sent = await person.request(url);
    const asked = new URL(sent.headers.get("location")).searchParams;
    const script = here("../../examples/python-site/hand_over.py");
    const env = { PATH: process.env.PATH, SITE_URL: world.site, GRANTLET_ISSUER: world.grantlet.issuer, GRANTLET_SITE_SECRET: world.secret };
    const back = execFileSync("python3", [script, asked.get("challenge"), asked.get("state")], { env }).toString().trim();
    let location = back;
    for (let step = 0; step < 3; step++) {
      const answer = await person.request(location);
      assert.equal(answer.status, 303, await answer.text());
      location = new URL(answer.headers.get("location"), location).href;
      if (location.startsWith("http://127.0.0.1")) break;
    }
    await fetch(location);
    assert.equal((await exchange()).claims().sub, "ada");
  } finally {
    await world.stop();
  }
});

test("the site believes no logout but Grantlet's", async () => {
  const world = await startWorld("redirect");
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    const { url, exchange } = await world.begin();
    await page.goto(url);
    await logInAtSite(page);
    await page.waitForSelector("#arrived");
    const { id_token } = await exchange();
    for (const logout_token of [id_token, "", "a.b.c"]) {
      const answer = await fetch(`${world.site}/logged-out`, { method: "POST", body: new URLSearchParams({ logout_token }) });
      assert.equal(answer.status, 400);
    }
    assert.ok(await isLoggedInAtSite(page, world.site));
    await context.close();
  } finally {
    await world.stop();
  }
});
