//! `attempt#…`: how often somebody guessed, per account and address, in windows of time.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::item::{Expression, ItemReader, PK, number, text};
use super::outcome::unavailable;
use super::{Store, StoreError};
use crate::context::Timestamp;
use crate::model::secret::SecretHash;

/// What is counted, and how many are allowed.
#[derive(Clone, Debug)]
pub struct AttemptLimit {
    /// What is counted: a purpose, an account and an address, hashed by the store into the key.
    pub subject: String,
    /// How many attempts a window allows.
    pub limit: u32,
    /// The length of a window in seconds.
    pub window: i64,
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is this many-th of its window.
    Allowed(u32),
    /// The window is used up; the next begins in so many seconds.
    Exhausted {
        /// Seconds until an attempt is allowed again.
        retry_after: i64,
    },
}

impl AttemptLimit {
    /// When the window of `now` ends.
    fn end(&self, now: Timestamp) -> Timestamp {
        let window = self.window.max(1);
        now.plus(window - now.0.rem_euclid(window))
    }

    /// Names, addresses and their lengths stay out of the table.
    fn key(&self, now: Timestamp) -> String {
        let hash = SecretHash::of(self.subject.as_bytes());
        let (short, _) = hash.as_bytes().split_at(16);
        format!("attempt#{}#{}", URL_SAFE_NO_PAD.encode(short), self.end(now).0)
    }
}

impl Store {
    /// Counts an attempt before it is made, so that parallel ones can't outrun the counter: one conditional write.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn count_attempt(&self, limit: &AttemptLimit, now: Timestamp) -> Result<Attempt, StoreError> {
        let end = limit.end(now);
        let condition = Expression::default()
            .and_with("(attribute_not_exists(attempts) OR attempts < :limit)", ":limit", number(limit.limit))
            .with(":one", number(1))
            .with(":end", number(end.0));
        let answer = self
            .dynamodb
            .update_item()
            .table_name(&self.tables.state)
            .key(PK, text(limit.key(now)))
            .update_expression("SET expires_at = :end ADD attempts :one")
            .condition_expression(condition.condition())
            .set_expression_attribute_values(Some(condition.into_values()))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        match answer {
            Ok(updated) => {
                let item = updated.attributes.unwrap_or_default();
                Ok(Attempt::Allowed(ItemReader::new("attempt", &item).number("attempts")?))
            }
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => {
                Ok(Attempt::Exhausted { retry_after: end.since(now) })
            }
            Err(error) => Err(unavailable("count_attempt")(error)),
        }
    }

    /// Forgets the attempts of the present window, after a success.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn clear_attempts(&self, limit: &AttemptLimit, now: Timestamp) -> Result<(), StoreError> {
        let delete = self.dynamodb.delete_item().table_name(&self.tables.state).key(PK, text(limit.key(now)));
        delete.send().await.map(drop).map_err(unavailable("clear_attempts"))
    }
}
