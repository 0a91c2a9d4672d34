// The Express API of the examples beside the real program: what it lets pass, and what it refuses.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as oauth from "openid-client";

import { Person } from "./forms.js";
import { freePort, startGrantlet, user } from "./server.js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const callback = "http://127.0.0.1/callback";
let grantlet;
let api;
let child;
let folder;

before(async () => {
  const settings = `[[resources]]\nuri = "https://notes.example"\nscopes = { "notes:read" = "Read your notes", "notes:write" = "Change them" }
[[resources]]\nuri = "https://mail.example"\nscopes = { "notes:read" = "Read your notes" }\n`;
  const shop = { client_id: "shop", client_secret: "a-secret-of-the-shop", redirect_uris: [callback], first_party: true };
  grantlet = await startGrantlet({ settings, clients: [shop] });
  folder = await mkdtemp(join(tmpdir(), "express-api-"));
  for (const file of ["api.js", "package.json"]) await copyFile(here(`../../examples/express-api/${file}`), join(folder, file));
  await symlink(here("node_modules"), join(folder, "node_modules"));
  const port = await freePort();
  api = `http://127.0.0.1:${port}/notes`;
  const env = { PORT: String(port), GRANTLET_ISSUER: grantlet.issuer };
  child = spawn(process.execPath, ["api.js"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
});
after(async () => {
  child?.kill();
  await grantlet?.stop();
  await rm(folder, { recursive: true });
});

/** The tokens of a client for a resource. */
async function tokensFor(resource, scope) {
  const config = await oauth.discovery(new URL(grantlet.issuer), "shop", "a-secret-of-the-shop", undefined, {
    execute: [oauth.allowInsecureRequests],
  });
  const verifier = oauth.randomPKCECodeVerifier();
  const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
  const url = oauth.buildAuthorizationUrl(config, { redirect_uri: callback, scope, resource, code_challenge, code_challenge_method: "S256" });
  const landed = await new Person().authorize(url, user, callback);
  return oauth.authorizationCodeGrant(config, landed, { pkceCodeVerifier: verifier });
}

async function ask(token) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(api, { headers });
  return [answer.status, answer.headers.get("www-authenticate"), await answer.text()];
}

test("the API lets its own tokens pass and refuses all others", async () => {
  const tokens = await tokensFor("https://notes.example", "openid notes:read");
  const good = tokens.access_token;
  assert.deepEqual(await ask(good), [200, null, `The notes of ${tokens.claims().sub}.`]);
  assert.deepEqual((await ask()).slice(0, 2), [401, "Bearer"]);
  const [head, payload, signature] = good.split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url");
  const elsewhere = await tokensFor("https://mail.example", "notes:read");
  for (const [what, bad] of Object.entries({
    "an ID token": tokens.id_token,
    "a token for another API": elsewhere.access_token,
    "no signature": `${none}.${payload}.`,
    "a broken signature": `${head}.${payload}.${signature.slice(0, -8)}AAAAAAAA`,
    "half a token": `${head}.${payload}`,
  })) {
    assert.deepEqual((await ask(bad)).slice(0, 2), [401, 'Bearer error="invalid_token"'], what);
  }
  const writer = await tokensFor("https://notes.example", "notes:write");
  assert.deepEqual((await ask(writer.access_token)).slice(0, 2), [403, 'Bearer error="insufficient_scope", scope="notes:read"']);
});
