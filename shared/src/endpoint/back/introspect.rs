//! `POST /introspect` (RFC 7662): whether a token holds, for those whom that concerns; signed where they want it so (RFC 9701).

use http::StatusCode;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Map, Value, json};

use super::backing::{find_backing, find_unlocked_user, is_active};
use super::bearer::AccessToken;
use super::client_auth::{AuthenticatedClient, check_client};
use super::error::{TokenError, no_store};
use super::{BackChannel, bearer, log_failure, read_form};
use crate::endpoint::{Request, Response};
use crate::model::client::{Client, SigningAlg, SubjectType};
use crate::model::grant::Grant;
use crate::model::refresh_token::UnverifiedRefreshToken;
use crate::model::user::{Subject, User};
use crate::protocol::accept::prefers;

/// The type of signed answers (RFC 9701 section 5).
const TYPE: &str = "token-introspection+jwt";
/// Its media type.
const MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// What an answer takes over from an access token as it stands there (RFC 7662 section 2.2, RFC 9068 section 2.2, RFC 9449 section 6.2,
/// RFC 8693 section 4.1, RFC 9470 section 6.2, RFC 9396 section 9.2). What is not listed stays inside.
const MEMBERS: [&str; 15] = [
    "iss",
    "sub",
    "aud",
    "client_id",
    "scope",
    "exp",
    "iat",
    "nbf",
    "jti",
    "cnf",
    "act",
    "acr",
    "amr",
    "auth_time",
    "authorization_details",
];

/// Answers an introspection request.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    match answer(back, request).await {
        Ok(response) => response,
        Err(error) => {
            log_failure("introspect", request, &error);
            error.render()
        }
    }
}

/// The order of checks: form, client, that it can keep a secret, token. Whatever is not known, over, or nobody's business looks the same.
async fn answer(back: &BackChannel, request: &Request) -> Result<Response, TokenError> {
    let params = read_form(request)?;
    let client = check_client(back, request, &params).await?;
    // RFC 7662 section 2.1: whoever asks is authorized, or tokens could be fished for.
    if client.registration().is_public() {
        return Err(TokenError::PublicClient);
    }
    let text = params.find("token").ok_or(TokenError::Missing("token"))?;
    // What the token is shows by itself, so that `token_type_hint` is not needed.
    let found = match text.parse::<UnverifiedRefreshToken>() {
        Ok(unverified) => describe_refresh_token(back, &client, unverified).await?,
        Err(_) => describe_access_token(back, &client, text).await?,
    };
    let body = found.map_or_else(|| json!({"active": false}), Value::Object);
    respond(back, request, client.registration(), body).await
}

/// An access token that holds, for the client that it was issued to and for those who serve its audience. Whom it concerns is asked before the
/// store is, so that a foreign token takes the same time whatever became of it.
async fn describe_access_token(
    back: &BackChannel,
    client: &AuthenticatedClient,
    text: &str,
) -> Result<Option<Map<String, Value>>, TokenError> {
    let Some(token) = bearer::verify(back, text).await? else { return Ok(None) };
    if token.client_id != *client.id() && !serves_audience(back, client, &token).await? {
        return Ok(None);
    }
    let Some(backing) = Box::pin(find_backing(back, &token)).await? else { return Ok(None) };
    let claims = token.claims.as_map();
    let mut answer = Map::from_iter([("active".to_owned(), json!(true))]);
    answer.extend(MEMBERS.into_iter().filter_map(|name| Some((name.to_owned(), claims.get(name)?.clone()))));
    let is_bound = claims.get("cnf").is_some_and(|cnf| cnf.get("jkt").is_some());
    answer.insert("token_type".to_owned(), json!(if is_bound { "DPoP" } else { "Bearer" }));
    let parties = [client.registration(), &backing.client.client];
    if let Some(username) = backing.user.as_ref().and_then(|user| shown_name(&parties, &token.scopes, user)) {
        answer.insert("username".to_owned(), json!(username));
    }
    Ok(Some(answer))
}

/// Whether the operator lets `client` ask about tokens for the audience of `token`.
async fn serves_audience(back: &BackChannel, client: &AuthenticatedClient, token: &AccessToken) -> Result<bool, TokenError> {
    let settings = back.context.settings().await?;
    Ok(settings.find_resource(token.audience()).is_some_and(|one| one.introspected_by.iter().any(|id| id == client.id().as_str())))
}

