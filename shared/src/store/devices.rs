//! `device#ULID` and `device#code#…`: requests of devices (RFC 8628), and the user codes by which people find them.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem, Update};
use ulid::Ulid;

use super::grants;
use super::item::{EXPIRES_AT, Expression, Item, ItemBuilder, ItemReader, PK, hash, number, text, time};
use super::outcome::{Written, unavailable};
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::device::{Answered, DevicePresentation, DeviceRedemption, DeviceRequest, DeviceStatus, EARLY, Pace, SLOW_DOWN, UserCode};
use crate::model::grant::Grant;
use crate::protocol::details::AuthorizationDetails;

const PREFIX: &str = "device#";
const CODE_PREFIX: &str = "device#code#";
const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";
const APPROVE: &str = "SET #status = :approved, user_id = :user";
const DENY: &str = "SET #status = :denied";
const KEEP_PACE: &str = "SET next_poll_at = :next";
const SLOW_DOWN_BY: &str = "SET next_poll_at = poll_interval + :reach, poll_interval = poll_interval + :more";
/// How often a write is tried that meets another one on the same item.
const ATTEMPTS: u32 = 4;

impl Store {
    /// Writes a request of a device under its user code. Answers `false`, with nothing written, when another request has that code.
    ///
    /// # Errors
    /// When the store failed; the request may or may not be there, and its codes must not be handed out.
    pub async fn create_device_request(&self, request: &DeviceRequest, now: Timestamp) -> Result<bool, StoreError> {
        const OPERATION: &str = "create_device_request";
        let pointer = ItemBuilder::new(code_key(&request.user_code))
            .text("device_id", request.id.to_string())
            .time(EXPIRES_AT, request.expires_at)
            .build();
        // A code that is over may be used again, though TTL has not removed it yet.
        let is_free = Expression::default().and_with("(attribute_not_exists(pk) OR expires_at <= :now)", ":now", time(now));
        let put = self
            .dynamodb
            .put_item()
            .table_name(&self.tables.state)
            .set_item(Some(pointer))
            .condition_expression(is_free.condition())
            .set_expression_attribute_values(Some(is_free.into_values()));
        match put.send().await {
            Ok(_) => {}
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => return Ok(false),
            Err(error) => return Err(unavailable(OPERATION)(error)),
        }
        self.create(OPERATION, &self.tables.state, render(request)).await.map(|()| true)
    }

