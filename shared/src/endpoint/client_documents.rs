//! Clients that are known by the document at the URL that is their `client_id` (OAuth Client ID Metadata Document).
//!
//! Documents are kept in the store for as long as they say, so that warm and cold functions read them rarely. A stranger may make us fetch, so that
//! fetches are counted before they are made, by the address that asks and by the host that is asked.

use std::net::IpAddr;

use url::Url;

use super::client_keys::reach_of;
use super::fetch::{FetchError, Reach, fetch};
use super::network_of;
use crate::context::{Context, Timestamp};
use crate::model::client::{ClientId, Origin, StoredClient};
use crate::model::registration::RegistrationError;
use crate::model::self_registration::{document_url, read_document};
use crate::model::settings::Settings;
use crate::store::{Attempt, AttemptLimit, KeptDocument, StoreError};

/// The largest document that is read, in bytes (section 6.6 recommends 5 kB as the largest that is written).
const MAX_DOCUMENT: usize = 10 * 1024;
/// How long a document is used when it does not say, and the bounds of what it may say, in seconds.
const DEFAULT_AGE: i64 = 3_600;
const AGES: std::ops::RangeInclusive<i64> = 60..=86_400;
/// How long a document may go on, where it can't be fetched, after it has gone out of date, in seconds.
const AFTERLIFE: i64 = 86_400;
/// A document that was read this long ago is not asked again because of what one request does not find in it, in seconds.
const PAUSE: i64 = 60;
/// How many fetches one address may cause, and one host must bear, in a window of so many seconds.
const PER_ADDRESS: u32 = 30;
const PER_HOST: u32 = 120;
const WINDOW: i64 = 600;

/// Why nothing is known of a client. Mistakes of a document are its client's; that it can't be reached may pass.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document was not fetched.
    #[error("the client's document: {0}")]
    Fetch(#[from] FetchError),
    /// The document says something that can't be registered.
    #[error("the client's document: {0}")]
    Document(#[from] RegistrationError),
    /// Too many documents were asked for; the next one in so many seconds.
    #[error("too many documents were asked for")]
    TooMany(i64),
}

/// The client behind the URL `id` by what is kept, however old: for where nothing is fetched.
pub(super) async fn find_kept(context: &Context, id: &ClientId) -> Result<Option<StoredClient>, StoreError> {
    if url_of(context, id).await?.is_none() {
        return Ok(None);
    }
    let kept = context.store.find_client_document(id, context.now()).await?;
    let settings = context.settings().await?;
    Ok(kept.and_then(|kept| read_document(kept.text.as_bytes(), id, &settings).ok().map(|client| stored(client, &kept))))
}

/// The client behind the URL `id`, by a document that is fresh: kept, or fetched now. `wants_new` says that what is kept lacked something. Where it
/// can't be fetched for reasons that may pass, what is kept goes on for a while: whoever keeps us from asking must not take clients away.
pub(super) async fn find_fresh(
    context: &Context,
    id: &ClientId,
    asks: Option<IpAddr>,
    wants_new: bool,
) -> Result<Option<StoredClient>, LookupError> {
    let Some(url) = url_of(context, id).await? else { return Ok(None) };
    let now = context.now();
    let settings = context.settings().await?;
    let read = |kept: &KeptDocument| Ok(Some(stored(read_document(kept.text.as_bytes(), id, &settings)?, kept)));
    let is_good = |kept: &&KeptDocument| now < kept.fresh_until && !(wants_new && now.since(kept.read_at) >= PAUSE);
    let kept = context.store.find_client_document(id, now).await?;
    if let Some(kept) = kept.as_ref().filter(is_good) {
        return read(kept);
    }
    match (ask(context, id, &url, asks, &settings).await, kept) {
        (Ok(client), _) => Ok(Some(client)),
        (Err(error), Some(kept)) if error.may_pass() => {
            tracing::warn!(client_id = %id, %error, "a client's document can't be fetched; the kept one goes on");
            read(&kept)
        }
        (Err(error), _) => Err(error),
    }
}

/// Fetches the document at `url`, and keeps it.
async fn ask(context: &Context, id: &ClientId, url: &Url, asks: Option<IpAddr>, settings: &Settings) -> Result<StoredClient, LookupError> {
    let now = context.now();
    count(context, url, asks, now).await?;
    let fetched = fetch(url, reach_of(context), "application/json", MAX_DOCUMENT).await?;
    // Errors and documents that can't be used are not kept (section 5.3).
    let client = read_document(&fetched.body, id, settings)?;
    let text = String::from_utf8(fetched.body).map_err(|_| RegistrationError::Metadata("it is no text.".to_owned()))?;
    let fresh_until = now.plus(fetched.max_age.unwrap_or(DEFAULT_AGE).clamp(*AGES.start(), *AGES.end()));
    let kept = KeptDocument { text, read_at: now, fresh_until, expires_at: fresh_until.plus(AFTERLIFE) };
    context.store.keep_client_document(id, &kept).await?;
    tracing::info!(client_id = %id, "a client's document was fetched");
    Ok(stored(client, &kept))
}

async fn url_of(context: &Context, id: &ClientId) -> Result<Option<Url>, StoreError> {
    let allowed = context.settings().await?.registration.metadata_documents;
    Ok(document_url(id, reach_of(context) == Reach::Loopback).filter(|_| allowed))
}

async fn count(context: &Context, url: &Url, asks: Option<IpAddr>, now: Timestamp) -> Result<(), LookupError> {
    let address = network_of(asks);
    let host = url.host_str().unwrap_or_default();
    for (subject, limit) in [(format!("cimd-from\0{address}"), PER_ADDRESS), (format!("cimd-to\0{host}"), PER_HOST)] {
        if let Attempt::Exhausted { retry_after } =
            context.store.count_attempt(&AttemptLimit { subject, limit, window: WINDOW }, now).await?
        {
            return Err(LookupError::TooMany(retry_after));
        }
    }
    Ok(())
}

fn stored(client: crate::model::client::Client, kept: &KeptDocument) -> StoredClient {
    StoredClient {
        client,
        secret_hash: None,
        previous_secret: None,
        sealed_secret: None,
        created_at: kept.read_at,
        origin: Origin::Document { fresh_until: kept.fresh_until, read_at: kept.read_at },
    }
}

impl LookupError {
    /// Whether the client can mend it: its document is wrong, or not where it should be.
    #[must_use]
    pub fn is_document_s(&self) -> bool {
        match self {
            Self::Document(_) => true,
            Self::Fetch(error) => !error.may_pass(),
            Self::Store(_) | Self::TooMany(_) => false,
        }
    }

    /// Whether the document may be had another time, and nothing is wrong with the store.
    fn may_pass(&self) -> bool {
        !self.is_document_s() && !matches!(self, Self::Store(_))
    }
}
