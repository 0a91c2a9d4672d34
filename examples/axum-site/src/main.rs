//! A site with JWT logins of its own. [`hand_over`] is all that it needs so that its users can log in elsewhere, through Grantlet; [`log_out`] is
//! how it learns that such a login was ended there.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example reads its own environment and clock, and says where it listens"
)]

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who has an account here: user name, password, name, e-mail address.
const PEOPLE: [[&str; 4]; 2] =
    [["ada", "analytical-engine", "Ada Lovelace", "ada@site.example"], ["grace", "nanoseconds", "Grace Hopper", "grace@site.example"]];

/// What a login here is worth, in the words by which clients ask for it (`acr_values`). A site with a second factor would have a second one.
const LEVEL: &str = "urn:site:password";

/// The site's settings.
struct Site {
    url: String,
    session_key: [u8; 32],
    /// Grantlet's issuer, and the secret that `grantlet site connect` printed: for logins there, and nothing else.
    issuer: String,
    secret: String,
    /// Sessions that were ended, until they would have ended by themselves. A site with a database keeps them there.
    ended: Mutex<HashSet<String>>,
}

/// The site's own session, a JWT in a cookie.
#[derive(Deserialize, Serialize)]
struct Session {
    sid: String,
    sub: String,
    auth_time: u64,
    exp: u64,
}

/// What Grantlet sends along when it wants somebody to log in. There is no return address among it, and none would be looked at.
#[derive(Deserialize)]
struct LoginRequest {
    challenge: Option<String>,
    state: Option<String>,
    prompt: Option<String>,
    max_age: Option<u64>,
    acr_values: Option<String>,
}

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
    challenge: Option<String>,
    state: Option<String>,
}

/// What Grantlet posts when a login has ended there (OpenID Connect Back-Channel Logout section 2.5).
#[derive(Deserialize)]
struct LoggedOut {
    logout_token: String,
}

#[derive(Deserialize)]
struct LogoutClaims {
    sid: String,
    events: BTreeMap<String, Value>,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let port: u16 = setting("PORT", "8080").parse().unwrap_or(8080);
    let mut session_key = [0; 32];
    getrandom::fill(&mut session_key).map_err(|_| std::io::Error::other("there is no randomness"))?;
    let site = Site {
        url: setting("SITE_URL", &format!("http://localhost:{port}")),
        session_key,
        issuer: setting("GRANTLET_ISSUER", "http://localhost:9000"),
        secret: setting("GRANTLET_SITE_SECRET", ""),
        ended: Mutex::default(),
    };
    println!("The site is at {}", site.url);
    let app = Router::new().route("/", get(home)).route("/login", get(login_page).post(log_in)).route("/logged-out", post(log_out));
    let app = app.with_state(Arc::new(site));
    axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, app).await
}

// [connect]
/// The ten lines: a login, told to Grantlet as a JWT, at its one fixed address.
fn hand_over(site: &Site, session: &Session, challenge: &str, state: &str) -> Option<Redirect> {
    let [_, _, name, email] = PEOPLE.into_iter().find(|[username, ..]| *username == session.sub)?;
    let claims = json!({
        "iss": site.url, "aud": site.issuer, "sub": session.sub, "nonce": challenge, "jti": URL_SAFE_NO_PAD.encode(random()?),
        "iat": now(), "exp": now() + 60, "auth_time": session.auth_time, "sid": session.sid, "acr": LEVEL, "name": name,
        "email": email, "email_verified": true,
    });
    let header = Header { typ: Some("grantlet-login+jwt".to_owned()), ..Header::new(Algorithm::HS256) };
    let token = encode(&header, &claims, &EncodingKey::from_secret(site.secret.as_bytes())).ok()?;
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", &token).append_pair("state", state).finish();
    Some(Redirect::to(&format!("{}/login/site?{query}", site.issuer)))
}
// [/connect]

// [logout]
/// Grantlet tells that a login which it had from here was ended there: the session here ends with it.
async fn log_out(State(site): State<Arc<Site>>, Form(told): Form<LoggedOut>) -> StatusCode {
    let Some(sid) = check_logout_token(&site, &told.logout_token).await else { return StatusCode::BAD_REQUEST };
    site.ended.lock().unwrap_or_else(PoisonError::into_inner).insert(sid);
    StatusCode::NO_CONTENT
}

