//! `par#ULID`: pushed authorization requests. One conditional update binds a request to a browser, one conditional delete decides who gets the
//! code for it.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use ulid::Ulid;

use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, PK, hash, text, time};
use super::outcome::{Written, unavailable};
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::pushed::PushedRequest;
use crate::model::secret::SecretHash;

const PREFIX: &str = "par#";

impl Store {
    /// Writes a pushed request. Its ULID must be new.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn create_pushed_request(&self, pushed: &PushedRequest) -> Result<(), StoreError> {
        self.create("create_pushed_request", &self.tables.state, render(pushed)).await
    }

    /// Reads a pushed request that has not ended at `now`, consistently. The caller compares secret, client and browser.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_pushed_request(&self, id: Ulid, now: Timestamp) -> Result<Option<PushedRequest>, StoreError> {
        let item = self.find("find_pushed_request", &self.tables.state, key(id)).await?;
        let pushed = item.as_ref().map(read).transpose()?;
        Ok(pushed.filter(|pushed| pushed.expires_at > now))
    }

    /// Binds a pushed request to the browser with `browser_hash`, until `until`, if it is as `pushed` says and bound to none. Answers whether it is
    /// bound to this one now.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn bind_pushed_request(
        &self,
        pushed: &PushedRequest,
        browser_hash: &SecretHash,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let condition = unchanged(pushed, now).and("attribute_not_exists(browser_hash)");
        let condition_text = condition.condition();
        let values = condition.with(":browser", hash(browser_hash)).with(":until", time(until));
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.state)
            .key(PK, text(key(pushed.id)))
            .update_expression("SET browser_hash = :browser, expires_at = :until")
            .condition_expression(condition_text)
            .set_expression_attribute_values(Some(values.into_values()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else { return Ok(true) };
        match error.as_service_error() {
            // The SDK may have repeated a call that had been applied: then it is our own browser that we find there.
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => match &failed.item {
                Some(item) => Ok(ItemReader::new("par", item).find_hash("browser_hash")? == Some(*browser_hash)),
                None => Ok(false),
            },
            _ => Err(unavailable("bind_pushed_request")(error)),
        }
    }

    /// Spends a pushed request by one conditional delete, the only thing that decides who issues the code for it. Answers whether this call did.
    ///
    /// # Errors
    /// When it can't be known whether this call did it. The caller issues nothing.
    pub async fn spend_pushed_request(
        &self,
        pushed: &PushedRequest,
        browser_hash: &SecretHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let condition = unchanged(pushed, now).and_with("browser_hash = :browser", ":browser", hash(browser_hash));
        match self.take("spend_pushed_request", key(pushed.id), &condition).await? {
            Written::Applied(_) => Ok(true),
            Written::Refused(_) => Ok(false),
        }
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

/// The record is the one that was read, and has not ended.
fn unchanged(pushed: &PushedRequest, now: Timestamp) -> Expression {
    Expression::default()
        .and_with("secret_hash = :hash", ":hash", hash(&pushed.secret_hash))
        .and_with("client_id = :client", ":client", text(pushed.client_id.as_str()))
        .and_with("expires_at > :now", ":now", time(now))
}

fn render(pushed: &PushedRequest) -> Item {
    let item = ItemBuilder::new(key(pushed.id))
        .hash("secret_hash", &pushed.secret_hash)
        .text("client_id", pushed.client_id.as_str())
        .text("query", &pushed.query)
        .time(EXPIRES_AT, pushed.expires_at);
    match &pushed.browser_hash {
        Some(browser) => item.hash("browser_hash", browser),
        None => item,
    }
    .build()
}

fn read(item: &Item) -> Result<PushedRequest, StoreError> {
    let item = ItemReader::new("par", item);
    Ok(PushedRequest {
        id: item.key_ulid(PREFIX)?,
        secret_hash: item.hash("secret_hash")?,
        client_id: item.client_id("client_id")?,
        query: item.owned("query")?,
        browser_hash: item.find_hash("browser_hash")?,
        expires_at: item.time(EXPIRES_AT)?,
    })
}
