//! The embedded DynamoDB engine, served on a loopback port: the same SDK calls reach it as reach AWS.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The region and the credentials that the engine is told; it does not care.
const LOCAL: &str = "local";

/// Where the engine keeps its data.
#[derive(Clone, Debug)]
pub enum EngineStorage {
    /// In memory, until the engine ends.
    InMemory,
    /// In a file of `SQLite`.
    File(PathBuf),
}

/// A running engine. Dropping it stops it without waiting.
pub struct Engine {
    database: Database,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), String>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Why the engine can't start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file can't be opened as a database.
    #[error("its file can't be opened: {0}")]
    Storage(String),
    /// The port can't be had.
    #[error("it can't listen on port {port}: {source}")]
    Port {
        /// The port that was asked for; 0 for any.
        port: u16,
        /// The cause.
        source: io::Error,
    },
}

impl Engine {
    /// Starts an engine on `port` of 127.0.0.1, any free one when it is 0, and serves it on the present runtime.
    ///
    /// # Errors
    /// When the file can't be opened or the port can't be had.
    pub async fn start(storage: EngineStorage, port: u16) -> Result<Self, EngineError> {
        let database = match &storage {
            EngineStorage::InMemory => Database::memory(),
            EngineStorage::File(path) => Database::new(&path.to_string_lossy()),
        };
        let database = database.map_err(|error| EngineError::Storage(error.to_string()))?;
        let failed = |source| EngineError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database.clone(), async {
            // Told to stop, or dropped.
            let _ = stopped.await;
        }));
        Ok(Self { database, address, stop, serving })
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How the SDK reaches it.
    #[must_use]
    pub fn sdk_config(&self) -> SdkConfig {
        sdk_config_for(&self.endpoint())
    }

    /// The database itself, for what DynamoDB does on its own: deleting expired items.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Stops it, and waits until what it answers is answered.
    pub async fn shutdown(self) {
        let _ = self.stop.send(());
        let _ = self.serving.await;
    }
}

/// How the SDK reaches an engine at `endpoint`, whoever runs it.
#[must_use]
pub fn sdk_config_for(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new(LOCAL, LOCAL, None, None, LOCAL);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(LOCAL))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}
