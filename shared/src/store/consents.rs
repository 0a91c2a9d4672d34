//! `consent#user#client`: what a person allowed a client before, so as not to be asked again.

use super::item::{ItemBuilder, ItemReader};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::client::ClientId;
use crate::model::consent::Consent;
use crate::model::user::UserId;

/// The beginning of the keys of a user's consents.
pub(super) fn prefix_of(user: UserId) -> String {
    format!("consent#{user}#")
}

fn key(user: UserId, client: &ClientId) -> String {
    format!("{}{client}", prefix_of(user))
}

impl Store {
    /// What the user allowed the client, consistently; nothing when never asked.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_consent(&self, user: UserId, client: &ClientId) -> Result<Consent, StoreError> {
        let Some(item) = self.find("find_consent", &self.tables.registry, key(user, client)).await? else {
            return Ok(Consent::default());
        };
        let item = ItemReader::new("consent", &item);
        Ok(Consent {
            scopes: item.texts("scopes")?,
            claims: item.find_texts("claims")?.unwrap_or_default(),
            resources: item.find_texts("resources")?.unwrap_or_default(),
        })
    }

    /// Remembers `consent`, all that the user allows the client from now on.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remember_consent(&self, user: UserId, client: &ClientId, consent: &Consent, now: Timestamp) -> Result<(), StoreError> {
        let item = ItemBuilder::new(key(user, client))
            .texts("scopes", &consent.scopes)
            .optional_texts("claims", &consent.claims)
            .optional_texts("resources", &consent.resources)
            .time("updated_at", now)
            .build();
        let put = self.dynamodb.put_item().table_name(&self.tables.registry).set_item(Some(item));
        put.send().await.map(drop).map_err(unavailable("remember_consent"))
    }
}
