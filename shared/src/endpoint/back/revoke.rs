//! `POST /revoke` (RFC 7009).

use http::StatusCode;

use super::client_auth::{AuthenticatedClient, check_client};
use super::error::{TokenError, no_store};
use super::{BackChannel, bearer, log_failure, read_form};
use crate::endpoint::{Request, Response};
use crate::model::grant::RevokedBy;
use crate::model::refresh_token::UnverifiedRefreshToken;

/// Answers a revocation request.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    match answer(back, request).await {
        Ok(response) => response,
        Err(error) => {
            log_failure("revoke", request, &error);
            error.render()
        }
    }
}

/// A refresh token ends its grant, an access token itself. A token that is unknown, over, or another client's is answered with 200 like any
/// other (RFC 7009 section 2.2), and nothing happens to it. What the token is shows by itself, so `token_type_hint` is not needed.
async fn answer(back: &BackChannel, request: &Request) -> Result<Response, TokenError> {
    let params = read_form(request)?;
    let client = check_client(back, request, &params).await?;
    let token = params.find("token").ok_or(TokenError::Missing("token"))?;
    match token.parse::<UnverifiedRefreshToken>() {
        Ok(unverified) => revoke_grant(back, &client, unverified).await?,
        Err(_) => revoke_access_token(back, &client, token).await?,
    }
    Ok(no_store(Response::new(StatusCode::OK)))
}

async fn revoke_grant(back: &BackChannel, client: &AuthenticatedClient, unverified: UnverifiedRefreshToken) -> Result<(), TokenError> {
    let keys = back.keys.current_with(&back.context, &unverified.kid).await?;
    let Some(key) = keys.refresh(&unverified.kid) else { return Ok(()) };
    let Ok(token) = unverified.verify(key, client.id()) else { return Ok(()) };
    // A bound token is revoked without a proof of its key: whoever found it may end it.
    // The authentication code proves the client; the grant's seed proves that the token is of this grant and not of a leaked key.
    let Some(grant) = back.context.store.find_grant(token.grant_id).await? else { return Ok(()) };
    if grant.client_id == *client.id() && grant.refresh.seed_hash == token.seed_hash() {
        back.context.store.revoke_grant(grant.id, RevokedBy::Client).await?;
    }
    Ok(())
}

async fn revoke_access_token(back: &BackChannel, client: &AuthenticatedClient, text: &str) -> Result<(), TokenError> {
    match bearer::verify(back, text).await? {
        Some(token) if token.client_id == *client.id() => Ok(back.context.store.revoke_access_token(&token.jti, token.expires_at).await?),
        _ => Ok(()),
    }
}
