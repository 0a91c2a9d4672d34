// A site with JWT logins of its own. `handOver` is all that it needs so that its users can log in elsewhere, through Grantlet.
import { randomBytes, randomUUID } from "node:crypto";
import express from "express";
import { SignJWT, createRemoteJWKSet, jwtVerify } from "jose";

const port = Number(process.env.PORT ?? 8080);
const site = process.env.SITE_URL ?? `http://localhost:${port}`;
const grantlet = process.env.GRANTLET_ISSUER ?? "http://localhost:9000";
// What `grantlet site connect` printed: for logins there, and nothing else. The site's sessions have a key of their own.
const secret = Buffer.from(process.env.GRANTLET_SITE_SECRET ?? "");
const sessionKey = randomBytes(32);
const people = new Map([
  ["ada", { password: "analytical-engine", name: "Ada Lovelace", email: "ada@site.example" }],
  ["grace", { password: "nanoseconds", name: "Grace Hopper", email: "grace@site.example" }],
]);

// [connect]
// The ten lines: a login, told to Grantlet as a JWT, at its one fixed address.
async function handOver(response, session, { challenge, state }) {
  const { name, email } = people.get(session.sub);
  const token = await new SignJWT({ nonce: challenge, auth_time: session.auth_time, sid: session.sid, name, email, email_verified: true })
    .setProtectedHeader({ alg: "HS256", typ: "grantlet-login+jwt" })
    .setIssuer(site).setAudience(grantlet).setSubject(session.sub)
    .setJti(randomUUID()).setIssuedAt().setExpirationTime("60s")
    .sign(secret);
  if (process.env.HAND_OVER === "form_post") return postOver(response, token, state);
  response.redirect(303, `${grantlet}/login/site?${new URLSearchParams({ token, state })}`);
}
// [/connect]

// [form-post]
// The same by a form, for claims that would make the address too long.
function postOver(response, token, state) {
  response.send(`<!doctype html><title>Going on</title><form method="post" action="${grantlet}/login/site">
    <input type="hidden" name="token" value="${token}"><input type="hidden" name="state" value="${escape(state)}">
    <button id="go-on">Go on</button></form><script>document.forms[0].submit()</script>`);
}
// [/form-post]

// [logout]
// Grantlet tells that a login which it had from here was ended there: the session here ends with it.
const keys = createRemoteJWKSet(new URL(`${grantlet}/jwks.json`));
const ended = new Set();

async function logOut(request, response) {
  const { payload } = await jwtVerify(request.body?.logout_token ?? "", keys, { issuer: grantlet, audience: site, typ: "logout+jwt" });
  if (!payload.events?.["http://schemas.openid.net/event/backchannel-logout"]) return response.sendStatus(400);
  ended.add(payload.sid);
  response.sendStatus(204);
}
// [/logout]

// [tell-logout]
// Whoever logs out here is logged out at Grantlet, too.
async function tellLogout(session) {
  const logout_token = await new SignJWT({ sid: session.sid })
    .setProtectedHeader({ alg: "HS256", typ: "grantlet-logout+jwt" })
    .setIssuer(site).setAudience(grantlet).setSubject(session.sub)
    .setJti(randomUUID()).setIssuedAt().setExpirationTime("60s")
    .sign(secret);
  await fetch(`${grantlet}/logout/site`, { method: "POST", body: new URLSearchParams({ logout_token }) });
}
// [/tell-logout]

const escape = (text) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
const text = (value) => (typeof value === "string" ? value : "");

/** The session in the cookie, a JWT of the site's own. Its type keeps tokens made for other purposes out. */
async function findSession(request) {
  const token = request.headers.cookie?.match(/(?:^|; )site_session=([^;]+)/)?.[1];
  if (!token) return undefined;
  const checked = await jwtVerify(token, sessionKey, { issuer: site, audience: site, typ: "session+jwt" }).catch(() => undefined);
  return ended.has(checked?.payload.sid) ? undefined : checked?.payload;
}

function showForm(response, problem, asked) {
  const hidden = ["challenge", "state"].map((name) => `<input type="hidden" name="${name}" value="${escape(text(asked[name]))}">`);
  response.status(problem ? 403 : 200).send(`<!doctype html><html lang="en"><title>Log in</title><h1>The site</h1><p role="alert">${problem}</p>
    <form id="site" method="post" action="/login">${hidden.join("")}<label>Name <input name="username"></label>
    <label>Password <input name="password" type="password"></label><button id="enter">Log in</button></form>`);
}

const app = express();
app.use(express.urlencoded({ extended: false }));

app.get("/", async (request, response) => {
  const session = await findSession(request);
  const leave = '<form method="post" action="/logout"><button id="leave">Log out</button></form>';
  response.send(session ? `<p id="hello">Hello ${escape(session.sub)}.</p>${leave}` : '<p id="nobody"><a href="/login">Log in</a></p>');
});

// Whoever is logged in already is handed over at once, unless a new or a more recent login is wanted. A return address in the request, whatever
// it is called, is not looked at.
app.get("/login", async (request, response) => {
  const { challenge, state, prompt, max_age } = request.query;
  const session = await findSession(request);
  const age = session && Date.now() / 1000 - session.auth_time;
  if (session && text(challenge) && text(state) && prompt !== "login" && !(age > Number(max_age ?? Infinity))) {
    return handOver(response, session, { challenge, state });
  }
  showForm(response, "", request.query);
});

app.post("/login", async (request, response) => {
  const { username, password, challenge, state } = request.body;
  if (!password || people.get(username)?.password !== password) return showForm(response, "That is not right.", request.body);
  const session = { sub: username, auth_time: Math.floor(Date.now() / 1000), sid: randomUUID() };
  const token = await new SignJWT(session).setProtectedHeader({ alg: "HS256", typ: "session+jwt" })
    .setIssuer(site).setAudience(site).setExpirationTime("1d").sign(sessionKey);
  response.cookie("site_session", token, { httpOnly: true, sameSite: "lax", secure: site.startsWith("https:") });
  if (text(challenge) && text(state)) return handOver(response, session, { challenge, state });
  response.redirect(303, "/");
});

app.post("/logout", async (request, response) => {
  const session = await findSession(request);
  ended.add(session?.sid);
  if (session) await tellLogout(session);
  response.clearCookie("site_session").redirect(303, "/");
});

app.post("/logged-out", (request, response) => logOut(request, response).catch(() => response.sendStatus(400)));

app.listen(port, "127.0.0.1", () => console.log(`The site is at ${site}`));
