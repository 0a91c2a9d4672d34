//! JWTs by which clients authenticate (RFC 7523 sections 2.2 and 3, OpenID Connect Core section 9).

use super::BackChannel;
use super::error::TokenError;
use crate::context::Timestamp;
use crate::endpoint::client_keys::ClientKeyError;
use crate::jose::sealing::SealingKey;
use crate::jose::verify::{JwsError, UnverifiedJws, VerificationKey, VerifiedClaims, canonical_alg};
use crate::model::client::{AuthMethod, ClientId, StoredClient};
use crate::model::secret::Secret;
use crate::protocol::params::Params;
use crate::store::{JtiKind, Spent};
use crate::vault::SealingOwner;

/// The only type of client assertion (RFC 7523 section 2.2).
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// By how much clocks may differ, in seconds.
const CLOCK_SKEW: i64 = 10;
/// The longest life of an assertion, in seconds: so long its `jti` is kept.
const MAX_LIFE: i64 = 3_600;

/// Why an assertion does not prove its client. For the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AssertionError {
    /// It is no JWT that can be read.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its type is another than the registered one.
    #[error("unknown client_assertion_type")]
    Type,
    /// It is a request object (RFC 9101 section 10.8).
    #[error("a JWT made for another purpose")]
    Purpose,
    /// Its algorithm is not the client's.
    #[error("an algorithm that is not the client's")]
    Algorithm,
    /// The client's keys can't be had, or none fits.
    #[error(transparent)]
    Key(#[from] ClientKeyError),
    /// A claim is missing or says the wrong thing.
    #[error("claim {0}")]
    Claim(&'static str),
    /// It was used before.
    #[error("used before")]
    Replayed,
}

impl AssertionError {
    /// Whether somebody may have guessed at a secret or key.
    pub(super) fn is_guess(&self) -> bool {
        matches!(self, Self::Jws(JwsError::Signature) | Self::Key(ClientKeyError::Signature))
    }
}

/// A client assertion, not yet believed.
pub(super) struct Assertion<'p> {
    jws: UnverifiedJws<'p>,
    claims: VerifiedClaims,
    client_id: String,
}

impl<'p> Assertion<'p> {
    /// The assertion in a form, if there is one.
    ///
    /// # Errors
    /// When it can't be read, or only half of it is there.
    pub(super) fn find(params: &'p Params) -> Result<Option<Self>, TokenError> {
        let text = match (params.find("client_assertion_type"), params.find("client_assertion")) {
            (None, None) => return Ok(None),
            (None, Some(_)) => return Err(TokenError::Missing("client_assertion_type")),
            (Some(_), None) => return Err(TokenError::Missing("client_assertion")),
            (Some(TYPE), Some(text)) => text,
            (Some(_), Some(_)) => return Err(AssertionError::Type.into()),
        };
        let jws = UnverifiedJws::parse(text).map_err(AssertionError::from)?;
        let claims = jws.unverified_claims().map_err(AssertionError::from)?;
        let client_id = claims.text("sub").map_err(AssertionError::from)?.ok_or(AssertionError::Claim("sub"))?.to_owned();
        Ok(Some(Self { jws, claims, client_id }))
    }

    /// The client that it says it is from.
    pub(super) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Spends its `jti` (RFC 7523 section 3): once it was believed, and before anything is done for it.
    pub(super) async fn spend(&self, back: &BackChannel, client: &ClientId) -> Result<(), TokenError> {
        let jti = self.claims.text("jti").ok().flatten().ok_or(AssertionError::Claim("jti"))?;
        let end = self.claims.time("exp").ok().flatten().ok_or(AssertionError::Claim("exp"))?;
        let kept_until = end.plus(CLOCK_SKEW + 60);
        match back.context.store.spend_jti(JtiKind::Assertion, client.as_str(), jti, kept_until).await? {
            Spent::First => Ok(()),
            Spent::Replayed => Err(AssertionError::Replayed.into()),
        }
    }
}

