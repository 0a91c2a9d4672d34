//! `dynclient#id`: clients that registered themselves. They lie in `state`, end when nobody uses them, and never stand beside the operator's.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use super::clients::{read_with, render_at};
use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, PK, hash, number, text, time};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::client::{ClientId, ClientSource, DynamicOrigin, Origin, StoredClient};

const PREFIX: &str = "dynclient#";

impl ClientId {
    /// The key of the client's record, for which its secret is sealed.
    #[must_use]
    pub fn record_key(&self) -> String {
        match self.source() {
            ClientSource::Operator => super::clients::key(self),
            ClientSource::Dynamic | ClientSource::Document => key(self),
        }
    }
}

impl Store {
    /// Reads a client that registered itself, consistently; none once it has expired.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_dynamic_client(&self, id: &ClientId, now: Timestamp) -> Result<Option<StoredClient>, StoreError> {
        let found = self.find("find_dynamic_client", &self.tables.state, key(id)).await?;
        Ok(found.as_ref().map(read).transpose()?.filter(|client| client.is_alive(now)))
    }

    /// Keeps a client that registers itself. Its identifier was made just now.
    ///
    /// # Errors
    /// When the store failed; the client may or may not be there, and must not be told of.
    pub async fn create_dynamic_client(&self, client: &StoredClient, origin: &DynamicOrigin) -> Result<(), StoreError> {
        self.create("create_dynamic_client", &self.tables.state, render(client, origin)?).await
    }

    /// Replaces a registration, `client` and `origin` being the new one, if it is still the one that was read: by token and version. Answers whether
    /// this call did it.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn replace_dynamic_client(
        &self,
        client: &StoredClient,
        origin: &DynamicOrigin,
        read: &DynamicOrigin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let item = render(client, origin)?;
        let condition = still(read, now).and_with("version = :version", ":version", number(read.version));
        let answer = self
            .dynamodb
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(item.clone()))
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else { return Ok(true) };
        match error.as_service_error() {
            // Exactly this item there is our own success, whose answer was lost before the SDK's retry.
            Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item.as_ref() == Some(&item)),
            _ => Err(unavailable("replace_dynamic_client")(error)),
        }
    }

    /// Puts off the end of a client that is in use, unless it has ended, or was put off as far already.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn renew_dynamic_client(&self, id: &ClientId, until: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let condition =
            Expression::default().and_with("expires_at > :now", ":now", time(now)).and_with("expires_at < :until", ":until", time(until));
        self.update_if("renew_dynamic_client", &self.tables.state, key(id), "SET expires_at = :until", condition).await.map(drop)
    }

    /// All clients that registered themselves and have not expired, by a scan: for the operator's program only, no function may do this.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn list_dynamic_clients(&self, now: Timestamp) -> Result<Vec<StoredClient>, StoreError> {
        let items = self.scan("list_dynamic_clients", &self.tables.state, PREFIX).await?;
        let clients: Vec<StoredClient> = items.iter().map(read).collect::<Result<_, _>>()?;
        Ok(clients.into_iter().filter(|client| client.is_alive(now)).collect())
    }

    /// Removes a client whatever it says: for the operator. Answers whether it was there.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn expel_dynamic_client(&self, id: &ClientId) -> Result<bool, StoreError> {
        self.remove("expel_dynamic_client", &self.tables.state, key(id)).await
    }

    /// Removes a client whose token is still the one that was read. One that is gone stays gone.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn remove_dynamic_client(&self, id: &ClientId, read: &DynamicOrigin, now: Timestamp) -> Result<(), StoreError> {
        let condition = still(read, now);
        let answer = self
            .dynamodb
            .delete_item()
            .table_name(&self.tables.state)
            .key(PK, text(key(id)))
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) => Ok(()),
            Err(error) => Err(unavailable("remove_dynamic_client")(error)),
        }
    }
}

/// The record is there, has not expired, and belongs to the token that was presented.
fn still(read: &DynamicOrigin, now: Timestamp) -> Expression {
    Expression::default().and_with("token_hash = :token", ":token", hash(&read.token_hash)).and_with("expires_at > :now", ":now", time(now))
}

fn key(id: &ClientId) -> String {
    format!("{PREFIX}{id}")
}

fn render(client: &StoredClient, origin: &DynamicOrigin) -> Result<Item, StoreError> {
    let item: ItemBuilder = render_at(key(&client.client.client_id), client)?;
    Ok(item
        .hash("token_hash", &origin.token_hash)
        .number("version", origin.version)
        .flag("invited", origin.is_invited)
        .time(EXPIRES_AT, origin.expires_at)
        .build())
}

fn read(item: &Item) -> Result<StoredClient, StoreError> {
    let item = ItemReader::new("dynclient", item);
    let origin = DynamicOrigin {
        token_hash: item.hash("token_hash")?,
        version: item.number("version")?,
        is_invited: item.flag("invited")?,
        expires_at: item.time(EXPIRES_AT)?,
    };
    read_with(item, Origin::Dynamic(origin))
}
