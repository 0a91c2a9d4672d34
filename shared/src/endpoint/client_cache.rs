//! Registered clients, kept for a minute, so that a warm function authenticates without a request to the store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::context::{Context, Timestamp};
use crate::model::client::{ClientId, StoredClient};
use crate::store::StoreError;

/// How long a client is kept, in seconds.
pub const MAX_AGE: i64 = 60;
/// The most clients kept; beyond it the cache starts anew.
const MAX_ENTRIES: usize = 512;

type Entries = HashMap<ClientId, (Arc<StoredClient>, Timestamp)>;

/// Clients read within the last minute. Only found ones are kept: a client that was just added works at once.
#[derive(Debug, Default)]
pub struct ClientCache(Mutex<Entries>);

impl ClientCache {
    /// Finds a client, from the cache if it is fresh there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find(&self, context: &Context, id: &ClientId) -> Result<Option<Arc<StoredClient>>, StoreError> {
        let now = context.now();
        let cached =
            self.entries(|entries| entries.get(id).filter(|(_, at)| (0..MAX_AGE).contains(&now.since(*at))).map(|(c, _)| c.clone()));
        match cached {
            Some(client) => Ok(Some(client)),
            None => self.find_fresh(context, id).await,
        }
    }

    /// Finds a client in the store, whatever the cache has: its secret may just have changed.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_fresh(&self, context: &Context, id: &ClientId) -> Result<Option<Arc<StoredClient>>, StoreError> {
        let found = context.store.find_client(id).await?.map(Arc::new);
        let now = context.now();
        self.entries(|entries| match &found {
            Some(client) => {
                if entries.len() >= MAX_ENTRIES {
                    entries.clear();
                }
                entries.insert(id.clone(), (client.clone(), now));
            }
            None => {
                entries.remove(id);
            }
        });
        Ok(found)
    }

    fn entries<T>(&self, with: impl FnOnce(&mut Entries) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
