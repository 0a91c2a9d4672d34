//! The `authorize` function: the front channel. It parses what browsers bring, and holds no signing key.

use std::sync::Arc;

use grantlet::endpoint::front::FrontChannel;
use grantlet::http::serve;
use grantlet::start::Start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let start = Start::from_env().await?;
    let https = start.https;
    let zone = Arc::new(FrontChannel::new(start.context, start.vault));
    zone.warm().await;
    serve(https, move |request| {
        let zone = zone.clone();
        async move { zone.handle(request).await }
    })
    .await
}
