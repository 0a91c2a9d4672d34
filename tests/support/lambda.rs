//! Runs functions as Lambda does: the real binary, as a process of its own, against a Lambda Runtime API on a loopback port.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use grantlet::context::{Clock, SystemClock};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::event::{Answer, Event};
use super::functions::binary;

/// How long one event may take, and how long a function may take to start. Generous: the machine may be busy.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// Every line that a function wrote in this run, with the function's name, for the check that no secret is among them.
static LOG: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

/// All lines that functions wrote in this run so far, each with the function's name.
pub(crate) fn all_log_lines() -> Vec<(String, String)> {
    LOG.lock().unwrap().clone()
}

/// Why there is no answer to an event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// The function reported an error, as it does when it panics: Lambda's callers see a 500.
    #[error("the function failed: {0}")]
    Failed(Value),
    /// The process ended.
    #[error("the process ended: {0}")]
    Exited(String),
    /// Nothing came in time.
    #[error("no answer in {TIME_LIMIT:?}")]
    TimedOut,
}

/// A running function: one process, one event at a time.
#[derive(Debug)]
pub(crate) struct Function {
    name: String,
    pid: u32,
    events: AsyncMutex<mpsc::Sender<(Value, oneshot::Sender<Outcome>)>>,
    exit: watch::Receiver<Option<String>>,
    lines: Arc<Mutex<Vec<String>>>,
    /// Dropped with the function; the process is killed then.
    kill: oneshot::Sender<()>,
    readers: Vec<JoinHandle<()>>,
}

type Outcome = Result<Value, InvokeError>;

impl Function {
    /// Starts the function `name` with `env` (no variable of the test's own is handed on), and waits until it asks for its first event.
    ///
    /// # Errors
    /// When it ended, or reported an error, before that.
    pub(crate) async fn try_start(name: &str, env: &[(&str, &str)]) -> Result<Self, InvokeError> {
        Self::try_start_at(&binary(name), name, env).await
    }

    /// Like [`Function::try_start`], for the binary at `path`.
    ///
    /// # Errors
    /// When it ended, or reported an error, before that.
    pub(crate) async fn try_start_at(path: &Path, name: &str, env: &[(&str, &str)]) -> Result<Self, InvokeError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let address = listener.local_addr().expect("an address").to_string();
        let (events, queue) = mpsc::channel(1);
        let (ready, mut is_ready) = watch::channel(false);
        let runtime = Arc::new(RuntimeApi {
            queue: AsyncMutex::new(queue),
            pending: Mutex::default(),
            ready,
            init_error: Mutex::default(),
            invocations: AtomicUsize::new(0),
        });
        let server = Arc::clone(&runtime);
        tokio::spawn(async move { axum::serve(listener, server.router()).await });

        let mut child = spawn(path, name, &address, env);
        let pid = child.id().expect("a running process");
        let lines = Arc::default();
        let readers = vec![
            keep_lines(name, child.stdout.take().expect("its output"), &lines),
            keep_lines(name, child.stderr.take().expect("its errors"), &lines),
        ];
        let (kill, killed) = oneshot::channel();
        let (exited, mut exit) = watch::channel(None);
        tokio::spawn(watch_child(child, killed, exited));

        let failed = tokio::select! {
            _ = is_ready.wait_for(|ready| *ready) => None,
            reason = exit_reason(&mut exit) => Some(InvokeError::Exited(reason)),
            () = tokio::time::sleep(TIME_LIMIT) => Some(InvokeError::TimedOut),
        };
        let init_error = runtime.init_error.lock().unwrap().take();
        let Some(error) = init_error.map(InvokeError::Failed).or(failed) else {
            return Ok(Self { name: name.to_owned(), pid, events: AsyncMutex::new(events), exit, lines, kill, readers });
        };
        // Its last words are kept before the error is told.
        drop(kill);
        for reader in readers {
            let _ = reader.await;
        }
        Err(error)
    }

    /// Starts a function that is expected to start.
    pub(crate) async fn start(name: &str, env: &[(&str, &str)]) -> Self {
        match Self::try_start(name, env).await {
            Ok(function) => function,
            Err(error) => panic!("{name} does not start: {error}; its log: {:#?}", all_log_lines()),
        }
    }

    /// Hands an event to the function and waits for its answer. A second call waits for the first, as Lambda would start another process.
    ///
    /// # Errors
    /// When the function reports an error, ends, or does not answer in time.
    pub(crate) async fn invoke(&self, event: Value) -> Outcome {
        let turn = self.events.lock().await;
        let (answer, answered) = oneshot::channel();
        let mut exit = self.exit.clone();
        turn.send((event, answer)).await.map_err(|_| InvokeError::Exited("the runtime API is gone".to_owned()))?;
        tokio::select! {
            biased;
            outcome = answered => outcome.unwrap_or_else(|_| Err(InvokeError::Exited("the runtime API is gone".to_owned()))),
            reason = exit_reason(&mut exit) => Err(InvokeError::Exited(reason)),
            () = tokio::time::sleep(TIME_LIMIT) => Err(InvokeError::TimedOut),
        }
    }

    /// Answers a request as API Gateway would have it answered; a function that fails fails the test.
    pub(crate) async fn send(&self, event: &Event) -> Answer {
        match self.invoke(event.to_json()).await {
            Ok(answer) => Answer(answer),
            Err(error) => panic!("{}: {error}; its log: {:#?}", self.name, self.log_lines()),
        }
    }

    /// The id of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The lines that it wrote so far.
    pub(crate) fn log_lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Stops the process in its tracks, as Lambda does between events: its connections stay open and nobody looks after them.
    pub(crate) async fn freeze(&self) {
        self.signal("STOP").await;
        // The signal is on its way when `kill` returns; `T` is the kernel's word for a stopped process.
        while !std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("a running process").contains(") T ") {
            tokio::task::yield_now().await;
        }
    }

    /// Lets a frozen process go on.
    pub(crate) async fn thaw(&self) {
        self.signal("CONT").await;
    }

    /// Ends the process and answers with every line that it wrote.
    pub(crate) async fn finish(self) -> Vec<String> {
        drop(self.kill);
        for reader in self.readers {
            let _ = reader.await;
        }
        self.lines.lock().unwrap().clone()
    }

    async fn signal(&self, signal: &str) {
        let status = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.pid())]).status().await;
        assert!(status.expect("a shell").success(), "{} can't be sent SIG{signal}", self.name);
    }
}

