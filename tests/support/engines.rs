//! The engines that the store is tested on: the embedded one, or the one that `GRANTLET_TEST_DYNAMODB_ENDPOINT` names.

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client as DynamoDb;
use base64::Engine as _;
use grantlet::config::Tables;
use grantlet::context::{Context, SystemRandomSource};
use grantlet::store::Store;
use grantlet_cli::engine::{Engine, EngineStorage, sdk_config_for};
use grantlet_cli::tables::create_tables;

/// Names the endpoint of an engine that somebody else runs, such as AWS's DynamoDB Local.
pub(crate) const ENDPOINT: &str = "GRANTLET_TEST_DYNAMODB_ENDPOINT";

/// Two fresh tables on an engine.
pub(crate) struct Fresh {
    pub(crate) store: Store,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) tables: Tables,
    pub(crate) endpoint: String,
    _engine: Option<Engine>,
}

impl Fresh {
    /// Makes the tables, under names that no other test has.
    pub(crate) async fn start() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the engine under test is chosen from outside")]
        let foreign = std::env::var(ENDPOINT).ok();
        let engine = match &foreign {
            Some(_) => None,
            None => Some(Engine::start(EngineStorage::InMemory, 0).await.expect("the engine starts")),
        };
        let endpoint = foreign.or_else(|| engine.as_ref().map(Engine::endpoint)).expect("an endpoint");
        let name = random_name();
        let tables = Tables { state: format!("state-{name}"), registry: format!("registry-{name}") };
        let sdk: SdkConfig = sdk_config_for(&endpoint);
        let dynamodb = DynamoDb::new(&sdk);
        create_tables(&dynamodb, &tables).await.expect("the tables can be made");
        Self { store: Store::connect(&sdk, tables.clone()), dynamodb, tables, endpoint, _engine: engine }
    }

    /// One more client of the same tables, with connections of its own.
    pub(crate) fn another_store(&self) -> Store {
        Store::connect(&sdk_config_for(&self.endpoint), self.tables.clone())
    }
}

fn random_name() -> String {
    let mut bytes = [0; 8];
    grantlet::context::Random::fill(&SystemRandomSource, &mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// A ULID that nobody else has.
pub(crate) fn new_ulid(store: &Store) -> ulid::Ulid {
    let issuer = grantlet::protocol::issuer::Issuer::parse("https://issuer.example").expect("an issuer");
    let tables = Tables { state: "unused".to_owned(), registry: "unused".to_owned() };
    let config = grantlet::config::Config::new(issuer, tables, grantlet::config::KeyStore::Directory("unused".into()));
    Context::new(config, store.clone()).ulid()
}
