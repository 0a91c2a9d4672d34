//! `grantlet dev`: the engine, the tables, the first keys, a seed, and every endpoint in one process.

use std::path::PathBuf;
use std::time::Duration;

use grantlet::config::{Config, KeyStore};
use grantlet::context::Context;
use grantlet::endpoint::notify::Notifier;
use grantlet::endpoint::rotate::RotateCommand;
use grantlet::mail::Mailer;
use grantlet::protocol::issuer::Issuer;
use grantlet::store::Store;
use grantlet::vault::Vault;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing_subscriber::EnvFilter;

use crate::args::DevArgs;
use crate::commands::key::rotate_keys;
use crate::data_dir::DataDir;
use crate::demo::Demo;
use crate::engine::{Engine, EngineStorage};
use crate::failure::Failure;
use crate::outbox;
use crate::output::{Paint, print_line};
use crate::playground;
use crate::seed::Seed;
use crate::server::{Zones, listen, serve};
use crate::settings_file::find_settings;
use crate::stream::StreamReader;
use crate::tables::create_tables;
use crate::target::{LOCAL_CREDENTIAL, LOCAL_REGION, local_tables, start_engine};

/// The engine's port with `--engine-only`, where another program has to know it.
const ENGINE_ONLY_PORT: u16 = 8000;
/// How often expired items are deleted, as DynamoDB does by itself.
const SWEEP: Duration = Duration::from_mins(1);
/// How often keys are looked at. Deployed, that is once a day; a laptop is rarely on for a day.
const KEY_CHECK: Duration = Duration::from_hours(1);
/// How often the stream is read. Deployed, Lambda looks four times a second.
const STREAM: Duration = Duration::from_secs(1);
/// How often a record of the stream is tried again, with pauses that double from one second, before it is given up.
const STREAM_RETRIES: u32 = 6;
/// How long requests that are being answered may hold up the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs until it is told to stop.
pub(crate) async fn run(args: DevArgs) -> Result<(), Failure> {
    let seed = args.seed.as_deref().map(Seed::read).transpose()?;
    let settings = find_settings(args.settings.as_deref())?;
    let (listeners, port) = if args.engine_only { (Vec::new(), args.port) } else { listen(args.port).await? };
    let issuer = parse_issuer(args.issuer.as_deref(), port)?;
    let stop = watch_signals()?;

    let local = Local::start(&args, issuer).await?;
    if let Some(settings) = &settings {
        local.context.store.replace_settings(settings).await?;
    }
    let demo = local.populate(seed.as_ref()).await?;
    let mut chores = JoinSet::new();
    chores.spawn(sweep(local.engine.database().clone()));
    chores.spawn(check_keys(local.context.clone(), local.vault.clone()));
    chores.spawn(notify(local.stream()?, Notifier::new(local.context.clone(), local.vault.clone()), local.position_file()));

    if args.engine_only {
        local.serve_engine(demo.as_ref(), stop).await;
    } else {
        local.serve_all(listeners, demo.as_ref(), stop).await?;
    }
    chores.shutdown().await;
    local.end().await
}

fn parse_issuer(given: Option<&str>, port: u16) -> Result<Issuer, Failure> {
    let text = given.map_or_else(|| format!("http://localhost:{port}"), str::to_owned);
    Issuer::parse(&text)
        .map_err(|error| Failure::new(format!("The issuer {text:?} can't be used: {error}. Give another one with --issuer.")))
}

/// Everything that runs on this machine but the endpoints.
struct Local {
    engine: Engine,
    context: Context,
    vault: Vault,
    keys: PathBuf,
    place: Place,
}

/// Where data are kept.
enum Place {
    Directory(DataDir),
    /// The engine is in memory; only private keys are files, and go with this directory.
    Memory {
        _keys: TempDir,
    },
}

impl Local {
    async fn start(args: &DevArgs, issuer: Issuer) -> Result<Self, Failure> {
        let (place, keys, storage) = if args.in_memory {
            let keys = tempfile::Builder::new().prefix("grantlet-keys-").tempdir()?;
            let path = keys.path().to_owned();
            (Place::Memory { _keys: keys }, path, EngineStorage::InMemory)
        } else {
            let dir = DataDir::create(&args.data).await?;
            let (keys, storage) = (dir.keys(), EngineStorage::File(dir.engine_file()?));
            (Place::Directory(dir), keys, storage)
        };
        let tables = local_tables();
        let mut config = Config::new(issuer, tables.clone(), KeyStore::Directory(keys.clone()));
        config.apply_env()?;
        if playground::is_for(&config.issuer) {
            config.resources.push(playground::api_of(&config.issuer));
        }
        start_log(&config.log);

        let engine = start_engine(storage, args.engine_port.unwrap_or(if args.engine_only { ENGINE_ONLY_PORT } else { 0 })).await?;
        let sdk = engine.sdk_config();
        create_tables(&aws_sdk_dynamodb::Client::new(&sdk), &tables)
            .await
            .map_err(|error| Failure::new(format!("The tables can't be made: {error}.")))?;
        let store = Store::connect(&sdk, tables).watched_by(playground::watcher());
        let context = Context::new(config, store).with_mailer(Mailer::outbox(outbox::announce));
        let vault = Vault::Directory(keys.clone());
        rotate_keys(&context, &vault, RotateCommand::Scheduled).await?;
        Ok(Self { engine, context, vault, keys, place })
    }

