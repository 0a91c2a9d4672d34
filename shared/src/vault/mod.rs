//! Private halves of keys: SSM SecureStrings in AWS, files of mode 0600 locally.
//!
//! `token` reads signing and refresh keys, each of `token` and `authorize` its sealing key, both the salt of pairwise subjects; `rotate` and the
//! operator's program all of them.

mod directory;
mod ssm;

use std::path::PathBuf;

use aws_config::SdkConfig;
use aws_lc_rs::hmac;
use aws_sdk_ssm::config::retry::RetryConfig;
use aws_sdk_ssm::config::timeout::TimeoutConfig;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Duration;
use zeroize::Zeroizing;

use crate::config::KeyStore;
use crate::jose::sealing::SealingKey;
use crate::jose::signing::{KeptSigningKeys, SigningError};
use crate::model::secret::Secret;

/// Whose sealing key. Each of the two functions has its own, which the other can't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealingOwner {
    /// The `authorize` function: the secret shared with the site.
    Authorize,
    /// The `token` function: secrets of `client_secret_jwt` clients.
    Token,
}

impl SealingOwner {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Authorize, Self::Token];

    /// The name of its key.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Token => "token",
        }
    }
}

/// Kinds of private keys. Each has a path of its own, so that a policy can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    /// A set of signing keys, by the set's id.
    Signing,
    /// A key that authenticates refresh tokens, by its `kid`.
    Refresh,
    /// A key that seals stored secrets, by the function that may read it.
    Sealing,
    /// The salt of pairwise subjects. There is one, [`SALT`], and it never changes.
    Pairwise,
}

/// The name of the salt of pairwise subjects.
pub(crate) const SALT: &str = "salt";

impl KeyKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 4] = [Self::Signing, Self::Refresh, Self::Sealing, Self::Pairwise];

    fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Refresh => "refresh",
            Self::Sealing => "sealing",
            Self::Pairwise => "pairwise",
        }
    }
}

/// The private halves that the token function works with.
#[derive(Debug, Default)]
pub struct PrivateKeys {
    /// The signing keys, by set id.
    pub signing: Vec<KeptSigningKeys>,
    /// The keys that authenticate refresh tokens: kid and 32 bytes.
    pub refresh: Vec<RefreshKey>,
}

/// A key that authenticates refresh tokens.
#[derive(Clone)]
pub struct RefreshKey {
    /// Its name.
    pub kid: String,
    /// The HMAC-SHA256 key.
    pub key: hmac::Key,
}

impl std::fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A store of private keys.
#[derive(Clone, Debug)]
pub enum Vault {
    /// SSM SecureStrings below a prefix.
    Ssm {
        /// The SDK's client.
        client: aws_sdk_ssm::Client,
        /// The path, without a slash at its end.
        prefix: String,
    },
    /// Files of mode 0600 in a directory.
    Directory(PathBuf),
}

/// A client of SSM for a vault. A burst of cold starts may meet the service's limit of requests a second, so it retries more often than the SDK
/// does by default, with the SDK's jitter.
#[must_use]
pub fn connect_ssm(sdk: &SdkConfig) -> aws_sdk_ssm::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(9))
        .build();
    let retries = RetryConfig::standard().with_max_attempts(6).with_initial_backoff(Duration::from_millis(200));
    let config = aws_sdk_ssm::config::Builder::from(sdk).http_client(crate::store::http_client_of(sdk));
    aws_sdk_ssm::Client::from_conf(config.timeout_config(timeouts).retry_config(retries).build())
}

impl Vault {
    /// The vault that the settings name.
    #[must_use]
    pub fn new(key_store: &KeyStore, ssm: impl FnOnce() -> aws_sdk_ssm::Client) -> Self {
        match key_store {
            KeyStore::Ssm { prefix } => Self::Ssm { client: ssm(), prefix: prefix.clone() },
            KeyStore::Directory(path) => Self::Directory(path.clone()),
        }
    }

