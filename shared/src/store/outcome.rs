//! What became of a request to DynamoDB, and writes of which it must be known.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::StoreError;
use super::item::Item;

/// How long one attempt of a write may take whose outcome must be known, unless somebody would rather wait.
pub(super) const ATTEMPT: Duration = Duration::from_millis(1_500);
/// The pause before the second attempt.
const PAUSE: Duration = Duration::from_millis(60);

/// The settings of a call that [`write_once`] repeats itself: the SDK's own retries would hide whether an earlier attempt was applied.
pub(super) fn one_attempt(patience: Duration) -> aws_sdk_dynamodb::config::Builder {
    aws_sdk_dynamodb::config::Builder::new()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(patience).operation_timeout(patience).build())
}

/// What became of one attempt of a conditional write.
#[derive(Debug)]
pub(super) enum Attempted {
    /// It was applied; here is the item from before.
    Applied(Option<Item>),
    /// The condition failed; here is the item as it stands, if there is one.
    Refused(Option<Item>),
    /// It was certainly not applied.
    NotApplied(String),
    /// Nobody knows.
    Unknown(String),
}

/// What became of a conditional write.
#[derive(Debug)]
pub(super) enum Written {
    /// This call did it; here is the item from before.
    Applied(Option<Item>),
    /// The condition failed, and not because of this call itself; here is the item as it stands, if there is one.
    Refused(Option<Item>),
}

/// Carries out a conditional write in at most two attempts.
///
/// `is_own_trace` tells of a refusal after an attempt of unknown outcome whether that attempt may have caused it.
///
/// # Errors
/// When it can't be known whether this call did it.
pub(super) async fn write_once<F: Future<Output = Attempted>>(
    operation: &'static str,
    attempt: impl Fn() -> F,
    is_own_trace: impl Fn(Option<&Item>) -> bool,
) -> Result<Written, StoreError> {
    let mut unknown = false;
    let mut reason = String::new();
    for is_last in [false, true] {
        match attempt().await {
            Attempted::Applied(item) => return Ok(Written::Applied(item)),
            Attempted::Refused(item) if unknown && is_own_trace(item.as_ref()) => break,
            Attempted::Refused(item) => return Ok(Written::Refused(item)),
            Attempted::NotApplied(why) => reason = why,
            Attempted::Unknown(why) => (unknown, reason) = (true, why),
        }
        if !is_last {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Err(StoreError::Unavailable { operation, reason })
}

/// Sorts the failure of one attempt. `refused` recognises a failed condition, and hands out its item.
pub(super) fn judge<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, refused: impl Fn(&E) -> Option<Option<Item>>) -> Attempted {
    match error {
        SdkError::ConstructionFailure(_) => Attempted::NotApplied("the request could not be built".to_owned()),
        SdkError::ServiceError(context) => match refused(context.err()) {
            Some(item) => Attempted::Refused(item),
            None => {
                let code = context.err().code().unwrap_or("no code").to_owned();
                // A server's own failure may come after it did the work; its other refusals come before.
                if matches!(code.as_str(), "InternalServerError" | "InternalServerErrorException" | "ServiceUnavailable" | "no code") {
                    Attempted::Unknown(code)
                } else {
                    Attempted::NotApplied(code)
                }
            }
        },
        other => Attempted::Unknown(describe(other)),
    }
}

/// The store failed.
pub(super) fn unavailable<E: ProvideErrorMetadata, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> StoreError {
    move |error| StoreError::Unavailable { operation, reason: describe(&error) }
}

/// The kind of a failure and the service's code. Messages stay out: they may quote what was sent.
fn describe<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error {
        SdkError::ConstructionFailure(_) => "the request could not be built".to_owned(),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no connection in time".to_owned(),
        SdkError::DispatchFailure(_) => "the connection failed".to_owned(),
        SdkError::ResponseError(_) => "the answer could not be read".to_owned(),
        other => other.code().unwrap_or("an unknown failure").to_owned(),
    }
}
