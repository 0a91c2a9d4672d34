//! The `jwks` function: public metadata. It reads one record and holds no secret.

use std::sync::Arc;

use grantlet::endpoint::metadata::Metadata;
use grantlet::http::serve;
use grantlet::start::Start;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let start = Start::from_env().await?;
    let https = start.https;
    let zone = Arc::new(Metadata::new(start.context));
    zone.warm().await;
    serve(https, move |request| {
        let zone = zone.clone();
        async move { zone.handle(request).await }
    })
    .await
}
