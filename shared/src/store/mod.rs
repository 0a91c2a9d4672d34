//! The only code that speaks to DynamoDB. Two tables, one file a record type; `docs/storage-schema.md` shows each record.
//!
//! Outcomes that a client may cause (`Redeemed`, `Refused`, `Gone`) are values. A [`StoreError`] means that the store failed, and nothing else.

mod attempts;
mod ceremonies;
mod client_documents;
mod clients;
mod codes;
mod consents;
mod devices;
mod dynamic_clients;
mod events;
mod factors;
mod grants;
mod identities;
mod item;
mod jti;
mod keys;
mod outcome;
mod par;
mod passkeys;
mod sessions;
mod stream;
mod transaction;
mod users;

pub use attempts::{Attempt, AttemptLimit};
pub use client_documents::KeptDocument;
pub use identities::{KeptIdentity, OtherWays, connection_key};
pub use jti::{JtiKind, Spent};
pub use keys::SETTINGS_KEY;
pub use passkeys::{PasskeyAdded, PasskeyRemoved, PersonAdded};
pub use stream::{StreamError, find_ended_session};

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client as DynamoDb;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Builder, Intercept};
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_http_client::Builder as HttpClientBuilder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use ulid::Ulid;

use self::item::{BY_OWNER, Expression, Item, ItemReader, OWNER, PK, text};
use self::outcome::{Attempted, Written, judge, one_attempt, unavailable, write_once};
use crate::config::Tables;
use crate::model::code::parse_ulid;
use crate::model::user::UserId;

/// Idle connections die after this. DynamoDB and the network between drop them later, and a frozen function wakes with stale ones.
const IDLE: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);
/// How long an attempt may take; DynamoDB answers in milliseconds.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long a call may take with all its attempts.
const CALL: Duration = Duration::from_secs(6);

/// An HTTP client for AWS's services. The SDK's own default prepares more than is used, at every start.
pub(crate) fn http_client() -> SharedHttpClient {
    HttpClientBuilder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).pool_idle_timeout(IDLE).build_https()
}

/// The HTTP client that `sdk` brings, so that all services share one and the roots of trust are read once; else a new one.
pub(crate) fn http_client_of(sdk: &SdkConfig) -> SharedHttpClient {
    sdk.http_client().unwrap_or_else(http_client)
}

/// The two tables, behind the AWS SDK. Cloning is cheap and shares connections.
#[derive(Clone, Debug)]
pub struct Store {
    /// The SDK's client.
    pub(crate) dynamodb: DynamoDb,
    /// The names of the tables.
    pub(crate) tables: Tables,
    /// How long one attempt of a write may take whose outcome must be known.
    patience: Duration,
}

