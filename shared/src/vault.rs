//! Private halves of keys: SSM SecureStrings in AWS, files of mode 0600 locally. Only `token` and `rotate` open it.

use crate::config::KeyStore;
use crate::jose::signing::SigningKeys;

/// The private halves that the token function works with.
#[derive(Debug, Default)]
pub struct PrivateKeys {
    /// The signing keys, by set id.
    pub signing: Vec<SigningKeys>,
    /// The keys that authenticate refresh tokens: kid and 32 bytes.
    pub refresh: Vec<RefreshKey>,
}

/// A key that authenticates refresh tokens.
#[derive(Clone)]
pub struct RefreshKey {
    /// Its name.
    pub kid: String,
    /// The HMAC-SHA256 key.
    pub key: aws_lc_rs::hmac::Key,
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
    Directory(std::path::PathBuf),
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

    /// Reads every private key in as few calls as can be, with jittered retries.
    ///
    /// # Errors
    /// When the vault can't be read; the caller answers 503.
    pub async fn load_private_keys(&self) -> Result<PrivateKeys, VaultError> {
        todo!()
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
}
