//! `challenge#ULID`: passkey ceremonies that were begun. Each is finished at most once, by one conditional delete.

use ulid::Ulid;

use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, hash, text, time};
use super::outcome::Written;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::passkey::{Ceremony, CeremonyKind};
use crate::model::secret::SecretHash;

const PREFIX: &str = "challenge#";
const LOGIN: &str = "login";
const CREATION: &str = "creation";

impl Store {
    /// Writes a ceremony that begins. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn begin_ceremony(&self, ceremony: &Ceremony) -> Result<(), StoreError> {
        self.create("begin_ceremony", &self.tables.state, render(ceremony)).await
    }

    /// Takes a ceremony to finish it, if it was begun in the browser with `browser_hash` for exactly this: one conditional delete, the only thing
    /// that decides who finishes it. Answers with its state; none when it is over, was never begun, or is another's.
    ///
    /// # Errors
    /// When it can't be known whether this call took it. The caller lets nobody in.
    pub async fn take_ceremony(
        &self,
        id: Ulid,
        kind: CeremonyKind,
        browser_hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let (purpose, user) = purpose_of(kind);
        let condition = Expression::default()
            .and_with("purpose = :purpose", ":purpose", text(purpose))
            .and_bound("user_id", ":user", user.as_deref())
            .and_with("browser_hash = :browser", ":browser", hash(browser_hash))
            .and_with("expires_at > :now", ":now", time(now));
        match self.take("take_ceremony", key(id), &condition).await? {
            Written::Applied(Some(item)) => ItemReader::new("challenge", &item).owned("ceremony").map(Some),
            Written::Applied(None) | Written::Refused(_) => Ok(None),
        }
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

fn purpose_of(kind: CeremonyKind) -> (&'static str, Option<String>) {
    match kind {
        CeremonyKind::Login => (LOGIN, None),
        CeremonyKind::Creation(user) => (CREATION, Some(user.to_string())),
    }
}

fn render(ceremony: &Ceremony) -> Item {
    let (purpose, user) = purpose_of(ceremony.kind);
    ItemBuilder::new(key(ceremony.id))
        .text("purpose", purpose)
        .optional_text("user_id", user.as_deref())
        .hash("browser_hash", &ceremony.browser_hash)
        .text("ceremony", &ceremony.state)
        .time(EXPIRES_AT, ceremony.expires_at)
        .build()
}
