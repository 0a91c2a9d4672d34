//! A server in the test's process that others reach over HTTP, on a loopback address, at the test's own time.

use std::sync::Arc;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response};
use grantlet::config::Config;
use grantlet::protocol::issuer::Issuer;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::event::Event;
use super::server::Server;

/// A server, and the task that serves it until this is dropped.
pub(crate) struct Served {
    pub(crate) server: Arc<Server>,
    task: JoinHandle<()>,
}

impl Served {
    /// Starts a server with `settings`, whose issuer is where it is reached.
    pub(crate) async fn start(settings: Value, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("its address"));
        let server = Server::local_with(settings, |config| {
            config.issuer = Issuer::parse(&issuer).expect("an issuer");
            config.default_audience.clone_from(&issuer);
            change(config);
        });
        let server = Arc::new(server.await);
        let router = Router::new().fallback(answer).with_state(server.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { server, task }
    }

    /// Stops answering: connections are refused from now on.
    pub(crate) async fn stop(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(server): State<Arc<Server>>, request: Request<axum::body::Body>) -> Response<axum::body::Body> {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, 64 * 1024).await.expect("a body");
    let mut event = Event::new(parts.method.as_str(), parts.uri.path()).query(parts.uri.query().unwrap_or_default()).body(&body);
    for (name, value) in &parts.headers {
        event = event.header(name.as_str(), value.to_str().expect("a header of ASCII"));
    }
    let reply = server.send(&event).await;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response.body(reply.body.into()).expect("a response")
}
