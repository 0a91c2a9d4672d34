//! `GET` and `POST /userinfo` (`OpenID` Connect Core section 5.3).

use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::backing::{Backing, find_backing};
use super::bearer::{AccessToken, Scheme};
use super::dpop::{DPOP_NONCE, UnspentProof};
use super::error::{TokenError, no_store};
use super::person::{claims_granted, claims_of_scopes};
use super::{BackChannel, bearer, dpop, is_form, log_failure};
use crate::endpoint::{Request, Response};
use crate::jose::dpop::ProofError;
use crate::model::client::Client;
use crate::model::registration::CLIENT_SIGNING_ALGS;
use crate::model::user::Claims;
use crate::protocol::params::Params;

/// Why there is no answer (RFC 6750 section 3.1, RFC 9449 section 7.1).
enum Refused {
    Method,
    /// Nothing that looks like a token: no error code is told.
    NoToken,
    Malformed,
    InvalidToken(&'static str),
    InsufficientScope,
    /// The proof beside the token proves nothing.
    InvalidProof(ProofError),
    /// The token came by the DPoP scheme, and no proof with it.
    NoProof,
    /// The proof needs this nonce.
    UseDpopNonce(String),
    Ours(TokenError),
}

impl From<TokenError> for Refused {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Proof(error) => Self::InvalidProof(error),
            TokenError::UseDpopNonce(nonce) => Self::UseDpopNonce(nonce),
            other => Self::Ours(other),
        }
    }
}

/// Answers a userinfo request.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    let response = match Box::pin(answer(back, request)).await {
        Ok(response) => response,
        Err(refused) => render(&refused, request),
    };
    no_store(dpop::with_next_nonce(back, request, response).await)
}

async fn answer(back: &BackChannel, request: &Request) -> Result<Response, Refused> {
    let (scheme, text) = read_token(request)?;
    let token = bearer::verify(back, &text).await?.ok_or(Refused::InvalidToken("not a valid access token"))?;
    if !token.scopes.iter().any(|scope| scope == "openid") {
        return Err(Refused::InsufficientScope);
    }
    let proof = check_binding(back, request, scheme, &text, &token).await?;
    let (proof, backing) = tokio::join!(dpop::spend(back, proof), find_backing(back, &token));
    proof?;
    let backing = backing?.ok_or(Refused::InvalidToken("revoked, or what stands behind it has ended"))?;
    let Backing { client, user: Some(user), grant: Some(grant) } = backing else {
        return Err(Refused::InvalidToken("not a person's token"));
    };
    if grant.client_id != token.client_id {
        return Err(Refused::InvalidToken("the grant of another client"));
    }
    let subject = back.subjects.subject_for(&client.client, &user).await.map_err(TokenError::Vault)?;
    if subject.0 != token.subject {
        return Err(Refused::InvalidToken("not the subject's token"));
    }
    let settings = back.context.settings().await.map_err(TokenError::Store)?;
    let mut claims = claims_of_scopes(&user, &token.scopes, &settings);
    claims.extend(claims_granted(&user, &grant.claims.userinfo));
    claims.insert("sub".to_owned(), json!(subject));
    answer_for(back, &client.client, claims).await
}

/// Section 5.3.2: JSON, or a JWT for clients that registered for it. It is no ID token: it has neither `sid` nor `exp`.
async fn answer_for(back: &BackChannel, client: &Client, mut claims: Claims) -> Result<Response, Refused> {
    let Some(alg) = client.userinfo_signed_response_alg else { return Ok(Response::json(StatusCode::OK, &Value::Object(claims))) };
    let context = &back.context;
    claims.insert("iss".to_owned(), json!(context.config.issuer.as_str()));
    claims.insert("aud".to_owned(), json!(client.client_id));
    claims.insert("iat".to_owned(), json!(context.now()));
    let keys = back.keys.current(context).await?;
    let jwt = keys.signing(alg)?.sign("JWT", &claims).map_err(TokenError::from)?;
    Ok(Response::new(StatusCode::OK).with(CONTENT_TYPE, "application/jwt").with_body(jwt.expose().to_owned()))
}

/// RFC 6750 sections 2.1 and 2.2: in the header, or in the form of a POST; never in the query, never in both. RFC 9449 section 7.1: a bound one in
/// the header alone.
fn read_token(request: &Request) -> Result<(Scheme, String), Refused> {
    let in_form = match request.method {
        Method::POST if is_form(request) => {
            Params::parse(&request.body).map_err(|_| Refused::Malformed)?.find("access_token").map(str::to_owned)
        }
        Method::GET | Method::POST => None,
        _ => return Err(Refused::Method),
    };
    let has_header = request.headers.contains_key(AUTHORIZATION);
    match (bearer::from_header(request), in_form) {
        (Some(_), Some(_)) => Err(Refused::Malformed),
        (Some((scheme, token)), None) => Ok((scheme, token.to_owned())),
        (None, Some(_)) if has_header => Err(Refused::Malformed),
        (None, Some(token)) => Ok((Scheme::Bearer, token)),
        (None, None) if has_header => Err(Refused::InvalidToken("unreadable Authorization header")),
        (None, None) => Err(Refused::NoToken),
    }
}