    /// Reads every signing and refresh key: two calls, side by side.
    ///
    /// # Errors
    /// When the vault can't be read; the caller answers 503.
    pub async fn load_private_keys(&self) -> Result<PrivateKeys, VaultError> {
        let (signing, refresh) = tokio::try_join!(self.load_signing_keys(), self.load(KeyKind::Refresh))?;
        let refresh = refresh.into_iter().map(|(kid, text)| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &decode(&kid, &text)?);
            Ok(RefreshKey { kid, key })
        });
        Ok(PrivateKeys { signing, refresh: refresh.collect::<Result<_, VaultError>>()? })
    }

    /// Reads every signing key, and no other.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub async fn load_signing_keys(&self) -> Result<Vec<KeptSigningKeys>, VaultError> {
        let kept = self.load(KeyKind::Signing).await?;
        kept.iter().map(|(id, text)| KeptSigningKeys::read(id, text).map_err(|error| VaultError::corrupt(id, &error))).collect()
    }

    /// The key that seals what `owner` must be able to use; none before the first keys were made.
    ///
    /// # Errors
    /// When the vault can't be read.
    pub async fn find_sealing_key(&self, owner: SealingOwner) -> Result<Option<SealingKey>, VaultError> {
        let name = owner.as_str();
        let Some(text) = self.find(KeyKind::Sealing, name).await? else { return Ok(None) };
        let key = SealingKey::new(&decode(name, &text)?);
        key.map(Some).ok_or_else(|| VaultError::corrupt(name, &"not 32 bytes"))
    }

    /// The salt of pairwise subjects, as a key of HMAC-SHA256.
    ///
    /// # Errors
    /// When the vault can't be read, or has no salt yet.
    pub(crate) async fn pairwise_salt(&self) -> Result<hmac::Key, VaultError> {
        let text = self.find(KeyKind::Pairwise, SALT).await?.ok_or(VaultError::Missing("pairwise/salt"))?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, &decode(SALT, &text)?))
    }

    /// The content of one key.
    async fn find(&self, kind: KeyKind, name: &str) -> Result<Option<Secret>, VaultError> {
        match self {
            Self::Ssm { client, prefix } => ssm::find(client, prefix, kind, name).await,
            Self::Directory(path) => directory::find(path, kind, name),
        }
    }

    /// Names and contents of every key of a kind.
    async fn load(&self, kind: KeyKind) -> Result<Vec<(String, Secret)>, VaultError> {
        match self {
            Self::Ssm { client, prefix } => ssm::load(client, prefix, kind).await,
            Self::Directory(path) => directory::load(path, kind),
        }
    }

    /// The names of every key of a kind.
    pub(crate) async fn names(&self, kind: KeyKind) -> Result<Vec<String>, VaultError> {
        Ok(self.load(kind).await?.into_iter().map(|(name, _)| name).collect())
    }

    /// Keeps a new key. One that is there under the same name is never overwritten.
    pub(crate) async fn keep(&self, kind: KeyKind, name: &str, key: &Secret) -> Result<(), VaultError> {
        match self {
            Self::Ssm { client, prefix } => ssm::keep(client, prefix, kind, name, key).await,
            Self::Directory(path) => directory::keep(path, kind, name, key),
        }
    }

    /// Removes a key. One that is gone stays gone.
    pub(crate) async fn remove(&self, kind: KeyKind, name: &str) -> Result<(), VaultError> {
        match self {
            Self::Ssm { client, prefix } => ssm::remove(client, prefix, kind, name).await,
            Self::Directory(path) => directory::remove(path, kind, name),
        }
    }
}

/// The 32 bytes of a symmetric key.
fn decode(name: &str, text: &Secret) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    match URL_SAFE_NO_PAD.decode(text.expose()) {
        Ok(bytes) if bytes.len() == 32 => Ok(Zeroizing::new(bytes)),
        _ => Err(VaultError::corrupt(name, &"not 32 bytes in base64url")),
    }
}

/// The vault failed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// SSM or the file system refused or did not answer.
    #[error("{operation} failed: {reason}")]
    Unavailable {
        /// The operation, for the log.
        operation: &'static str,
        /// The cause, for the log.
        reason: String,
    },
    /// What is kept there can't be read as a key.
    #[error("the key {name} can't be read: {reason}")]
    Corrupt {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that is made once has not been made.
    #[error("{0} was not made yet; `grantlet key rotate` makes what is missing")]
    Missing(&'static str),
    /// A new key could not be made.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

impl VaultError {
    fn corrupt(name: &str, reason: &dyn std::fmt::Display) -> Self {
        Self::Corrupt { name: name.to_owned(), reason: reason.to_string() }
    }
}
