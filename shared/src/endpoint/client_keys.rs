//! The public keys of clients: those that were registered with them, or what their `jwks_uri` says, kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::fetch::{FetchError, Reach, fetch};
use crate::context::{Context, Timestamp};
use crate::jose::verify::{UnverifiedJws, VerificationKey, VerifiedClaims};
use crate::model::client::Client;

/// How long fetched keys are kept at most, in seconds.
const MAX_AGE: i64 = 600;
/// The least time between two fetches because of a token that no kept key verifies, in seconds.
const FETCH_PAUSE: i64 = 30;
/// The most sets kept; beyond it the cache starts anew.
const MAX_ENTRIES: usize = 256;
/// The largest set that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// What one address answered.
#[derive(Clone, Debug)]
struct Entry {
    /// The keys that are known: of this fetch, or of the one before when this one failed.
    keys: Arc<[VerificationKey]>,
    /// When it was asked last.
    at: Timestamp,
    /// Why that failed, if it did.
    failure: Option<ClientKeyError>,
}

/// Keys that were fetched.
#[derive(Debug, Default)]
pub struct ClientKeys(Mutex<HashMap<String, Entry>>);

/// Why a JWT of a client's is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientKeyError {
    /// The client has no keys.
    #[error("the client has no keys")]
    NoKeys,
    /// Its `jwks_uri` can't be read.
    #[error("the client's jwks_uri: {0}")]
    Fetch(#[from] FetchError),
    /// None of its keys verifies the signature.
    #[error("none of the client's keys verifies the signature")]
    Signature,
}

impl ClientKeys {
    /// The claims of `jws` if one of `client`'s keys signed it. A `jwks_uri` is asked once more when no kept key fits.
    ///
    /// # Errors
    /// When no key verifies it, or keys can't be had.
    pub async fn verify(&self, context: &Context, client: &Client, jws: &UnverifiedJws<'_>) -> Result<VerifiedClaims, ClientKeyError> {
        if let Some(jwks) = &client.jwks {
            let keys = VerificationKey::from_jwks(jwks.to_string().as_bytes()).map_err(|_| ClientKeyError::NoKeys)?;
            return jws.check_signature(&keys).map_err(|_| ClientKeyError::Signature);
        }
        let uri = client.jwks_uri.as_deref().ok_or(ClientKeyError::NoKeys)?;
        self.verify_at(context, uri, jws).await
    }

    /// The claims of `jws` if a key signed it that is published at `uri`.
    ///
    /// # Errors
    /// When no key verifies it, or the keys can't be had.
    pub async fn verify_at(&self, context: &Context, uri: &str, jws: &UnverifiedJws<'_>) -> Result<VerifiedClaims, ClientKeyError> {
        let now = context.now();
        let kept = self.entries(|entries| entries.get(uri).cloned()).filter(|entry| (0..MAX_AGE).contains(&now.since(entry.at)));
        if let Some(entry) = &kept {
            match jws.check_signature(&entry.keys) {
                Ok(claims) => return Ok(claims),
                // While it is not known what is published, nothing is known about the signature.
                Err(_) if (0..FETCH_PAUSE).contains(&now.since(entry.at)) => {
                    return Err(entry.failure.clone().unwrap_or(ClientKeyError::Signature));
                }
                Err(_) => {}
            }
        }
        let url = Url::parse(uri).map_err(|_| ClientKeyError::NoKeys)?;
        // A failure is kept, too, with what was known before it: nobody makes this server ask again and again.
        let entry = match fetch_keys(context, &url).await {
            Ok(keys) => Entry { keys, at: now, failure: None },
            Err(failure) => Entry { keys: kept.map_or_else(|| Arc::from([]), |entry| entry.keys), at: now, failure: Some(failure) },
        };
        self.entries(|entries| {
            if entries.len() >= MAX_ENTRIES {
                entries.clear();
            }
            entries.insert(uri.to_owned(), entry.clone());
        });
        if let Some(failure) = entry.failure {
            return Err(failure);
        }
        jws.check_signature(&entry.keys).map_err(|_| ClientKeyError::Signature)
    }

    fn entries<T>(&self, with: impl FnOnce(&mut HashMap<String, Entry>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn fetch_keys(context: &Context, url: &Url) -> Result<Arc<[VerificationKey]>, ClientKeyError> {
    let fetched = fetch(url, reach_of(context), "application/jwk-set+json, application/json", MAX_BODY).await?;
    let keys = VerificationKey::from_jwks(&fetched.body).map_err(|_| ClientKeyError::NoKeys)?;
    Ok(keys.into())
}

/// A server on a loopback address is being tried out: its clients are on the same machine.
#[must_use]
pub fn reach_of(context: &Context) -> Reach {
    if context.config.issuer.is_https() { Reach::Public } else { Reach::Loopback }
}
