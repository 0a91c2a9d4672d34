//! The back channel by itself: `/token`, `/userinfo`, `/revoke` on the embedded engine, at a time that tests set.
//!
//! Codes are made here as the front channel makes them, so that each test can say what a code is bound to.

mod assertions;
mod bearer;
mod client_authentication;
mod exchange;
mod missing_keys;
mod refresh;

use std::sync::Arc;

use aws_sdk_dynamodb::Client as DynamoDb;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantlet::config::{Config, KeyStore, Tables};
use grantlet::context::Context;
use grantlet::endpoint::back::BackChannel;
use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::endpoint::{Request, Response};
use grantlet::model::client::ClientId;
use grantlet::model::code::{AuthorizationCode, CodeToken};
use grantlet::model::grant::{CodeBinding, Grant, GrantStatus, RefreshState};
use grantlet::model::secret::Secret;
use grantlet::model::session::Authentication;
use grantlet::model::user::UserId;
use grantlet::protocol::details::AuthorizationDetails;
use grantlet::protocol::issuer::Issuer;
use grantlet::store::Store;
use grantlet::vault::Vault;
use grantlet_cli::engine::{Engine, EngineStorage};
use grantlet_cli::tables::create_tables;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use ulid::Ulid;

use crate::support::clock::FixedClock;
use crate::support::oauth::{CHALLENGE, CLIENT_SECRET, REDIRECT_URI, VERIFIER, add_alice, encode, register_client};

/// The time at which every test begins.
const START: i64 = 1_800_000_000;
/// The issuer of these tests.
const ISSUER: &str = "https://issuer.example";
/// A resource beside the default audience.
const API: &str = "https://api.example";

/// A back channel with keys, Alice, a confidential client `app` and a public one `cli`.
struct Bench {
    context: Context,
    clock: FixedClock,
    back: BackChannel,
    vault: Vault,
    alice: UserId,
    _keys: TempDir,
    _engine: Engine,
}

/// What a code is made for; the defaults are what an honest request brings.
#[derive(Clone, Debug)]
struct Asked {
    client: &'static str,
    scopes: Vec<&'static str>,
    challenge: Option<&'static str>,
    resources: Vec<&'static str>,
    nonce: Option<&'static str>,
    offline: bool,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            client: "app",
            scopes: vec!["openid", "profile", "email", "offline_access"],
            challenge: Some(CHALLENGE),
            resources: vec![ISSUER, API],
            nonce: Some("nonce-1"),
            offline: true,
        }
    }
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
        config.resources = vec![API.to_owned()];
        change(&mut config);
        let clock = FixedClock::at(START);
        let mut context = Context::new(config, Store::connect(&engine.sdk_config(), tables));
        context.clock = Arc::new(clock.clone());
        let vault = Vault::Directory(keys.path().to_owned());
        Rotator { context: context.clone(), vault: vault.clone() }.run(RotateCommand::Scheduled).await.unwrap();
        register_client(&context, "app", json!({})).await;
        register_client(&context, "other", json!({})).await;
        register_client(&context, "cli", json!({"token_endpoint_auth_method": "none"})).await;
        let alice = add_alice(&context).await;
        let back = BackChannel::new(context.clone(), vault.clone());
        Self { context, clock, back, vault, alice, _keys: keys, _engine: engine }
    }

    /// A code and its grant, as the front channel writes them.
    async fn issue(&self, asked: Asked) -> CodeToken {
        let now = self.context.now();
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let token = CodeToken::new(self.context.ulid(), &self.context.random_bytes::<32>());
        let client_id = ClientId::parse(asked.client).unwrap();
        let lifetimes = &self.context.config.lifetimes;
        let grant = Grant {
            id: token.id,
            status: GrantStatus::Active,
            user_id: self.alice,
            client_id: client_id.clone(),
            scopes: owned(&asked.scopes),
            claims: grantlet::protocol::claims_request::ClaimsRequest::default(),
            resources: owned(&asked.resources),
            authorization_details: AuthorizationDetails::default(),
            session_id: Ulid::from_parts(7, 7),
            authentication: Authentication {
                auth_time: now.plus(-30),
                acr: Some("urn:grantlet:acr:single-factor".to_owned()),
                amr: vec!["pwd".to_owned()],
            },
            offline: asked.offline,
            code: Some(CodeBinding {
                secret_hash: token.secret.hash(),
                code_challenge: asked.challenge.map(str::to_owned),
                redirect_uri: REDIRECT_URI.to_owned(),
                dpop_jkt: None,
            }),
            refresh: RefreshState {
                generation: 0,
                seed_hash: token.refresh_seed().0.hash(),
                current_kid: None,
                idle_at: now.plus(lifetimes.refresh_idle),
                absolute_at: now.plus(lifetimes.refresh_absolute),
                rotated_at: Default::default(),
                rotation_id: None,
            },
            created_at: now,
        };
        let code = AuthorizationCode {
            id: token.id,
            secret_hash: token.secret.hash(),
            client_id,
            user_id: self.alice,
            redirect_uri: REDIRECT_URI.to_owned(),
            code_challenge: asked.challenge.map(str::to_owned),
            dpop_jkt: None,
            resources: owned(&asked.resources),
            nonce: asked.nonce.map(str::to_owned),
            expires_at: now.plus(lifetimes.code),
        };
        self.context.store.create_grant(&grant).await.unwrap();
        self.context.store.create_code(&code).await.unwrap();
        token
    }

    /// The text of a new code with every default.
    async fn code(&self) -> Secret {
        self.issue(Asked::default()).await.render()
    }

    async fn grant_status(&self, code: &CodeToken) -> GrantStatus {
        self.context.store.find_grant(code.id).await.unwrap().expect("the grant is there").status
    }

    async fn send(&self, request: Ask) -> Response {
        self.back.handle(request.0).await
    }

    /// Exchanges `code` as `app` does, with `changes` to the form.
    async fn exchange(&self, code: &str, changes: &[(&str, Option<&str>)]) -> Response {
        self.send(exchange_form(code, changes).basic("app", CLIENT_SECRET)).await
    }

    /// Refreshes as `app` does, with further parameters.
    async fn refresh(&self, token: &str, further: &[(&str, &str)]) -> Response {
        let form = [&[("grant_type", "refresh_token"), ("refresh_token", token)], further].concat();
        self.send(Ask::form("/token", &form).basic("app", CLIENT_SECRET)).await
    }

    /// The tokens of a new grant of `app`.
    async fn tokens(&self) -> Value {
        success(&self.exchange(self.code().await.expose(), &[]).await)
    }

    async fn userinfo(&self, token: &str) -> Response {
        self.send(Ask::get("/userinfo").header("authorization", &format!("Bearer {token}"))).await
    }
}

