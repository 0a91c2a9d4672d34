//! The endpoints of all zones in the test's own process, on an embedded engine of their own, at a time that the test sets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client as DynamoDb;
use grantlet::config::{Config, KeyStore, Tables};
use grantlet::context::Context;
use grantlet::endpoint::back::BackChannel;
use grantlet::endpoint::front::FrontChannel;
use grantlet::endpoint::metadata::Metadata;
use grantlet::endpoint::notify::Notifier;
use grantlet::endpoint::rotate::{RotateCommand, Rotator};
use grantlet::http::{Zone, read_event, render_response, with_common_headers, zone_of};
use grantlet::mail::Mailer;
use grantlet::model::settings::Settings;
use grantlet::model::user::UserId;
use grantlet::protocol::issuer::Issuer;
use grantlet::store::Store;
use grantlet::vault::Vault;
use grantlet_cli::engine::{Engine, EngineStorage};
use grantlet_cli::stream::StreamReader;
use grantlet_cli::tables::create_tables;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::clock::FixedClock;
use super::event::{Answer, Event};
use super::oauth::{add_alice, register_client};
use super::server::Server;
use super::stack::ISSUER;

/// The time at which every local server begins.
pub(crate) const START: i64 = 1_800_000_000;

/// All zones, with keys, Alice, a confidential client `app`, another one `other` and a public one `cli`.
pub(crate) struct Local {
    /// What the endpoints work with, and the operator's program.
    pub(crate) context: Context,
    /// What the endpoints take for the time.
    pub(crate) clock: FixedClock,
    /// The private keys.
    pub(crate) vault: Vault,
    /// The user of the account that every test has.
    pub(crate) alice: UserId,
    front: FrontChannel,
    back: BackChannel,
    metadata: Metadata,
    notifier: Notifier,
    stream: Mutex<StreamReader>,
    engine: Engine,
    _keys: TempDir,
}

impl Server {
    /// All zones in this process, with `settings` as the operator would apply them.
    pub(crate) async fn local(settings: Value) -> Self {
        Self::local_with(settings, |_| ()).await
    }

    /// All zones in this process, with `settings`, and the configuration changed by `change`.
    pub(crate) async fn local_with(settings: Value, change: impl FnOnce(&mut Config)) -> Self {
        Self::Local(Box::new(Local::start(settings, change).await))
    }

    /// The zones of a server that [`Server::local`] started.
    pub(crate) fn inside(&self) -> &Local {
        match self {
            Self::Local(local) => local,
            Self::Dev { .. } | Self::Functions(_) => unreachable!("a local server was started"),
        }
    }
}

impl Local {
    async fn start(settings: Value, change: impl FnOnce(&mut Config)) -> Self {
        let engine = Engine::start(EngineStorage::InMemory, 0).await.expect("the engine starts");
        let tables = Tables { state: "grantlet-state".to_owned(), registry: "grantlet-registry".to_owned() };
        create_tables(&DynamoDb::new(&engine.sdk_config()), &tables).await.expect("the tables can be made");
        let keys = tempfile::tempdir().expect("a directory");
        let vault = Vault::Directory(keys.path().to_owned());
        let issuer = Issuer::parse(ISSUER).expect("an issuer");
        let mut config = Config::new(issuer, tables.clone(), KeyStore::Directory(keys.path().to_owned()));
        change(&mut config);
        let clock = FixedClock::at(START);
        let mut context = Context::new(config, Store::connect(&engine.sdk_config(), tables));
        context.clock = Arc::new(clock.clone());
        context.mailer = Mailer::outbox(|_| ());
        let settings: Settings = serde_json::from_value(settings).expect("settings");
        settings.check().expect("settings that can be used");
        context.store.replace_settings(&settings).await.expect("the settings are kept");
        let rotator = Rotator { context: context.clone(), vault: vault.clone() };
        rotator.run(RotateCommand::Scheduled).await.expect("the first keys are made");
        register_client(&context, "app", json!({"client_name": "The App"})).await;
        register_client(&context, "other", json!({})).await;
        register_client(&context, "cli", json!({"token_endpoint_auth_method": "none"})).await;
        let alice = add_alice(&context).await;
        let front = FrontChannel::new(context.clone(), vault.clone());
        let back = BackChannel::new(context.clone(), vault.clone());
        let metadata = Metadata::new(context.clone());
        let notifier = Notifier::new(context.clone(), vault.clone());
        let stream = StreamReader::begin(engine.database().clone(), &context.config.tables.state).expect("a stream");
        Self { context, clock, vault, alice, front, back, metadata, notifier, stream: Mutex::new(stream), engine, _keys: keys }
    }

