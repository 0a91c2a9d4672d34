// oauth4webapi step by step: a client with a key of its own pushes a signed request, binds everything to a second key, and asks what its tokens are worth.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oauth from "oauth4webapi";

import { Person } from "./forms.js";
import { startGrantlet, user } from "./server.js";

const insecure = { [oauth.allowInsecureRequests]: true };
const redirectUri = "http://127.0.0.1:53682/callback";
const keys = await oauth.generateKeyPair("ES256", { extractable: true });
const jwk = { ...(await crypto.subtle.exportKey("jwk", keys.publicKey)), kid: "k1", alg: "ES256", use: "sig" };
delete jwk.key_ops;
const client = { client_id: "strict", id_token_signed_response_alg: "EdDSA" };
const auth = oauth.PrivateKeyJwt({ key: keys.privateKey, kid: "k1" });
let server;
let as;

before(async () => {
  const strict = {
    ...client,
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [jwk] },
    redirect_uris: ["http://127.0.0.1/callback"],
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    require_pushed_authorization_requests: true,
    require_signed_request_object: true,
    dpop_bound_access_tokens: true,
  };
  server = await startGrantlet({ clients: [strict] });
  const issuer = new URL(server.issuer);
  as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});
after(() => server.stop());

test("a signed request is pushed, its code and tokens are bound to a key, and introspection says so", async () => {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const parameters = new URLSearchParams({
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid profile email",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const request = await oauth.issueRequestObject(as, client, parameters, { key: keys.privateKey, kid: "k1" });
  const pushed = await oauth.processPushedAuthorizationResponse(
    as,
    client,
    await oauth.pushedAuthorizationRequest(as, client, auth, new URLSearchParams({ request }), { DPoP, ...insecure }),
  );
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri });
  const callback = await new Person().authorize(url, user, redirectUri);
  const params = oauth.validateAuthResponse(as, client, callback, state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, auth, params, redirectUri, verifier, { DPoP, ...insecure });
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true });
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  assert.equal(tokens.token_type, "dpop");

  const { sub } = oauth.getValidatedIdTokenClaims(tokens);
  const info = await oauth.userInfoRequest(as, client, tokens.access_token, { DPoP, ...insecure });
  assert.equal((await oauth.processUserInfoResponse(as, client, sub, info)).email, "alice@example.com");

  const introspect = async (options) => {
    const answer = await oauth.introspectionRequest(as, client, auth, tokens.access_token, { ...options, ...insecure });
    return oauth.processIntrospectionResponse(as, client, answer);
  };
  for (const seen of [await introspect({}), await introspect({ requestJwtResponse: true })]) {
    assert.deepEqual([seen.active, seen.sub, seen.token_type.toLowerCase()], [true, sub, "dpop"]);
    assert.equal(seen.cnf.jkt, await DPoP.calculateThumbprint());
  }

  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, { DPoP, ...insecure }),
  );
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, refreshed.refresh_token, insecure));
  assert.equal((await introspect({})).active, false);
});

test("a request that is not pushed, not signed, or not bound gets nothing", async () => {
  const parameters = { redirect_uri: redirectUri, response_type: "code", scope: "openid", code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" };
  const unsigned = await oauth.pushedAuthorizationRequest(as, client, auth, parameters, insecure);
  await assert.rejects(oauth.processPushedAuthorizationResponse(as, client, unsigned));
  const plain = new URL(as.authorization_endpoint);
  plain.search = new URLSearchParams({ client_id: client.client_id, ...parameters });
  const landed = await new Person().authorize(plain, user, redirectUri);
  assert.equal(landed.searchParams.get("error"), "invalid_request");
});

test("a device polls with proofs of its key", async () => {
  const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));
  const started = await oauth.processDeviceAuthorizationResponse(
    as,
    client,
    await oauth.deviceAuthorizationRequest(as, client, auth, { scope: "openid" }, insecure),
  );
  const poll = async () => {
    const answer = await oauth.deviceCodeGrantRequest(as, client, auth, started.device_code, { DPoP, ...insecure });
    return oauth.processDeviceCodeResponse(as, client, answer);
  };
  await assert.rejects(poll(), { error: "authorization_pending" });
  await new Person().allowDevice(started.verification_uri_complete, user);
  // The device has to wait that long between two polls (RFC 8628 section 3.5).
  await new Promise((resolve) => setTimeout(resolve, started.interval * 1000));
  assert.equal((await poll()).token_type, "dpop");
});
