//! An API as a site would have one: it verifies access tokens with the public keys, as RFC 9068 section 4 tells, and asks nobody.

use grantlet::endpoint::{Request, Response};
use grantlet::jose::dpop::{ProofTarget, VerifiedProof};
use grantlet::jose::verify::{UnverifiedJws, VerificationKey, VerifiedClaims};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use serde_json::json;

use super::{API, Playground, api_of, no_store};

const DPOP: HeaderName = HeaderName::from_static("dpop");
/// By how much the time of a proof may differ, in seconds.
const PROOF_WINDOW: i64 = 60;

/// Answers a call with an access token.
pub(super) async fn answer(playground: &Playground, request: &Request) -> Response {
    let claims = match check(playground, request).await {
        Ok(claims) => claims,
        Err(why) => return refuse(why),
    };
    let claims = claims.as_map();
    let body = json!({"message": "The API let you in.", "sub": claims.get("sub"), "client_id": claims.get("client_id"), "scope": claims.get("scope")});
    no_store(Response::json(StatusCode::OK, &body))
}

/// RFC 6750 section 3
fn refuse(why: &'static str) -> Response {
    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{why}\"");
    let body = json!({"error": "invalid_token", "error_description": why});
    no_store(Response::json(StatusCode::UNAUTHORIZED, &body)).with(WWW_AUTHENTICATE, &challenge)
}

async fn check(playground: &Playground, request: &Request) -> Result<VerifiedClaims, &'static str> {
    let (scheme, token) = request.header(&AUTHORIZATION).and_then(|value| value.split_once(' ')).ok_or("There is no access token.")?;
    let claims = verify(playground, token).await?;
    let config = &playground.context.config;
    let text = |name| claims.text(name).ok().flatten();
    if text("iss") != Some(config.issuer.as_str()) {
        return Err("The token is another issuer's.");
    }
    // RFC 9068 section 4: a token for another API opens nothing here, whoever sends it on.
    if !claims.is_for(&api_of(&config.issuer)) {
        return Err("The token is for another audience.");
    }
    let now = playground.context.now();
    if claims.time("exp").ok().flatten().is_none_or(|end| end <= now) {
        return Err("The token has expired.");
    }
    match claims.as_map().get("cnf") {
        None if scheme.eq_ignore_ascii_case("bearer") => Ok(claims),
        None => Err("The token is not bound to a key."),
        Some(bound) => {
            let jkt = bound.get("jkt").and_then(|jkt| jkt.as_str()).ok_or("The token is bound in a way that this API does not know.")?;
            check_proof(playground, request, token, jkt)?;
            Ok(claims)
        }
    }
}

/// The signature, by the keys that everybody can read.
async fn verify(playground: &Playground, token: &str) -> Result<VerifiedClaims, &'static str> {
    let jws = UnverifiedJws::parse(token).map_err(|_| "That is no JWT.")?;
    if !jws.has_typ("at+jwt") {
        return Err("That is no access token.");
    }
    let keys = playground.metadata.handle(read_keys()).await;
    let keys = VerificationKey::from_jwks(keys.body.as_bytes()).map_err(|_| "The public keys can't be read at the moment.")?;
    jws.check_signature(&keys).map_err(|_| "The signature is not the issuer's.")
}

/// The request for the public keys that an API sends now and then.
fn read_keys() -> Request {
    Request {
        method: Method::GET,
        path: "/jwks.json".to_owned(),
        raw_query: String::new(),
        headers: HeaderMap::new(),
        cookies: Vec::new(),
        body: Vec::new(),
        source_ip: None,
        request_id: "the playground's API".to_owned(),
    }
}

/// RFC 9449 section 7.1: who sends a bound token shows the key.
fn check_proof(playground: &Playground, request: &Request, token: &str, jkt: &str) -> Result<(), &'static str> {
    let header = request.header(&DPOP).ok_or("The token is bound to a key, and no proof of it came along.")?;
    let url = playground.context.config.issuer.url(API);
    let target = ProofTarget { method: request.method.as_str(), url: &url, access_token: Some(token) };
    let proof = VerifiedProof::verify(header, &target).map_err(|_| "The proof of the key is not valid.")?;
    let is_fresh = playground.context.now().since(proof.iat).abs() <= PROOF_WINDOW;
    if proof.jkt == jkt && is_fresh { Ok(()) } else { Err("The proof is by another key, or old.") }
}
