//! `session#ULID`: browsers in which somebody is logged in.

use ulid::Ulid;

use super::events::read_whereabouts;
use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, OWNER, PK, hash, text, text_set, texts, time};
use super::outcome::unavailable;
use super::{Store, StoreError, UlidRange, owner_of};
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::secret::SecretHash;
use crate::model::session::{AnsweredRequest, Authentication, EndedSession, Session, SiteSession};
use crate::model::user::UserId;

const PREFIX: &str = "session#";

impl Store {
    /// Writes a new session. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        self.create("create_session", &self.tables.state, render(session)).await
    }

    /// Replaces a session's secret, login, whereabouts, answered request and, if there is a new one, the site's login, if it still has `old_secret`
    /// and the same user and has not ended. Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn renew_session(&self, session: &Session, old_secret: SecretHash, now: Timestamp) -> Result<bool, StoreError> {
        let condition = Expression::default()
            .and_with("secret_hash = :old", ":old", hash(&old_secret))
            .and_with("user_id = :user", ":user", text(session.user_id.to_string()))
            .and_with("expires_at > :now", ":now", time(now));
        let mut set = "SET secret_hash = :new, auth_time = :auth, amr = :amr, expires_at = :end".to_owned();
        let whereabouts = [("browser", session.whereabouts.browser.to_text()), ("network", session.whereabouts.network.clone())];
        let mut remove: Vec<&str> = Vec::new();
        let mut values = condition
            .with(":new", hash(&session.secret_hash))
            .with(":auth", time(session.authentication.auth_time))
            .with(":amr", texts(&session.authentication.amr))
            .with(":end", time(session.expires_at));
        match &session.authentication.acr {
            Some(acr) => {
                set.push_str(", acr = :acr");
                values = values.with(":acr", text(acr));
            }
            None => remove.push("acr"),
        }
        match &session.answered {
            Some(answered) => {
                set.push_str(", answered_hash = :request, answered_at = :at");
                values = values.with(":request", hash(&answered.hash)).with(":at", time(answered.at));
            }
            None => remove.extend(["answered_hash", "answered_at"]),
        }
        for (name, value) in whereabouts {
            match value {
                Some(value) => {
                    set = format!("{set}, {name} = :{name}");
                    values = values.with(&format!(":{name}"), text(value));
                }
                None => remove.push(name),
            }
        }
        if let Some(site) = &session.site {
            set.push_str(", site_sub = :site");
            values = values.with(":site", text(&site.subject));
            match &site.session_id {
                Some(id) => {
                    set.push_str(", site_sid = :sid");
                    values = values.with(":sid", text(id));
                }
                None => remove.push("site_sid"),
            }
        }
        if !remove.is_empty() {
            set = format!("{set} REMOVE {}", remove.join(", "));
        }
        self.update_if("renew_session", &self.tables.state, key(session.id), &set, values).await
    }

    /// Notes in a session that `client` wants to be told when it ends, unless it has ended. Answers whether that is noted.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn note_client(&self, id: Ulid, client: &ClientId, now: Timestamp) -> Result<bool, StoreError> {
        let update = Expression::default().and_with("expires_at > :now", ":now", time(now)).with(":client", text_set([client.as_str()]));
        self.update_if("note_client", &self.tables.state, key(id), "ADD clients :client", update).await
    }

    /// Reads a session that has not ended at `now`, consistently. The caller compares the secret.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_session(&self, id: Ulid, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let item = self.find("find_session", &self.tables.state, key(id)).await?;
        let session = item.as_ref().map(read).transpose()?;
        Ok(session.filter(|session| session.expires_at > now))
    }

    /// Ends a session. One that is gone stays gone.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn end_session(&self, id: Ulid) -> Result<(), StoreError> {
        let delete = self.dynamodb.delete_item().table_name(&self.tables.state).key(PK, text(key(id)));
        delete.send().await.map(drop).map_err(unavailable("end_session"))
    }

    /// The sessions of a user, by the index.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_session_ids(&self, user: UserId) -> Result<Vec<Ulid>, StoreError> {
        self.list_owned("list_session_ids", user, PREFIX).await
    }

    /// The sessions of a user that lie in `range`, the newest first, at most `most`, by the index.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_session_ids_in(&self, user: UserId, range: UlidRange, most: Option<u16>) -> Result<Vec<Ulid>, StoreError> {
        self.list_owned_in("list_session_ids", user, PREFIX, range, most).await
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

fn render(session: &Session) -> Item {
    let login = &session.authentication;
    let item = ItemBuilder::new(key(session.id))
        .text(OWNER, owner_of(session.user_id))
        .hash("secret_hash", &session.secret_hash)
        .text("user_id", session.user_id.to_string())
        .time("auth_time", login.auth_time)
        .optional_text("acr", login.acr.as_deref())
        .optional_text("site_sub", session.site.as_ref().map(|site| site.subject.as_str()))
        .optional_text("site_sid", session.site.as_ref().and_then(|site| site.session_id.as_deref()))
        .texts("amr", &login.amr)
        .optional_text("browser", session.whereabouts.browser.to_text().as_deref())
        .optional_text("network", session.whereabouts.network.as_deref())
        .time("created_at", session.created_at)
        .time(EXPIRES_AT, session.expires_at);
    let item =
        if session.clients.is_empty() { item } else { item.attribute("clients", text_set(session.clients.iter().map(ClientId::as_str))) };
    match &session.answered {
        Some(answered) => item.hash("answered_hash", &answered.hash).time("answered_at", answered.at),
        None => item,
    }
    .build()
}

fn read(item: &Item) -> Result<Session, StoreError> {
    let item = ItemReader::new("session", item);
    let answered = match (item.find_hash("answered_hash")?, item.find_time("answered_at")?) {
        (Some(hash), Some(at)) => Some(AnsweredRequest { hash, at }),
        (None, None) => None,
        _ => return Err(item.corrupt("answered_at")),
    };
    Ok(Session {
        id: item.key_ulid(PREFIX)?,
        secret_hash: item.hash("secret_hash")?,
        user_id: item.user_id("user_id")?,
        authentication: Authentication { auth_time: item.time("auth_time")?, acr: item.find_owned("acr")?, amr: item.texts("amr")? },
        answered,
        whereabouts: read_whereabouts(&item)?,
        clients: read_clients(&item)?,
        site: read_site(&item)?,
        created_at: item.time("created_at")?,
        expires_at: item.time(EXPIRES_AT)?,
    })
}

/// The session whose record was `image` when it was deleted.
pub(super) fn read_ended(image: &Item) -> Result<EndedSession, StoreError> {
    let item = ItemReader::new("session", image);
    Ok(EndedSession {
        id: item.key_ulid(PREFIX)?,
        user_id: item.user_id("user_id")?,
        clients: read_clients(&item)?,
        site: read_site(&item)?,
        expires_at: item.find_time(EXPIRES_AT)?,
    })
}

/// Whether `pk` is the key of a session.
pub(super) fn is_session(pk: &str) -> bool {
    pk.starts_with(PREFIX)
}

fn read_site(item: &ItemReader<'_>) -> Result<Option<SiteSession>, StoreError> {
    let session_id = item.find_owned("site_sid")?;
    Ok(item.find_owned("site_sub")?.map(|subject| SiteSession { subject, session_id }))
}

fn read_clients(item: &ItemReader<'_>) -> Result<Vec<ClientId>, StoreError> {
    item.text_set("clients")?.iter().map(|id| ClientId::parse(id).map_err(|_| item.corrupt("clients"))).collect()
}
