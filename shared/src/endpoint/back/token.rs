//! `POST /token` (OAuth 2.1 section 3.2).

use super::client_auth::check_client;
use super::error::TokenError;
use super::{BackChannel, code_exchange, dpop, log_failure, read_form, refresh};
use crate::endpoint::{Request, Response};

/// Answers a token request.
pub(super) async fn handle(back: &BackChannel, request: &Request) -> Response {
    let response = match answer(back, request).await {
        Ok(response) => response,
        Err(error) => {
            log_failure("token", request, &error);
            error.render()
        }
    };
    dpop::with_next_nonce(back, request, response).await
}

/// The order of checks: form, client, grant type, and then those of the grant.
async fn answer(back: &BackChannel, request: &Request) -> Result<Response, TokenError> {
    let params = read_form(request)?;
    let client = check_client(back, request, &params).await?;
    match params.find("grant_type") {
        None => Err(TokenError::Missing("grant_type")),
        Some("authorization_code") => code_exchange::exchange(back, &client, request, &params).await,
        Some("refresh_token") => refresh::refresh(back, &client, request, &params).await,
        Some(_) => Err(TokenError::UnsupportedGrantType),
    }
}
