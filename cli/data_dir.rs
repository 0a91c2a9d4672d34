//! The data directory: `format`, `dynamodb.sqlite`, `keys/`, `stream-position`, `lock`, and `endpoint` while a server runs on it.
//!
//! One program at a time works on it, held by the lock. Commands that find a server running use that server's engine instead.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::failure::Failure;

/// The format that this version writes and reads.
const FORMAT: u32 = 1;
/// How long to wait for another command that has the directory, in steps of [`STEP`].
const STEPS: u32 = 100;
const STEP: Duration = Duration::from_millis(50);

/// A data directory that this program alone works on, until this is dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    is_new: bool,
    /// Held, not read: the operating system lets go of the lock however the program ends.
    _lock: File,
}

/// A data directory, as a command finds it.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Nobody else works on it.
    Alone(DataDir),
    /// A server runs on it, with its engine at this URL.
    Served {
        /// The engine's URL.
        endpoint: String,
    },
}

impl DataDir {
    /// Opens the directory for a server, and makes it when it is not there.
    pub(crate) async fn create(path: &Path) -> Result<Self, Failure> {
        let path = std::path::absolute(path).map_err(|error| unusable(path, &error))?;
        check_ours(&path)?;
        make_private(&path)?;
        let ignore = path.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(|error| unusable(&path, &error))?;
        }
        for _ in 0..STEPS {
            match Self::try_open(&path)? {
                Some(opened) => {
                    make_private(&opened.keys())?;
                    return Ok(opened);
                }
                None if find_live_endpoint(&path).is_some() => break,
                None => tokio::time::sleep(STEP).await,
            }
        }
        let shown = path.display();
        Err(Failure::new(format!("Another grantlet is running on {shown}. Stop it first, or give this one another directory with --data.")))
    }

    /// Opens the directory for a command, which never makes one.
    pub(crate) async fn open(path: &Path) -> Result<Opened, Failure> {
        let path = std::path::absolute(path).map_err(|error| unusable(path, &error))?;
        let shown = path.display();
        if read_format(&path)?.is_none() && !path.join("lock").exists() {
            return Err(Failure::new(format!(
                "There are no data in {shown}. Start `grantlet dev` once to make them, name another directory with --data, or a stack with --stack."
            )));
        }
        for _ in 0..STEPS {
            if let Some(alone) = Self::try_open(&path)? {
                return Ok(Opened::Alone(alone));
            }
            if let Some(endpoint) = find_live_endpoint(&path) {
                return Ok(Opened::Served { endpoint });
            }
            tokio::time::sleep(STEP).await;
        }
        Err(Failure::new(format!("Another grantlet holds {shown} and does not answer. Try again when it has started, or stop it.")))
    }

    fn try_open(path: &Path) -> Result<Option<Self>, Failure> {
        let lock =
            File::options().create(true).truncate(false).write(true).open(path.join("lock")).map_err(|error| unusable(path, &error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(unusable(path, &error)),
        }
        let is_new = match read_format(path)? {
            None => true,
            Some(FORMAT) => false,
            Some(found) => {
                return Err(Failure::new(format!(
                    "{} was written by a newer grantlet: its format is {found}, this one knows {FORMAT}. Use the newer program, or another directory with --data.",
                    path.display()
                )));
            }
        };
        let opened = Self { path: path.to_owned(), is_new, _lock: lock };
        // What stands there now was left by a server that was killed.
        remove_if_there(&opened.endpoint_file())?;
        Ok(Some(opened))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a server keeps how far it has read the engine's stream.
    pub(crate) fn stream_position(&self) -> PathBuf {
        self.path.join("stream-position")
    }

    /// Whether nothing was kept here before.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Notes that the directory has everything that its format promises.
    pub(crate) fn complete(&self) -> Result<(), Failure> {
        write_whole(&self.path.join("format"), &format!("{FORMAT}\n")).map_err(|error| unusable(&self.path, &error))
    }

    /// Tells commands where the engine answers.
    pub(crate) fn announce(&self, endpoint: &str) -> Result<(), Failure> {
        write_whole(&self.endpoint_file(), endpoint).map_err(|error| unusable(&self.path, &error))
    }

    /// Takes back what [`DataDir::announce`] told.
    pub(crate) fn withdraw(&self) -> Result<(), Failure> {
        remove_if_there(&self.endpoint_file())
    }

    /// The engine's file, made beforehand so that only its owner may read it, wherever the directory lies.
    pub(crate) fn engine_file(&self) -> Result<PathBuf, Failure> {
        let path = self.path.join("dynamodb.sqlite");
        let mut options = File::options();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(|error| unusable(&self.path, &error))?;
        Ok(path)
    }

    /// The directory of private keys.
    pub(crate) fn keys(&self) -> PathBuf {
        keys_of(&self.path)
    }

    fn endpoint_file(&self) -> PathBuf {
        self.path.join("endpoint")
    }
}

/// The directory of private keys below the data directory `path`.
pub(crate) fn keys_of(path: &Path) -> PathBuf {
    path.join("keys")
}

/// Makes a directory that only its owner may enter, unless it is there.
fn make_private(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| unusable(path, &error))
}

/// Refuses a directory that holds somebody else's files, so that a slip at `--data` does not spread ours among them.
fn check_ours(path: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unusable(path, &error)),
    };
    let names: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect();
    if names.is_empty() || names.iter().any(|name| name == "format" || name == "lock") {
        return Ok(());
    }
    let shown = path.display();
    Err(Failure::new(format!("{shown} holds files that are not Grantlet's. Give an empty or a new directory with --data.")))
}

fn read_format(path: &Path) -> Result<Option<u32>, Failure> {
    let text = match fs::read_to_string(path.join("format")) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(path, &error)),
    };
    text.trim().parse().map(Some).map_err(|_| {
        let shown = path.join("format").display().to_string();
        Failure::new(format!("{shown} should be a number and is not. Restore the directory, or give another one with --data."))
    })
}

/// The URL that a server announced, if something listens there.
fn find_live_endpoint(path: &Path) -> Option<String> {
    let endpoint = fs::read_to_string(path.join("endpoint")).ok()?;
    let address: SocketAddr = endpoint.strip_prefix("http://")?.parse().ok()?;
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    Some(endpoint)
}

/// Writes a file that is either the old or the new one, whenever it is read.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

fn remove_if_there(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(path, &error)),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "{} can't be used: {error}. Check that it is a directory that you may read and write, or give another one with --data.",
        path.display()
    ))
}
