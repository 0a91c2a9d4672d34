//! What a command works on: the local data directory, or a deployed stack.

use std::collections::HashMap;
use std::io::ErrorKind;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use grantlet::config::{Config, KeyStore, Tables};
use grantlet::context::Context;
use grantlet::protocol::issuer::Issuer;
use grantlet::store::Store;
use grantlet::vault::{Vault, connect_ssm};
use serde::Deserialize;

use crate::args::TargetArgs;
use crate::data_dir::{DataDir, Opened, keys_of};
use crate::engine::{Engine, EngineError, EngineStorage, sdk_config_for};
use crate::failure::Failure;

/// The region that the engine is told; it does not care.
pub(crate) const LOCAL_REGION: &str = "local";
/// The credentials that the engine is told; it does not care.
pub(crate) const LOCAL_CREDENTIAL: &str = "local";

/// What a command works on, opened.
pub(crate) struct Target {
    /// The tables.
    pub(crate) context: Context,
    /// The private keys.
    pub(crate) vault: Vault,
    /// Whether it is a stack in AWS.
    pub(crate) is_stack: bool,
    /// The engine and the lock, when this program runs them itself.
    own: Option<(Engine, DataDir)>,
}

impl Target {
    /// Opens what `args` name.
    pub(crate) async fn open(args: &TargetArgs) -> Result<Self, Failure> {
        match &args.stack {
            Some(stack) => open_stack(stack, args.region.clone()).await,
            None => open_local(args).await,
        }
    }

    /// Lets go of it. Dropping does the same, but does not wait for the engine's file to be closed.
    pub(crate) async fn close(self) {
        let Self { context, own, .. } = self;
        drop(context);
        if let Some((engine, lock)) = own {
            engine.shutdown().await;
            drop(lock);
        }
    }
}

/// The names of the tables on a local engine.
pub(crate) fn local_tables() -> Tables {
    Tables { state: "grantlet-state".to_owned(), registry: "grantlet-registry".to_owned() }
}

async fn open_local(args: &TargetArgs) -> Result<Target, Failure> {
    let keys = std::path::absolute(keys_of(&args.data))?;
    let (sdk, own) = match DataDir::open(&args.data).await? {
        Opened::Served { endpoint } => (sdk_config_for(&endpoint), None),
        Opened::Alone(dir) => {
            let engine = start_engine(EngineStorage::File(dir.engine_file()?), 0).await?;
            (engine.sdk_config(), Some((engine, dir)))
        }
    };
    let tables = local_tables();
    if own.is_some() {
        crate::tables::create_tables(&aws_sdk_dynamodb::Client::new(&sdk), &tables)
            .await
            .map_err(|error| Failure::new(error.to_string()))?;
    }
    // No local command's outcome depends on the issuer; `dev` alone knows it.
    let issuer = Issuer::parse("http://localhost:9000").map_err(|error| Failure::new(error.to_string()))?;
    let mut config = Config::new(issuer, tables.clone(), KeyStore::Directory(keys.clone()));
    config.apply_env()?;
    Ok(Target { context: Context::new(config, Store::connect(&sdk, tables)), vault: Vault::Directory(keys), is_stack: false, own })
}

/// Starts an engine; any free port when `port` is 0.
pub(crate) async fn start_engine(storage: EngineStorage, port: u16) -> Result<Engine, Failure> {
    Engine::start(storage, port).await.map_err(|error| match error {
        EngineError::Port { port, source } if source.kind() == ErrorKind::AddrInUse => Failure::new(format!(
            "Port {port} is in use, and the engine needs it. Stop the program that listens there, or choose another port with --engine-port."
        )),
        error => Failure::new(format!("The engine can't start: {error}.")),
    })
}

/// The names that the template writes into the parameter `/grantlet/NAME/stack`.
#[derive(Debug, Deserialize)]
struct Stack {
    issuer: String,
    state_table: String,
    registry_table: String,
    key_store: String,
}

async fn open_stack(name: &str, region: Option<String>) -> Result<Target, Failure> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    let sdk = loader.load().await;
    let ssm = connect_ssm(&sdk);
    let parameter = format!("/grantlet/{name}/stack");
    let answer = ssm.get_parameter().name(&parameter).send().await.map_err(|error| {
        let unknown = matches!(error.as_service_error(), Some(GetParameterError::ParameterNotFound(_)));
        let region = sdk.region().map_or("the default region", AsRef::as_ref);
        if unknown {
            Failure::new(format!("There is no stack {name} in {region}: it has no parameter {parameter}. Check --stack and --region."))
        } else {
            Failure::aws(&format!("The stack {name} can't be reached"), error)
        }
    })?;
    let value = answer.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
    let stack: Stack = serde_json::from_str(&value).map_err(|error| {
        Failure::new(format!("The parameter {parameter} can't be read: {error}. Deploy the stack again with this version's template."))
    })?;
    let names = HashMap::from([
        ("GRANTLET_ISSUER", stack.issuer),
        ("GRANTLET_STATE_TABLE", stack.state_table),
        ("GRANTLET_REGISTRY_TABLE", stack.registry_table),
        ("GRANTLET_KEY_STORE", stack.key_store),
    ]);
    let mut config = Config::from_lookup(|name| names.get(name).cloned())?;
    config.apply_env()?;
    let vault = Vault::new(&config.key_store, || ssm);
    let store = Store::connect(&sdk, config.tables.clone());
    Ok(Target { context: Context::new(config, store), vault, is_stack: true, own: None })
}
