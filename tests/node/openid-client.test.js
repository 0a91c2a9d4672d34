// openid-client as people install it: everything that it can do with an authorization server.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as client from "openid-client";

import { Person } from "./forms.js";
import { startGrantlet, user } from "./server.js";

const redirectUri = "http://127.0.0.1:53682/callback";
const goodbyeUri = "https://app.example/goodbye";
const api = "https://notes.example";
const settings = `
[registration]
mode = "open"

[[resources]]
uri = "${api}"
scopes = { "notes:read" = "Read your notes", "notes:write" = "Write notes" }
introspected_by = ["notes-api"]
`;

const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const publicJwk = { ...(await crypto.subtle.exportKey("jwk", keys.publicKey)), kid: "client-key", alg: "ES256", use: "sig" };
delete publicJwk.key_ops;
const privateKey = { key: keys.privateKey, kid: "client-key" };

const base = { redirect_uris: ["http://127.0.0.1/callback"], jwks: { keys: [publicJwk] }, scope: "openid profile email offline_access notes:read" };
const bySecret = "a-client-secret-of-more-than-thirty-two-bytes";
const clients = [
  { ...base, client_id: "by-key", token_endpoint_auth_method: "private_key_jwt", post_logout_redirect_uris: [goodbyeUri] },
  { ...base, client_id: "by-secret-jwt", token_endpoint_auth_method: "client_secret_jwt", client_secret: bySecret, jwks: undefined },
  { ...base, client_id: "pushes", token_endpoint_auth_method: "private_key_jwt", require_pushed_authorization_requests: true },
  { ...base, client_id: "signs", token_endpoint_auth_method: "private_key_jwt", require_signed_request_object: true },
  {
    ...base,
    client_id: "fapi",
    token_endpoint_auth_method: "private_key_jwt",
    security_profile: "fapi2",
    id_token_signed_response_alg: "ES256",
    access_token_signed_response_alg: "ES256",
  },
  { ...base, client_id: "pairwise", token_endpoint_auth_method: "private_key_jwt", subject_type: "pairwise" },
  { ...base, client_id: "signed-info", token_endpoint_auth_method: "private_key_jwt", userinfo_signed_response_alg: "EdDSA" },
  {
    client_id: "robot",
    client_secret: bySecret,
    grant_types: ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
    redirect_uris: [],
    scope: "notes:read notes:write",
  },
  {
    client_id: "television",
    token_endpoint_auth_method: "none",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
    redirect_uris: [],
    scope: "openid profile offline_access",
  },
  { client_id: "notes-api", client_secret: bySecret, grant_types: ["client_credentials"], redirect_uris: [], scope: "notes:read" },
];

let server;
before(async () => {
  server = await startGrantlet({ clients: JSON.parse(JSON.stringify(clients)), settings });
});
after(() => server.stop());

const discover = (id, metadata, auth) =>
  client.discovery(new URL(server.issuer), id, metadata, auth, { execute: [client.allowInsecureRequests] });

/** One authorization, by whatever `build` makes of the parameters. */
async function walk(config, build = (p) => client.buildAuthorizationUrl(config, p), options = {}, changes = {}, person = new Person()) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const parameters = {
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access",
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
    ...changes,
  };
  const url = await build(parameters);
  const landed = await person.authorize(url, user, redirectUri);
  return client.authorizationCodeGrant(config, landed, { pkceCodeVerifier, expectedState, expectedNonce }, undefined, options);
}

for (const [id, auth] of [
  ["by-key", () => client.PrivateKeyJwt(privateKey)],
  ["by-secret-jwt", () => client.ClientSecretJwt(bySecret)],
]) {
  test(`${id}: a client that signs its authentication gets tokens, userinfo and a refresh`, async () => {
    const config = await discover(id, undefined, auth());
    const tokens = await walk(config);
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(info.email, "alice@example.com");
    const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    await client.tokenRevocation(config, refreshed.refresh_token);
    await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token), { error: "invalid_grant" });
  });
}

test("a client that must push its requests pushes them", async () => {
  const config = await discover("pushes", undefined, client.PrivateKeyJwt(privateKey));
  const tokens = await walk(config, (p) => client.buildAuthorizationUrlWithPAR(config, p));
  assert.ok(tokens.id_token);
});

test("a client that must sign its requests signs them, and pushes them too if it likes", async () => {
  const config = await discover("signs", undefined, client.PrivateKeyJwt(privateKey));
  const signed = (p) => client.buildAuthorizationUrlWithJAR(config, p, privateKey);
  assert.ok((await walk(config, signed)).id_token);
  const pushed = async (p) => client.buildAuthorizationUrlWithPAR(config, (await signed(p)).searchParams);
  assert.ok((await walk(config, pushed)).id_token);
});

test("DPoP binds the tokens of a public client, refresh included", async () => {
  const config = await discover("cli", { id_token_signed_response_alg: "ES256" }, client.None());
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  const tokens = await walk(config, undefined, { DPoP });
  assert.equal(tokens.token_type, "dpop");
  const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
  assert.equal(info.name, "Alice Adams");
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.equal(refreshed.token_type, "dpop");
  const other = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  await assert.rejects(client.refreshTokenGrant(config, refreshed.refresh_token, undefined, { DPoP: other }), { error: "invalid_grant" });
  await assert.rejects(client.fetchUserInfo(config, refreshed.access_token, tokens.claims().sub));
});

