//! ID tokens that come back to us as hints (`id_token_hint`): proven to be ours, whether or not they have expired.
//!
//! A hint says whom a client takes the person for. It is no credential: nothing is given to anybody for having one.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Mutex;
use ulid::Ulid;

use super::FrontChannel;
use crate::context::{Context, Timestamp};
use crate::jose::verify::{JwsError, UnverifiedJws, VerificationKey, VerifiedClaims};
use crate::model::client::ClientId;
use crate::model::code::parse_ulid;
use crate::store::StoreError;

/// How long public keys are kept, in seconds.
const MAX_AGE: i64 = 300;
/// The least time between two reads because of a hint that no key verified, in seconds.
const READ_PAUSE: i64 = 10;
/// The longest hint that is read, in bytes.
const MAX_LENGTH: usize = 6 * 1024;

/// An ID token of ours.
#[derive(Clone, Debug)]
pub(super) struct IdTokenHint {
    /// The client that it was issued to.
    pub(super) client_id: ClientId,
    /// The `sub` that this client was told.
    pub(super) subject: String,
    /// The session in which it was issued.
    pub(super) session_id: Ulid,
}

/// Why a hint is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HintError {
    /// More bytes than any ID token of ours has.
    #[error("it is too long")]
    TooLong,
    /// No JWS, or not signed by a key of ours that is still known.
    #[error("{0}")]
    Jws(#[from] JwsError),
    /// Some other JWT of ours.
    #[error("its typ is not JWT")]
    Typ,
    /// Issued by somebody else.
    #[error("its iss is another issuer")]
    Issuer,
    /// It lacks a claim that every ID token of ours has.
    #[error("its claim {0} is missing or not ours")]
    Claim(&'static str),
}

/// Why nothing can be said about a hint, or why it is refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum HintFailure {
    /// The hint is not to be used.
    #[error(transparent)]
    Refused(#[from] HintError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Checks an ID token that is presented as a hint (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2). An expired one is as good as
/// any; keys that are published no more still verify it.
///
/// # Errors
/// When it is none of ours, or the keys can't be read.
pub(super) async fn check_hint(front: &FrontChannel, text: &str) -> Result<IdTokenHint, HintFailure> {
    if text.len() > MAX_LENGTH {
        return Err(HintError::TooLong.into());
    }
    let jws = UnverifiedJws::parse(text).map_err(HintError::Jws)?;
    // RFC 8725 section 3.11: access tokens and logout tokens have types of their own.
    if !jws.has_typ("JWT") {
        return Err(HintError::Typ.into());
    }
    let claims = front.hint_keys.verify(&front.context, &jws).await?;
    Ok(read_claims(&claims, front.context.config.issuer.as_str())?)
}

/// What every ID token of ours says. Other JWTs of the type `JWT` lack some of it.
fn read_claims(claims: &VerifiedClaims, issuer: &str) -> Result<IdTokenHint, HintError> {
    if claims.text("iss")? != Some(issuer) {
        return Err(HintError::Issuer);
    }
    for time in ["iat", "exp"] {
        claims.time(time)?.ok_or(HintError::Claim(time))?;
    }
    let text = |name| claims.text(name)?.ok_or(HintError::Claim(name));
    let session_id = parse_ulid(text("sid")?).ok_or(HintError::Claim("sid"))?;
    let client_id = ClientId::parse(text("aud")?).map_err(|_| HintError::Claim("aud"))?;
    Ok(IdTokenHint { client_id, subject: text("sub")?.to_owned(), session_id })
}

type Kept = (Arc<[VerificationKey]>, Timestamp);

/// The public halves of every signing key that is known, those of archived ones too.
#[derive(Debug, Default)]
pub(super) struct HintKeys {
    kept: RwLock<Option<Kept>>,
    reading: Mutex<()>,
}

impl HintKeys {
    /// The claims of `jws` if a key of ours signed it. A hint that no kept key verifies may be signed by a newer one.
    async fn verify(&self, context: &Context, jws: &UnverifiedJws<'_>) -> Result<VerifiedClaims, HintFailure> {
        let keys = self.not_older_than(context, MAX_AGE).await?;
        match jws.check_signature(&keys) {
            Err(JwsError::Signature) => {
                let keys = self.not_older_than(context, READ_PAUSE).await?;
                Ok(jws.check_signature(&keys).map_err(HintError::Jws)?)
            }
            checked => Ok(checked.map_err(HintError::Jws)?),
        }
    }

    async fn not_older_than(&self, context: &Context, age: i64) -> Result<Arc<[VerificationKey]>, StoreError> {
        if let Some(keys) = self.peek(context.now(), age) {
            return Ok(keys);
        }
        // One request reads; those that wait here find what it brought.
        let _one_at_a_time = self.reading.lock().await;
        let now = context.now();
        if let Some(keys) = self.peek(now, age) {
            return Ok(keys);
        }
        let ring = context.store.find_key_ring().await?.unwrap_or_default();
        let keys: Arc<[_]> = ring.all().filter_map(|key| VerificationKey::from_jwk(&key.jwk)).collect();
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some((keys.clone(), now));
        Ok(keys)
    }

    fn peek(&self, now: Timestamp, age: i64) -> Option<Arc<[VerificationKey]>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(_, at)| (0..age).contains(&now.since(*at))).map(|(keys, _)| keys.clone())
    }
}
