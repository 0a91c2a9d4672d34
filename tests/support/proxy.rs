//! A proxy between functions and the engine. It records every call, and fails on demand in the ways that networks and DynamoDB do.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::calls::{Call, Names, Recorder, calls_of};
use super::meter::{LATENCY, Meter};

/// SES speaks REST; this stands for its one call, where the others have `X-Amz-Target`.
const SEND_EMAIL: &str = "SES.SendEmail";

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection breaks before the request reaches the engine.
    DropRequest,
    /// The engine does it, and the connection breaks before its answer arrives.
    DropAnswer,
    /// The service answers 500; the engine never sees the request.
    InternalError,
    /// The service throttles; the engine never sees the request.
    Throttle,
    /// The request reaches the engine late.
    DelayRequest(Duration),
    /// The engine does it at once, and its answer arrives late.
    DelayAnswer(Duration),
    /// A connection that was used before turns out to be dead, as after a freeze; a fresh one works.
    DropReused,
}

/// Which calls go wrong, and how.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    fault: Fault,
    action: String,
    prefix: String,
    function: Option<String>,
    skip: usize,
    times: usize,
}

impl Rule {
    /// `fault` for the first call of `action` (such as `dynamodb:DeleteItem`) on a key, or an SSM name below the stack's path, that
    /// starts with `prefix`.
    pub(crate) fn new(fault: Fault, action: &str, prefix: &str) -> Self {
        Self { fault, action: action.to_owned(), prefix: prefix.to_owned(), function: None, skip: 0, times: 1 }
    }

    /// Only calls of `function`.
    pub(crate) fn of(mut self, function: &str) -> Self {
        self.function = Some(function.to_owned());
        self
    }

    /// Lets `skip` matching calls pass first.
    pub(crate) fn after(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// For so many matching calls instead of one.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }
}

/// A rule in force.
#[derive(Clone, Debug)]
pub(crate) struct Injected(Arc<InForce>);

#[derive(Debug)]
struct InForce {
    rule: Rule,
    seen: AtomicUsize,
    fired: AtomicUsize,
}

impl Injected {
    /// How often the fault struck.
    pub(crate) fn fired(&self) -> usize {
        self.0.fired.load(Ordering::SeqCst)
    }
}

/// The engines behind a proxy.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    /// The endpoint for DynamoDB.
    pub(crate) dynamodb: String,
    /// The endpoint for SSM.
    pub(crate) ssm: String,
}

/// The proxy. Cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Proxy(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    upstream: Upstream,
    names: Names,
    recorder: Recorder,
    meter: Meter,
    client: reqwest::Client,
    rules: Mutex<Vec<Arc<InForce>>>,
    connections: Mutex<Vec<Weak<Connection>>>,
    mails: Mutex<Vec<Value>>,
}

#[derive(Debug, Default)]
struct Connection {
    requests: AtomicUsize,
    busy: AtomicBool,
    reset: Notify,
}

impl Proxy {
    /// A proxy before `upstream` that notes calls in `recorder`, by the template's names.
    pub(crate) fn new(upstream: Upstream, names: Names, recorder: Recorder) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let (meter, rules, connections, mails) = (Meter::default(), Mutex::default(), Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { upstream, names, recorder, meter, client, rules, connections, mails }))
    }

    /// Opens an endpoint for `function`, to be used for DynamoDB, SSM and SES, as long as the runtime lives.
    pub(crate) async fn attach(&self, function: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let (shared, function) = (Arc::clone(&self.0), function.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&shared).serve(stream, function.clone()));
            }
        });
        endpoint
    }

    /// Puts a rule in force. The first rule that matches a call decides.
    pub(crate) fn inject(&self, rule: Rule) -> Injected {
        let rule = Arc::new(InForce { rule, seen: AtomicUsize::new(0), fired: AtomicUsize::new(0) });
        self.0.rules.lock().unwrap().push(Arc::clone(&rule));
        Injected(rule)
    }

    /// Ends all rules.
    pub(crate) fn heal(&self) {
        self.0.rules.lock().unwrap().clear();
    }

    /// Resets every connection that waits for its next request. Answers how many there were.
    pub(crate) fn reset_idle_connections(&self) -> usize {
        let connections = self.0.connections.lock().unwrap();
        let idle = connections.iter().filter_map(Weak::upgrade).filter(|connection| !connection.busy.load(Ordering::SeqCst));
        idle.map(|connection| connection.reset.notify_one()).count()
    }

    /// Counts what DynamoDB is asked.
    pub(crate) fn meter(&self) -> &Meter {
        &self.0.meter
    }

    /// The mails that functions sent, as SES was asked to send them.
    pub(crate) fn mails(&self) -> Vec<Value> {
        self.0.mails.lock().unwrap().clone()
    }

    /// What is noted.
    pub(crate) fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped on purpose, or the engine is gone")]
struct Dropped;

