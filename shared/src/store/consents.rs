//! `consent#user#client`: what a person allowed a client before, so as not to be asked again.

use super::item::{ItemBuilder, ItemReader};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::user::UserId;

/// The beginning of the keys of a user's consents.
pub(super) fn prefix_of(user: UserId) -> String {
    format!("consent#{user}#")
}

fn key(user: UserId, client: &ClientId) -> String {
    format!("{}{client}", prefix_of(user))
}

impl Store {
    /// The scopes that the user allowed the client, consistently; none when never asked.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_consent(&self, user: UserId, client: &ClientId) -> Result<Vec<String>, StoreError> {
        match self.find("find_consent", &self.tables.registry, key(user, client)).await? {
            Some(item) => ItemReader::new("consent", &item).texts("scopes"),
            None => Ok(Vec::new()),
        }
    }

    /// Remembers `scopes`, all that the user allows the client from now on.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remember_consent(&self, user: UserId, client: &ClientId, scopes: &[String], now: Timestamp) -> Result<(), StoreError> {
        let item = ItemBuilder::new(key(user, client)).texts("scopes", scopes).time("updated_at", now).build();
        let put = self.dynamodb.put_item().table_name(&self.tables.registry).set_item(Some(item));
        put.send().await.map(drop).map_err(unavailable("remember_consent"))
    }
}