test("the FAPI 2.0 Security Profile works as a whole", async () => {
  const metadata = { id_token_signed_response_alg: "ES256", use_mtls_endpoint_aliases: false };
  const config = await discover("fapi", metadata, client.PrivateKeyJwt(privateKey, { [client.modifyAssertion]: (h, p) => { p.aud = server.issuer; } }));
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
  const tokens = await walk(config, (p) => client.buildAuthorizationUrlWithPAR(config, p, { DPoP }), { DPoP });
  assert.equal(tokens.token_type, "dpop");
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
  assert.ok(refreshed.refresh_token === undefined || refreshed.refresh_token === tokens.refresh_token, "no rotation under FAPI 2.0");
  await assert.rejects(walk(config, (p) => client.buildAuthorizationUrlWithPAR(config, p)), "tokens without a key");
});

test("a pairwise subject is another than the public one, and the same each time", async () => {
  const config = await discover("pairwise", undefined, client.PrivateKeyJwt(privateKey));
  const [one, two] = [await walk(config), await walk(config)];
  const usual = await walk(await discover("by-key", undefined, client.PrivateKeyJwt(privateKey)));
  assert.equal(one.claims().sub, two.claims().sub);
  assert.notEqual(one.claims().sub, usual.claims().sub);
  assert.ok(await client.fetchUserInfo(config, one.access_token, one.claims().sub));
});

test("userinfo comes signed to a client that wants it so", async () => {
  const config = await discover("signed-info", { userinfo_signed_response_alg: "EdDSA" }, client.PrivateKeyJwt(privateKey));
  const tokens = await walk(config);
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, "alice@example.com");
});

test("the claims parameter brings single claims", async () => {
  const config = await discover("by-key", undefined, client.PrivateKeyJwt(privateKey));
  const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { name: null } });
  const tokens = await walk(config, undefined, {}, { scope: "openid", claims });
  assert.equal(tokens.claims().email, "alice@example.com");
  assert.equal((await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).name, "Alice Adams");
});

test("a client in its own name gets a token, and the resource asks what it is worth", async () => {
  const config = await discover("robot", bySecret);
  const tokens = await client.clientCredentialsGrant(config, { scope: "notes:read", resource: api });
  const asking = await discover("notes-api", bySecret);
  const seen = await client.tokenIntrospection(asking, tokens.access_token);
  assert.deepEqual([seen.active, seen.sub, seen.scope, seen.aud], [true, "client:robot", "notes:read", api]);
  const stranger = await discover("by-key", undefined, client.PrivateKeyJwt(privateKey));
  assert.deepEqual(await client.tokenIntrospection(stranger, tokens.access_token), { active: false });
  await client.tokenRevocation(config, tokens.access_token);
  assert.equal((await client.tokenIntrospection(asking, tokens.access_token)).active, false);
});

test("a token is exchanged for one with fewer scopes", async () => {
  const config = await discover("robot", bySecret);
  const tokens = await client.clientCredentialsGrant(config, { scope: "notes:read notes:write", resource: api });
  const narrowed = await client.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
    subject_token: tokens.access_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    scope: "notes:read",
    resource: api,
  });
  assert.equal(narrowed.scope, "notes:read");
});

test("a device without a browser gets tokens once somebody allowed it elsewhere", async () => {
  const config = await discover("television", undefined, client.None());
  const started = await client.initiateDeviceAuthorization(config, { scope: "openid profile offline_access" });
  assert.match(started.user_code, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/);
  const polling = client.pollDeviceAuthorizationGrant(config, started);
  await new Person().allowDevice(started.verification_uri_complete, user);
  const tokens = await polling;
  assert.ok(tokens.access_token && tokens.refresh_token && tokens.claims().sub);
});

test("a client registers itself and is known from then on", async () => {
  const metadata = { redirect_uris: ["http://127.0.0.1/callback"], client_name: "Self-made", token_endpoint_auth_method: "client_secret_basic" };
  const config = await client.dynamicClientRegistration(new URL(server.issuer), metadata, undefined, {
    execute: [client.allowInsecureRequests],
  });
  const tokens = await walk(config);
  assert.ok(tokens.refresh_token);
});

test("a logout begins at the client and ends there", async () => {
  const config = await discover("by-key", undefined, client.PrivateKeyJwt(privateKey));
  const person = new Person();
  const again = () => walk(config, undefined, {}, { prompt: "none" }, person);
  const tokens = await walk(config, undefined, {}, {}, person);
  const { sid } = tokens.claims();
  assert.ok(sid);
  assert.equal((await again()).claims().sid, sid);
  const state = client.randomState();
  const url = client.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: goodbyeUri, state });
  const answer = await person.request(url);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), `${goodbyeUri}?state=${state}`);
  await assert.rejects(again(), { error: "login_required" });
});
