//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): clients are told that a session has ended, whoever ended it.
//!
//! The stream of the table `state` tells of it. What the stream says proves nothing: a token is signed only when the table itself has no such session
//! any more. What can't be delivered is reported, so that the stream brings it again; what was delivered is remembered for as long as this process
//! lives, so that clients are rarely told twice.

mod event;
mod logout_token;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;
use ulid::Ulid;
use url::Url;

use self::event::{Change, read_changes};
pub use self::event::{EventError, Failures};
use self::logout_token::{LogoutToken, Signer, SignerError};
use crate::context::Context;
use crate::endpoint::client_cache::ClientCache;
use crate::endpoint::client_keys::reach_of;
use crate::endpoint::fetch::{FetchError, post_form};
use crate::endpoint::subjects::Subjects;
use crate::model::client::{Client, ClientId};
use crate::model::session::EndedSession;
use crate::model::user::User;
use crate::store::{StoreError, StreamError};
use crate::vault::{Vault, VaultError};

/// How many clients of one session are told at the same time.
const AT_ONCE: usize = 20;
/// How many deliveries are remembered; beyond it the memory starts anew.
const MAX_REMEMBERED: usize = 10_000;

/// Tells clients of ended sessions.
#[derive(Clone)]
pub struct Notifier(Arc<Inner>);

struct Inner {
    context: Context,
    vault: Vault,
    clients: ClientCache,
    subjects: Subjects,
    told: Mutex<HashSet<(Ulid, ClientId)>>,
}

/// Why clients were not told of the end of a session.
#[derive(Debug, thiserror::Error)]
enum NotifyError {
    /// The stream's record can't be read.
    #[error("the stream: {0}")]
    Stream(#[from] StreamError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is nothing to sign with.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// Some clients did not take it.
    #[error("{failed} of {all} clients could not be told")]
    Clients {
        /// How many.
        failed: usize,
        /// Of how many that were to be told.
        all: usize,
    },
}

/// Why one client was not told.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error("backchannel_logout_uri is no URL")]
    Url,
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Signer(#[from] SignerError),
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl Notifier {
    /// A notifier that signs with the keys in `vault`.
    #[must_use]
    pub fn new(context: Context, vault: Vault) -> Self {
        let subjects = Subjects::new(vault.clone());
        Self(Arc::new(Inner { context, vault, clients: ClientCache::default(), subjects, told: Mutex::default() }))
    }

    /// Handles a batch of the stream's records, and answers with those that have to come again. One that fails does not hold up the others.
    ///
    /// # Errors
    /// When the event is no batch of records.
    pub async fn handle(&self, event: &Value) -> Result<Failures, EventError> {
        let mut failures = Failures::default();
        // Keys are read once a batch, when the first session needs them.
        let signer = OnceCell::new();
        for change in read_changes(event)? {
            let Change { sequence_number, ended } = change;
            if let Err(error) = self.tell(ended, &signer).await {
                tracing::error!(sequence_number, %error, "clients were not told that a session has ended");
                failures.add(sequence_number);
            }
        }
        Ok(failures)
    }

    /// Tells every client in a session that it has ended, if it has.
    async fn tell(&self, ended: Result<Option<EndedSession>, StreamError>, signer: &OnceCell<Signer>) -> Result<(), NotifyError> {
        let Some(session) = ended? else { return Ok(()) };
        let inner = &self.0;
        // The one thing that decides: nothing is signed for a session that lives.
        if inner.context.store.find_session(session.id, inner.context.now()).await?.is_some() {
            tracing::error!(session_id = %session.id, "the stream tells of the end of a session that lives");
            return Ok(());
        }
        let clients = self.find_clients(&session).await?;
        if clients.is_empty() {
            return Ok(());
        }
        let signer = signer.get_or_try_init(|| Signer::load(&inner.context, &inner.vault)).await?;
        // Somebody who was removed has no subject any more; the `sid` alone says which session it is.
        let user = inner.context.store.find_user(session.user_id).await?;
        let all = clients.len();
        let failed = self.tell_all(session.id, clients, user, signer).await;
        if failed == 0 { Ok(()) } else { Err(NotifyError::Clients { failed, all }) }
    }

    /// The clients that have not been told yet, as they are registered now.
    async fn find_clients(&self, session: &EndedSession) -> Result<Vec<(Client, String)>, StoreError> {
        let mut clients = Vec::new();
        for id in session.clients.iter().filter(|id| !self.is_told(session.id, id)) {
            // One that was removed, or wants to be told no more, is not.
            let Some(found) = self.0.clients.find(&self.0.context, id).await? else { continue };
            if let Some(uri) = &found.client.backchannel_logout_uri {
                clients.push((found.client.clone(), uri.clone()));
            }
        }
        Ok(clients)
    }

    /// Tells all of `clients`, some at a time, and answers how many could not be told.
    async fn tell_all(&self, session_id: Ulid, clients: Vec<(Client, String)>, user: Option<User>, signer: &Signer) -> usize {
        let (slots, user) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(user));
        let mut deliveries = JoinSet::new();
        for (client, uri) in clients {
            let (this, slots, user, signer) = (self.clone(), slots.clone(), user.clone(), signer.clone());
            deliveries.spawn(async move {
                let _slot = slots.acquire().await;
                let told = this.deliver(session_id, &client, &uri, user.as_ref().as_ref(), &signer).await;
                match &told {
                    Ok(()) => {
                        tracing::info!(%session_id, client_id = %client.client_id, "client told that a session has ended");
                        this.remember(session_id, client.client_id);
                    }
                    Err(error) => {
                        tracing::warn!(%session_id, client_id = %client.client_id, %error, "client not told that a session has ended");
                    }
                }
                told.is_ok()
            });
        }
        let mut failed = 0;
        while let Some(delivered) = deliveries.join_next().await {
            failed += usize::from(!delivered.unwrap_or(false));
        }
        failed
    }

    /// Signs a logout token and posts it (section 2.5).
    async fn deliver(
        &self,
        session_id: Ulid,
        client: &Client,
        uri: &str,
        user: Option<&User>,
        signer: &Signer,
    ) -> Result<(), DeliveryError> {
        let inner = &self.0;
        let url = Url::parse(uri).map_err(|_| DeliveryError::Url)?;
        let subject = match user {
            Some(user) => Some(inner.subjects.subject_for(client, user).await?),
            None => None,
        };
        let token = LogoutToken { client, session_id, subject: subject.as_ref() }.sign(&inner.context, signer)?;
        Ok(post_form(&url, reach_of(&inner.context), &[("logout_token", token.expose())]).await?)
    }

    fn is_told(&self, session_id: Ulid, client_id: &ClientId) -> bool {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).contains(&(session_id, client_id.clone()))
    }

    fn remember(&self, session_id: Ulid, client_id: ClientId) {
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MAX_REMEMBERED {
            told.clear();
        }
        told.insert((session_id, client_id));
    }
}
