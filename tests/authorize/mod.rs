//! The front channel by itself: `/authorize`, login, consent, on the embedded engine, at a time that tests set.

mod consent;
mod login;
mod requests;
mod sessions;
mod site;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client as DynamoDb;
use grantlet::config::{Config, KeyStore, Tables};
use grantlet::context::Context;
use grantlet::endpoint::front::FrontChannel;
use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::endpoint::{Request, Response};
use grantlet::model::code::CodeToken;
use grantlet::model::grant::Grant;
use grantlet::model::user::UserId;
use grantlet::protocol::issuer::Issuer;
use grantlet::store::Store;
use grantlet::vault::Vault;
use grantlet_cli::engine::{Engine, EngineStorage};
use grantlet_cli::tables::create_tables;
use http::{HeaderMap, HeaderName, Method};
use serde_json::json;
use tempfile::TempDir;

use crate::support::clock::FixedClock;
use crate::support::forms::Form;
use crate::support::oauth::{ALICE, add_alice, authorization_query, parameter, register_client};

const ISSUER: &str = "https://issuer.example";
const START: i64 = 1_800_000_000;

/// A front channel with Alice, a confidential client `app`, a first-party one `own` and a public one `cli`.
struct Bench {
    context: Context,
    clock: FixedClock,
    front: FrontChannel,
    vault: Vault,
    alice: UserId,
    engine: Engine,
    _keys: TempDir,
}

impl Bench {
    async fn start() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let engine = Engine::start(EngineStorage::InMemory, 0).await.unwrap();
        let tables = Tables { state: "grantlet-state".to_owned(), registry: "grantlet-registry".to_owned() };
        create_tables(&DynamoDb::new(&engine.sdk_config()), &tables).await.unwrap();
        let keys = tempfile::tempdir().unwrap();
        let key_store = KeyStore::Directory(keys.path().to_owned());
        let mut config = Config::new(Issuer::parse(ISSUER).unwrap(), tables.clone(), key_store);
        config.resources = vec!["https://api.example".to_owned()];
        change(&mut config);
        let clock = FixedClock::at(START);
        let mut context = Context::new(config, Store::connect(&engine.sdk_config(), tables));
        context.clock = Arc::new(clock.clone());
        let vault = Vault::Directory(keys.path().to_owned());
        Rotator { context: context.clone(), vault: vault.clone() }.run(RotateCommand::Scheduled).await.unwrap();
        register_client(&context, "app", json!({"client_name": "The App"})).await;
        register_client(&context, "own", json!({"first_party": true})).await;
        let local = json!({"token_endpoint_auth_method": "none", "redirect_uris": ["http://127.0.0.1/cb", "com.example.app:/cb"]});
        register_client(&context, "cli", local).await;
        let alice = add_alice(&context).await;
        let front = FrontChannel::new(context.clone(), vault.clone());
        Self { context, clock, front, vault, alice, engine, _keys: keys }
    }

    /// How many items the table of codes, grants and sessions holds, by the kind in their key.
    fn stored(&self) -> BTreeMap<String, usize> {
        let request = serde_json::from_value(json!({"TableName": "grantlet-state"})).unwrap();
        let scanned = serde_json::to_value(self.engine.database().scan(request).unwrap()).unwrap();
        let mut kinds = BTreeMap::new();
        for item in scanned["Items"].as_array().unwrap() {
            let kind = item["pk"]["S"].as_str().unwrap().split('#').next().unwrap().to_owned();
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    }

    /// The grant behind the code in the URL at which a browser left.
    async fn grant_of(&self, landed: &str) -> Grant {
        let code: CodeToken = parameter(landed, "code").unwrap_or_else(|| panic!("no code in {landed}")).parse().unwrap();
        self.context.store.find_grant(code.id).await.unwrap().expect("a grant")
    }

    fn browser(&self) -> Browser<'_> {
        Browser { bench: self, cookies: BTreeMap::new(), address: [192, 0, 2, 1] }
    }
}

