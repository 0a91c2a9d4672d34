//! Private keys as files `<kind>.<name>` in one directory: mode 0600, written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::{KeyKind, VaultError};
use crate::model::secret::Secret;

/// What the name of a file has that is still being written.
const UNFINISHED: &str = ".unfinished";

pub(super) fn load(directory: &Path, kind: KeyKind) -> Result<Vec<(String, Secret)>, VaultError> {
    let prefix = format!("{}.", kind.as_str());
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read_dir", &error)),
    };
    let mut keys = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| failed("read_dir", &error))?.file_name();
        let Some(name) = name.to_str().and_then(|name| name.strip_prefix(&prefix)).filter(|name| !name.ends_with(UNFINISHED)) else {
            continue;
        };
        // Gone since it was listed: another program removed it.
        if let Some(text) = find(directory, kind, name)? {
            keys.push((name.to_owned(), text));
        }
    }
    keys.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(keys)
}

pub(super) fn find(directory: &Path, kind: KeyKind, name: &str) -> Result<Option<Secret>, VaultError> {
    match fs::read_to_string(path_of(directory, kind, name)) {
        Ok(text) => Ok(Some(Secret::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &error)),
    }
}

pub(super) fn keep(directory: &Path, kind: KeyKind, name: &str, key: &Secret) -> Result<(), VaultError> {
    write_new(directory, &path_of(directory, kind, name), key).map_err(|error| failed("write", &error))
}

fn write_new(directory: &Path, path: &Path, key: &Secret) -> io::Result<()> {
    make_private_directory(directory)?;
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    // Left behind by a program that was cut short.
    let _ = fs::remove_file(&unfinished);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&unfinished)?;
    file.write_all(key.expose().as_bytes())?;
    file.sync_all()?;
    // A link fails where there is a file already; a rename would replace it.
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    linked
}

fn make_private_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(directory)
}

pub(super) fn remove(directory: &Path, kind: KeyKind, name: &str) -> Result<(), VaultError> {
    match fs::remove_file(path_of(directory, kind, name)) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", &error)),
        _ => Ok(()),
    }
}

/// Names are ours: ULIDs, and the names of functions.
fn path_of(directory: &Path, kind: KeyKind, name: &str) -> PathBuf {
    directory.join(format!("{}.{name}", kind.as_str()))
}

fn failed(operation: &'static str, error: &io::Error) -> VaultError {
    VaultError::Unavailable { operation, reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_key_is_private_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("keys");
        keep(&directory, KeyKind::Signing, "01A", &Secret::new("first")).unwrap();
        assert!(keep(&directory, KeyKind::Signing, "01A", &Secret::new("second")).is_err());
        assert_eq!(find(&directory, KeyKind::Signing, "01A").unwrap().unwrap().expose(), "first");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&directory), mode(&directory.join("signing.01A"))), (0o700, 0o600));
        }
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[test]
    fn keys_are_listed_by_kind_and_an_unfinished_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        keep(folder.path(), KeyKind::Refresh, "01B", &Secret::new("b")).unwrap();
        keep(folder.path(), KeyKind::Signing, "01A", &Secret::new("a")).unwrap();
        fs::write(folder.path().join("refresh.01C.unfinished"), "half").unwrap();
        let names: Vec<_> = load(folder.path(), KeyKind::Refresh).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["01B"]);
        keep(folder.path(), KeyKind::Refresh, "01C", &Secret::new("whole")).unwrap();
        assert_eq!(find(folder.path(), KeyKind::Refresh, "01C").unwrap().unwrap().expose(), "whole");
        remove(folder.path(), KeyKind::Refresh, "01B").unwrap();
        remove(folder.path(), KeyKind::Refresh, "01B").unwrap();
        assert!(find(folder.path(), KeyKind::Refresh, "01B").unwrap().is_none());
        assert!(load(&folder.path().join("nowhere"), KeyKind::Refresh).unwrap().is_empty());
    }
}
