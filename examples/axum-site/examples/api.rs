//! An API that takes Grantlet's access tokens. [`check_token`] is all that it needs.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "an example reads its own environment, and says where it listens")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::{Router, routing::get};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

// [protect]
/// What the API knows of the issuer: its name, its keys, and the one audience whose tokens are for this API.
struct Api {
    issuer: String,
    audience: String,
    keys: Mutex<Option<(JwkSet, Instant)>>,
}

/// An access token that was checked.
#[derive(Deserialize)]
struct AccessToken {
    sub: String,
    scope: String,
    cnf: Option<Value>,
}

/// A refusal in the form of RFC 6750 section 3.
type Refusal = (StatusCode, [(HeaderName, String); 1]);

/// Checks the access token of a request: signature, type, issuer, audience, end, scope (RFC 9068 section 4).
async fn check_token(api: &Api, headers: &HeaderMap, scope: &str) -> Result<AccessToken, Refusal> {
    let refuse = |status, detail: &str| (status, [(WWW_AUTHENTICATE, format!("Bearer {detail}").trim_end().to_owned())]);
    let invalid = || refuse(StatusCode::UNAUTHORIZED, "error=\"invalid_token\"");
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, ""))?;

    let head = decode_header(token).map_err(|_| invalid())?;
    // An ID token is none, whoever its audience is.
    let (true, Some(kid)) = (head.typ.as_deref() == Some("at+jwt"), head.kid) else { return Err(invalid()) };
    let keys = api.keys_with(&kid).await.ok_or_else(|| refuse(StatusCode::SERVICE_UNAVAILABLE, ""))?;
    let key = keys.find(&kid).and_then(|jwk| DecodingKey::from_jwk(jwk).ok()).ok_or_else(invalid)?;
    let mut expected = Validation::new(Algorithm::RS256);
    expected.leeway = 5;
    expected.set_issuer(&[&api.issuer]);
    expected.set_audience(&[&api.audience]);
    expected.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
    let claims = decode::<AccessToken>(token, &key, &expected).map_err(|_| invalid())?.claims;
    // A token that is bound to a key (RFC 9449) is worth nothing without a proof, which this API does not ask for.
    if claims.cnf.is_some() {
        return Err(invalid());
    }
    if !claims.scope.split(' ').any(|one| one == scope) {
        return Err(refuse(StatusCode::FORBIDDEN, &format!("error=\"insufficient_scope\", scope=\"{scope}\"")));
    }
    Ok(claims)
}

impl Api {
    /// The issuer's keys, for five minutes; read anew at once for a key that is not among them, but not more often than each ten seconds.
    async fn keys_with(&self, kid: &str) -> Option<JwkSet> {
        let mut kept = self.keys.lock().await;
        if let Some((keys, read_at)) = kept.as_ref() {
            let age = if keys.find(kid).is_some() { Duration::from_mins(5) } else { Duration::from_secs(10) };
            if read_at.elapsed() < age {
                return Some(keys.clone());
            }
        }
        let answer = reqwest::get(format!("{}/jwks.json", self.issuer)).await.ok()?;
        let keys: JwkSet = answer.error_for_status().ok()?.json().await.ok()?;
        *kept = Some((keys.clone(), Instant::now()));
        Some(keys)
    }
}

async fn read_notes(State(api): State<Arc<Api>>, headers: HeaderMap) -> Result<String, Refusal> {
    let token = check_token(&api, &headers, "notes:read").await?;
    Ok(format!("The notes of {}.", token.sub))
}
// [/protect]

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let setting = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let port: u16 = setting("PORT", "8081").parse().unwrap_or(8081);
    let issuer = setting("GRANTLET_ISSUER", "http://localhost:9000");
    let audience = setting("API_AUDIENCE", "https://notes.example");
    let api = Api { issuer, audience, keys: Mutex::new(None) };
    let app = Router::new().route("/notes", get(read_notes)).with_state(Arc::new(api));
    println!("The API is at http://localhost:{port}");
    axum::serve(tokio::net::TcpListener::bind(("127.0.0.1", port)).await?, app).await
}
