//! The operator's commands, on a data directory, beside a running server, and on a stack.

mod clients;
mod connections;
mod documents;
mod keys;
mod seeds;
mod targets;
mod users;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use grantlet::config::Tables;
use grantlet::store::Store;
use grantlet_cli::engine::{Engine, EngineStorage};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::program::{Dev, Ended, argument, run};

/// A data directory that a server has made, and no server runs on any more.
struct Data {
    folder: TempDir,
}

impl Data {
    fn new(seed: &Value) -> Self {
        let data = Self { folder: TempDir::new().unwrap() };
        data.apply(seed);
        data
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts a server with `seed`, and stops it.
    fn apply(&self, seed: &Value) {
        assert!(self.serve(seed).stop().success());
    }

    fn serve(&self, seed: &Value) -> Dev {
        let file = self.folder.path().join("seed.json");
        fs::write(&file, seed.to_string()).unwrap();
        Dev::serve(&["--data", argument(&self.path()), "--seed", argument(&file)])
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        run(&[arguments, &["--data", argument(&self.path())]].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--json"]].concat()).json()
    }

    /// Every item of both tables, to the byte.
    async fn read_everything(&self) -> BTreeMap<String, Vec<String>> {
        let engine = start_engine(&self.path()).await;
        let client = aws_sdk_dynamodb::Client::new(&engine.sdk_config());
        let mut everything = BTreeMap::new();
        for table in client.list_tables().send().await.unwrap().table_names() {
            let answer = client.scan().table_name(table).send().await.unwrap();
            let mut items: Vec<String> =
                answer.items().iter().map(|item| format!("{:?}", item.iter().collect::<BTreeMap<_, _>>())).collect();
            items.sort();
            everything.insert(table.clone(), items);
        }
        engine.shutdown().await;
        everything
    }
}

async fn start_engine(data: &Path) -> Engine {
    Engine::start(EngineStorage::File(data.join("dynamodb.sqlite")), 0).await.unwrap()
}

fn open_store(engine: &Engine) -> Store {
    let tables = Tables { state: "grantlet-state".to_owned(), registry: "grantlet-registry".to_owned() };
    Store::connect(&engine.sdk_config(), tables)
}

fn seed() -> Value {
    json!({
        "clients": [
            {"client_id": "web", "client_secret": "s3cret", "redirect_uris": ["https://web.example/cb"], "client_name": "Web",
             "grant_types": ["authorization_code", "refresh_token"], "scope": "openid email", "logo_uri": "https://web.example/logo", "first_party": true},
            {"client_id": "tool", "redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none"},
        ],
        "users": [
            {"username": "Alice", "password": "correct horse", "claims": {"name": "Alice Adams", "address": {"locality": "Bern"}}},
            {"username": "mallory", "password": "battery staple", "locked": true},
        ],
    })
}

fn without_secret_of(value: &mut Value) -> String {
    let secret = value["client_secret"].as_str().expect("a new secret is shown").to_owned();
    value["client_secret"] = json!("[secret]");
    secret
}