/// Checks signature and claims, in the order of RFC 7523 section 3. The `jti` is spent afterwards.
pub(super) async fn check_assertion(
    back: &BackChannel,
    path: &str,
    stored: &StoredClient,
    assertion: &Assertion<'_>,
) -> Result<(), TokenError> {
    let client = &stored.client;
    if assertion.jws.has_typ("oauth-authz-req+jwt") {
        return Err(AssertionError::Purpose.into());
    }
    let alg = assertion.jws.alg();
    let by_secret = client.token_endpoint_auth_method == AuthMethod::ClientSecretJwt;
    let registered = client.token_endpoint_auth_signing_alg.as_deref();
    if registered.is_some_and(|one| canonical_alg(one) != alg) || by_secret != (alg == "HS256") || (client.is_fapi2() && alg == "RS256") {
        return Err(AssertionError::Algorithm.into());
    }
    let claims = if by_secret {
        let key = unseal(back, stored).await?;
        assertion.jws.check_signature(&[key]).map_err(AssertionError::from)?
    } else {
        back.client_keys.verify(&back.context, client, &assertion.jws).await.map_err(AssertionError::from)?
    };
    check_claims(back, path, stored, &claims).map_err(TokenError::from)
}

fn check_claims(back: &BackChannel, path: &str, stored: &StoredClient, claims: &VerifiedClaims) -> Result<(), AssertionError> {
    let client = &stored.client;
    let id = client.client_id.as_str();
    if claims.text("iss")? != Some(id) || claims.text("sub")? != Some(id) {
        return Err(AssertionError::Claim("iss"));
    }
    let issuer = &back.context.config.issuer;
    // OAuth 2.1 section 2.4: this server by its issuer, or by the endpoint that is asked; under FAPI 2.0 the issuer as a single text alone.
    let is_for_us = if client.is_fapi2() {
        claims.is_only_for(issuer.as_str())
    } else {
        claims.is_for(issuer.as_str()) || claims.is_for(&issuer.url("/token")) || claims.is_for(&issuer.url(path))
    };
    if !is_for_us {
        return Err(AssertionError::Claim("aud"));
    }
    let now = back.context.now();
    let expires_at = claims.time("exp")?.ok_or(AssertionError::Claim("exp"))?;
    if expires_at.plus(CLOCK_SKEW) <= now || expires_at > now.plus(MAX_LIFE) {
        return Err(AssertionError::Claim("exp"));
    }
    let is_future = |time: Timestamp| time > now.plus(60);
    if claims.time("nbf")?.is_some_and(is_future) || claims.time("iat")?.is_some_and(is_future) {
        return Err(AssertionError::Claim("nbf"));
    }
    match claims.text("jti")? {
        Some(jti) if (1..=512).contains(&jti.len()) => Ok(()),
        _ => Err(AssertionError::Claim("jti")),
    }
}

/// The key by which secrets of `client_secret_jwt` clients are sealed.
pub(super) async fn sealing_key(back: &BackChannel) -> Result<&SealingKey, TokenError> {
    let load = || async {
        let found = back.keys.vault().find_sealing_key(SealingOwner::Token).await?;
        found.ok_or(TokenError::Keys("there is no sealing key"))
    };
    back.sealing.get_or_try_init(load).await
}

/// The secret of a `client_secret_jwt` client.
async fn unseal(back: &BackChannel, stored: &StoredClient) -> Result<VerificationKey, TokenError> {
    let sealed = stored.sealed_secret.as_deref().ok_or(TokenError::Keys("the client's secret was not sealed"))?;
    let key = sealing_key(back).await?;
    let secret =
        key.open(&stored.client.client_id.record_key(), sealed).map_err(|_| TokenError::Keys("a client's secret can't be opened"))?;
    let secret = std::str::from_utf8(&secret).map(Secret::new).map_err(|_| TokenError::Keys("a client's secret is no text"))?;
    VerificationKey::from_secret(&secret).ok_or(TokenError::Keys("a client's secret is too short"))
}
