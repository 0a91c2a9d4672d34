//! Client authentication (OAuth 2.1 section 2.4, RFC 6749 section 2.3, RFC 7523 section 3, OpenID Connect Core section 9).

use std::sync::Arc;

use http::header::AUTHORIZATION;

use super::BackChannel;
use super::assertion::{Assertion, check_assertion};
use super::error::TokenError;
use crate::endpoint::ceiling::slow_down;
use crate::endpoint::{Request, network_of};
use crate::model::client::{Client, ClientId, Origin, StoredClient};
use crate::model::secret::Secret;
use crate::protocol::basic::BasicCredentials;
use crate::protocol::params::Params;
use crate::store::{Attempt, AttemptLimit};

/// Wrong credentials that one address may present for one client, and the length of the window in seconds.
const ATTEMPTS: u32 = 30;
const WINDOW: i64 = 900;
/// Wrong credentials for one client from everywhere within an hour, from which on each further one takes longer.
const CEILING: u32 = 1_000;

/// The proof that a request comes from this client (for a public client: that it says so and brought no false credentials).
#[derive(Clone, Debug)]
pub(super) struct AuthenticatedClient(Arc<StoredClient>);

impl AuthenticatedClient {
    /// The client's registration.
    #[must_use]
    pub(super) fn registration(&self) -> &Client {
        &self.0.client
    }

    /// The registration as it is stored.
    #[must_use]
    pub(super) fn stored(&self) -> &Arc<StoredClient> {
        &self.0
    }

    /// The client's identifier.
    #[must_use]
    pub(super) fn id(&self) -> &ClientId {
        &self.0.client.client_id
    }
}

/// What a request says of its client, not yet believed.
struct Claimed<'p> {
    id: ClientId,
    proof: Proof<'p>,
}

/// What a request brings to prove its client.
enum Proof<'p> {
    /// Nothing.
    Nothing,
    /// The secrets that it may mean: form-decoded, and as sent.
    Secrets(Vec<Secret>),
    /// A JWT.
    Assertion(Assertion<'p>),
}

/// Authenticates the client of a request. Basic and body are accepted alike from every client that has a secret to send: libraries differ in
/// what they send, and neither is weaker.
///
/// # Errors
/// `invalid_client` for anything that does not prove the client, `invalid_request` for two credentials at once, 503 when the store failed.
pub(super) async fn check_client(back: &BackChannel, request: &Request, params: &Params) -> Result<AuthenticatedClient, TokenError> {
    let claimed = read_claim(request, params)?;
    let limit = limit_for(&claimed.id, request);
    if let Some(retry_after) = back.throttle.blocked_for(&limit.subject, back.context.now()) {
        return Err(TokenError::TooManyAttempts(retry_after));
    }
    let cached = back.clients.find_anywhere(&back.context, &claimed.id, request.source_ip).await?.ok_or(TokenError::UnknownClient)?;
    let checked = match check_proof(back, &request.path, &cached, &claimed.proof).await {
        Ok(()) => Ok(cached),
        // The registration may have changed since it was cached, for instance by a new secret.
        Err(
            error @ (TokenError::WrongSecret
            | TokenError::SecretMissing
            | TokenError::SecretUnexpected
            | TokenError::WrongMethod
            | TokenError::Assertion(_)
            | TokenError::ClientKeys(_)),
        ) => {
            let fresh = back.clients.find_changed(&back.context, &claimed.id, request.source_ip).await?.ok_or(TokenError::UnknownClient)?;
            if *fresh == *cached { Err(error) } else { check_proof(back, &request.path, &fresh, &claimed.proof).await.map(|()| fresh) }
        }
        Err(other) => Err(other),
    };
    if matches!(&checked, Err(TokenError::WrongSecret)) || matches!(&checked, Err(TokenError::Assertion(error)) if error.is_guess()) {
        count_failure(back, &claimed.id, &limit).await?;
    }
    let client = checked?;
    if let Proof::Assertion(assertion) = &claimed.proof {
        assertion.spend(back, &client.client.client_id).await?;
    }
    note_use(back, &client).await;
    Ok(AuthenticatedClient(client))
}

/// Puts off the end of a client that registered itself, once a day. That it failed is no reason to refuse: the next use tries again.
async fn note_use(back: &BackChannel, client: &StoredClient) {
    let Origin::Dynamic(origin) = &client.origin else { return };
    if let Err(error) = back.clients.renew(&back.context, &client.client.client_id, origin).await {
        tracing::warn!(client_id = %client.client.client_id, %error, "the use of a client was not noted");
    }
}

