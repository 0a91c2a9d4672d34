// An API that takes Grantlet's access tokens. `allow` is all that it needs.
import express from "express";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const port = Number(process.env.PORT ?? 8081);
const issuer = process.env.GRANTLET_ISSUER ?? "http://localhost:9000";
const audience = process.env.API_AUDIENCE ?? "https://notes.example";
const app = express();

// [protect]
// The issuer's keys: kept, and read anew for a key that is not among them.
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));

/** Lets a request pass whose access token is for this API and has the scope (RFC 9068 section 4, RFC 6750 section 3). */
const allow = (scope) => async (request, response, next) => {
  const refuse = (status, detail) => response.status(status).set("www-authenticate", `Bearer ${detail}`.trim()).end();
  const token = request.headers.authorization?.match(/^Bearer ([\w.-]+)$/)?.[1];
  if (!token) return refuse(401, "");
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer, audience, typ: "at+jwt", algorithms: ["RS256"], requiredClaims: ["sub", "exp", "scope"],
    });
    // A token that is bound to a key (RFC 9449) is worth nothing without a proof, which this API does not ask for.
    if (payload.cnf) return refuse(401, 'error="invalid_token"');
    if (!payload.scope.split(" ").includes(scope)) return refuse(403, `error="insufficient_scope", scope="${scope}"`);
    request.token = payload;
  } catch (error) {
    const isTheirs = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
    return isTheirs ? refuse(401, 'error="invalid_token"') : response.sendStatus(503);
  }
  next();
};

app.get("/notes", allow("notes:read"), (request, response) => response.send(`The notes of ${request.token.sub}.`));
// [/protect]

app.listen(port, "127.0.0.1", () => console.log(`The API is at http://localhost:${port}`));