/// A refresh token that can be used, for the client that it was issued to: its authentication code proves that. It has no type to be named, since it
/// is for no resource server.
async fn describe_refresh_token(
    back: &BackChannel,
    client: &AuthenticatedClient,
    unverified: UnverifiedRefreshToken,
) -> Result<Option<Map<String, Value>>, TokenError> {
    let keys = back.keys.current_with(&back.context, &unverified.kid).await?;
    let Some(key) = keys.refresh(&unverified.kid) else { return Ok(None) };
    let Ok(token) = unverified.verify(key, client.id()) else { return Ok(None) };
    let Some(grant) = back.context.store.find_grant(token.grant_id).await? else { return Ok(None) };
    let (now, grace) = (back.context.now(), back.context.config.lifetimes.refresh_grace);
    let is_usable = is_active(back, &grant)
        && grant.client_id == *client.id()
        && grant.refresh.seed_hash == token.seed_hash()
        && now < grant.refresh.idle_at
        && grant.offline
        && grant.refresh.takes(token.generation, now, grace);
    if !is_usable {
        return Ok(None);
    }
    let Some(user) = find_unlocked_user(back, &grant).await? else { return Ok(None) };
    let subject = back.subjects.subject_for(client.registration(), &user).await?;
    Ok(Some(refresh_answer(back, client, &grant, &user, &subject)))
}

fn refresh_answer(back: &BackChannel, client: &AuthenticatedClient, grant: &Grant, user: &User, subject: &Subject) -> Map<String, Value> {
    let login = &grant.authentication;
    let mut answer = Map::from_iter(
        [
            ("active", json!(true)),
            ("iss", json!(back.context.config.issuer.as_str())),
            ("client_id", json!(grant.client_id)),
            ("aud", json!(grant.resources)),
            ("scope", json!(grant.scopes.join(" "))),
            ("exp", json!(grant.refresh.idle_at.min(grant.refresh.absolute_at))),
            ("auth_time", json!(login.auth_time)),
            ("sub", json!(subject)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    if let Some(details) = grant.authorization_details.to_json() {
        answer.insert("authorization_details".to_owned(), details);
    }
    if let Some(acr) = &login.acr {
        answer.insert("acr".to_owned(), json!(acr));
    }
    if let Some(username) = shown_name(&[client.registration()], &grant.scopes, user) {
        answer.insert("username".to_owned(), json!(username));
    }
    answer
}

/// The user name, where the scope `profile` lets it out, and none of those who take part is to know people by pseudonyms.
fn shown_name<'u>(parties: &[&Client], scopes: &[String], user: &'u User) -> Option<&'u str> {
    let is_open = parties.iter().all(|one| one.subject_type == SubjectType::Public) && scopes.iter().any(|scope| scope == "profile");
    user.username.as_deref().filter(|_| is_open)
}

/// The answer as JSON, or signed when the client is registered for that or asks for it (RFC 9701 sections 4 and 6).
async fn respond(back: &BackChannel, request: &Request, client: &Client, body: Value) -> Result<Response, TokenError> {
    let asks = request.header(&ACCEPT).is_some_and(|accept| prefers(accept, MEDIA_TYPE, "application/json"));
    if client.introspection_signed_response_alg.is_none() && !asks {
        return Ok(no_store(Response::json(StatusCode::OK, &body)));
    }
    let claims = json!({
        "iss": back.context.config.issuer.as_str(),
        "aud": client.client_id,
        "iat": back.context.now(),
        "token_introspection": body,
    });
    let keys = back.keys.current(&back.context).await?;
    let signed = keys.signing(alg_for(client))?.sign(TYPE, &claims)?;
    let response = Response::new(StatusCode::OK).with(CONTENT_TYPE, MEDIA_TYPE).with_body(signed.expose().to_owned());
    Ok(no_store(response))
}

/// RFC 9701 section 6: RS256 unless the client is registered for another; FAPI 2.0 knows no RS256.
fn alg_for(client: &Client) -> SigningAlg {
    let default = if client.is_fapi2() { client.id_token_signed_response_alg } else { SigningAlg::RS256 };
    client.introspection_signed_response_alg.unwrap_or(default)
}
