//! The client credentials grant (OAuth 2.1 section 4.2): a client in its own name. Nobody consented and nobody logged in, so that there is neither a
//! grant record nor a refresh token nor an ID token, and nothing is written but a spent DPoP proof.

use super::BackChannel;
use super::client_auth::AuthenticatedClient;
use super::dpop::{self, DpopProof};
use super::error::TokenError;
use super::mint::AccessTokenIssue;
use super::target::{asked_scopes, asked_target, check_no_details};
use crate::endpoint::resources::{find_audience, scopes_for};
use crate::endpoint::{Request, Response};
use crate::model::settings::Settings;
use crate::protocol::claims::is_standard_scope;
use crate::protocol::params::Params;
use crate::protocol::scope::Scope;

/// Issues an access token to the client itself.
pub(super) async fn issue(
    back: &BackChannel,
    client: &AuthenticatedClient,
    request: &Request,
    params: &Params,
) -> Result<Response, TokenError> {
    let (config, settings) = (&back.context.config, back.context.settings().await?);
    check_no_details(params)?;
    let asked = asked_target(params)?;
    let asked = asked.as_deref().unwrap_or(&config.default_audience);
    let audience = find_audience(config, &settings, asked).ok_or(TokenError::InvalidTarget)?;
    let scopes = check_scopes(back, client, &settings, audience, params)?;
    let keys = back.keys.current(&back.context).await?;
    keys.signing(client.registration().access_token_signed_response_alg)?;
    let proof = dpop::check_proof(back, request, client.registration()).await?;
    let token = AccessTokenIssue {
        client: client.registration(),
        subject: &client.id().subject(),
        audience,
        scopes: &scopes,
        authorization_details: None,
        grant: None,
        dpop_jkt: proof.as_ref().map(DpopProof::jkt),
        actor: None,
        lifetime: config.lifetimes.token,
    };
    token.respond(&back.context, &keys, None)
}

/// The scopes of the token: without `scope`, all that the client is registered for. The scopes of `OpenID` Connect stand in no such token, there being
/// no person; like those that the client may not have they are left out, and the response says what was granted (OAuth 2.1 section 1.4.1). When
/// nothing is left of what was asked for, the request is refused (OAuth 2.1 section 3.2.4).
fn check_scopes(
    back: &BackChannel,
    client: &AuthenticatedClient,
    settings: &Settings,
    audience: &str,
    params: &Params,
) -> Result<Vec<String>, TokenError> {
    let asked = asked_scopes(params)?;
    let is_asked = params.find("scope").is_some();
    let client = client.registration();
    let registered = || Scope::parse(client.scope.as_deref().unwrap_or_default()).unwrap_or_default();
    let mut scopes = asked.unwrap_or_else(|| registered().iter().map(str::to_owned).collect());
    scopes.retain(|scope| !is_standard_scope(scope) && client.may_ask_for(scope, settings));
    let granted = scopes_for(&back.context.config, settings, audience, &scopes);
    if is_asked && granted.is_empty() { Err(TokenError::InvalidScope) } else { Ok(granted) }
}
