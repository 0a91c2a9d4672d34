//! The operator's settings, kept for a minute, so that a warm function reads them beside its requests and not before them.

use std::sync::{Arc, PoisonError, RwLock};

use crate::context::Timestamp;
use crate::model::settings::Settings;
use crate::store::{Store, StoreError};

/// Settings older than this are read again beside a request, in seconds.
const REFRESH_AFTER: i64 = 60;
/// Settings older than this are read again before they are used, in seconds: a function that slept must not go by what it remembers.
const STALE_AFTER: i64 = 600;

type Kept = Option<(Arc<Settings>, Timestamp)>;

/// Settings that were read.
#[derive(Debug, Default)]
pub struct SettingsCache(Arc<RwLock<Kept>>);

impl SettingsCache {
    /// The settings. Reads them if there are none or they are stale, and looks again in the background when they are merely old.
    ///
    /// # Errors
    /// When they must be read and the store failed.
    pub async fn current(&self, store: &Store, now: Timestamp) -> Result<Arc<Settings>, StoreError> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        match kept {
            Some((settings, at)) if (0..REFRESH_AFTER).contains(&now.since(at)) => Ok(settings),
            Some((settings, at)) if (0..STALE_AFTER).contains(&now.since(at)) => {
                // Whoever comes while they are read finds them fresh, so that they are read once.
                self.keep(settings.clone(), now);
                let (store, cache, old) = (store.clone(), Self(self.0.clone()), settings.clone());
                tokio::spawn(async move {
                    match read(&store).await {
                        Ok(settings) => cache.keep(settings, now),
                        Err(error) => {
                            tracing::warn!(%error, "settings could not be read again; the old ones stay for now");
                            cache.keep(old, at);
                        }
                    }
                });
                Ok(settings)
            }
            _ => {
                let settings = read(store).await?;
                self.keep(settings.clone(), now);
                Ok(settings)
            }
        }
    }

    /// The settings as they were read last, however long ago; none where they never were.
    #[must_use]
    pub fn peek(&self) -> Option<Arc<Settings>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(settings, _)| settings.clone())
    }

    fn keep(&self, settings: Arc<Settings>, at: Timestamp) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((settings, at));
    }
}

async fn read(store: &Store) -> Result<Arc<Settings>, StoreError> {
    Ok(Arc::new(store.find_settings().await?.unwrap_or_default()))
}
