//! Several conditional writes as one: all are done, or none is.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use super::outcome::unavailable;
use super::{Store, StoreError};

/// How often a transaction is tried that meets another one on the same items.
const ATTEMPTS: u32 = 4;

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Transacted {
    /// Everything was written.
    Done,
    /// Nothing was: the conditions of the writes at these places do not hold.
    Refused(Vec<usize>),
}

impl Store {
    /// Carries out `writes`, all or none.
    ///
    /// # Errors
    /// When the store failed.
    pub(super) async fn transact(&self, operation: &'static str, writes: &[TransactWriteItem]) -> Result<Transacted, StoreError> {
        for _ in 0..ATTEMPTS {
            // The SDK sends a token with it, by which DynamoDB knows a retry of an applied transaction.
            let Err(error) = self.dynamodb.transact_write_items().set_transact_items(Some(writes.to_vec())).send().await else {
                return Ok(Transacted::Done);
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
                return Err(unavailable(operation)(error));
            };
            let reasons = cancelled.cancellation_reasons();
            let places = |code: &str| -> Vec<usize> {
                reasons.iter().enumerate().filter(|(_, reason)| reason.code() == Some(code)).map(|(place, _)| place).collect()
            };
            let failed = places("ConditionalCheckFailed");
            if !failed.is_empty() {
                return Ok(Transacted::Refused(failed));
            }
            if places("TransactionConflict").is_empty() {
                return Err(unavailable(operation)(error));
            }
        }
        Err(StoreError::Unavailable { operation, reason: "other transactions on the same items".to_owned() })
    }
}
