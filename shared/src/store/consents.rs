//! `consent#user#client`: what a person allowed a client before, so as not to be asked again.

use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::user::UserId;

impl Store {
    /// The scopes that the user allowed the client, consistently; none when never asked.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_consent(&self, user: UserId, client: &ClientId) -> Result<Vec<String>, StoreError> {
        todo!()
    }

    /// Remembers `scopes`, all that the user allows the client from now on.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remember_consent(&self, user: UserId, client: &ClientId, scopes: &[String], now: Timestamp) -> Result<(), StoreError> {
        todo!()
    }
}
