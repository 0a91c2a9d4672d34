//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): clients are told that a session has ended, whoever ended it, and so is the site whose
//! login it began with.
//!
//! The stream of the table `state` tells of it. What the stream says proves nothing: a token is signed only when the table itself has no such session
//! any more. What can't be delivered is reported, so that the stream brings it again; what was delivered is remembered for as long as this process
//! lives, so that clients are rarely told twice.

mod event;
mod logout_token;
mod recipient;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;
use ulid::Ulid;

use self::event::{Change, read_changes};
pub use self::event::{EventError, Failures};
use self::logout_token::{Signer, SignerError};
use self::recipient::{Recipient, RecipientName};
use crate::context::Context;
use crate::endpoint::client_cache::ClientCache;
use crate::endpoint::client_keys::reach_of;
use crate::endpoint::fetch::{FetchError, post_form};
use crate::endpoint::login_ways::LoginWays;
use crate::endpoint::subjects::Subjects;
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
    told: Mutex<HashSet<(Ulid, RecipientName)>>,
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
    #[error("{failed} of {all} could not be told")]
    Recipients {
        /// How many.
        failed: usize,
        /// Of how many that were to be told.
        all: usize,
    },
}

/// Why one of them was not told.
#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error("its address is no URL")]
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
        let mut recipients = self.find_clients(&session).await?;
        recipients.extend(self.find_site(&session).await?);
        if recipients.is_empty() {
            return Ok(());
        }
        let signer = signer.get_or_try_init(|| Signer::load(&inner.context, &inner.vault)).await?;
        // Somebody who was removed has no subject any more; the `sid` alone says which session it is.
        let user = inner.context.store.find_user(session.user_id).await?;
        let all = recipients.len();
        let failed = self.tell_all(session.id, recipients, user, signer).await;
        if failed == 0 { Ok(()) } else { Err(NotifyError::Recipients { failed, all }) }
    }

    /// The site, if it wants to be told and has not been yet. That a session's time is up here says nothing of the site's own session.
    async fn find_site(&self, session: &EndedSession) -> Result<Option<Recipient>, StoreError> {
        let context = &self.0.context;
        let Some(login) = session.site.clone().filter(|_| !session.is_expired(context.now())) else { return Ok(None) };
        if self.is_told(session.id, &RecipientName::Site) {
            return Ok(None);
        }
        let settings = context.settings().await?;
        let site = LoginWays::of(&context.config, &settings).site;
        Ok(site.and_then(|site| {
            let uri = site.logout_uri.as_ref()?.as_url().clone();
            Some(Recipient::Site { uri, audience: site.logout_audience().to_owned(), login })
        }))
    }

    /// The clients that have not been told yet, as they are registered now.
    async fn find_clients(&self, session: &EndedSession) -> Result<Vec<Recipient>, StoreError> {
        let mut clients = Vec::new();
        for id in session.clients.iter().filter(|id| !self.is_told(session.id, &RecipientName::Client((*id).clone()))) {
            // One that was removed, or wants to be told no more, is not.
            let Some(found) = self.0.clients.find(&self.0.context, id).await? else { continue };
            if let Some(uri) = &found.client.backchannel_logout_uri {
                clients.push(Recipient::Client { client: Box::new(found.client.clone()), uri: uri.clone() });
            }
        }
        Ok(clients)
    }

    /// Tells all of them, some at a time, and answers how many could not be told.
    async fn tell_all(&self, session_id: Ulid, recipients: Vec<Recipient>, user: Option<User>, signer: &Signer) -> usize {
        let (slots, user) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(user));
        let mut deliveries = JoinSet::new();
        for recipient in recipients {
            let (this, slots, user, signer) = (self.clone(), slots.clone(), user.clone(), signer.clone());
            deliveries.spawn(async move {
                let _slot = slots.acquire().await;
                let told = this.deliver(session_id, &recipient, user.as_ref().as_ref(), &signer).await;
                let name = recipient.name();
                match &told {
                    Ok(()) => {
                        tracing::info!(%session_id, recipient = %name, "told that a session has ended");
                        this.remember(session_id, name);
                    }
                    Err(error) => tracing::warn!(%session_id, recipient = %name, %error, "not told that a session has ended"),
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
    async fn deliver(&self, session_id: Ulid, recipient: &Recipient, user: Option<&User>, signer: &Signer) -> Result<(), DeliveryError> {
        let inner = &self.0;
        let message = recipient.message(session_id, user, &inner.subjects).await?;
        let token = message.token().sign(&inner.context, signer)?;
        Ok(post_form(&message.url, reach_of(&inner.context), &[("logout_token", token.expose())]).await?)
    }

    fn is_told(&self, session_id: Ulid, name: &RecipientName) -> bool {
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner).contains(&(session_id, name.clone()))
    }

    fn remember(&self, session_id: Ulid, name: RecipientName) {
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() >= MAX_REMEMBERED {
            told.clear();
        }
        told.insert((session_id, name));
    }
}