/// The exchange of `code`, without client authentication. A value in `changes` replaces, `None` leaves out.
fn exchange_form(code: &str, changes: &[(&str, Option<&str>)]) -> Ask {
    let mut form = vec![("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER), ("redirect_uri", REDIRECT_URI)];
    form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    form.extend(changes.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
    Ask::form("/token", &form)
}

/// A request to be sent.
struct Ask(Request);

impl Ask {
    fn new(method: Method, path: &str) -> Self {
        Self(Request {
            method,
            path: path.to_owned(),
            raw_query: String::new(),
            headers: HeaderMap::new(),
            cookies: Vec::new(),
            body: Vec::new(),
            source_ip: Some([192, 0, 2, 1].into()),
            request_id: "test".to_owned(),
        })
    }

    fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    fn form(path: &str, form: &[(&str, &str)]) -> Self {
        Self::raw_form(path, &encode(form))
    }

    fn raw_form(path: &str, body: &str) -> Self {
        let mut ask = Self::new(Method::POST, path).header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded");
        body.as_bytes().clone_into(&mut ask.0.body);
        ask
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        self
    }

    fn basic(self, id: &str, secret: &str) -> Self {
        let credentials = STANDARD.encode(format!("{id}:{secret}"));
        self.header(AUTHORIZATION.as_str(), &format!("Basic {credentials}"))
    }
}

fn body(response: &Response) -> Value {
    serde_json::from_str(&response.body).unwrap_or(Value::Null)
}

/// The body of a response that must be a success.
fn success(response: &Response) -> Value {
    assert_eq!(response.status, 200, "{response:?}");
    body(response)
}

/// Asserts a refusal: status, registered error, nothing cached, no token.
fn assert_refused(response: &Response, status: u16, error: &str) {
    assert_eq!((response.status.as_u16(), body(response)["error"].as_str()), (status, Some(error)), "{response:?}");
    assert_eq!(header(response, "cache-control"), Some("no-store"));
    for token in ["access_token", "id_token", "refresh_token"] {
        assert!(body(response).get(token).is_none(), "{response:?}");
    }
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    response.headers.get(name).map(|value| value.to_str().unwrap())
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}
