//! What DynamoDB did for a request: noted by an interceptor of the SDK in the dev server's own client, and kept for the last requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::config::interceptors::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use serde::Serialize;
use serde_json::Value;

use super::call::{Answer, Call};

/// How many requests are remembered.
const REQUESTS: usize = 100;
/// How many calls of one request are remembered.
const CALLS_OF_ONE: usize = 40;
/// How much of a path is kept, in characters: a stranger chooses it.
const PATH: usize = 100;

tokio::task_local! {
    /// The request that this task answers.
    static CURRENT: Notes;
}

/// What is noted while a request is answered.
#[derive(Clone, Debug)]
struct Notes {
    begun: Instant,
    calls: Arc<Mutex<Vec<Call>>>,
}

/// A request that was answered, and what DynamoDB did for it. Nothing in it is a secret.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Traced {
    /// Counted from 1 since the program began.
    number: u64,
    method: String,
    path: String,
    status: u16,
    millis: f64,
    calls: Vec<Call>,
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct Trace(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    requests: VecDeque<Traced>,
}

impl Trace {
    /// Answers a request by `answering`, notes what DynamoDB does meanwhile, and tells the number under which it is kept.
    pub(crate) async fn note<R>(
        &self,
        method: &str,
        path: &str,
        answering: impl Future<Output = R>,
        status: impl FnOnce(&R) -> u16,
    ) -> (R, u64) {
        let notes = Notes { begun: Instant::now(), calls: Arc::default() };
        let response = CURRENT.scope(notes.clone(), answering).await;
        let mut calls = std::mem::take(&mut *notes.calls.lock().unwrap_or_else(PoisonError::into_inner));
        calls.sort_by(|a, b| a.begun.total_cmp(&b.begun));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let number = kept.last;
        if kept.requests.len() == REQUESTS {
            kept.requests.pop_front();
        }
        kept.requests.push_back(Traced {
            number,
            method: method.to_owned(),
            path: path.chars().take(PATH).collect(),
            status: status(&response),
            millis: millis(notes.begun.elapsed()),
            calls,
        });
        (response, number)
    }

    /// The requests with a number above `number`, the oldest first.
    pub(crate) fn after(&self, number: u64) -> Vec<Traced> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.requests.iter().filter(|traced| traced.number > number).cloned().collect()
    }
}

/// The interceptor. It looks on and changes nothing; where no request is being answered, it does nothing at all.
#[derive(Debug)]
pub(crate) struct Watcher;

/// A call on its way.
#[derive(Debug)]
struct Sent {
    operation: String,
    body: Value,
    at: Instant,
}

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Watcher {
    fn name(&self) -> &'static str {
        "what DynamoDB did, for the playground"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if CURRENT.try_with(|_| ()).is_ok() {
            let request = context.request();
            let operation = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default();
            let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
            let sent = Sent { operation: operation.to_owned(), body, at: Instant::now() };
            bag.interceptor_state().store_put(sent);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(sent) = bag.load::<Sent>() else { return Ok(()) };
        let answer = context.response().map(|response| Answer {
            is_success: response.status().is_success(),
            body: response.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default(),
        });
        // Outside of a request nobody listens, which is no failure.
        let _ = CURRENT.try_with(|notes| {
            let mut calls = notes.calls.lock().unwrap_or_else(PoisonError::into_inner);
            if calls.len() < CALLS_OF_ONE {
                let begun = millis(sent.at.duration_since(notes.begun));
                let took = millis(sent.at.elapsed());
                calls.extend(Call::read(&sent.operation, &sent.body, answer.as_ref()).into_iter().map(|call| call.at(begun, took)));
            }
        });
        Ok(())
    }
}

/// Milliseconds, to the hundredth.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}
