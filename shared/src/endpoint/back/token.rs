//! `POST /token` (OAuth 2.1 section 3.2).

use super::client_auth::{AuthenticatedClient, check_client};
use super::error::TokenError;
use super::{
    BackChannel, client_credentials, code_exchange, device_code, dpop, jwt_bearer, log_failure, read_form, refresh, token_exchange,
};
use crate::endpoint::{Request, Response};
use crate::model::client::GrantType;
use crate::protocol::params::Params;

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

/// The order of checks: form, client, grant type, whether the client may use it, and then those of the grant.
async fn answer(back: &BackChannel, request: &Request) -> Result<Response, TokenError> {
    let params = read_form(request)?;
    let client = check_client(back, request, &params).await?;
    let grant = read_grant_type(&params)?;
    check_grant_type(&client, grant)?;
    match grant {
        GrantType::AuthorizationCode => code_exchange::exchange(back, &client, request, &params).await,
        GrantType::RefreshToken => refresh::refresh(back, &client, request, &params).await,
        GrantType::ClientCredentials => client_credentials::issue(back, &client, request, &params).await,
        GrantType::DeviceCode => device_code::poll(back, &client, request, &params).await,
        GrantType::TokenExchange => token_exchange::exchange(back, &client, request, &params).await,
        GrantType::JwtBearer => jwt_bearer::exchange(back, &client, request, &params).await,
    }
}

/// OAuth 2.1 section 3.2.2.
fn read_grant_type(params: &Params) -> Result<GrantType, TokenError> {
    let name = params.find("grant_type").ok_or(TokenError::Missing("grant_type"))?;
    GrantType::ALL.into_iter().find(|grant| grant.as_str() == name).ok_or(TokenError::UnsupportedGrantType)
}

/// OAuth 2.1 section 3.2.4, `unauthorized_client`. A refresh token is its own proof: whoever was issued one may use it. What a client gets in its
/// own name, or by somebody else's token, is for confidential clients alone (OAuth 2.1 section 4.2), whatever a registration says.
fn check_grant_type(client: &AuthenticatedClient, grant: GrantType) -> Result<(), TokenError> {
    let client = client.registration();
    let may = match grant {
        GrantType::RefreshToken => true,
        GrantType::AuthorizationCode | GrantType::DeviceCode => client.may_use(grant),
        GrantType::ClientCredentials | GrantType::TokenExchange | GrantType::JwtBearer => client.may_use(grant) && !client.is_public(),
    };
    if may { Ok(()) } else { Err(TokenError::UnauthorizedClient) }
}
