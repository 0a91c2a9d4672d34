//! The part of AWS Systems Manager's parameter store that the vault uses, in memory: JSON 1.1 over HTTP, with the errors and limits of the service.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Most parameters in one answer of `GetParametersByPath`.
const PAGE: usize = 10;
/// Most characters of a value in the standard tier.
const STANDARD_TIER: usize = 4096;

/// A parameter store with its endpoint.
#[derive(Clone, Debug)]
pub(crate) struct ParameterStore {
    endpoint: String,
    parameters: Arc<Mutex<BTreeMap<String, Parameter>>>,
}

#[derive(Clone, Debug)]
struct Parameter {
    value: String,
    kind: String,
    version: u64,
}

impl ParameterStore {
    /// Serves an empty store on a loopback port, as long as the runtime lives.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let store = Self { endpoint: format!("http://{}", listener.local_addr().expect("an address")), parameters: Arc::default() };
        let app = Router::new().route("/", post(answer)).with_state(store.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        store
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The names of all parameters and whether each is a `SecureString`.
    pub(crate) fn names(&self) -> Vec<(String, bool)> {
        self.parameters.lock().unwrap().iter().map(|(name, parameter)| (name.clone(), parameter.kind == "SecureString")).collect()
    }

    /// The values of all parameters, for the check that none of them is ever logged.
    pub(crate) fn values(&self) -> Vec<String> {
        self.parameters.lock().unwrap().values().map(|parameter| parameter.value.clone()).collect()
    }

    fn run(&self, operation: &str, request: &Value) -> Result<Value, Failure> {
        match operation {
            "PutParameter" => self.put(request),
            "GetParameter" => self.find(text(request, "Name")?, decrypts(request)),
            "GetParametersByPath" => self.list(request),
            "DeleteParameter" => {
                let name = text(request, "Name")?;
                self.parameters.lock().unwrap().remove(name).map(|_| json!({})).ok_or(Failure("ParameterNotFound"))
            }
            "DeleteParameters" => self.delete_many(request),
            _ => Err(Failure("UnknownOperationException")),
        }
    }

    fn put(&self, request: &Value) -> Result<Value, Failure> {
        let (name, value, kind) = (text(request, "Name")?, text(request, "Value")?, request["Type"].as_str());
        if !name.starts_with('/') || value.is_empty() || value.len() > STANDARD_TIER {
            return Err(Failure("ValidationException"));
        }
        let mut parameters = self.parameters.lock().unwrap();
        let (version, kind) = match (parameters.get(name), kind) {
            (Some(_), _) if request["Overwrite"] != json!(true) => return Err(Failure("ParameterAlreadyExists")),
            (Some(old), kind) => (old.version + 1, kind.unwrap_or(&old.kind).to_owned()),
            (None, Some(kind)) => (1, kind.to_owned()),
            (None, None) => return Err(Failure("ValidationException")),
        };
        parameters.insert(name.to_owned(), Parameter { value: value.to_owned(), kind, version });
        Ok(json!({ "Version": version, "Tier": "Standard" }))
    }

    fn find(&self, name: &str, decrypt: bool) -> Result<Value, Failure> {
        let parameters = self.parameters.lock().unwrap();
        let parameter = parameters.get(name).ok_or(Failure("ParameterNotFound"))?;
        Ok(json!({ "Parameter": shown(name, parameter, decrypt) }))
    }

    fn list(&self, request: &Value) -> Result<Value, Failure> {
        let path = text(request, "Path")?.trim_end_matches('/');
        let recursive = request["Recursive"] == json!(true);
        let page = request["MaxResults"].as_u64().map_or(PAGE, |n| usize::try_from(n).unwrap_or(0));
        if !(1..=PAGE).contains(&page) {
            return Err(Failure("ValidationException"));
        }
        let after = request["NextToken"].as_str().unwrap_or_default();
        let parameters = self.parameters.lock().unwrap();
        let mut below = parameters.iter().filter(|(name, _)| {
            name.as_str() > after
                && name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')).is_some_and(|rest| recursive || !rest.contains('/'))
        });
        let shown: Vec<_> = below.by_ref().take(page).map(|(name, parameter)| shown(name, parameter, decrypts(request))).collect();
        let mut answer = json!({ "Parameters": shown });
        if below.next().is_some() {
            answer["NextToken"] = shown.last().map_or(Value::Null, |last| last["Name"].clone());
        }
        Ok(answer)
    }

    fn delete_many(&self, request: &Value) -> Result<Value, Failure> {
        let names: Vec<_> = request["Names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !(1..=PAGE).contains(&names.len()) {
            return Err(Failure("ValidationException"));
        }
        let mut parameters = self.parameters.lock().unwrap();
        let (gone, invalid): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| parameters.remove(*name).is_some());
        Ok(json!({ "DeletedParameters": gone, "InvalidParameters": invalid }))
    }
}

/// The code of an error of the service.
struct Failure(&'static str);

async fn answer(State(store): State<ParameterStore>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let request = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let outcome =
        target.strip_prefix("AmazonSSM.").ok_or(Failure("UnknownOperationException")).and_then(|operation| store.run(operation, &request));
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(Failure(code)) => (StatusCode::BAD_REQUEST, json!({ "__type": code, "message": code })),
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

/// A parameter as it is answered. Without decryption a `SecureString` is no use to anyone, so that a caller who forgets it notices.
fn shown(name: &str, parameter: &Parameter, decrypt: bool) -> Value {
    let value = if parameter.kind == "SecureString" && !decrypt { "AQICAHencrypted" } else { &parameter.value };
    json!({ "Name": name, "Type": parameter.kind, "Value": value, "Version": parameter.version })
}

fn text<'r>(request: &'r Value, field: &str) -> Result<&'r str, Failure> {
    request[field].as_str().ok_or(Failure("ValidationException"))
}

fn decrypts(request: &Value) -> bool {
    request["WithDecryption"] == json!(true)
}
