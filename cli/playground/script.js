"use strict";
const issuer = location.origin, callback = `${issuer}/playground/callback`, kept = "grantlet-playground";
const titles = ["Challenge", "Request", "Code", "Exchange", "Tokens", "Use", "Revoke", "A JWT instead?"];
let config, walk = JSON.parse(sessionStorage.getItem(kept) ?? "{}");
const save = () => sessionStorage.setItem(kept, JSON.stringify(walk));

// Small tools
const find = (selector, root = document) => root.querySelector(selector);
const bytesOf = (text) => new TextEncoder().encode(text);
const base64 = (text) => btoa(String.fromCharCode(...bytesOf(text)));
const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const decode = (part) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0))));
const random = (length) => encode(crypto.getRandomValues(new Uint8Array(length)));
const sha256 = async (text) => encode(await crypto.subtle.digest("SHA-256", bytesOf(text)));
const short = (text) => (text.length > 150 ? `${text.slice(0, 100)}… (${text.length - 120} more) …${text.slice(-20)}` : text);
const time = (seconds) => new Date(seconds * 1000).toLocaleTimeString();
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(key, value);
  element.append(...children.flat().filter((child) => child != null));
  return element;
}
const code = (text) => el("code", {}, text);
const say = (text, isSeen) => Object.assign(find("#said"), { textContent: text, className: isSeen ? "notice" : "unseen" });
const cell = (name, role, ...children) => el(name, { role }, ...children);
// The roles stand there for narrow screens, where the style takes the table apart.
const table = (caption, heads, rows) =>
  el("table", { class: "facts", role: "table" }, el("caption", {}, caption), cell("thead", "rowgroup", cell("tr", "row", heads.map((head) => cell("th", "columnheader", head)))),
    cell("tbody", "rowgroup", rows.map(([first, second, ...rest]) => cell("tr", "row", cell("th", "rowheader", code(first)), cell("td", "cell", code(second)), rest.map((text) => cell("td", "cell", text))))));
const verdict = (good, text, section) => [el("p", { class: good ? "verdict" : "verdict bad" }, text), section ? el("p", { class: "section" }, section) : null];