    /// Applies the seed, or makes the ready-made clients and user where nothing was kept before.
    async fn populate(&self, seed: Option<&Seed>) -> Result<Option<Demo>, Failure> {
        let is_new = match &self.place {
            Place::Directory(dir) => dir.is_new(),
            Place::Memory { .. } => true,
        };
        let demo = match seed {
            Some(seed) => seed.apply(&self.context, &self.vault).await.map(|()| None)?,
            None if is_new => Some(Demo::create(&self.context, &self.vault).await?),
            None => None,
        };
        if let Place::Directory(dir) = &self.place {
            // Last: a start that was cut short counts as none.
            dir.complete()?;
            dir.announce(&self.engine.endpoint())?;
        }
        Ok(demo)
    }

    /// The stream of the state table, from where the last run left it: sessions may have ended while no server ran.
    fn stream(&self) -> Result<StreamReader, Failure> {
        let database = self.engine.database().clone();
        let position = self.position_file().and_then(|file| std::fs::read_to_string(file).ok());
        if let Some(position) = position {
            return Ok(StreamReader::resume(database, position));
        }
        StreamReader::begin(database, &self.context.config.tables.state)
            .map_err(|error| Failure::new(format!("The engine failed: {error}.")))
    }

    /// Where it is kept how far the stream was read; nowhere when nothing is kept.
    fn position_file(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Directory(dir) => Some(dir.stream_position()),
            Place::Memory { .. } => None,
        }
    }

    async fn serve_all(&self, listeners: Vec<TcpListener>, demo: Option<&Demo>, mut stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let paint = Paint::stdout();
        let port = listeners.first().and_then(|listener| listener.local_addr().ok()).map_or(0, |address| address.port());
        print_line(&self.banner(paint));
        if let Some(demo) = demo {
            print_line(&demo.render(&self.context.config.issuer, port, paint));
        }
        let zones = Zones::new(self.context.clone(), self.vault.clone());
        let serving = serve(listeners, zones, stop.clone());
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return Ok(ended?),
            _ = stop.wait_for(|stop| *stop) => {}
        }
        // A client that keeps its request open must not keep us.
        timeout(PATIENCE, serving).await.unwrap_or(Ok(()))?;
        Ok(())
    }

    async fn serve_engine(&self, demo: Option<&Demo>, mut stop: watch::Receiver<bool>) {
        let config = &self.context.config;
        let paint = Paint::stdout();
        let endpoint = self.engine.endpoint();
        let key_store = format!("dir:{}", self.keys.display());
        print_line(&paint.bold("# The engine is ready. Set these where `cargo lambda watch` runs, and leave this program running."));
        for (name, value) in [
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", LOCAL_CREDENTIAL),
            ("AWS_SECRET_ACCESS_KEY", LOCAL_CREDENTIAL),
            ("AWS_REGION", LOCAL_REGION),
            ("GRANTLET_ISSUER", config.issuer.as_str()),
            ("GRANTLET_STATE_TABLE", &config.tables.state),
            ("GRANTLET_REGISTRY_TABLE", &config.tables.registry),
            ("GRANTLET_KEY_STORE", &key_store),
        ] {
            print_line(&format!("export {name}={}", quote_for_shell(value)));
        }
        if let Some(demo) = demo {
            let port = url::Url::parse(config.issuer.as_str()).ok().and_then(|url| url.port_or_known_default()).unwrap_or_default();
            print_line("");
            print_line(&demo.render(&config.issuer, port, paint));
        }
        // An error means that nobody can tell us to stop any more.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    fn banner(&self, paint: Paint) -> String {
        let issuer = &self.context.config.issuer;
        let kept = match &self.place {
            Place::Directory(dir) => dir.path().display().to_string(),
            Place::Memory { .. } => "in memory; gone when this program ends".to_owned(),
        };
        let playground = if playground::is_for(issuer) {
            format!("\n  playground  {}: walk through a login, and try to steal it\n", issuer.url(playground::PATH))
        } else {
            String::new()
        };
        format!(
            "{}

  issuer      {issuer}
  metadata    {}
  authorize   {}
  token       {}
  keys        {}
  data        {kept}
  mail        {}
{playground}
{}
",
            paint.bold(&format!("Grantlet is ready at {issuer}")),
            issuer.url("/.well-known/openid-configuration"),
            issuer.url("/authorize"),
            issuer.url("/token"),
            issuer.url("/jwks.json"),
            issuer.url(outbox::PATH),
            paint.dim("  Ctrl-C stops it."),
        )
    }

    async fn end(self) -> Result<(), Failure> {
        let Self { engine, context, place, .. } = self;
        drop(context);
        if let Place::Directory(dir) = &place {
            dir.withdraw()?;
        }
        // What was answered is written; a connection that does not close must not keep us.
        let _ = timeout(PATIENCE, engine.shutdown()).await;
        Ok(())
    }
}