/// Counts a wrong secret or signature (OAuth 2.1 section 2.4.1). Only failures are counted, so that honest clients cost no write; once the count is full, this
/// instance looks at no further secret of the pair until the window ends.
async fn count_failure(back: &BackChannel, id: &ClientId, limit: &AttemptLimit) -> Result<(), TokenError> {
    let now = back.context.now();
    match back.context.store.count_attempt(limit, now).await? {
        Attempt::Allowed(_) => Ok(slow_down(&back.context, format!("client\0{id}"), CEILING).await?),
        Attempt::Exhausted { retry_after } => {
            back.throttle.block(&limit.subject, now.plus(retry_after), now);
            Err(TokenError::TooManyAttempts(retry_after))
        }
    }
}

fn limit_for(id: &ClientId, request: &Request) -> AttemptLimit {
    let address = network_of(request.source_ip);
    AttemptLimit { subject: format!("client\0{id}\0{address}"), limit: ATTEMPTS, window: WINDOW }
}

fn read_claim<'p>(request: &Request, params: &'p Params) -> Result<Claimed<'p>, TokenError> {
    let in_body = params.find("client_id");
    let body_secret = params.find_secret("client_secret");
    let assertion = Assertion::find(params)?;
    let has_header = request.headers.contains_key(AUTHORIZATION);
    // OAuth 2.1 section 2.4: a client must not use more than one authentication method in each request.
    if [has_header, body_secret.is_some(), assertion.is_some()].into_iter().filter(|used| *used).count() > 1 {
        return Err(TokenError::TwoCredentials);
    }
    if has_header {
        let header = request.header(&AUTHORIZATION).ok_or(TokenError::UnreadableCredentials)?;
        let basic = BasicCredentials::parse(header).map_err(|_| TokenError::UnreadableCredentials)?;
        if in_body.is_some_and(|id| id != basic.client_id.as_str()) {
            return Err(TokenError::ClientIdDiffers);
        }
        let secrets: Vec<_> = std::iter::once(basic.secret).chain(basic.secret_as_sent).filter(|s| !s.expose().is_empty()).collect();
        let proof = if secrets.is_empty() { Proof::Nothing } else { Proof::Secrets(secrets) };
        return Ok(Claimed { id: basic.client_id, proof });
    }
    if let Some(assertion) = assertion {
        let id = ClientId::parse(assertion.client_id()).map_err(|_| TokenError::UnknownClient)?;
        // RFC 7521 section 4.2: client_id is not needed, but must name the same client.
        if in_body.is_some_and(|named| named != id.as_str()) {
            return Err(TokenError::ClientIdDiffers);
        }
        return Ok(Claimed { id, proof: Proof::Assertion(assertion) });
    }
    let id = ClientId::parse(in_body.ok_or(TokenError::NoClient)?).map_err(|_| TokenError::UnknownClient)?;
    Ok(Claimed { id, proof: body_secret.map_or(Proof::Nothing, |secret| Proof::Secrets(vec![secret])) })
}

async fn check_proof(back: &BackChannel, path: &str, stored: &StoredClient, proof: &Proof<'_>) -> Result<(), TokenError> {
    use crate::model::client::AuthMethod as M;
    match (stored.client.token_endpoint_auth_method, proof) {
        (M::None, Proof::Nothing) => Ok(()),
        // OAuth 2.1 section 3.2.2: credentials that were sent are always checked.
        (M::None, _) => Err(TokenError::SecretUnexpected),
        (_, Proof::Nothing) => Err(TokenError::SecretMissing),
        (M::ClientSecretBasic | M::ClientSecretPost, Proof::Secrets(secrets)) => check_secret(back, stored, secrets),
        (M::ClientSecretJwt | M::PrivateKeyJwt, Proof::Assertion(assertion)) => check_assertion(back, path, stored, assertion).await,
        (M::ClientSecretBasic | M::ClientSecretPost, Proof::Assertion(_)) | (M::ClientSecretJwt | M::PrivateKeyJwt, Proof::Secrets(_)) => {
            Err(TokenError::WrongMethod)
        }
    }
}

fn check_secret(back: &BackChannel, stored: &StoredClient, presented: &[Secret]) -> Result<(), TokenError> {
    let now = back.context.now();
    let previous = stored.previous_secret.as_ref().filter(|(_, until)| now < *until).map(|(hash, _)| hash);
    let known = || stored.secret_hash.iter().chain(previous);
    let fits = presented.iter().map(Secret::hash).any(|hash| known().any(|one| *one == hash));
    if fits { Ok(()) } else { Err(TokenError::WrongSecret) }
}
