//! The `notify` function: tells clients that sessions have ended. It has no route; the stream of the state table calls it.

use grantlet::endpoint::notify::Notifier;
use grantlet::start::Start;
use lambda_http::lambda_runtime::{self, Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = Start::from_env().await?;
    let notifier = Notifier::new(start.context, start.vault);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| handle(&notifier, event.payload))).await
}

async fn handle(notifier: &Notifier, event: Value) -> Result<Value, Error> {
    Ok(serde_json::to_value(notifier.handle(&event).await?)?)
}
