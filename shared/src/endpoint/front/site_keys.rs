//! The keys by which the site's login JWTs are verified: its JWK set, fetched and kept, or the secret that `grantlet site connect` made.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

use super::site_token::SiteTokenError;
use crate::context::{Context, Timestamp};
use crate::jose::claims::JwtError;
use crate::jose::verify::{JwsError, VerificationKey};
use crate::model::secret::Secret;
use crate::model::settings::SiteLogin;
use crate::store::{SETTINGS_KEY, StoreError};
use crate::vault::{SealingOwner, Vault, VaultError};

/// How long keys are kept, in seconds.
const MAX_AGE: i64 = 300;
/// The least time between two fetches because of a token that no key verified, in seconds.
const FETCH_PAUSE: i64 = 10;
/// The largest JWK set that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long the site may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where the keys are: at an address, or, when it is none, sealed in the store.
type Source = Option<Url>;

/// The site's keys, from where and when they were read.
#[derive(Debug)]
struct Loaded {
    source: Source,
    keys: Arc<[VerificationKey]>,
    at: Timestamp,
}

/// The site's keys, kept for five minutes.
#[derive(Debug)]
pub(super) struct SiteKeys {
    vault: Vault,
    loaded: RwLock<Option<Loaded>>,
    loading: Mutex<()>,
}

impl SiteKeys {
    /// No keys yet; `vault` holds what unseals the secret.
    pub(super) fn new(vault: Vault) -> Self {
        Self { vault, loaded: RwLock::new(None), loading: Mutex::new(()) }
    }

    /// The site's keys, at most five minutes old.
    ///
    /// # Errors
    /// When they must be read and can't be.
    pub(super) async fn current(&self, context: &Context, site: &SiteLogin) -> Result<Arc<[VerificationKey]>, SiteKeysError> {
        self.not_older_than(context, site, MAX_AGE).await
    }

    /// What `check` makes of the keys that are kept, and once more of fresh ones when none fits: the site may have changed its keys.
    ///
    /// # Errors
    /// When keys must be read and can't be.
    pub(super) async fn check<T>(
        &self,
        context: &Context,
        site: &SiteLogin,
        check: impl Fn(&[VerificationKey]) -> Result<T, SiteTokenError>,
    ) -> Result<Result<T, SiteTokenError>, SiteKeysError> {
        match check(&self.current(context, site).await?) {
            Err(SiteTokenError::Jwt(JwtError::Jws(JwsError::Signature))) => {
                Ok(check(&self.not_older_than(context, site, FETCH_PAUSE).await?))
            }
            checked => Ok(checked),
        }
    }

    async fn not_older_than(&self, context: &Context, site: &SiteLogin, age: i64) -> Result<Arc<[VerificationKey]>, SiteKeysError> {
        let source = site.jwks_uri.as_ref().map(|uri| uri.as_url().clone());
        if let Some(keys) = self.peek(&source, context.now(), age) {
            return Ok(keys);
        }
        // One request asks the site; those that wait here find what it brought.
        let _one_at_a_time = self.loading.lock().await;
        let now = context.now();
        if let Some(keys) = self.peek(&source, now, age) {
            return Ok(keys);
        }
        let keys: Arc<[VerificationKey]> = match &source {
            Some(url) => fetch(url).await?.into(),
            None => self.unseal(context).await?.into(),
        };
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(Loaded { source, keys: keys.clone(), at: now });
        Ok(keys)
    }

    /// What is kept, if it is from there and no older. The operator may have named another place since.
    fn peek(&self, source: &Source, now: Timestamp, age: i64) -> Option<Arc<[VerificationKey]>> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let usable = |loaded: &&Loaded| loaded.source == *source && (0..age).contains(&now.since(loaded.at));
        loaded.as_ref().filter(usable).map(|loaded| loaded.keys.clone())
    }

    async fn unseal(&self, context: &Context) -> Result<Vec<VerificationKey>, SiteKeysError> {
        let (sealed, sealing) = tokio::join!(context.store.find_sealed_site_secret(), self.vault.find_sealing_key(SealingOwner::Authorize));
        let sealed = sealed?.ok_or(SiteKeysError::NotConnected)?;
        let sealing = sealing?.ok_or(SiteKeysError::Unsealable)?;
        let secret = sealing.open(SETTINGS_KEY, &sealed).map_err(|_| SiteKeysError::Unsealable)?;
        let secret = std::str::from_utf8(&secret).map(Secret::new).map_err(|_| SiteKeysError::Unsealable)?;
        Ok(vec![VerificationKey::from_secret(&secret).ok_or(SiteKeysError::Unsealable)?])
    }
}

/// Fetches a JWK set. The address is the operator's own setting; nothing that a stranger says changes it, and redirects are not followed.
async fn fetch(url: &Url) -> Result<Vec<VerificationKey>, SiteKeysError> {
    let failed = |error: reqwest::Error| SiteKeysError::Unreachable(error.without_url().to_string());
    let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build().map_err(failed)?;
    let mut response = client.get(url.clone()).send().await.map_err(failed)?;
    if response.status() != http::StatusCode::OK {
        return Err(SiteKeysError::Unreachable(format!("status {}", response.status())));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(SiteKeysError::Unreachable("the answer is too large".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    VerificationKey::from_jwks(&body).map_err(|error| SiteKeysError::Unreachable(error.to_string()))
}

/// Why there are no keys to verify with: a fault of ours or of the site's, never of the browser's.
#[derive(Debug, thiserror::Error)]
pub(super) enum SiteKeysError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The site's JWK set can't be fetched or read.
    #[error("the site's keys can't be fetched: {0}")]
    Unreachable(String),
    /// There is no JWKS URL, and no secret was made.
    #[error("no secret was made; `grantlet site connect` makes one")]
    NotConnected,
    /// The secret was sealed under another key.
    #[error("the site's secret can't be unsealed; `grantlet site connect` makes a new one")]
    Unsealable,
}
