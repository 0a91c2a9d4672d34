//! `session#ULID`: browsers in which somebody is logged in.

use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::secret::SecretHash;
use crate::model::session::Session;
use crate::model::user::UserId;
use ulid::Ulid;

impl Store {
    /// Writes a new session. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        todo!()
    }

    /// Replaces a session's secret, login and answered request, if it still has `old_secret` and the same user and has not ended. Answers whether it did.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn renew_session(&self, session: &Session, old_secret: SecretHash, now: Timestamp) -> Result<bool, StoreError> {
        todo!()
    }

    /// Reads a session that has not ended at `now`, consistently. The caller compares the secret.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_session(&self, id: Ulid, now: Timestamp) -> Result<Option<Session>, StoreError> {
        todo!()
    }

    /// Ends a session. One that is gone stays gone.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn end_session(&self, id: Ulid) -> Result<(), StoreError> {
        todo!()
    }

    /// The sessions of a user, by the index.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_session_ids(&self, user: UserId) -> Result<Vec<Ulid>, StoreError> {
        todo!()
    }
}