/// A browser: keeps cookies, follows nothing by itself.
#[derive(Clone)]
struct Browser<'b> {
    bench: &'b Bench,
    cookies: BTreeMap<String, String>,
    address: [u8; 4],
}

impl Browser<'_> {
    async fn send(&mut self, mut request: Request) -> Response {
        request.cookies = self.cookies.clone().into_iter().collect();
        request.source_ip = Some(self.address.into());
        let response = self.bench.front.handle(request).await;
        for line in &response.cookies {
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }

    async fn open(&mut self, path_and_query: &str) -> Response {
        self.send(get(path_and_query)).await
    }

    async fn authorize(&mut self, query: &str) -> Response {
        self.open(&format!("/authorize?{query}")).await
    }

    async fn submit(&mut self, form: &Form, button: &str) -> Response {
        let request = post(&form.action, &form.press(button));
        self.send(with_header(with_header(request, "origin", ISSUER), "sec-fetch-site", "same-origin")).await
    }

    /// Logs in as Alice where the login page is shown, and follows the way back.
    async fn log_in(&mut self, page: &Response) -> Response {
        let form = login_form(page).fill("username", ALICE.username).fill("password", ALICE.password);
        let done = self.submit(&form, "sign-in").await;
        assert_eq!(done.status, 303, "{done:?}");
        self.open(location(&done).unwrap()).await
    }

    /// From the request to the URL at which the browser leaves, logging in and allowing where asked.
    async fn walk(&mut self, query: &str) -> String {
        let mut response = self.authorize(query).await;
        if Form::find(&response.body, "login").is_some() {
            response = self.log_in(&response).await;
        }
        if let Some(form) = Form::find(&response.body, "consent") {
            response = self.submit(&form, "allow").await;
        }
        location(&response).unwrap_or_else(|| panic!("no redirect: {response:?}")).to_owned()
    }
}

fn request(method: Method, path_and_query: &str) -> Request {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    Request {
        method,
        path: path.to_owned(),
        raw_query: query.to_owned(),
        headers: HeaderMap::new(),
        cookies: Vec::new(),
        body: Vec::new(),
        source_ip: None,
        request_id: "request-1".to_owned(),
    }
}

fn get(path_and_query: &str) -> Request {
    request(Method::GET, path_and_query)
}

fn post(path: &str, form: &str) -> Request {
    let mut request = with_header(request(Method::POST, path), "content-type", "application/x-www-form-urlencoded");
    form.as_bytes().clone_into(&mut request.body);
    request
}

fn with_header(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    request
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.get(name).map(|value| value.to_str().unwrap())
}

fn location(response: &Response) -> Option<&str> {
    header(response, "location")
}

fn login_form(page: &Response) -> Form {
    Form::find(&page.body, "login").unwrap_or_else(|| panic!("no login form: {page:?}"))
}

fn consent_form(page: &Response) -> Form {
    Form::find(&page.body, "consent").unwrap_or_else(|| panic!("no consent form: {page:?}"))
}

/// Asserts that people are told, and nothing is sent anywhere.
fn assert_page(response: &Response, status: u16) {
    assert_eq!((response.status.as_u16(), location(response)), (status, None), "{response:?}");
    assert!(response.body.contains("<h1>") && Form::find(&response.body, "response").is_none());
    assert_eq!(header(response, "cache-control"), Some("no-store"));
}

/// Asserts that the client is told `error` at its redirect URI, with `state` and `iss`, and nothing else secret.
fn assert_told(response: &Response, error: &str) {
    let location = location(response).unwrap_or_else(|| panic!("no redirect: {response:?}"));
    assert_eq!(response.status, 303);
    assert_eq!(parameter(location, "error").as_deref(), Some(error), "{location}");
    assert_eq!(parameter(location, "iss").as_deref(), Some(ISSUER), "{location}");
    assert_eq!(parameter(location, "code"), None);
}

/// An authorization request of `app`.
fn query(changes: &[(&str, Option<&str>)]) -> String {
    authorization_query("app", changes)
}