    /// Reads a request that is not over at `now`, consistently.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_device_request(&self, id: Ulid, now: Timestamp) -> Result<Option<DeviceRequest>, StoreError> {
        let item = self.find("find_device_request", &self.tables.state, key(id)).await?;
        let request = item.as_ref().map(read).transpose()?;
        Ok(request.filter(|request| request.expires_at > now))
    }

    /// Finds the request that has this user code and is not over at `now`, consistently. The caller counts the attempt before.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn find_device_by_code(&self, code: &UserCode, now: Timestamp) -> Result<Option<DeviceRequest>, StoreError> {
        let Some(item) = self.find("find_device_by_code", &self.tables.state, code_key(code)).await? else { return Ok(None) };
        let pointer = ItemReader::new("device code", &item);
        if pointer.time(EXPIRES_AT)? <= now {
            return Ok(None);
        }
        let request = self.find_device_request(pointer.ulid("device_id")?, now).await?;
        Ok(request.filter(|request| request.user_code == *code))
    }

    /// Writes the grant and turns the request from pending to approved, both or neither: in one transaction. Whatever became of a race with
    /// another answer, no grant is left that nobody can use.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn approve_device(&self, grant: &Grant, now: Timestamp) -> Result<Answered, StoreError> {
        const OPERATION: &str = "approve_device";
        let corrupt = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Corrupt { record: "device", reason: error.to_string() };
        let condition = is_pending(now).and_with("client_id = :client", ":client", text(grant.client_id.as_str()));
        let condition_text = condition.condition();
        let values = condition.with(":approved", text(APPROVED)).with(":user", text(grant.user_id.to_string()));
        let approve = Update::builder()
            .table_name(&self.tables.state)
            .key(PK, text(key(grant.id)))
            .update_expression(APPROVE)
            .condition_expression(condition_text)
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values.into_values()))
            .build()
            .map_err(corrupt)?;
        let put = Put::builder().table_name(&self.tables.state).set_item(Some(grants::render(grant)));
        let put = put.condition_expression("attribute_not_exists(pk)").build().map_err(corrupt)?;
        let both = [TransactWriteItem::builder().put(put).build(), TransactWriteItem::builder().update(approve).build()];
        for _ in 0..ATTEMPTS {
            // The SDK sends a token with it, by which DynamoDB knows a retry of an applied transaction.
            let Err(error) = self.dynamodb.transact_write_items().set_transact_items(Some(both.to_vec())).send().await else {
                return Ok(Answered::Done);
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
                return Err(unavailable(OPERATION)(error));
            };
            let has = |code: &str| cancelled.cancellation_reasons().iter().filter_map(CancellationReason::code).any(|c| c == code);
            if has("ConditionalCheckFailed") {
                return Ok(Answered::TooLate);
            }
            if !has("TransactionConflict") {
                return Err(unavailable(OPERATION)(error));
            }
        }
        Err(StoreError::Unavailable { operation: OPERATION, reason: "other writes to the same items".to_owned() })
    }

    /// Turns the request from pending to denied.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn deny_device(&self, id: Ulid, now: Timestamp) -> Result<Answered, StoreError> {
        const OPERATION: &str = "deny_device";
        let condition = is_pending(now);
        let condition_text = condition.condition();
        let values = condition.with(":denied", text(DENIED));
        for _ in 0..ATTEMPTS {
            match self.update_device(id, DENY, &condition_text, values.clone()).await {
                Ok(_) => return Ok(Answered::Done),
                Err(error) if is_refused(&error) => return Ok(Answered::TooLate),
                Err(error) if is_conflict(&error) => {}
                Err(error) => return Err(unavailable(OPERATION)(error)),
            }
        }
        Err(StoreError::Unavailable { operation: OPERATION, reason: "other writes to the same item".to_owned() })
    }

    /// Notes a poll of a request that was pending with `pace` a moment ago. Answers whether it came slowly enough; one that did not slows all that
    /// follow (RFC 8628 section 3.5). Of parallel polls one is slow enough at most.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn note_poll(&self, id: Ulid, pace: Pace, now: Timestamp) -> Result<bool, StoreError> {
        const OPERATION: &str = "note_poll";
        if pace.allows(now) {
            let condition = Expression::default().and_with("#status = :pending", ":pending", text(PENDING)).and_with(
                "next_poll_at = :seen",
                ":seen",
                time(pace.next_at),
            );
            let condition_text = condition.condition();
            let values = condition.with(":next", time(pace.after(now).next_at));
            match self.update_device(id, KEEP_PACE, &condition_text, values).await {
                Ok(_) => return Ok(true),
                // Somebody is answering this very moment; the next poll will see it.
                Err(error) if is_conflict(&error) => return Ok(true),
                Err(error) if is_refused(&error) => {}
                Err(error) => return Err(unavailable(OPERATION)(error)),
            }
        }
        let condition = Expression::default().and_with("#status = :pending", ":pending", text(PENDING));
        let condition_text = condition.condition();
        let values = condition.with(":more", number(SLOW_DOWN)).with(":reach", time(now.plus(SLOW_DOWN - EARLY)));
        match self.update_device(id, SLOW_DOWN_BY, &condition_text, values).await {
            Ok(_) => Ok(false),
            Err(error) if is_refused(&error) || is_conflict(&error) => Ok(false),
            Err(error) => Err(unavailable(OPERATION)(error)),
        }
    }

    async fn update_device(
        &self,
        id: Ulid,
        update: &str,
        condition: &str,
        values: Expression,
    ) -> Result<UpdateItemOutput, SdkError<UpdateItemError>> {
        self.dynamodb
            .update_item()
            .table_name(&self.tables.state)
            .key(PK, text(key(id)))
            .update_expression(update)
            .condition_expression(condition)
            .expression_attribute_names("#status", "status")
            .set_expression_attribute_values(Some(values.into_values()))
            .send()
            .await
    }

    /// Redeems an approved request by one conditional delete, the only thing that decides who may issue tokens.
    ///
    /// # Errors
    /// When it can't be known whether it was redeemed by this call. The caller answers 503.
    pub async fn redeem_device(&self, presentation: &DevicePresentation) -> Result<DeviceRedemption, StoreError> {
        let condition = redemption(presentation);
        match self.take("redeem_device", key(presentation.id), &condition).await? {
            Written::Applied(Some(item)) => Ok(DeviceRedemption::Redeemed(Box::new(read(&item)?))),
            Written::Refused(Some(item)) => Ok(DeviceRedemption::Refused(Box::new(read(&item)?))),
            Written::Applied(None) | Written::Refused(None) => Ok(DeviceRedemption::Gone),
        }
    }
}

