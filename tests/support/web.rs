//! A small web server of somebody else's: documents at paths, which a test may change, and what was asked of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How long a request may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is answered at a path.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Document {
    /// A JSON document.
    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self { status: 200, content_type: "application/json", headers: Vec::new(), body: body.to_string() }
    }
}

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: String,
}

#[derive(Debug, Default)]
struct Site {
    documents: BTreeMap<String, Document>,
    arrived: Vec<Arrived>,
    arrival: Arc<Notify>,
}

type Shared = Arc<Mutex<Site>>;

/// A web server on a loopback address, until it is dropped.
pub(crate) struct Web {
    address: SocketAddr,
    site: Shared,
    task: JoinHandle<()>,
}

impl Web {
    /// A server without any document.
    pub(crate) async fn start() -> Self {
        let site = Shared::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let router = Router::new().fallback(answer).with_state(site.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, site, task }
    }

    /// The URL of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers with `document` at `path` from now on.
    pub(crate) fn put(&self, path: &str, document: Document) {
        self.site.lock().expect("the lock").documents.insert(path.to_owned(), document);
    }

    /// Everything that arrived, once that is at least `count` requests.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Arrived> {
        let arrival = self.site.lock().expect("the lock").arrival.clone();
        let arrived = async {
            loop {
                let next = arrival.notified();
                let arrived = self.arrived();
                if arrived.len() >= count {
                    return arrived;
                }
                next.await;
            }
        };
        tokio::time::timeout(PATIENCE, arrived).await.unwrap_or_else(|_| panic!("{count} requests do not arrive in {PATIENCE:?}"))
    }

    /// Everything that arrived, in order.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.site.lock().expect("the lock").arrived.clone()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(site): State<Shared>, method: Method, uri: Uri, body: Bytes) -> impl IntoResponse {
    let mut site = site.lock().expect("the lock");
    let arrived = Arrived { method: method.to_string(), path: uri.path().to_owned(), body: String::from_utf8_lossy(&body).into_owned() };
    let found = site.documents.get(&arrived.path).cloned();
    site.arrived.push(arrived);
    site.arrival.notify_one();
    let Some(document) = found else { return StatusCode::NOT_FOUND.into_response() };
    let status = StatusCode::from_u16(document.status).expect("a status");
    let mut response = (status, [(header::CONTENT_TYPE, document.content_type)], document.body).into_response();
    for (name, value) in document.headers {
        response.headers_mut().insert(name, value.parse().expect("a header's value"));
    }
    response
}
