//! `client#id`: the operator's clients. No function may write them.

use super::item::{Item, ItemBuilder, ItemReader};
use super::{Store, StoreError};
use crate::model::client::{ClientId, Origin, StoredClient};

const PREFIX: &str = "client#";

impl Store {
    /// Reads a client, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<StoredClient>, StoreError> {
        self.find("find_client", &self.tables.registry, key(id)).await?.as_ref().map(read).transpose()
    }

    /// Registers a client. Answers whether the identifier was free; nothing is written when it was not.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_client(&self, client: &StoredClient) -> Result<bool, StoreError> {
        self.put_if("create_client", &self.tables.registry, render(client)?, "attribute_not_exists(pk)").await
    }

    /// Replaces a registered client. Answers whether it was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_client(&self, client: &StoredClient) -> Result<bool, StoreError> {
        self.put_if("replace_client", &self.tables.registry, render(client)?, "attribute_exists(pk)").await
    }

    /// Removes a client. Answers whether it was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_client(&self, id: &ClientId) -> Result<bool, StoreError> {
        self.remove("remove_client", &self.tables.registry, key(id)).await
    }

    /// All clients, by a scan of the registry: for the operator's program only, no function may do this.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        self.scan_registry("list_clients", PREFIX).await?.iter().map(read).collect()
    }
}

pub(super) fn key(id: &ClientId) -> String {
    format!("{PREFIX}{id}")
}

fn render(client: &StoredClient) -> Result<Item, StoreError> {
    Ok(render_at(key(&client.client.client_id), client)?.build())
}

/// What the records of all registered clients have in common.
pub(super) fn render_at(key: String, client: &StoredClient) -> Result<ItemBuilder, StoreError> {
    let registration =
        serde_json::to_string(&client.client).map_err(|error| StoreError::Corrupt { record: "client", reason: error.to_string() })?;
    let mut item = ItemBuilder::new(key).text("registration", registration).time("created_at", client.created_at);
    if let Some(hash) = &client.secret_hash {
        item = item.hash("secret_hash", hash);
    }
    if let Some((hash, until)) = &client.previous_secret {
        item = item.hash("previous_secret_hash", hash).time("previous_secret_until", *until);
    }
    if let Some(sealed) = &client.sealed_secret {
        item = item.bytes("sealed_secret", sealed);
    }
    Ok(item)
}

fn read(item: &Item) -> Result<StoredClient, StoreError> {
    read_with(ItemReader::new("client", item), Origin::Operator)
}

/// Reads what the records of all registered clients have in common.
pub(super) fn read_with(item: ItemReader<'_>, origin: Origin) -> Result<StoredClient, StoreError> {
    let client = serde_json::from_str(item.text("registration")?).map_err(|_| item.corrupt("registration"))?;
    let previous = item.find_hash("previous_secret_hash")?.zip(item.find_time("previous_secret_until")?);
    Ok(StoredClient {
        client,
        secret_hash: item.find_hash("secret_hash")?,
        previous_secret: previous,
        sealed_secret: item.find_bytes("sealed_secret")?.map(<[u8]>::to_vec),
        created_at: item.time("created_at")?,
        origin,
    })
}