/// Deletes expired items from time to time.
async fn sweep(database: dynoxide::Database) {
    let mut ticks = interval(SWEEP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
            Ok(Ok(deleted)) => tracing::debug!(deleted, "expired items deleted"),
            Ok(Err(error)) => tracing::warn!(%error, "expired items could not be deleted"),
            Err(error) => tracing::error!(%error, "the sweep of expired items broke off"),
        }
    }
}

/// Tells clients of ended sessions, as the `notify` function of a deployed stack does.
async fn notify(mut stream: StreamReader, notifier: Notifier, position_file: Option<PathBuf>) {
    let mut ticks = interval(STREAM);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut deliveries = JoinSet::new();
    loop {
        ticks.tick().await;
        while deliveries.try_join_next().is_some() {}
        let mut reader = stream.clone();
        match tokio::task::spawn_blocking(move || (reader.next_ended_sessions(), reader)).await {
            Ok((Ok(None), _)) => {}
            Ok((Ok(Some(event)), reader)) => {
                stream = reader;
                if let Some(file) = &position_file
                    && let Err(error) = std::fs::write(file, stream.position())
                {
                    tracing::warn!(%error, "the position in the stream can't be kept");
                }
                deliveries.spawn(deliver(notifier.clone(), event));
            }
            Ok((Err(error), _)) => tracing::warn!(%error, "ended sessions could not be looked for"),
            Err(error) => tracing::error!(%error, "reading the stream broke off"),
        }
    }
}

/// Hands a batch to the notifier until nothing of it fails, or it is given up.
async fn deliver(notifier: Notifier, mut event: Value) {
    for retry in 0..=STREAM_RETRIES {
        let failures = match notifier.handle(&event).await {
            Ok(failures) => failures,
            Err(error) => return tracing::error!(%error, "the engine's stream can't be read"),
        };
        let failed: Vec<&str> = failures.sequence_numbers().collect();
        if failed.is_empty() {
            return;
        }
        if let Some(records) = event.get_mut("Records").and_then(Value::as_array_mut) {
            records
                .retain(|record| record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).is_some_and(|n| failed.contains(&n)));
        }
        if retry < STREAM_RETRIES {
            tokio::time::sleep(Duration::from_secs(1 << retry)).await;
        }
    }
    tracing::error!("clients could not be told that a session has ended; deployed, this would go to the failure queue");
}

/// Looks at the keys from time to time, as the schedule of a deployed stack does.
async fn check_keys(context: Context, vault: Vault) {
    let mut ticks = interval(KEY_CHECK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    // The first tick comes at once, and the keys have just been looked at.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if let Err(error) = rotate_keys(&context, &vault, RotateCommand::Scheduled).await {
            tracing::error!(%error, "the keys could not be looked at");
        }
    }
}

/// Tells when Ctrl-C was pressed or the system wants the program to end.
fn watch_signals() -> Result<watch::Receiver<bool>, Failure> {
    let (sender, receiver) = watch::channel(false);
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        let _ = sender.send(true);
    });
    Ok(receiver)
}

/// Logs to standard error from now on; requests themselves are printed by the server.
fn start_log(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let paint = Paint::of(&std::io::stderr());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_ansi(paint.is_on())
        .with_writer(std::io::stderr)
        .try_init();
}

/// `value` as one word of a POSIX shell.
fn quote_for_shell(value: &str) -> String {
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:@".contains(&b));
    if plain && !value.is_empty() { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_one_word_of_a_shell() {
        for (value, expected) in [("http://127.0.0.1:8000", "http://127.0.0.1:8000"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("", "''")]
        {
            assert_eq!(quote_for_shell(value), expected);
        }
    }

    #[test]
    fn an_issuer_that_is_no_loopback_needs_https() {
        assert_eq!(parse_issuer(None, 9000).unwrap().as_str(), "http://localhost:9000");
        assert!(parse_issuer(Some("http://id.example.com"), 9000).unwrap_err().to_string().contains("--issuer"));
        assert_eq!(parse_issuer(Some("https://id.example.com"), 9000).unwrap().as_str(), "https://id.example.com");
    }
}