// JWTs, made with keys of this page: proofs of possession, and the JWT that Grantlet does not issue
const makeKey = () => crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const exportKey = (key) => crypto.subtle.exportKey("jwk", key);
async function sign(key, header, claims) {
  const input = [header, claims].map((part) => encode(bytesOf(JSON.stringify(part)))).join(".");
  return `${input}.${encode(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytesOf(input)))}`;
}
const publicPart = ({ kty, crv, x, y }) => ({ kty, crv, x, y });
async function prove(method, path, { token, ahead = 0 } = {}) {
  const key = await crypto.subtle.importKey("jwk", walk.key, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  const claims = { jti: random(12), htm: method, htu: issuer + path, iat: Math.floor(Date.now() / 1000) + ahead, nonce: walk.nonces?.[ahead], ath: token && (await sha256(token)) };
  return sign(key, { typ: "dpop+jwt", alg: "ES256", jwk: publicPart(walk.key) }, claims);
}

// Requests: sent, and kept with their answer and what DynamoDB did
async function send(method, path, { form, headers = {}, proof } = {}) {
  const request = { method, path, form, headers: { ...headers } };
  const isLate = path.includes("/late/"), ahead = isLate ? config.late : 0;
  for (let attempt = 0; ; attempt++) {
    if (proof) request.headers.DPoP = await prove(method, isLate ? "/token" : path, { ...proof, ahead });
    const response = await fetch(path, { method, headers: request.headers, body: form && new URLSearchParams(form), cache: "no-store", redirect: "error" });
    const text = await response.text();
    const shown = ["content-type", "cache-control", "www-authenticate", "dpop-nonce"].flatMap((name) => (response.headers.has(name) ? [[name, response.headers.get(name)]] : []));
    let json = null;
    try { json = JSON.parse(text); } catch {}
    if (response.headers.has("dpop-nonce")) walk.nonces = { ...walk.nonces, [ahead]: response.headers.get("dpop-nonce") };
    if (proof && attempt === 0 && /use_dpop_nonce/.test(text + response.headers.get("www-authenticate"))) continue;
    const number = Number(response.headers.get("grantlet-trace"));
    const calls = number ? (await trace(number - 1)).find((one) => one.number === number)?.calls : undefined;
    return { request, status: response.status, reason: response.statusText, shown, text, json, calls };
  }
}
const trace = async (after) => (await (await fetch(`/playground/trace?after=${after}`)).json()).requests;
const isPublic = () => walk.client === "public";
function authenticate(form, asPublic = isPublic()) {
  const { client_id, client_secret } = config.clients[asPublic ? "public" : "confidential"];
  if (asPublic) return { form: { ...form, client_id } };
  return { form, headers: { Authorization: `Basic ${base64(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`)}` } };
}
const proofs = () => (walk.dpop ? {} : undefined);
const post = (path, form, asPublic) => send("POST", path, { ...authenticate(form, asPublic), proof: path.endsWith("token") ? proofs() : undefined });
const redeem = (changes = {}, { path = "/token", asPublic } = {}) => post(path, { grant_type: "authorization_code", code: walk.code, redirect_uri: callback, code_verifier: walk.verifier, ...changes }, asPublic);
const refresh = (refresh_token, changes = {}, path = "/token") => post(path, { grant_type: "refresh_token", refresh_token, ...changes });
const call = (path, token) => send("GET", path, { headers: { Authorization: `${walk.dpop ? "DPoP" : "Bearer"} ${token}` }, proof: walk.dpop ? { token } : undefined });

// How they are shown
function curl({ request: { method, path, headers, form } }) {
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const parts = [`curl -i ${issuer}${path}`, ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`), ...Object.entries(form ?? {}).map((pair) => `--data-urlencode ${quote(pair.join("="))}`)];
  return (method === "POST" && !form ? [...parts, "-X POST"] : parts).join(" \\\n  ");
}
function wire(exchange, title, level = "h3") {
  const { request, status, reason, shown, text, json, calls } = exchange;
  const copy = el("button", { type: "button", class: "quiet" }, "Copy as curl");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(curl(exchange)).then(() => say("Copied."), () => say("The browser does not let the page copy.", true));
    copy.textContent = "Copied";
  });
  const body = Object.entries(request.form ?? {}).map(([name, value]) => `${name}=${short(encodeURIComponent(value))}`).join("\n&");
  const head = [`${request.method} ${request.path} HTTP/1.1`, `Host: ${location.host}`, ...(body ? ["Content-Type: application/x-www-form-urlencoded"] : []), ...Object.entries(request.headers).map(([name, value]) => `${name}: ${short(value)}`)].join("\n");
  const answer = json ? JSON.stringify(json, (_, value) => (typeof value === "string" ? short(value) : value), 2) : text;
  return el("article", { class: "wire" },
    el("header", {}, el(level, { class: "title", tabindex: "-1" }, title), el("span", { class: status < 400 ? "status" : "status bad" }, `${status} ${reason}`), copy),
    el("div", {},
      el("figure", {}, el("figcaption", {}, "Request"), el("pre", {}, body ? `${head}\n\n${body}` : head)),
      el("figure", {}, el("figcaption", {}, "Answer"), el("pre", {}, `HTTP/1.1 ${status} ${reason}\n${shown.map((pair) => pair.join(": ")).join("\n")}\n\n${answer}`)),
      el("figure", {}, el("figcaption", {}, "What DynamoDB did"), database(calls))));
}
const outcomes = { applied: "applied", refused: "condition failed", found: "found", missing: "nothing there", listed: "listed", failed: "failed", unanswered: "no answer" };
function database(calls = []) {
  if (!calls.length) return el("p", {}, "Nothing. It was not asked.");
  const pairs = (item) => el("dl", { class: "pairs" }, Object.entries(item).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const details = (summary, item) => (item && Object.keys(item).length ? el("details", {}, el("summary", {}, summary), pairs(item)) : null);
  return el("ul", { class: "calls" }, calls.map((one) => {
    const isBad = ["refused", "failed", "unanswered"].includes(one.outcome);
    const cameBack = one.outcome === "refused" ? (one.returned ? "the item as it stands" : null) : "the item that came back";
    return el("li", {}, el("strong", {}, one.operation), " ", code(one.key), " ", el("span", { class: isBad ? "status bad" : "status" }, outcomes[one.outcome]), " ", el("small", {}, `at ${one.begun} ms, took ${one.took} ms`),
      one.update ? el("div", {}, code(one.update)) : null,
      one.condition.length ? el("ul", { class: "clauses" }, one.condition.map((clause, index) => el("li", { class: clause.held === undefined ? undefined : clause.held ? "held" : "failed" }, `${index ? "AND" : "if"} ${clause.text}`))) : null,
      details("what was written", one.written), details(cameBack, one.returned));
  }));
}
const outOf = (step) => find(`#step-${step} .out`);
const sectionOf = (step) => find(`#step-${step}`);
function reach(step, moves) {
  for (let one = 1; one <= step; one++) sectionOf(one).hidden = false;
  sectionOf(8).hidden = false;
  find("#steps").replaceChildren(...titles.map((title, index) => el("li", {}, sectionOf(index + 1).hidden ? el("span", {}, `${index + 1} ${title}`) : el("a", { href: `#step-${index + 1}` }, `${index + 1} ${title}`))));
  if (moves) focus(find("h2", sectionOf(step)));
}
function focus(element) {
  element?.focus({ preventScroll: true });
  element?.closest("section, .result, .wire")?.scrollIntoView({ block: "start" });
}

// Step 1 and 2
async function prepare(client, dpop) {
  walk = { client, dpop, verifier: random(32), state: random(16), nonce: random(16) };
  walk.challenge = await sha256(walk.verifier);
  if (dpop) walk.key = await exportKey((await makeKey()).privateKey);
  save();
}
async function begin(isFirst) {
  const form = new FormData(find("#setup"));
  await prepare(form.get("client"), form.has("dpop"));
  for (const element of document.querySelectorAll("section")) element.hidden = true;
  for (const element of document.querySelectorAll(".out, .results")) element.replaceChildren();
  await show();
  if (isFirst) return;
  focus(find("h2", sectionOf(1)));
  say("A new walk begins. Verifier and challenge are made.");
}
async function authorizationParameters() {
  const { x, y } = walk.key ?? {};
  return [
    ["response_type", "code", "Send a code back, not a token."],
    ["client_id", config.clients[walk.client].client_id, "Who asks. A name tag, and no proof."],
    ["redirect_uri", callback, "Where to send the browser back to: registered, and compared to the letter."],
    ["scope", "openid profile email offline_access", "What for. openid asks for an ID token, offline_access for a refresh token."],
    ["state", walk.state, "Random. Must come back with the code, or the answer is not to our request."],
    ["nonce", walk.nonce, "Random. Must stand in the ID token."],
    ["code_challenge", walk.challenge, "The hash of the verifier."],
    ["code_challenge_method", "S256", "SHA-256; this server takes no other."],
    ["resource", issuer, "Tokens may be for /userinfo …"],
    ["resource", config.api, "… and for the API (RFC 8707)."],
    ["prompt", "consent", "Ask even if it was allowed before, so that you see it."],
    ...(walk.dpop ? [["dpop_jkt", await sha256(JSON.stringify({ crv: "P-256", kty: "EC", x, y })), "The thumbprint of the client's key: the code will be bound to it (RFC 9449 section 10)."]] : []),
  ];
}
async function goAuthorize() {
  walk.mark = (await trace(0)).at(-1)?.number ?? 0;
  save();
  location.assign(`/authorize?${new URLSearchParams((await authorizationParameters()).map(([name, value]) => [name, value]))}`);
}

// Step 3: what a client checks before it sends the code anywhere
function checkCallback(parameters) {
  if (parameters.get("state") !== walk.state) return ["The state is not the one that this browser was sent out with: somebody else's answer was slipped in. The client stops here, and the code is not sent anywhere.", "RFC 9700 section 4.7 (cross-site request forgery), RFC 6749 section 10.12"];
  if (parameters.get("iss") !== issuer && (config.iss || parameters.has("iss"))) return ["The answer says that it comes from another server than the one that was asked: a mix-up. A client that went on would hand the code to that other server. It stops here.", "RFC 9207 section 2.4, RFC 9700 section 4.4"];
  if (parameters.has("error")) return [`The answer is ${parameters.get("error")}: no code. Begin a new walk.`, "OAuth 2.1 section 4.1.2.1"];
  return parameters.get("code") ? null : ["There is no code in the answer.", "OAuth 2.1 section 4.1.2"];
}
function readUlid(ulid) {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return [...ulid.slice(0, 10)].reduce((sum, letter) => sum * 32 + letters.indexOf(letter), 0) / 1000;
}
const timeLeft = () => Math.ceil(readUlid(walk.code.split(".")[0]) + config.code_lifetime - Date.now() / 1000);
function showTimeLeft() {
  const left = find("#left");
  if (left) left.textContent = walk.spent ? "It was redeemed." : timeLeft() > 0 ? `It has ${timeLeft()} seconds left.` : "It is over. Whatever is tried now fails by the time as well; step 4 gets you another one.";
}
function showCode() {
  const parameters = new URLSearchParams(walk.callback), problem = checkCallback(parameters);
  const heading = el("pre", {}, `GET /playground/callback?${[...parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("\n  &")}`);
  if (problem) {
    outOf(3).replaceChildren(heading, ...verdict(false, ...problem).filter(Boolean));
    find("#step-3 .attacks").hidden = true;
    return false;
  }
  find("#step-3 .attacks").hidden = false;
  walk.code = parameters.get("code");
  const [ulid, secret] = walk.code.split(".");
  const front = (walk.front ?? []).map((one) => el("details", {}, el("summary", {}, `${one.method} ${one.path}: ${one.status}`), database(one.calls)));
  outOf(3).replaceChildren(heading, ...verdict(true, "state is ours, iss is the server that was asked: the client may go on.", "RFC 9700 section 4.7, RFC 9207 section 2.4").filter(Boolean),
    table("What the code is made of", ["Part", "Value", "Meaning"], [
      ["ULID", ulid, `The key of the record. It says when it was made: ${time(readUlid(ulid))}. Codes that are malformed or over 10 minutes old are refused without asking DynamoDB.`],
      ["secret", secret, `256 random bits. The record holds only their SHA-256, and lives for ${config.code_lifetime} seconds. No name, no scope, no claim: a reader learns nothing.`],
    ]),
    el("p", { id: "left" }),
    el("h3", {}, "What DynamoDB did on the way here"), ...(front.length ? front : [el("p", {}, "That was too long ago.")]));
  showTimeLeft();
  return true;
}

// Step 4 and 5
async function exchange() {
  const done = await redeem();
  if (done.status === 200) Object.assign(walk, { exchange: done, tokens: done.json, first: done.json, spent: true });
  save();
  outOf(4).replaceChildren(wire(done, "The client redeems the code"));
  if (done.status === 200) {
    showExchange();
    say("Tokens are here. The code is gone: the delete was applied.");
  } else {
    const again = el("button", { type: "button" }, "Begin again, for another code");
    again.addEventListener("click", once(again, async () => { await prepare(walk.client, walk.dpop); await goAuthorize(); }));
    outOf(4).append(...verdict(false, timeLeft() > 0 ? "The code was refused." : `You took longer than ${config.code_lifetime} seconds: the code was over. That is meant so; a client needs milliseconds.`, "OAuth 2.1 section 4.1.2").filter(Boolean), again);
    say(`The code was refused: ${done.json?.error}.`);
  }
  focus(find(".title", outOf(4)));
}
function showExchange() {
  outOf(4).replaceChildren(wire(walk.exchange, "The client redeems the code"), ...verdict(true, "The delete was applied, and the item came back: this request has won. Only now was anything signed. The verifier's hash, the client and the time were compared in the very same step.", "OAuth 2.1 section 4.1.3, RFC 7636 section 4.6").filter(Boolean));
  find("#redeem").disabled = true;
  find("#step-4 .attacks").hidden = false;
  showTokens();
  reach(7);
  buttons();
}
const meanings = {
  iss: "Who issued it.", sub: "Who it is about: an identifier, and nothing else.", aud: "Whom it is for. Anybody else must refuse it.", client_id: "The client that got it.",
  iat: "When it was issued", exp: "When it ends", jti: "Its own number, by which it can be revoked.", scope: "What it opens.", grant_id: "The grant behind it: userinfo and introspection ask whether that still holds.",
  auth_time: "When the person logged in", acr: "How sure the login is.", amr: "How they logged in.", cnf: "The key that must be shown with it (DPoP).", nonce: "Ours: the token answers our request.", at_hash: "Half of the hash of the access token: the two belong together.", sid: "The session, for logout.",
};
const meaningOf = (claim, value, unknown = "About the person.") => (meanings[claim] ?? unknown) + (["iat", "exp", "auth_time"].includes(claim) ? `: ${time(value)}.` : "");
function showJwt(name, text, note) {
  const [header, claims] = text.split(".").slice(0, 2).map(decode);
  const show = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  const rows = Object.entries(claims).map(([claim, value]) => [claim, show(value), meaningOf(claim, value)]);
  return [el("h3", {}, name), el("p", {}, note), table(`typ ${header.typ}, alg ${header.alg}, kid ${header.kid}`, ["Claim", "Value", "Meaning"], rows)];
}
function showTokens() {
  const [grant, generation, kid, seed, mac] = walk.first.refresh_token.split(".");
  outOf(5).replaceChildren(
    ...showJwt("Access token", walk.first.access_token, "For an API. The client need not read it."),
    ...showJwt("ID token", walk.first.id_token, "For the client: who logged in, how and when. It opens nothing."),
    el("h3", {}, "Refresh token"), el("p", {}, "For this server alone, and stored nowhere: it is computed from the grant, and its last part proves that."),
    table("What the refresh token is made of", ["Part", "Value", "Meaning"], [
      ["grant", grant, "The record that it renews; the code had the same ULID."], ["generation", generation, "How often it was replaced. The grant knows the current one."],
      ["key", kid, "Which key the last part was made with."], ["seed", seed, "Comes from the code's secret; the grant holds its hash."],
      ["MAC", mac ?? "", "HMAC-SHA256 over all of that and the client. A forged token is refused without asking DynamoDB."]]));
}

// Step 6 and 7
async function add(step, ...exchanges) {
  const wires = exchanges.map(([title, done]) => wire(done, title));
  outOf(step).append(...wires);
  save();
  focus(find(".title", wires[0]));
}
async function refreshForApi() {
  const old = walk.tokens.refresh_token, done = await refresh(old, { resource: config.api });
  if (done.status === 200) Object.assign(walk, { old, tokens: { ...walk.tokens, ...done.json }, api: done.json.access_token });
  await add(6, ["The client refreshes, and names the API", done]);
  buttons();
  say(done.status === 200 ? "Refreshed: the generation in the grant went up by one." : `Refused: ${done.json?.error}.`);
}
async function revoke() {
  const done = await post("/revoke", { token: walk.tokens.refresh_token });
  const after = [["The client revokes its refresh token", done], ["Then it tries to refresh", await refresh(walk.tokens.refresh_token)], ["Then it asks /userinfo", await call("/userinfo", walk.first.access_token)]];
  if (walk.api) after.push(["Then it calls the API, which verifies offline", await call("/playground/api", walk.api)]);
  walk.over = true;
  await add(7, ...after);
  outOf(7).append(...verdict(true, walk.api ? "The grant is revoked: no refresh, no userinfo. The API goes on until the access token expires, because it asks nobody. That is the price of statelessness, and why access tokens live for minutes." : "The grant is revoked: no refresh, no userinfo.", "RFC 7009 section 2.1, OAuth 2.1 section 4.3.1").filter(Boolean));
  buttons();
  say("The grant is revoked.");
}

// Attacks: each one sends what a thief would send, and says what is expected. Anything else is shown as a surprise.
const isRefused = (error, status = 400) => (done) => done.status === status && (done.json?.error === error || done.shown.some(([name, value]) => name === "www-authenticate" && value.includes(error)));
const attacks = {
  state: { step: 3, name: "Slip in an answer with another state", local: { state: "of-the-attacker" } },
  iss: { step: 3, name: "Answer in another server's name", local: { iss: "https://other.example" } },
  secret: { step: 3, name: "Know the ULID, guess the secret", run: () => redeem({ code: `${walk.code.split(".")[0]}.${random(32)}` }), expect: isRefused("invalid_grant"), why: "The ULID alone opens nothing. The hash of the secret did not match, the condition failed, and the code stayed as it was.", section: "OAuth 2.1 sections 1.4 and 4.1.3" },
  verifier: { step: 3, name: "Redeem with a wrong verifier", run: () => redeem({ code_verifier: random(32) }), expect: isRefused("invalid_grant"), why: "You have the code, but not what never left the client. The server hashed your verifier, and the database found another challenge. A wrong guess must not burn the honest client's code, so it is still there: redeem it rightly in step 4.", section: "RFC 7636 section 4.6, RFC 9700 section 4.5 (code injection)" },
  client: { step: 3, name: "Redeem as another client", run: () => redeem({}, { asPublic: !isPublic() }), expect: isRefused("invalid_grant"), why: "You authenticated well, as a client of your own, and know even the verifier. The code is another client's.", section: "OAuth 2.1 section 4.1.3" },
  redirect: { step: 3, name: "Redeem with another redirect URI", run: () => redeem({ redirect_uri: `${issuer}/elsewhere` }), expect: isRefused("invalid_grant"), why: "The code was sent to another address than you say. OAuth 2.1 lets clients leave redirect_uri out here, but what is sent must match.", section: "OAuth 2.1 section 10.2, RFC 6749 section 4.1.3" },
  late: { step: 3, name: "Redeem it too late", run: () => redeem({}, { path: "/playground/late/token" }), expect: isRefused("invalid_grant"), why: () => `Everything was right but the time. Nobody waited: this request was answered by the same endpoint on the same table with its clock ${config.late} seconds ahead. The record is still there, since DynamoDB deletes late; the condition looks at the time itself.`, section: "OAuth 2.1 section 4.1.2" },
  race: { step: 3, ends: true, name: "Race: redeem it five times at once", many: () => Promise.all([1, 2, 3, 4, 5].map(() => redeem())), expect: (all) => all.filter((done) => done.status === 200).length === 1, why: "Five requests, each of them right. One delete found the item; the other four found nothing. And because those were valid in everything else, somebody has a copy: the grant is revoked, and even the winner's tokens are dead.", section: "OAuth 2.1 sections 4.1.3 and 7.5.2" },
  twice: { step: 4, ends: true, name: "Redeem the code a second time", run: () => redeem(), expect: isRefused("invalid_grant"), why: "There is nothing left to delete. The grant remembers what its code was bound to; you knew all of that, so two parties have it. The server can't tell which of you is the thief, and revokes the grant: a theft turns into an alarm. See what is left of the first tokens.", section: "OAuth 2.1 section 7.5.2" },
  replay: { step: 4, name: "A second time, without the verifier", run: () => redeem({ code_verifier: random(32) }), expect: isRefused("invalid_grant"), why: "Gone is gone. But you did not know the verifier, so this revokes nothing: otherwise whoever reads a log could log people out.", section: "OAuth 2.1 section 7.5.2" },
  tampered: { step: 6, name: "Change a claim of the access token", run: () => call("/userinfo", tamper(walk.first.access_token)), expect: isRefused("invalid_token", 401), why: "You wrote another sub into the token. The signature is over the old one, and you have no key. DynamoDB was not even asked.", section: "RFC 9068 section 4, RFC 6750 section 3.1" },
  idtoken: { step: 6, name: "Use the ID token as access token", run: () => call("/userinfo", walk.first.id_token), expect: isRefused("invalid_token", 401), why: "It is well signed, but of another type: typ must be at+jwt. One kind of token never stands in for another.", section: "RFC 9068 section 4, RFC 8725 section 3.11" },
  audience: { step: 6, needs: "api", name: "Send on a token of another audience", many: async () => [await call("/playground/api", walk.first.access_token), await call("/userinfo", walk.api)], expect: ([first, second]) => isRefused("invalid_token", 401)(first) && isRefused("insufficient_scope", 403)(second), why: "An API that got a token can't use it elsewhere: the API refuses the token for /userinfo by its aud, and /userinfo the API's, which has none of the scopes that open it.", section: "RFC 9700 section 4.10.2, RFC 9068 section 4, RFC 8707 section 2" },
  unbound: { step: 6, needs: "dpop", name: "Use the access token without its key", run: () => send("GET", "/userinfo", { headers: { Authorization: `Bearer ${walk.first.access_token}` } }), expect: isRefused("invalid_token", 401), why: "The token is bound to a key that you do not have. Stolen, it is worth nothing.", section: "RFC 9449 section 7.1" },
  again: { step: 6, needs: "old", name: "Use the replaced refresh token at once", run: () => refresh(walk.old), expect: (done) => done.status === 200 && done.json.refresh_token === walk.tokens.refresh_token, why: () => `No attack yet: an answer may have been lost, or two processes refreshed at once. For ${config.refresh_grace} seconds the old token is answered with the same successor, so that honest clients are not thrown out. The generation did not move.`, section: "OAuth 2.1 section 4.3.1" },
  stolen: { step: 6, needs: "old", ends: true, name: "Use the replaced refresh token later", run: () => refresh(walk.old, {}, "/playground/late/token"), expect: isRefused("invalid_grant"), why: () => `${config.late} seconds later (the clock ahead again), a replaced token is a stolen one, or its replacement is. The grant is revoked, for the thief and for the client.`, section: "OAuth 2.1 section 4.3.1, RFC 9700 section 4.14.2" },
};
function tamper(token) {
  const [header, claims, signature] = token.split(".");
  return [header, encode(bytesOf(JSON.stringify({ ...decode(claims), sub: "somebody-else" }))), signature].join(".");
}
async function attack(key) {
  const one = attacks[key], results = find(".results", sectionOf(one.step));
  const result = el("div", { class: "result", "data-attack": key }, el("h4", { class: "title", tabindex: "-1" }, one.name));
  if (one.local) {
    const parameters = new URLSearchParams(walk.callback);
    for (const [name, value] of Object.entries(one.local)) parameters.set(name, value);
    const [why, section] = checkCallback(parameters);
    result.append(el("pre", {}, `GET /playground/callback?${parameters}`), ...verdict(true, `Refused by the client: ${why}`, section).filter(Boolean));
  } else {
    const all = one.many ? await one.many() : [await one.run()];
    const isExpected = one.expect(one.many ? all : all[0]);
    const why = typeof one.why === "function" ? one.why() : one.why;
    result.append(...verdict(isExpected, isExpected ? why : "That is not what should have happened. Please report it.", isExpected ? one.section : null).filter(Boolean), ...all.map((done, index) => wire(done, all.length > 1 ? `Request ${index + 1} of ${all.length}` : "What was sent", "h5")));
    if (one.ends) {
      const won = all.find((done) => done.status === 200)?.json;
      if (won) Object.assign(walk, { first: won, tokens: won });
      Object.assign(walk, { over: true, spent: true });
      const { access_token } = walk.first, { refresh_token } = walk.tokens;
      result.append(wire(await call("/userinfo", access_token), "What is left: /userinfo with the first access token", "h5"), wire(await refresh(refresh_token), "What is left: the newest refresh token", "h5"), ...verdict(true, "Both are dead. Begin a new walk to go on.").filter(Boolean));
    }
  }
  save();
  results.prepend(result);
  buttons();
  focus(find(".title", result));
  say(`${one.name}: ${find(".verdict", result).textContent}`);
}
function buttons() {
  for (const place of document.querySelectorAll("[data-step]")) {
    const mine = Object.entries(attacks).filter(([, one]) => one.step === Number(place.dataset.step) && (one.needs !== "dpop" || walk.dpop));
    place.replaceChildren(...mine.map(([key, one]) => {
      const button = el("button", { type: "button", id: `attack-${key}` }, one.name);
      button.disabled = one.local ? false : walk.over || (one.needs && !walk[one.needs]) || (one.step === 3 && walk.spent);
      button.addEventListener("click", once(button, () => attack(key)));
      return button;
    }));
  }
  for (const id of ["refresh", "revoke"]) find(`#${id}`).disabled = Boolean(walk.over);
  find("#redeem").disabled = Boolean(walk.spent);
  find("#api").hidden = !walk.api;
}

// The last section: a server without a table, in this page
const jwt = { redeemed: 0 };
async function issueJwt() {
  jwt.key ??= await makeKey();
  Object.assign(jwt, { redeemed: 0, locked: false, claims: { iss: issuer, sub: "pat", client_id: "playground-app", scope: "openid profile email", code_challenge: walk.challenge, exp: Math.floor(Date.now() / 1000) + 60 } });
  jwt.code = await sign(jwt.key.privateKey, { alg: "ES256", typ: "code+jwt" }, jwt.claims);
  outOf(8).replaceChildren(el("pre", {}, `Location: ${callback}?code=${jwt.code}`), table("What everybody reads in the address", ["Claim", "Value", "Meaning"], Object.entries(jwt.claims).map(([claim, value]) => [claim, String(value), meaningOf(claim, value, "The hash of the verifier.")])), el("ol", { id: "jwt-log" }));
  find("#jwt-redeem").hidden = find("#jwt-lock").hidden = false;
  say("A JWT stands in the address. Redeem it, as often as you like.");
}
async function redeemJwt() {
  const cut = jwt.code.lastIndexOf("."), signature = Uint8Array.from(atob(jwt.code.slice(cut + 1).replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const isSigned = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, jwt.key.publicKey, signature, bytesOf(jwt.code.slice(0, cut)));
  const isRight = isSigned && jwt.claims.exp > Date.now() / 1000 && jwt.claims.client_id === "playground-app" && jwt.claims.code_challenge === (await sha256(walk.verifier));
  jwt.redeemed += isRight;
  const text = !isRight ? "400: expired. At last; issue another." : `200: tokens, for the ${["first", "second", "third"][jwt.redeemed - 1] ?? `${jwt.redeemed}th`} time${jwt.locked ? ", for a person who is locked out" : ""}.${jwt.redeemed > 1 ? " Nobody noticed." : ""}`;
  find("#jwt-log").append(el("li", {}, text));
  say(text);
}
function lockPerson() {
  jwt.locked = true;
  find("#jwt-log").append(el("li", {}, "The operator locks the person out. The JWT does not know."));
  say("The person is locked out. The JWT does not know.");
}

// Everything together
async function show() {
  find("#setup").hidden = find("nav").hidden = false;
  find(`[name=client][value=${walk.client ?? "public"}]`).checked = true;
  find("[name=dpop]").checked = Boolean(walk.dpop);
  if (!walk.verifier) return;
  outOf(1).replaceChildren(table("Made in this page", ["Name", "Value", "Meaning"], [
    ["verifier", walk.verifier, "256 random bits. Stays here until step 4."], ["challenge", walk.challenge, "BASE64URL(SHA-256(verifier)). Goes along; nobody can compute the verifier from it."]]));
  outOf(2).replaceChildren(table(`GET ${issuer}/authorize`, ["Parameter", "Value", "Why"], await authorizationParameters()));
  find("#person").replaceChildren(...(config.person ? ["Log in as ", code(config.person.username), " with the password ", code(config.person.password), "."] : ["Log in as you always do."]));
  reach(2);
  if (walk.callback) {
    reach(3);
    if (showCode()) reach(4);
  }
  if (walk.exchange) showExchange();
  buttons();
}
/** Keeps a button from being pressed twice while it is at work. */
function once(button, work) {
  let isBusy = false;
  return async (event) => {
    event?.preventDefault();
    if (isBusy) return;
    isBusy = true;
    button.setAttribute("aria-busy", "true");
    try { await work(); } catch (error) { say(`That failed: ${error.message}. Is the server still running?`, true); } finally { isBusy = false; button.removeAttribute("aria-busy"); }
  };
}
async function start() {
  for (const [index, section] of [...document.querySelectorAll("section")].entries()) {
    const heading = find("h2", section);
    heading.prepend(`${index + 1}. `);
    Object.assign(heading, { id: `title-${index + 1}`, tabIndex: -1 });
    section.setAttribute("aria-labelledby", heading.id);
  }
  config = await (await fetch("/playground/start", { method: "POST" })).json();
  const arrived = location.pathname !== "/playground" && location.search;
  if (location.pathname !== "/playground") history.replaceState(null, "", "/playground");
  if (arrived && walk.state) {
    const isFront = (one) => /^\/(authorize|login|consent)/.test(one.path);
    Object.assign(walk, { callback: arrived, front: (await trace(walk.mark ?? 0)).filter(isFront) });
    for (const name of ["exchange", "tokens", "first", "old", "api", "spent", "over"]) delete walk[name];
    save();
  }
  const handlers = { go: goAuthorize, redeem: exchange, userinfo: async () => add(6, ["The client asks /userinfo", await call("/userinfo", walk.first.access_token)]), refresh: refreshForApi, api: async () => add(6, ["The client calls the API", await call("/playground/api", walk.api)]), revoke, "jwt-make": issueJwt, "jwt-redeem": redeemJwt, "jwt-lock": lockPerson,
    reset: async () => { await fetch("/playground/reset", { method: "POST" }); sessionStorage.removeItem(kept); location.assign("/playground"); } };
  for (const [id, work] of Object.entries(handlers)) find(`#${id}`).addEventListener("click", once(find(`#${id}`), work));
  find("#setup").addEventListener("submit", once(find("#setup"), () => begin()));
  setInterval(showTimeLeft, 500);
  if (walk.verifier) await show();
  else await begin(true);
  if (arrived) focus(find("h2", sectionOf(3)));
}
start().catch((error) => say(`The page can't begin: ${error.message}. Is the server still running?`, true));
