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
const SIGN_UP: &str = "sign_up";

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
        let bound = Bound::of(kind);
        let condition = Expression::default()
            .and_with("purpose = :purpose", ":purpose", text(bound.purpose))
            .and_bound("user_id", ":user", bound.user.as_deref())
            .and_with("browser_hash = :browser", ":browser", hash(browser_hash))
            .and_with("expires_at > :now", ":now", time(now));
        let condition = match &bound.link {
            Some(link) => condition.and_with("link_hash = :link", ":link", hash(link)),
            None => condition.and("attribute_not_exists(link_hash)"),
        };
        match self.take("take_ceremony", key(id), &condition).await? {
            Written::Applied(Some(item)) => ItemReader::new("challenge", &item).owned("ceremony").map(Some),
            Written::Applied(None) | Written::Refused(_) => Ok(None),
        }
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

/// What a ceremony is bound to, beside its browser.
struct Bound {
    purpose: &'static str,
    user: Option<String>,
    link: Option<SecretHash>,
}

impl Bound {
    fn of(kind: CeremonyKind) -> Self {
        match kind {
            CeremonyKind::Login => Self { purpose: LOGIN, user: None, link: None },
            CeremonyKind::Creation(user) => Self { purpose: CREATION, user: Some(user.to_string()), link: None },
            CeremonyKind::SignUp(link) => Self { purpose: SIGN_UP, user: None, link: Some(link) },
        }
    }
}

fn render(ceremony: &Ceremony) -> Item {
    let bound = Bound::of(ceremony.kind);
    let item = ItemBuilder::new(key(ceremony.id)).text("purpose", bound.purpose).optional_text("user_id", bound.user.as_deref());
    let item = match &bound.link {
        Some(link) => item.hash("link_hash", link),
        None => item,
    };
    item.hash("browser_hash", &ceremony.browser_hash).text("ceremony", &ceremony.state).time(EXPIRES_AT, ceremony.expires_at).build()
}
