//! The keys that the back channel signs and verifies with, loaded once and looked at again every few minutes.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::hmac;
use tokio::sync::Mutex as AsyncMutex;

use super::error::TokenError;
use crate::context::{Context, Timestamp};
use crate::jose::dpop_nonce::NonceKey;
use crate::jose::signing::SigningKey;
use crate::jose::verify::VerificationKey;
use crate::model::client::SigningAlg;
use crate::model::key_ring::KeyRing;
use crate::vault::{PrivateKeys, Vault};

/// Keys older than this are read again beside a request, in seconds.
const REFRESH_AFTER: i64 = 300;
/// Keys older than this are read again before they are used, in seconds: a function that slept must not sign with what it remembers.
const STALE_AFTER: i64 = 1_800;
/// The least time between two reloads because of an unknown key id, in seconds.
const RELOAD_PAUSE: i64 = 10;

/// All keys, as they were at one moment.
#[derive(Debug)]
pub(super) struct LoadedKeys {
    ring: KeyRing,
    private: PrivateKeys,
    verification: Vec<VerificationKey>,
    loaded_at: Timestamp,
}

impl LoadedKeys {
    async fn load(context: &Context, vault: &Vault) -> Result<Self, TokenError> {
        let loaded_at = context.now();
        let (ring, private) = tokio::join!(context.store.find_key_ring(), vault.load_private_keys());
        let ring = ring?.ok_or(TokenError::Keys("no key was made yet"))?;
        let verification = ring.published().filter_map(|key| VerificationKey::from_jwk(&key.jwk)).collect();
        Ok(Self { ring, private: private?, verification, loaded_at })
    }

    /// The key that signs with `alg` at present.
    ///
    /// # Errors
    /// When its private half has not been read, or can't be.
    pub(super) fn signing(&self, alg: SigningAlg) -> Result<&SigningKey, TokenError> {
        let active = self.ring.active_signing().ok_or(TokenError::Keys("no signing key is active"))?;
        let set = self.private.signing.iter().find(|set| set.set_id() == active.id);
        let set = set.ok_or(TokenError::Keys("the active signing key was not read"))?;
        set.find(alg)?.ok_or(TokenError::Keys("the active set has no key of this algorithm"))
    }

    /// The published public keys.
    #[must_use]
    pub(super) fn verification(&self) -> &[VerificationKey] {
        &self.verification
    }

    /// The refresh key called `kid`, unless it is unknown or was dropped.
    #[must_use]
    pub(super) fn refresh(&self, kid: &str) -> Option<&hmac::Key> {
        self.ring.refresh.iter().find(|key| key.kid == kid)?;
        self.private.refresh.iter().find(|key| key.kid == kid).map(|key| &key.key)
    }

    /// The refresh key for new tokens, and its name.
    ///
    /// # Errors
    /// When it has not been read.
    pub(super) fn active_refresh(&self) -> Result<(&str, &hmac::Key), TokenError> {
        let active = self.ring.active_refresh().ok_or(TokenError::Keys("no refresh key is active"))?;
        let key = self.refresh(&active.kid).ok_or(TokenError::Keys("the active refresh key was not read"))?;
        Ok((&active.kid, key))
    }

    /// The key for new DPoP nonces. Every instance has the refresh key that it follows from.
    ///
    /// # Errors
    /// When that has not been read.
    pub(super) fn active_nonce(&self) -> Result<NonceKey, TokenError> {
        self.active_refresh().map(|(_, key)| NonceKey::derive(key))
    }

    /// The keys of DPoP nonces that may still count, from before and after a rotation.
    pub(super) fn nonces(&self) -> impl Iterator<Item = NonceKey> {
        self.ring.refresh.iter().rev().filter_map(|info| self.refresh(&info.kid)).map(NonceKey::derive)
    }

    fn knows(&self, kid: &str) -> bool {
        self.refresh(kid).is_some() || self.verification.iter().any(|key| key.kid() == Some(kid))
    }
}

/// The loaded keys and when they may be loaded again.
#[derive(Debug)]
pub(super) struct KeyCache {
    vault: Vault,
    loaded: RwLock<Option<Arc<LoadedKeys>>>,
    loading: AsyncMutex<()>,
    reloaded_for_unknown: Mutex<Option<Timestamp>>,
}

impl KeyCache {
    /// An empty cache on `vault`.
    #[must_use]
    pub(super) fn new(vault: Vault) -> Self {
        Self { vault, loaded: RwLock::new(None), loading: AsyncMutex::new(()), reloaded_for_unknown: Mutex::new(None) }
    }

    /// The keys. Loads them if there are none or they are stale, and looks again in the background when they are merely old.
    ///
    /// # Errors
    /// When they must be loaded and can't be.
    pub(super) async fn current(self: &Arc<Self>, context: &Context) -> Result<Arc<LoadedKeys>, TokenError> {
        let now = context.now();
        match self.peek() {
            Some(keys) if now.since(keys.loaded_at) < REFRESH_AFTER => Ok(keys),
            Some(keys) if now.since(keys.loaded_at) < STALE_AFTER => {
                let (cache, context) = (self.clone(), context.clone());
                tokio::spawn(async move {
                    if let Err(error) = cache.reload(&context, now).await {
                        tracing::warn!(%error, "keys could not be read again; the old ones stay for now");
                    }
                });
                Ok(keys)
            }
            _ => self.reload(context, now).await,
        }
    }

    /// The keys, read again first if they lack `kid`; but not more often than every ten seconds.
    ///
    /// # Errors
    /// When reading failed or was put off, so that nothing can be said about `kid`.
    pub(super) async fn current_with(self: &Arc<Self>, context: &Context, kid: &str) -> Result<Arc<LoadedKeys>, TokenError> {
        let keys = self.current(context).await?;
        if keys.knows(kid) {
            return Ok(keys);
        }
        let now = context.now();
        {
            let mut last = self.reloaded_for_unknown.lock().unwrap_or_else(PoisonError::into_inner);
            // A list read within the pause is fresh enough to say that the key is unknown.
            if (0..RELOAD_PAUSE).contains(&now.since(keys.loaded_at)) {
                return Ok(keys);
            }
            if last.is_some_and(|at| (0..RELOAD_PAUSE).contains(&now.since(at))) {
                return Err(TokenError::Keys("an unknown key id was looked up a moment ago"));
            }
            *last = Some(now);
        }
        self.reload(context, now).await
    }

    /// Where the keys come from.
    pub(super) fn vault(&self) -> &Vault {
        &self.vault
    }

    fn peek(&self) -> Option<Arc<LoadedKeys>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Loads the keys, unless another request did so since `asked_at`.
    async fn reload(&self, context: &Context, asked_at: Timestamp) -> Result<Arc<LoadedKeys>, TokenError> {
        let before = self.peek().map(|keys| Arc::as_ptr(&keys) as usize);
        let _one_at_a_time = self.loading.lock().await;
        if let Some(keys) = self.peek()
            && (before != Some(Arc::as_ptr(&keys) as usize) && keys.loaded_at >= asked_at)
        {
            return Ok(keys);
        }
        let keys = Arc::new(LoadedKeys::load(context, &self.vault).await?);
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(keys.clone());
        Ok(keys)
    }
}
