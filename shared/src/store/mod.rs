//! The only code that speaks to DynamoDB. Two tables, one file a record type; `docs/storage-schema.md` shows each record.
//!
//! Outcomes that a client may cause (`Redeemed`, `Refused`, `Gone`) are values. A [`StoreError`] means that the store failed, and nothing else.

mod attempts;
mod clients;
mod codes;
mod consents;
mod grants;
mod jti;
mod keys;
mod sessions;
mod users;

pub use attempts::{Attempt, AttemptLimit};
pub use jti::{JtiKind, Spent};

use aws_sdk_dynamodb::Client as DynamoDb;

use crate::config::Tables;

/// The two tables, behind the AWS SDK. Cloning is cheap and shares connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// The SDK's client.
    pub(crate) dynamodb: DynamoDb,
    /// The names of the tables.
    pub(crate) tables: Tables,
}

impl Store {
    /// A store on the tables that `tables` names.
    #[must_use]
    pub fn new(dynamodb: DynamoDb, tables: Tables) -> Self {
        Self { dynamodb, tables }
    }
}

/// The store failed: what was asked may or may not have happened. Answered with 503, never with a word about the client.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB refused or did not answer, after the retries that the operation allows.
    #[error("{operation} failed: {reason}")]
    Unavailable {
        /// The operation, for the log.
        operation: &'static str,
        /// The cause, for the log; it has no secret in it.
        reason: String,
    },
    /// A record does not have the form that this version writes.
    #[error("{record} has an unexpected form: {reason}")]
    Corrupt {
        /// The type of the record.
        record: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}