impl Store {
    /// A store on the tables that `tables` names, by the credentials, region and endpoint of `sdk`. Nothing is sent yet.
    #[must_use]
    pub fn connect(sdk: &SdkConfig, tables: Tables) -> Self {
        let http = http_client_of(sdk);
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).operation_timeout(CALL).build();
        let config =
            Builder::from(sdk).http_client(http).timeout_config(timeouts).retry_config(RetryConfig::standard().with_max_attempts(3));
        Self { dynamodb: DynamoDb::from_conf(config.build()), tables, patience: outcome::ATTEMPT }
    }

    /// The same store for whoever would rather wait this long than not know what became of a write.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same store with somebody who looks on at each call. For the local server, which shows what happens.
    #[must_use]
    pub fn watched_by(self, watcher: impl Intercept + 'static) -> Self {
        let config = self.dynamodb.config().to_builder().interceptor(watcher).build();
        Self { dynamodb: DynamoDb::from_conf(config), ..self }
    }

    /// The item at `pk`, by a consistent read.
    async fn find(&self, operation: &'static str, table: &str, pk: String) -> Result<Option<Item>, StoreError> {
        let get = self.dynamodb.get_item().table_name(table).key(PK, text(pk)).consistent_read(true);
        get.send().await.map(|answer| answer.item).map_err(unavailable(operation))
    }

    /// Writes an item whose key was made just now. Finding exactly this item there is our own success, whose answer was lost before the SDK's
    /// retry; finding another one is a failure.
    async fn create(&self, operation: &'static str, table: &str, item: Item) -> Result<(), StoreError> {
        let answer = self
            .dynamodb
            .put_item()
            .table_name(table)
            .set_item(Some(item.clone()))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = answer else { return Ok(()) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) if failed.item.as_ref() == Some(&item) => Ok(()),
            _ => Err(unavailable(operation)(error)),
        }
    }

    /// Writes an item if `condition` holds. Answers whether it did.
    async fn put_if(&self, operation: &'static str, table: &str, item: Item, condition: &str) -> Result<bool, StoreError> {
        match self.dynamodb.put_item().table_name(table).set_item(Some(item)).condition_expression(condition).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => Ok(false),
            Err(error) => Err(unavailable(operation)(error)),
        }
    }

    /// Updates the item at `pk` by `set` if the condition of `update` holds. Answers whether it did.
    async fn update_if(&self, operation: &'static str, table: &str, pk: String, set: &str, update: Expression) -> Result<bool, StoreError> {
        let answer = self
            .dynamodb
            .update_item()
            .table_name(table)
            .key(PK, text(pk))
            .update_expression(set)
            .condition_expression(update.condition())
            .set_expression_attribute_names(update.names())
            .set_expression_attribute_values(Some(update.into_values()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) => Ok(false),
            Err(error) => Err(unavailable(operation)(error)),
        }
    }

    /// Takes the item at `pk` out of the table of state if `condition` holds: one conditional delete, the only thing that decides who has it. The SDK's
    /// retries are off; an item that is still there was not deleted by us, whatever came before.
    ///
    /// # Errors
    /// When it can't be known whether this call took it.
    async fn take(&self, operation: &'static str, pk: String, condition: &Expression) -> Result<Written, StoreError> {
        let delete = async || {
            let answer = self
                .dynamodb
                .delete_item()
                .table_name(&self.tables.state)
                .key(PK, text(&pk))
                .condition_expression(condition.condition())
                .set_expression_attribute_names(condition.names())
                .set_expression_attribute_values(Some(condition.clone().into_values()))
                .return_values(ReturnValue::AllOld)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .customize()
                .config_override(one_attempt(self.patience))
                .send()
                .await;
            match answer {
                Ok(deleted) => Attempted::Applied(deleted.attributes),
                Err(error) => judge(&error, |error| match error {
                    DeleteItemError::ConditionalCheckFailedException(failed) => Some(failed.item.clone()),
                    _ => None,
                }),
            }
        };
        write_once(operation, delete, |item| item.is_none()).await
    }

    /// Removes the item at `pk`. Answers whether it was there.
    async fn remove(&self, operation: &'static str, table: &str, pk: String) -> Result<bool, StoreError> {
        let delete = self.dynamodb.delete_item().table_name(table).key(PK, text(pk)).return_values(ReturnValue::AllOld);
        delete.send().await.map(|answer| answer.attributes.is_some()).map_err(unavailable(operation))
    }

    /// The ULIDs of a user's records whose keys begin with `prefix`, by the index.
    async fn list_owned(&self, operation: &'static str, user: UserId, prefix: &str) -> Result<Vec<Ulid>, StoreError> {
        let mut pages = self
            .dynamodb
            .query()
            .table_name(&self.tables.state)
            .index_name(BY_OWNER)
            .key_condition_expression("#owner = :owner AND begins_with(pk, :prefix)")
            .expression_attribute_names("#owner", OWNER)
            .expression_attribute_values(":owner", text(owner_of(user)))
            .expression_attribute_values(":prefix", text(prefix))
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(unavailable(operation))?;
            let item = ItemReader::new("index", &item);
            ids.push(item.text(PK)?.strip_prefix(prefix).and_then(parse_ulid).ok_or_else(|| item.corrupt(PK))?);
        }
        Ok(ids)
    }

    /// The ULIDs of a user's records whose keys begin with `prefix` and whose ULIDs lie in `range`, the newest first, at most `most`, by the index.
    async fn list_owned_in(
        &self,
        operation: &'static str,
        user: UserId,
        prefix: &str,
        range: UlidRange,
        most: Option<u16>,
    ) -> Result<Vec<Ulid>, StoreError> {
        let mut pages = self
            .dynamodb
            .query()
            .table_name(&self.tables.state)
            .index_name(BY_OWNER)
            .key_condition_expression("#owner = :owner AND pk BETWEEN :oldest AND :newest")
            .expression_attribute_names("#owner", OWNER)
            .expression_attribute_values(":owner", text(owner_of(user)))
            .expression_attribute_values(":oldest", text(format!("{prefix}{}", range.oldest)))
            .expression_attribute_values(":newest", text(format!("{prefix}{}", range.newest)))
            .scan_index_forward(false)
            .set_limit(most.map(i32::from))
            .into_paginator()
            .items()
            .send();
        let most = most.map_or(usize::MAX, usize::from);
        let mut ids = Vec::new();
        while ids.len() < most
            && let Some(item) = pages.next().await
        {
            let item = item.map_err(unavailable(operation))?;
            let item = ItemReader::new("index", &item);
            ids.push(item.text(PK)?.strip_prefix(prefix).and_then(parse_ulid).ok_or_else(|| item.corrupt(PK))?);
        }
        Ok(ids)
    }

    /// All items of the registry whose keys begin with `prefix`. For the operator's program: no function has the right to do this.
    async fn scan_registry(&self, operation: &'static str, prefix: &str) -> Result<Vec<Item>, StoreError> {
        self.scan(operation, &self.tables.registry, prefix).await
    }

    /// All items of `table` whose keys begin with `prefix`. For the operator's program: no function has the right to do this.
    async fn scan(&self, operation: &'static str, table: &str, prefix: &str) -> Result<Vec<Item>, StoreError> {
        let mut pages = self
            .dynamodb
            .scan()
            .table_name(table)
            .consistent_read(true)
            .filter_expression("begins_with(pk, :prefix)")
            .expression_attribute_values(":prefix", text(prefix))
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(unavailable(operation))?);
        }
        Ok(items)
    }
}

/// ULIDs from one to another, which begin with their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct UlidRange {
    /// The first.
    pub oldest: Ulid,
    /// The last.
    pub newest: Ulid,
}

impl UlidRange {
    /// All that there can be.
    pub const ALL: Self = Self { oldest: Ulid(u128::MIN), newest: Ulid(u128::MAX) };

    /// Those that are older than `id`, if any can be.
    #[must_use]
    pub fn before(id: Ulid) -> Option<Self> {
        id.0.checked_sub(1).map(|newest| Self { newest: Ulid(newest), ..Self::ALL })
    }
}

/// What stands in the attribute `owner` of a user's grants and sessions.
fn owner_of(user: UserId) -> String {
    format!("user#{user}")
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
