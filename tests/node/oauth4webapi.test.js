import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as oauth from "oauth4webapi";

import { Person } from "./forms.js";
import { seed, startGrantlet, user } from "./server.js";

const insecure = { [oauth.allowInsecureRequests]: true };
const redirectUri = "http://127.0.0.1:53682/callback";
let server;
let as;

before(async () => {
  server = await startGrantlet();
  const issuer = new URL(server.issuer);
  as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});
after(() => server.stop());

async function walk(client, clientAuth, scope) {
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(as.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: "code",
    scope,
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const callback = await new Person().authorize(url, user, redirectUri);
  const params = oauth.validateAuthResponse(as, client, callback, state);
  const response = await oauth.authorizationCodeGrantRequest(as, client, clientAuth, params, redirectUri, verifier, insecure);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  return tokens;
}

test("both metadata documents agree", async () => {
  const issuer = new URL(server.issuer);
  const other = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure }),
  );
  assert.deepEqual(other, as);
});

for (const [name, authentication] of [
  ["ClientSecretBasic", oauth.ClientSecretBasic],
  ["ClientSecretPost", oauth.ClientSecretPost],
]) {
  test(`a confidential client by ${name} gets tokens, userinfo, a refresh and a revocation`, async () => {
    const client = { client_id: "web" };
    const auth = authentication(seed.clients[0].client_secret);
    const tokens = await walk(client, auth, "openid profile email offline_access");
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    assert.equal(typeof claims.auth_time, "number");

    const info = await oauth.processUserInfoResponse(
      as,
      client,
      claims.sub,
      await oauth.userInfoRequest(as, client, tokens.access_token, insecure),
    );
    assert.equal(info.email, "alice@example.com");
    assert.equal(info.address, undefined);

    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, insecure),
    );
    assert.notEqual(refreshed.refresh_token, tokens.refresh_token);

    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, client, auth, refreshed.refresh_token, insecure),
    );
    const after = await oauth.refreshTokenGrantRequest(as, client, auth, refreshed.refresh_token, insecure);
    await assert.rejects(oauth.processRefreshTokenResponse(as, client, after), { error: "invalid_grant" });
  });
}

test("a public client with ES256 gets tokens, and no refresh token without offline_access", async () => {
  const client = { client_id: "cli", id_token_signed_response_alg: "ES256" };
  const tokens = await walk(client, oauth.None(), "openid profile");
  assert.equal(tokens.refresh_token, undefined);
  assert.equal(oauth.getValidatedIdTokenClaims(tokens).aud, "cli");
});

test("no secret of the run stands in the log", () => {
  const log = server.log();
  for (const secret of [user.password, seed.clients[0].client_secret]) assert.ok(!log.includes(secret));
});
