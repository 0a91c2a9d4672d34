//! Client authentication (OAuth 2.1 section 2.4, RFC 6749 section 2.3).

use std::sync::Arc;

use http::header::AUTHORIZATION;

use super::BackChannel;
use super::error::TokenError;
use crate::endpoint::Request;
use crate::model::client::{Client, ClientId, StoredClient};
use crate::model::secret::Secret;
use crate::protocol::basic::BasicCredentials;
use crate::protocol::params::Params;

/// The proof that a request comes from this client (for a public client: that it says so and brought no false credentials).
#[derive(Clone, Debug)]
pub(super) struct AuthenticatedClient(Arc<StoredClient>);

impl AuthenticatedClient {
    /// The client's registration.
    #[must_use]
    pub(super) fn registration(&self) -> &Client {
        &self.0.client
    }

    /// The client's identifier.
    #[must_use]
    pub(super) fn id(&self) -> &ClientId {
        &self.0.client.client_id
    }
}

/// What a request says of its client, not yet believed.
struct Claimed {
    id: ClientId,
    /// The secrets that it may mean: form-decoded, and as sent.
    secrets: Vec<Secret>,
}

/// Authenticates the client of a request. Basic and body are accepted alike from every client that has a secret: libraries differ in
/// what they send, and neither is weaker.
///
/// # Errors
/// `invalid_client` for anything that does not prove the client, `invalid_request` for two credentials at once, 503 when the store failed.
pub(super) async fn check_client(back: &BackChannel, request: &Request, params: &Params) -> Result<AuthenticatedClient, TokenError> {
    let claimed = read_claim(request, params)?;
    let cached = back.clients.find(&back.context, &claimed.id).await?.ok_or(TokenError::UnknownClient)?;
    match check_secret(&cached, &claimed.secrets) {
        Ok(()) => Ok(AuthenticatedClient(cached)),
        // The registration may have changed since it was cached, for instance by a new secret.
        Err(TokenError::WrongSecret | TokenError::SecretMissing | TokenError::SecretUnexpected) => {
            let fresh = back.clients.find_fresh(&back.context, &claimed.id).await?.ok_or(TokenError::UnknownClient)?;
            check_secret(&fresh, &claimed.secrets)?;
            Ok(AuthenticatedClient(fresh))
        }
        Err(other) => Err(other),
    }
}

fn read_claim(request: &Request, params: &Params) -> Result<Claimed, TokenError> {
    let in_body = params.find("client_id");
    let body_secret = params.find_secret("client_secret");
    if !request.headers.contains_key(AUTHORIZATION) {
        let id = ClientId::parse(in_body.ok_or(TokenError::NoClient)?).map_err(|_| TokenError::UnknownClient)?;
        return Ok(Claimed { id, secrets: body_secret.into_iter().collect() });
    }
    // OAuth 2.1 section 2.4: a client must not use more than one authentication method in each request.
    if body_secret.is_some() {
        return Err(TokenError::TwoCredentials);
    }
    let header = request.header(&AUTHORIZATION).ok_or(TokenError::UnreadableCredentials)?;
    let basic = BasicCredentials::parse(header).map_err(|_| TokenError::UnreadableCredentials)?;
    if in_body.is_some_and(|id| id != basic.client_id.as_str()) {
        return Err(TokenError::ClientIdDiffers);
    }
    let secrets = std::iter::once(basic.secret).chain(basic.secret_as_sent).filter(|s| !s.expose().is_empty()).collect();
    Ok(Claimed { id: basic.client_id, secrets })
}

fn check_secret(stored: &StoredClient, presented: &[Secret]) -> Result<(), TokenError> {
    match (&stored.secret_hash, presented) {
        (None, []) => Ok(()),
        // OAuth 2.1 section 3.2.2: credentials that were sent are always checked.
        (None, _) => Err(TokenError::SecretUnexpected),
        (Some(_), []) => Err(TokenError::SecretMissing),
        (Some(hash), secrets) => secrets.iter().any(|s| s.hash() == *hash).then_some(()).ok_or(TokenError::WrongSecret),
    }
}