fn spawn(path: &Path, name: &str, runtime_api: &str, env: &[(&str, &str)]) -> Child {
    Command::new(path)
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_LAMBDA_FUNCTION_NAME", name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/grantlet/test"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "test"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ])
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} can't be run: {error}", path.display()))
}

fn keep_lines(name: &str, output: impl AsyncRead + Unpin + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let (name, lines) = (name.to_owned(), Arc::clone(lines));
    tokio::spawn(async move {
        let mut output = BufReader::new(output).lines();
        while let Ok(Some(line)) = output.next_line().await {
            LOG.lock().unwrap().push((name.clone(), line.clone()));
            lines.lock().unwrap().push(line);
        }
    })
}

async fn watch_child(mut child: Child, killed: oneshot::Receiver<()>, exited: watch::Sender<Option<String>>) {
    let status = tokio::select! {
        status = child.wait() => status,
        _ = killed => {
            let _ = child.kill().await;
            child.wait().await
        }
    };
    exited.send_replace(Some(status.map_or_else(|error| error.to_string(), |status| status.to_string())));
}

async fn exit_reason(exit: &mut watch::Receiver<Option<String>>) -> String {
    exit.wait_for(Option::is_some).await.ok().and_then(|reason| reason.clone()).unwrap_or_else(|| "it is not watched any more".to_owned())
}

/// The Lambda Runtime API, version 2018-06-01.
struct RuntimeApi {
    queue: AsyncMutex<mpsc::Receiver<(Value, oneshot::Sender<Outcome>)>>,
    pending: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    ready: watch::Sender<bool>,
    init_error: Mutex<Option<Value>>,
    invocations: AtomicUsize,
}

impl RuntimeApi {
    fn router(self: Arc<Self>) -> Router {
        const INVOCATION: &str = "/2018-06-01/runtime/invocation";
        Router::new()
            .route(&format!("{INVOCATION}/next"), get(next_event))
            .route(&format!("{INVOCATION}/{{id}}/response"), post(take_response))
            .route(&format!("{INVOCATION}/{{id}}/error"), post(take_error))
            .route("/2018-06-01/runtime/init/error", post(take_init_error))
            .with_state(self)
    }

    fn settle(&self, id: &str, outcome: Outcome) -> StatusCode {
        match self.pending.lock().unwrap().remove(id) {
            Some(caller) => {
                let _ = caller.send(outcome);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

async fn next_event(State(runtime): State<Arc<RuntimeApi>>) -> Response {
    runtime.ready.send_replace(true);
    let Some((event, caller)) = runtime.queue.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let id = format!("00000000-0000-4000-8000-{:012}", runtime.invocations.fetch_add(1, Ordering::SeqCst));
    runtime.pending.lock().unwrap().insert(id.clone(), caller);
    let headers = [
        ("Lambda-Runtime-Aws-Request-Id", id),
        ("Lambda-Runtime-Deadline-Ms", deadline_millis().to_string()),
        ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:test".to_owned()),
        ("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Sampled=0".to_owned()),
        ("Content-Type", "application/json".to_owned()),
    ];
    (headers, event.to_string()).into_response()
}

/// When Lambda would stop the function: 15 s from now, as `template.yaml` sets it.
fn deadline_millis() -> u64 {
    SystemClock.now_millis() + 15_000
}

async fn take_response(State(runtime): State<Arc<RuntimeApi>>, UrlPath(id): UrlPath<String>, body: Bytes) -> StatusCode {
    let outcome =
        serde_json::from_slice(&body).map_err(|error| InvokeError::Failed(Value::String(format!("its answer is no JSON: {error}"))));
    runtime.settle(&id, outcome)
}

async fn take_error(State(runtime): State<Arc<RuntimeApi>>, UrlPath(id): UrlPath<String>, body: Bytes) -> StatusCode {
    runtime.settle(&id, Err(InvokeError::Failed(serde_json::from_slice(&body).unwrap_or(Value::Null))))
}

async fn take_init_error(State(runtime): State<Arc<RuntimeApi>>, body: Bytes) -> StatusCode {
    *runtime.init_error.lock().unwrap() = Some(serde_json::from_slice(&body).unwrap_or(Value::Null));
    StatusCode::ACCEPTED
}