/// RFC 9449 sections 7.1 and 7.2: a bound token comes by the DPoP scheme with a proof of its key, and any other by none but Bearer.
async fn check_binding(
    back: &BackChannel,
    request: &Request,
    scheme: Scheme,
    text: &str,
    token: &AccessToken,
) -> Result<Option<UnspentProof>, Refused> {
    match (scheme, &token.dpop_jkt) {
        (Scheme::Bearer, None) => Ok(None),
        (Scheme::Bearer, Some(_)) => Err(Refused::InvalidToken("a bound token without the DPoP scheme")),
        (Scheme::Dpop, None) => Err(Refused::InvalidToken("a token by the DPoP scheme that is not bound")),
        (Scheme::Dpop, Some(bound)) => {
            let proof = dpop::find_any_proof(back, request, Some(text)).await?.ok_or(Refused::NoProof)?;
            if proof.jkt() == bound { Ok(Some(proof)) } else { Err(Refused::InvalidToken("a token bound to another key")) }
        }
    }
}

fn render(refused: &Refused, request: &Request) -> Response {
    let (status, error, sentence) = match refused {
        Refused::Method => return Response::new(StatusCode::METHOD_NOT_ALLOWED).with(ALLOW, "GET, POST"),
        Refused::NoToken => return Response::new(StatusCode::UNAUTHORIZED).with(WWW_AUTHENTICATE, &challenges(request, "")),
        Refused::Malformed => {
            (StatusCode::BAD_REQUEST, "invalid_request", "Send the access token once: in the Authorization header or the form.".to_owned())
        }
        Refused::InvalidToken(reason) => {
            tracing::info!(endpoint = "userinfo", request_id = request.request_id, reason, "request refused");
            let sentence = "The access token is invalid, expired, revoked, or bound to a key that was not proven by the DPoP scheme.";
            (StatusCode::UNAUTHORIZED, "invalid_token", sentence.to_owned())
        }
        Refused::InsufficientScope => (StatusCode::FORBIDDEN, "insufficient_scope", "The access token lacks the scope openid.".to_owned()),
        Refused::InvalidProof(reason) => {
            tracing::info!(endpoint = "userinfo", request_id = request.request_id, %reason, "request refused");
            (StatusCode::UNAUTHORIZED, "invalid_dpop_proof", format!("The DPoP proof is not valid: {reason}."))
        }
        Refused::NoProof => (StatusCode::UNAUTHORIZED, "invalid_dpop_proof", "The DPoP scheme needs a DPoP proof.".to_owned()),
        Refused::UseDpopNonce(_) => {
            (StatusCode::UNAUTHORIZED, "use_dpop_nonce", "The DPoP proof needs the nonce in the header DPoP-Nonce.".to_owned())
        }
        Refused::Ours(error) => {
            log_failure("userinfo", request, error);
            let body = json!({"error": "temporarily_unavailable", "error_description": "The server can't answer at the moment. Try again shortly."});
            return Response::json(StatusCode::SERVICE_UNAVAILABLE, &body).with(RETRY_AFTER, "2");
        }
    };
    let scope = if error == "insufficient_scope" { ", scope=\"openid\"" } else { "" };
    let details = format!(", error=\"{error}\", error_description=\"{sentence}\"{scope}");
    let response = Response::json(status, &json!({"error": error, "error_description": sentence}));
    let response = response.with(WWW_AUTHENTICATE, &challenges(request, &details));
    match refused {
        Refused::UseDpopNonce(nonce) => response.with(DPOP_NONCE, nonce),
        _ => response,
    }
}

/// Both schemes that are taken, as one list (RFC 9110 section 11.6.1). What is wrong stands with the one that the request used (RFC 9449 section 7.2).
fn challenges(request: &Request, details: &str) -> String {
    let algs = CLIENT_SIGNING_ALGS.join(" ");
    let used_dpop = matches!(bearer::from_header(request), Some((Scheme::Dpop, _)));
    let (bearer, dpop) = if used_dpop { ("", details) } else { (details, "") };
    format!("Bearer realm=\"userinfo\"{bearer}, DPoP realm=\"userinfo\"{dpop}, algs=\"{algs}\"")
}
