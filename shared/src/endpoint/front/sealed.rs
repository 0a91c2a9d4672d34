//! What pages and links remember without a record: sealed by the key that this zone alone has, for one purpose and a time.
//!
//! Nothing is written before somebody has logged in. A link that was mailed, a login that waits for its second factor and a second factor that waits for
//! its first code are texts that only this server can make and read. Each names the state of the account that it was made for, so that it counts no
//! more once that has changed.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::FrontChannel;
use crate::context::Timestamp;
use crate::jose::sealing::SealingKey;
use crate::model::factor::fingerprint;
use crate::model::user::{User, UserId};
use crate::vault::{SealingOwner, Vault, VaultError};

/// How long the key is kept, in seconds: the operator may renew it.
const MAX_AGE: i64 = 300;
/// The longest text that is opened, in bytes.
const MAX_TEXT: usize = 6_000;

/// The sealing key, read when it is first needed.
#[derive(Debug)]
pub(super) struct Seals {
    vault: Vault,
    kept: Mutex<Option<(Arc<SealingKey>, Timestamp)>>,
}

impl Seals {
    /// No key yet.
    pub(super) fn new(vault: Vault) -> Self {
        Self { vault, kept: Mutex::new(None) }
    }

    /// The key, at most five minutes old.
    ///
    /// # Errors
    /// When it must be read and can't be.
    pub(super) async fn key(&self, now: Timestamp) -> Result<Arc<SealingKey>, VaultError> {
        let mut kept = self.kept.lock().await;
        if let Some((key, at)) = kept.as_ref()
            && (0..MAX_AGE).contains(&now.since(*at))
        {
            return Ok(key.clone());
        }
        let key = self.vault.find_sealing_key(SealingOwner::Authorize).await?.ok_or(VaultError::Missing("sealing/authorize"))?;
        let key = Arc::new(key);
        *kept = Some((key.clone(), now));
        Ok(key)
    }
}

/// What can be sealed.
pub(super) trait Sealable: Serialize + DeserializeOwned {
    /// For what it is. A text for one purpose is none for another.
    const PURPOSE: &'static str;
    /// How long it counts, in seconds.
    const LIFETIME: i64;
}

/// An address is somebody's who wants an account.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SignUpLink {
    /// The address.
    pub(super) email: String,
    /// What the person wanted to log in for.
    pub(super) next: Option<String>,
    /// The browser in which it began.
    pub(super) browser: String,
}

/// Somebody who reads the mail of an account forgot its password.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ResetLink {
    /// Whose.
    pub(super) user: UserId,
    /// What password and address were then.
    pub(super) state: String,
}

/// An address is to be that of an account.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EmailLink {
    /// Whose.
    pub(super) user: UserId,
    /// What password and address were then.
    pub(super) state: String,
    /// The new address.
    pub(super) email: String,
}

/// The password was right, or a provider vouched for the person; a second factor is asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PendingLogin {
    /// Whose.
    pub(super) user: UserId,
    /// What password and address were then.
    pub(super) state: String,
    /// The browser in which that was, and what it wants to log in for.
    pub(super) bound_to: String,
    /// What the provider vouched for; none after a password.
    pub(super) elsewhere: Option<Elsewhere>,
}

/// A login at a provider, as far as it is believed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Elsewhere {
    /// The connection's id.
    pub(super) connection: String,
    /// When it was.
    pub(super) auth_time: Timestamp,
    /// The level.
    pub(super) acr: Option<String>,
    /// The methods.
    pub(super) amr: Vec<String>,
}

/// A seed is in somebody's app, if they prove it by a code.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PendingSeed {
    /// Whose.
    pub(super) user: UserId,
    /// The seed.
    pub(super) seed: [u8; 20],
}

impl Sealable for SignUpLink {
    const PURPOSE: &'static str = "sign-up link";
    const LIFETIME: i64 = 3_600;
}

impl Sealable for ResetLink {
    const PURPOSE: &'static str = "reset link";
    const LIFETIME: i64 = 1_800;
}

impl Sealable for EmailLink {
    const PURPOSE: &'static str = "e-mail link";
    const LIFETIME: i64 = 3_600;
}

impl Sealable for PendingLogin {
    const PURPOSE: &'static str = "pending login";
    const LIFETIME: i64 = 300;
}

impl Sealable for PendingSeed {
    const PURPOSE: &'static str = "pending seed";
    const LIFETIME: i64 = 900;
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    until: i64,
    content: T,
}

/// Seals `content` from now on.
///
/// # Errors
/// When the key can't be read.
pub(super) async fn seal<T: Sealable>(front: &FrontChannel, content: T) -> Result<String, VaultError> {
    let now = front.context.now();
    let key = front.seals.key(now).await?;
    // Numbers, texts and bytes: there is nothing in it that JSON could not say.
    let text = serde_json::to_vec(&Envelope { until: now.plus(T::LIFETIME).0, content }).unwrap_or_default();
    Ok(URL_SAFE_NO_PAD.encode(key.seal(T::PURPOSE, &text)))
}

/// Opens what was sealed for this purpose; none where it was not, or is over.
///
/// # Errors
/// When the key can't be read.
pub(super) async fn open<T: Sealable>(front: &FrontChannel, text: &str) -> Result<Option<T>, VaultError> {
    if text.is_empty() || text.len() > MAX_TEXT {
        return Ok(None);
    }
    let now = front.context.now();
    let key = front.seals.key(now).await?;
    let opened = URL_SAFE_NO_PAD.decode(text).ok().and_then(|sealed| key.open(T::PURPOSE, &sealed).ok());
    let envelope: Option<Envelope<T>> = opened.and_then(|text| serde_json::from_slice(&text).ok());
    Ok(envelope.filter(|envelope| envelope.until > now.0).map(|envelope| envelope.content))
}

/// What a sealed text remembers of an account: user name, password and address. When one has changed, it counts no more.
pub(super) fn state_of(user: &User) -> String {
    let password = user.password_hash.as_ref().map_or("", |hash| hash.0.as_str());
    let email = ["email", "email_verified"].map(|name| user.claims.get(name).map(ToString::to_string).unwrap_or_default());
    fingerprint(&[password, user.username.as_deref().unwrap_or_default(), &email.concat()])
}