impl Shared {
    async fn serve(self: Arc<Self>, stream: TcpStream, function: String) {
        // Closing then resets: the peer sees a broken connection, not an end.
        let _ = stream.set_zero_linger();
        let connection = Arc::new(Connection::default());
        {
            let mut connections = self.connections.lock().unwrap();
            connections.retain(|other| other.strong_count() > 0);
            connections.push(Arc::downgrade(&connection));
        }
        let service = service_fn(|request| {
            let (shared, connection, function) = (Arc::clone(&self), Arc::clone(&connection), function.clone());
            async move {
                connection.busy.store(true, Ordering::SeqCst);
                let reused = connection.requests.fetch_add(1, Ordering::SeqCst) > 0;
                let answer = shared.answer(request, &function, reused).await;
                connection.busy.store(false, Ordering::SeqCst);
                answer
            }
        });
        let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            _ = serving => {}
            () = connection.reset.notified() => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>, function: &str, reused: bool) -> Result<Response<Full<Bytes>>, Dropped> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
        let is_mail = parts.uri.path() == "/v2/email/outbound-emails";
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let target = if is_mail { SEND_EMAIL } else { target.unwrap_or_default() }.to_owned();
        let request: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let calls = calls_of(function, &target, &request, &self.names);
        self.recorder.record(&calls);
        let started = Instant::now();
        let body = self.meter.asking(&target, &request).map_or(body, |asking| asking.to_string().into());

        let fault = self.fault_for(&calls, reused);
        match fault {
            Some(Fault::DropRequest | Fault::DropReused) => return Err(Dropped),
            Some(Fault::InternalError) => return Ok(error(&target, StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError")),
            Some(Fault::Throttle) if target.starts_with("AmazonSSM.") => {
                return Ok(error(&target, StatusCode::BAD_REQUEST, "ThrottlingException"));
            }
            Some(Fault::Throttle) => return Ok(error(&target, StatusCode::BAD_REQUEST, "ProvisionedThroughputExceededException")),
            Some(Fault::DelayRequest(time)) => tokio::time::sleep(time).await,
            Some(Fault::DropAnswer | Fault::DelayAnswer(_)) | None => {}
        }
        let answer = if is_mail { self.keep_mail(request) } else { self.forward(&target, parts.headers, body, started).await? };
        match fault {
            Some(Fault::DropAnswer) => return Err(Dropped),
            Some(Fault::DelayAnswer(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        Ok(answer)
    }

    /// SES takes a mail.
    fn keep_mail(&self, request: Value) -> Response<Full<Bytes>> {
        let mut mails = self.mails.lock().unwrap();
        mails.push(request);
        let mut answer =
            Response::new(Full::new(Bytes::from(serde_json::json!({"MessageId": format!("mail-{}", mails.len())}).to_string())));
        answer.headers_mut().insert(hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/json"));
        answer
    }

    fn fault_for(&self, calls: &[Call], reused: bool) -> Option<Fault> {
        let rules = self.rules.lock().unwrap();
        let in_force = rules.iter().find(|in_force| {
            let rule = &in_force.rule;
            let matches = calls.iter().any(|call| {
                call.action == rule.action && call.touches(&rule.prefix) && rule.function.as_ref().is_none_or(|name| *name == call.function)
            });
            if !matches || (rule.fault == Fault::DropReused && !reused) {
                return false;
            }
            let seen = in_force.seen.fetch_add(1, Ordering::SeqCst);
            (rule.skip..rule.skip.saturating_add(rule.times)).contains(&seen)
        })?;
        in_force.fired.fetch_add(1, Ordering::SeqCst);
        Some(in_force.rule.fault)
    }

    async fn forward(
        &self,
        target: &str,
        headers: hyper::HeaderMap,
        body: Bytes,
        started: Instant,
    ) -> Result<Response<Full<Bytes>>, Dropped> {
        let endpoint = if target.starts_with("AmazonSSM.") { &self.upstream.ssm } else { &self.upstream.dynamodb };
        let mut request = self.client.post(endpoint).body(body);
        for (name, value) in headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "connection" | "content-length")) {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(|_| Dropped)?;
        let mut response = Response::builder().status(answer.status());
        for (name, value) in
            answer.headers().iter().filter(|(name, _)| !matches!(name.as_str(), "connection" | "content-length" | "transfer-encoding"))
        {
            response = response.header(name, value);
        }
        let body = answer.bytes().await.map_err(|_| Dropped)?;
        if self.meter.is_on() {
            tokio::time::sleep(LATENCY).await;
            self.meter.note(target, started, &body);
        }
        response.body(Full::new(body)).map_err(|_| Dropped)
    }
}

fn error(target: &str, status: StatusCode, code: &str) -> Response<Full<Bytes>> {
    if target == SEND_EMAIL {
        let mut answer = Response::new(Full::new(Bytes::from(r#"{"message":"injected by the test"}"#)));
        *answer.status_mut() = status;
        let code = hyper::header::HeaderValue::try_from(code).expect("a legal header");
        answer.headers_mut().insert("x-amzn-errortype", code);
        return answer;
    }
    let (version, namespace) =
        if target.starts_with("AmazonSSM.") { ("1.1", "com.amazonaws.ssm") } else { ("1.0", "com.amazonaws.dynamodb.v20120810") };
    let body = serde_json::json!({ "__type": format!("{namespace}#{code}"), "message": "injected by the test" }).to_string();
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let content_type = hyper::header::HeaderValue::try_from(format!("application/x-amz-json-{version}")).expect("a legal header");
    answer.headers_mut().insert(hyper::header::CONTENT_TYPE, content_type);
    answer
}