fn key(id: Ulid) -> String {
    format!("{PREFIX}{id}")
}

fn code_key(code: &UserCode) -> String {
    format!("{CODE_PREFIX}{}", code.as_str())
}

fn is_refused(error: &SdkError<UpdateItemError>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception)
}

fn is_conflict(error: &SdkError<UpdateItemError>) -> bool {
    error.as_service_error().is_some_and(UpdateItemError::is_transaction_conflict_exception)
}

/// Nobody has answered, and there is time left. A request that is not there fails each clause.
fn is_pending(now: Timestamp) -> Expression {
    Expression::default().and_with("#status = :pending", ":pending", text(PENDING)).and_with("expires_at > :now", ":now", time(now))
}

/// Everything that must be right about a redemption (RFC 8628 section 3.4, RFC 8707 section 2.2).
fn redemption(presented: &DevicePresentation) -> Expression {
    Expression::default()
        .and_with("#status = :approved", ":approved", text(APPROVED))
        .and_with("secret_hash = :hash", ":hash", hash(&presented.secret_hash))
        .and_with("client_id = :client", ":client", text(presented.client_id.as_str()))
        .and_with("expires_at > :now", ":now", time(presented.now))
        .and_contains("resources", ":resource", &presented.resources)
}

fn render(request: &DeviceRequest) -> Item {
    let (status, user_id) = match request.status {
        DeviceStatus::Pending => (PENDING, None),
        DeviceStatus::Approved { user_id } => (APPROVED, Some(user_id.to_string())),
        DeviceStatus::Denied => (DENIED, None),
    };
    ItemBuilder::new(key(request.id))
        .hash("secret_hash", &request.secret_hash)
        .hash("seed_hash", &request.seed_hash)
        .text("client_id", request.client_id.as_str())
        .text("user_code", request.user_code.as_str())
        .texts("scopes", &request.scopes)
        .texts("resources", &request.resources)
        .optional_texts("authorization_details", &request.details.texts())
        .text("status", status)
        .optional_text("user_id", user_id.as_deref())
        .number("poll_interval", request.pace.interval)
        .time("next_poll_at", request.pace.next_at)
        .time(EXPIRES_AT, request.expires_at)
        .build()
}

fn read(item: &Item) -> Result<DeviceRequest, StoreError> {
    let item = ItemReader::new("device", item);
    let status = match item.text("status")? {
        PENDING => DeviceStatus::Pending,
        APPROVED => DeviceStatus::Approved { user_id: item.user_id("user_id")? },
        DENIED => DeviceStatus::Denied,
        _ => return Err(item.corrupt("status")),
    };
    Ok(DeviceRequest {
        id: item.key_ulid(PREFIX)?,
        secret_hash: item.hash("secret_hash")?,
        seed_hash: item.hash("seed_hash")?,
        client_id: item.client_id("client_id")?,
        user_code: UserCode::parse(item.text("user_code")?).map_err(|_| item.corrupt("user_code"))?,
        scopes: item.texts("scopes")?,
        resources: item.texts("resources")?,
        details: AuthorizationDetails::from_texts(&item.find_texts("authorization_details")?.unwrap_or_default())
            .ok_or_else(|| item.corrupt("authorization_details"))?,
        status,
        pace: Pace { interval: item.number("poll_interval")?, next_at: item.time("next_poll_at")? },
        expires_at: item.time(EXPIRES_AT)?,
    })
}
