//! A whole stack on this machine: an engine, a parameter store, the proxy before both, and the functions' real binaries.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client as DynamoDb;
use grantlet::config::{Config, KeyStore, Tables};
use grantlet::context::Context;
use grantlet::http::{Zone, zone_of};
use grantlet::model::settings::Settings;
use grantlet::protocol::issuer::Issuer;
use grantlet::store::Store;
use grantlet::vault::{Vault, connect_ssm};
use grantlet_cli::engine::{Engine, EngineStorage, sdk_config_for};
use grantlet_cli::stream::StreamReader;
use grantlet_cli::tables::create_tables;
use serde_json::{Value, json};

use super::calls::{Names, Recorder};
use super::event::{Answer, Event};
use super::lambda::Function;
use super::proxy::{Proxy, Upstream};
use super::ssm::ParameterStore;

/// The issuer of every stack.
pub(crate) const ISSUER: &str = "https://issuer.example";
/// The path of its parameters.
const KEY_PREFIX: &str = "/grantlet/test";

/// A stack whose keys were made by the real `rotate` function.
pub(crate) struct Stack {
    /// Between the functions and the engines.
    pub(crate) proxy: Proxy,
    /// The parameters.
    pub(crate) parameters: ParameterStore,
    /// What the operator's program works with; it does not pass the proxy.
    pub(crate) operator: Context,
    functions: BTreeMap<&'static str, Function>,
    settings: Vec<(String, String)>,
    /// Shared by all functions, and dropped last.
    engine: Engine,
}

impl Stack {
    /// Starts everything, with further `settings` for the functions.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_with(settings, json!({})).await
    }

    /// Starts everything, with further `settings` for the functions, and those that the `operator` applied before.
    pub(crate) async fn start_with(settings: &[(&str, &str)], operator_settings: Value) -> Self {
        let engine = Engine::start(EngineStorage::InMemory, 0).await.expect("the engine starts");
        let tables = Tables { state: "grantlet-state".to_owned(), registry: "grantlet-registry".to_owned() };
        create_tables(&DynamoDb::new(&engine.sdk_config()), &tables).await.expect("the tables can be made");
        let parameters = ParameterStore::start().await;
        let names = Names {
            state_table: tables.state.clone(),
            registry_table: tables.registry.clone(),
            key_prefix: KEY_PREFIX.to_owned(),
            mail_identity: "issuer.example".to_owned(),
        };
        let upstream = Upstream { dynamodb: engine.endpoint(), ssm: parameters.endpoint().to_owned() };
        let proxy = Proxy::new(upstream, names, Recorder::default());

        let mut all = vec![
            ("GRANTLET_ISSUER".to_owned(), ISSUER.to_owned()),
            ("GRANTLET_STATE_TABLE".to_owned(), tables.state.clone()),
            ("GRANTLET_REGISTRY_TABLE".to_owned(), tables.registry.clone()),
            ("GRANTLET_KEY_STORE".to_owned(), format!("ssm:{KEY_PREFIX}")),
        ];
        all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let issuer = Issuer::parse(ISSUER).expect("an issuer");
        let config = Config::new(issuer, tables.clone(), KeyStore::Ssm { prefix: KEY_PREFIX.to_owned() });
        let operator = Context::new(config, Store::connect(&engine.sdk_config(), tables));

        let applied: Settings = serde_json::from_value(operator_settings).expect("settings");
        applied.check().expect("settings that can be used");
        operator.store.replace_settings(&applied).await.expect("the settings are kept");

        let mut stack = Self { proxy, parameters, operator, functions: BTreeMap::new(), settings: all, engine };
        let rotate = stack.start_function("rotate").await;
        rotate.invoke(schedule_event()).await.expect("the first keys are made");
        stack.functions.insert("rotate", rotate);
        for name in ["authorize", "token", "jwks"] {
            let function = stack.start_function(name).await;
            stack.functions.insert(name, function);
        }
        stack
    }

    /// The sessions that have ended so far, as the stream of the state table tells of them.
    pub(crate) fn ended_sessions(&self) -> serde_json::Value {
        let mut stream = StreamReader::begin(self.engine.database().clone(), &self.operator.config.tables.state).expect("a stream");
        let mut records = Vec::new();
        while let Some(batch) = stream.next_ended_sessions().expect("the stream can be read") {
            records.extend(batch["Records"].as_array().expect("records").iter().cloned());
        }
        json!({ "Records": records })
    }

    /// One more process of the function `name`, behind the same proxy.
    pub(crate) async fn start_function(&self, name: &str) -> Function {
        let env = self.environment(name).await;
        let env: Vec<_> = env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Function::start(name, &env).await
    }

    /// The variables for one more process of the function `name`, behind the same proxy.
    pub(crate) async fn environment(&self, name: &str) -> Vec<(String, String)> {
        let endpoint = self.proxy.attach(name).await;
        let endpoints = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_SESV2"]
            .map(|variable| (variable.to_owned(), endpoint.clone()));
        self.settings.iter().cloned().chain(endpoints).collect()
    }

    /// The function `name`.
    pub(crate) fn function(&self, name: &str) -> &Function {
        &self.functions[name]
    }

    /// The parameters, as the operator's program reads them.
    pub(crate) fn vault(&self) -> Vault {
        let sdk = sdk_config_for(self.parameters.endpoint());
        Vault::Ssm { client: connect_ssm(&sdk), prefix: KEY_PREFIX.to_owned() }
    }

    /// Sends a request to the function that API Gateway would send it to.
    pub(crate) async fn send(&self, event: &Event) -> Answer {
        let function = match zone_of(event.path()).expect("a route") {
            Zone::Front => "authorize",
            Zone::Back => "token",
            Zone::Metadata => "jwks",
        };
        self.function(function).send(event).await
    }
}

/// What `EventBridge` sends each day.
pub(crate) fn schedule_event() -> serde_json::Value {
    json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "123456789012", "time": "2026-11-24T04:00:00Z", "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/keys"], "detail": {},
    })
}