    /// Registers a client, as the operator does.
    pub(crate) async fn register(&self, id: &str, metadata: Value) {
        register_client(&self.context, id, metadata).await;
    }

    /// Answers an event as the functions would.
    pub(crate) async fn answer(&self, event: &Event) -> Answer {
        let request = read_event(event.to_json()).expect("an event that can be read");
        let response = match zone_of(event.path()) {
            Some(Zone::Front) => self.front.handle(request).await,
            Some(Zone::Back) => self.back.handle(request).await,
            Some(Zone::Metadata) => self.metadata.handle(request).await,
            None => panic!("no route: {}", event.path()),
        };
        Answer(render_response(with_common_headers(response, true)))
    }

    /// The size of the item `pk` in the table of codes, grants and sessions, as JSON in bytes: somewhat more than it is counted for.
    pub(crate) fn size_of(&self, pk: &str) -> usize {
        let request = serde_json::from_value(json!({"TableName": "grantlet-state"})).expect("a request");
        let scanned = serde_json::to_value(self.engine.database().scan(request).expect("a scan")).expect("JSON");
        let item = scanned["Items"].as_array().expect("items").iter().find(|item| item["pk"]["S"] == pk);
        item.unwrap_or_else(|| panic!("no {pk}")).to_string().len()
    }

    /// Where the engine listens.
    pub(crate) fn engine_endpoint(&self) -> String {
        self.engine.endpoint()
    }

    /// The sessions that ended since the last call, as the stream tells of them.
    pub(crate) fn ended_sessions(&self) -> Value {
        let mut stream = self.stream.lock().expect("the lock");
        let mut records = Vec::new();
        while let Some(batch) = stream.next_ended_sessions().expect("the stream can be read") {
            records.extend(batch["Records"].as_array().expect("records").iter().cloned());
        }
        json!({ "Records": records })
    }

    /// Hands an event to the notifier, and answers with its answer.
    pub(crate) async fn notify(&self, event: &Value) -> Value {
        serde_json::to_value(self.notifier.handle(event).await.expect("a batch of records")).expect("JSON")
    }

    /// A notifier that remembers nothing, as another instance of the function would be.
    pub(crate) fn other_notifier(&self) -> Notifier {
        Notifier::new(self.context.clone(), self.vault.clone())
    }

    /// Deletes every record of a kind, as TTL does when their time has come.
    pub(crate) fn forget(&self, kind: &str) {
        let database = self.engine.database();
        let scan = serde_json::from_value(json!({"TableName": "grantlet-state"})).expect("a request");
        let scanned = serde_json::to_value(database.scan(scan).expect("a scan")).expect("JSON");
        let keys = scanned["Items"].as_array().expect("items").iter().map(|item| item["pk"].clone());
        for pk in keys.filter(|pk| pk["S"].as_str().is_some_and(|pk| pk.starts_with(kind))) {
            let delete = serde_json::from_value(json!({"TableName": "grantlet-state", "Key": {"pk": pk}})).expect("a request");
            database.delete_item(delete).expect("it can be deleted");
        }
    }

    /// How many items the table of codes, grants and sessions holds, by the kind in their key.
    pub(crate) fn stored(&self) -> BTreeMap<String, usize> {
        let request = serde_json::from_value(json!({"TableName": "grantlet-state"})).expect("a request");
        let scanned = serde_json::to_value(self.engine.database().scan(request).expect("a scan")).expect("JSON");
        let mut kinds = BTreeMap::new();
        for item in scanned["Items"].as_array().expect("items") {
            let kind = item["pk"]["S"].as_str().expect("a key").split('#').next().unwrap_or_default().to_owned();
            *kinds.entry(kind).or_default() += 1;
        }
        kinds
    }
}
