//! The `token` function: the back channel. It signs tokens, and never sees a cookie.

use std::sync::Arc;

use grantlet::endpoint::back::BackChannel;
use grantlet::http::serve;
use grantlet::start::Start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let start = Start::from_env().await?;
    let https = start.https;
    let zone = Arc::new(BackChannel::new(start.context, start.vault));
    zone.warm().await;
    serve(https, move |request| {
        let zone = zone.clone();
        async move { zone.handle(request).await }
    })
    .await
}
