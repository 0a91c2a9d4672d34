//! The `rotate` function: makes, publishes and retires keys. It has no route; the schedule, the deployment and the operator call it.

use grantlet::endpoint::rotate::{Event, Reply, Rotator};
use grantlet::start::Start;
use lambda_http::lambda_runtime::{self, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let start = Start::from_env().await?;
    let rotator = Rotator { context: start.context, vault: start.vault };
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| handle(&rotator, event.payload))).await
}

async fn handle(rotator: &Rotator, payload: Value) -> Result<Value, Error> {
    let event = Event::parse(&payload)?;
    let (outcome, reply) = event.carry_out(rotator).await;
    if let Err(error) = &outcome {
        tracing::error!(%error, "the keys could not be rotated");
    }
    if let Some(reply) = reply {
        // CloudFormation has its answer, so that Lambda need not try again.
        send(&reply).await?;
        return Ok(json!({}));
    }
    Ok(json!({ "version": outcome?.version }))
}

/// An empty content type is what the URL was signed for.
async fn send(reply: &Reply) -> Result<(), Error> {
    let request = reqwest::Client::new().put(reply.url.clone()).header("content-type", "").body(reply.body.clone());
    request.send().await?.error_for_status()?;
    Ok(())
}