/// The session that a logout token of Grantlet's names (OpenID Connect Back-Channel Logout section 2.6).
async fn check_logout_token(site: &Site, token: &str) -> Option<String> {
    let header = decode_header(token).ok().filter(|header| header.typ.as_deref() == Some("logout+jwt"))?;
    let keys: JwkSet = reqwest::get(format!("{}/jwks.json", site.issuer)).await.ok()?.json().await.ok()?;
    let mut expected = Validation::new(Algorithm::RS256);
    expected.set_issuer(&[&site.issuer]);
    expected.set_audience(&[&site.url]);
    expected.set_required_spec_claims(&["iss", "aud", "exp"]);
    let key = DecodingKey::from_jwk(keys.find(&header.kid?)?).ok()?;
    let claims = decode::<LogoutClaims>(token, &key, &expected).ok()?.claims;
    claims.events.contains_key("http://schemas.openid.net/event/backchannel-logout").then_some(claims.sid)
}
// [/logout]

async fn home(State(site): State<Arc<Site>>, headers: HeaderMap) -> Html<String> {
    Html(match find_session(&site, &headers) {
        Some(session) => format!("<p>Hello {}.</p>", escape(&session.sub)),
        None => "<p><a href=\"/login\">Log in</a></p>".to_owned(),
    })
}

/// Somebody who is logged in already is handed over at once, unless a new or a more recent login is wanted.
async fn login_page(State(site): State<Arc<Site>>, Query(asked): Query<LoginRequest>, headers: HeaderMap) -> Response {
    let session = find_session(&site, &headers).filter(|session| {
        asked.prompt.as_deref() != Some("login") && asked.max_age.is_none_or(|max_age| now().saturating_sub(session.auth_time) <= max_age)
    });
    if let (Some(session), Some(challenge), Some(state)) = (session, &asked.challenge, &asked.state) {
        return hand_over(&site, &session, challenge, state)
            .map_or(StatusCode::INTERNAL_SERVER_ERROR.into_response(), Redirect::into_response);
    }
    // What is wanted and can't be had is for Grantlet to tell the client; people are not held up.
    let is_reached = asked.acr_values.as_deref().is_none_or(|wanted| wanted.split(' ').any(|level| level == LEVEL));
    let note = if is_reached { "" } else { "The application would like more than a password, which this site can't offer." };
    show_form(note, asked.challenge.as_deref(), asked.state.as_deref())
}

fn show_form(problem: &str, challenge: Option<&str>, state: Option<&str>) -> Response {
    let hidden = |name: &str, value: Option<&str>| {
        value.map(|value| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value))).unwrap_or_default()
    };
    Html(format!(
        "<form id=\"site\" method=\"post\" action=\"/login\"><p>{problem}</p>{}{}<label>Name <input name=\"username\" value=\"\"></label>\
         <label>Password <input name=\"password\" type=\"password\" value=\"\"></label><button id=\"enter\">Log in</button></form>",
        hidden("challenge", challenge),
        hidden("state", state),
    ))
    .into_response()
}

async fn log_in(State(site): State<Arc<Site>>, Form(given): Form<Credentials>) -> Response {
    let (challenge, state) = (given.challenge.as_deref(), given.state.as_deref());
    if !PEOPLE.iter().any(|[username, password, ..]| *username == given.username && *password == given.password) {
        return (StatusCode::FORBIDDEN, show_form("That is not right.", challenge, state)).into_response();
    }
    let Some(sid) = random().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let session = Session { sid, sub: given.username, auth_time: now(), exp: now() + 86_400 };
    let Ok(token) = encode(&Header::default(), &session, &EncodingKey::from_secret(&site.session_key)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let next = match (challenge, state) {
        (Some(challenge), Some(state)) => hand_over(&site, &session, challenge, state),
        _ => Some(Redirect::to("/")),
    };
    let cookie = format!("site_session={token}; Path=/; HttpOnly; SameSite=Lax");
    next.map_or(StatusCode::INTERNAL_SERVER_ERROR.into_response(), |next| ([(SET_COOKIE, cookie)], next).into_response())
}

/// The session in the cookie. The type keeps tokens made for other purposes out.
fn find_session(site: &Site, headers: &HeaderMap) -> Option<Session> {
    let cookies = headers.get(COOKIE)?.to_str().ok()?;
    let token = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("site_session="))?;
    let decoded = decode::<Session>(token, &DecodingKey::from_secret(&site.session_key), &Validation::new(Algorithm::HS256)).ok()?;
    let is_ended = site.ended.lock().unwrap_or_else(PoisonError::into_inner).contains(&decoded.claims.sid);
    (decoded.header.typ.as_deref() == Some("JWT") && !is_ended).then_some(decoded.claims)
}

fn random() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok().map(|()| bytes)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
