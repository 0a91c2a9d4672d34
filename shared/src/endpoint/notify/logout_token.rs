//! The logout token (OpenID Connect Back-Channel Logout section 2.4), and the keys that sign it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::jose::signing::{KeptSigningKeys, SigningError, SigningKey};
use crate::model::client::SigningAlg;
use crate::model::secret::Secret;
use crate::store::StoreError;
use crate::vault::{Vault, VaultError};

/// The type, by which no other token is taken for it (section 2.4, RFC 8725 section 3.11).
const TYP: &str = "logout+jwt";
/// The event that it tells of.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How long it lives, in seconds: at most two minutes (section 4).
const LIFETIME: i64 = 120;

/// The signing keys in use, read when they are needed: so seldom that they are not kept.
#[derive(Clone, Debug)]
pub(super) struct Signer(Arc<KeptSigningKeys>);

/// Why nothing is signed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignerError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No key signs at present.
    #[error("there is no active signing key")]
    NoKey,
    /// The key could not sign.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl Signer {
    /// Reads the keys.
    ///
    /// # Errors
    /// When they can't be read, or none is in use.
    pub(super) async fn load(context: &Context, vault: &Vault) -> Result<Self, SignerError> {
        let ring = context.store.find_key_ring().await?.ok_or(SignerError::NoKey)?;
        let active = ring.active_signing().ok_or(SignerError::NoKey)?;
        let held = vault.load_signing_keys().await?;
        held.into_iter().find(|set| set.set_id() == active.id).map(|set| Self(Arc::new(set))).ok_or(SignerError::NoKey)
    }

    fn key(&self, alg: SigningAlg) -> Result<&SigningKey, SignerError> {
        self.0.find(alg)?.ok_or(SignerError::NoKey)
    }
}

/// What a client, or the site, is told.
pub(super) struct LogoutToken<'a> {
    /// Who is told.
    pub(super) audience: &'a str,
    /// By which algorithm it can verify that.
    pub(super) alg: SigningAlg,
    /// Which session has ended, as the one who is told knows it; none when it is known by its person alone.
    pub(super) session_id: Option<&'a str>,
    /// Whose it was, as the one who is told knows them; none when the person is known no more.
    pub(super) subject: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}

impl LogoutToken<'_> {
    /// Signs it, as section 2.4 has it. It never has a `nonce`, so that it is no ID token.
    ///
    /// # Errors
    /// When the key is missing or can't sign.
    pub(super) fn sign(&self, context: &Context, signer: &Signer) -> Result<Secret, SignerError> {
        let now = context.now();
        let claims = Claims {
            iss: context.config.issuer.as_str(),
            sub: self.subject,
            aud: self.audience,
            iat: now.0,
            exp: now.plus(LIFETIME).0,
            jti: URL_SAFE_NO_PAD.encode(context.random_bytes::<16>()),
            events: json!({ EVENT: {} }),
            sid: self.session_id,
        };
        Ok(signer.key(self.alg)?.sign(TYP, &claims)?)
    }
}
