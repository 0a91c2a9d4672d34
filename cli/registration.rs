//! What a client's registration may say. Seeds and commands share it.

use grantlet::context::Context;
use grantlet::model::client::{Client, ClientId, GrantType, Rotation};
use grantlet::model::secret::Secret;
use grantlet::protocol::redirect_uri::parse_redirect_uri;

use crate::failure::Failure;

/// Checks what a registration may say (RFC 7591 section 2), the secret beside it included.
pub(crate) fn check_client(client: &Client, secret: Option<&Secret>) -> Result<(), Failure> {
    let id = &client.client_id;
    let refuse = |why: String| Err(Failure::new(format!("The client {id} can't be registered: {why}")));
    if client.redirect_uris.is_empty() {
        return refuse("it has no redirect_uris. Name at least one.".to_owned());
    }
    for uri in &client.redirect_uris {
        if let Err(error) = parse_redirect_uri(uri) {
            return refuse(format!("the redirect URI {uri:?} can't be used: {error}. Correct it."));
        }
    }
    match (client.is_public(), secret) {
        (true, Some(_)) => {
            return refuse("a public client (token_endpoint_auth_method none) has no client_secret. Leave it out.".to_owned());
        }
        (false, None) => {
            return refuse("it needs a client_secret, or token_endpoint_auth_method none if it can't keep one.".to_owned());
        }
        // RFC 6749 appendix A.2
        (false, Some(secret)) if secret.expose().is_empty() || !secret.expose().bytes().all(|b| (0x20..0x7f).contains(&b)) => {
            return refuse("its client_secret must be printable ASCII, and not empty.".to_owned());
        }
        _ => {}
    }
    if client.is_public() && !client.require_pkce {
        return refuse("require_pkce: false is for confidential clients only. Leave it out.".to_owned());
    }
    if client.is_public() && client.rotation == Rotation::Never {
        return refuse("rotation \"never\" is for confidential clients only. Leave it out.".to_owned());
    }
    if !client.grant_types.contains(&GrantType::AuthorizationCode) {
        return refuse("its grant_types must contain \"authorization_code\".".to_owned());
    }
    if client.other.get("response_types").is_some_and(|types| *types != serde_json::json!(["code"])) {
        return refuse("response_types can only be [\"code\"].".to_owned());
    }
    if let Some(scope) = &client.scope
        && !scope.split(' ').filter(|token| !token.is_empty()).all(is_scope_token)
    {
        return refuse("its scope must be scope names separated by spaces.".to_owned());
    }
    Ok(())
}

/// RFC 6749 appendix A.4
fn is_scope_token(token: &str) -> bool {
    token.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

/// A new secret for a client: 256 bits.
pub(crate) fn make_secret(context: &Context) -> Secret {
    Secret::from_bytes(&context.random_bytes::<32>())
}

/// A client's identifier made up from the clock and the random source.
pub(crate) fn make_client_id(context: &Context) -> Result<ClientId, Failure> {
    parse_client_id(&context.ulid().to_string().to_lowercase())
}

/// Reads a `client_id` that was typed.
pub(crate) fn parse_client_id(text: &str) -> Result<ClientId, Failure> {
    ClientId::parse(text).map_err(|error| Failure::new(format!("The client_id {text:?} can't be used: {error}.")))
}
