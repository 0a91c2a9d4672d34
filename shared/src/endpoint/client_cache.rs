//! Clients of all three sources, kept for a minute, so that a warm function authenticates without a request to the store: the operator's, those that
//! registered themselves, and those that a document describes. The form of an identifier says which it is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::client_documents::{self, LookupError};
use crate::context::{Context, Timestamp};
use crate::model::client::{ClientId, ClientSource, DynamicOrigin, Origin, StoredClient};
use crate::store::StoreError;

/// How long a client is kept, in seconds.
pub const MAX_AGE: i64 = 60;
/// A day, in seconds.
const DAY: i64 = 86_400;
/// The most clients kept; beyond it the cache starts anew.
const MAX_ENTRIES: usize = 512;

type Entries = HashMap<ClientId, (Arc<StoredClient>, Timestamp)>;

/// Clients read within the last minute. Only found ones are kept: a client that was just added works at once.
#[derive(Debug, Default)]
pub struct ClientCache(Mutex<Entries>);

impl ClientCache {
    /// Finds a client, from the cache if it is fresh there. No document is fetched: for where a client was met before.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find(&self, context: &Context, id: &ClientId) -> Result<Option<Arc<StoredClient>>, StoreError> {
        match self.find_cached(context, id) {
            Some(client) => Ok(Some(client)),
            None => self.find_fresh(context, id).await,
        }
    }

    /// Finds a client in the store, whatever the cache has: its secret may just have changed. No document is fetched.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_fresh(&self, context: &Context, id: &ClientId) -> Result<Option<Arc<StoredClient>>, StoreError> {
        let found = match id.source() {
            ClientSource::Operator => context.store.find_client(id).await?,
            ClientSource::Dynamic => context.store.find_dynamic_client(id, context.now()).await?,
            ClientSource::Document => client_documents::find_kept(context, id).await?,
        };
        Ok(self.keep(context, id, found))
    }

    /// Finds a client where it may be met for the first time, for a request from the address `asks`: its document is fetched if it has one.
    ///
    /// # Errors
    /// When the store failed, or its document can't be had.
    pub async fn find_anywhere(
        &self,
        context: &Context,
        id: &ClientId,
        asks: Option<IpAddr>,
    ) -> Result<Option<Arc<StoredClient>>, LookupError> {
        match self.find_cached(context, id).filter(|client| is_fresh(client, context.now())) {
            Some(client) => Ok(Some(client)),
            None if id.source() == ClientSource::Document => {
                let found = client_documents::find_fresh(context, id, asks, false).await?;
                Ok(self.keep(context, id, found))
            }
            None => Ok(self.find_fresh(context, id).await?),
        }
    }

    /// Like [`ClientCache::find_anywhere`], whatever the cache has: what a request brings does not fit what is known.
    ///
    /// # Errors
    /// When the store failed, or its document can't be had.
    pub async fn find_changed(
        &self,
        context: &Context,
        id: &ClientId,
        asks: Option<IpAddr>,
    ) -> Result<Option<Arc<StoredClient>>, LookupError> {
        if id.source() != ClientSource::Document {
            return Ok(self.find_fresh(context, id).await?);
        }
        let found = client_documents::find_fresh(context, id, asks, true).await?;
        Ok(self.keep(context, id, found))
    }

    /// Puts off the end of a client that registered itself and is in use: by one write, at most once a day.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn renew(&self, context: &Context, id: &ClientId, origin: &DynamicOrigin) -> Result<(), StoreError> {
        let now = context.now();
        let until = now.plus(i64::from(context.settings().await?.registration.unused_days) * DAY);
        if until.since(origin.expires_at) < DAY {
            return Ok(());
        }
        context.store.renew_dynamic_client(id, until, now).await?;
        self.find_fresh(context, id).await.map(drop)
    }

    /// Forgets a client that was just changed or removed here. Other instances know it within a minute.
    pub fn forget(&self, id: &ClientId) {
        self.entries(|entries| entries.remove(id));
    }

    fn find_cached(&self, context: &Context, id: &ClientId) -> Option<Arc<StoredClient>> {
        let now = context.now();
        let cached = self.entries(|entries| entries.get(id).cloned());
        cached.filter(|(client, at)| (0..MAX_AGE).contains(&now.since(*at)) && client.is_alive(now)).map(|(client, _)| client)
    }

    /// Remembers what was found, or that nothing was.
    fn keep(&self, context: &Context, id: &ClientId, found: Option<StoredClient>) -> Option<Arc<StoredClient>> {
        let found = found.map(Arc::new);
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
        found
    }

    fn entries<T>(&self, with: impl FnOnce(&mut Entries) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether what is known of a client may be gone by without asking its document again.
fn is_fresh(client: &StoredClient, now: Timestamp) -> bool {
    match client.origin {
        Origin::Document { fresh_until, .. } => now < fresh_until,
        Origin::Operator | Origin::Dynamic(_) => true,
    }
}
