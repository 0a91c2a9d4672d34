//! `client#id`: the operator's clients. No function may write them.

use super::{Store, StoreError};
use crate::model::client::{ClientId, StoredClient};

impl Store {
    /// Reads a client, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_client(&self, id: &ClientId) -> Result<Option<StoredClient>, StoreError> {
        todo!()
    }

    /// Registers a client. Answers whether the identifier was free; nothing is written when it was not.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_client(&self, client: &StoredClient) -> Result<bool, StoreError> {
        todo!()
    }

    /// Replaces a registered client. Answers whether it was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_client(&self, client: &StoredClient) -> Result<bool, StoreError> {
        todo!()
    }

    /// Removes a client. Answers whether it was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_client(&self, id: &ClientId) -> Result<bool, StoreError> {
        todo!()
    }

    /// All clients, by a scan of the registry: for the operator's program only, no function may do this.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_clients(&self) -> Result<Vec<StoredClient>, StoreError> {
        todo!()
    }
}
