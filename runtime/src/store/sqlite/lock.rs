//! One process per file.

use super::failure::OpenError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Holds the file until it is dropped, or the process ends however it ends.
///
/// The lock file stays: to delete it would let a third process lock a new file
/// of the same name while a second one still waits for the old.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held for its drop")] File);

/// Takes `<path>.lock`.
pub(super) fn take(path: &Path) -> Result<Lock, OpenError> {
    // The same file under another name must meet the same lock.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = path.into_os_string();
    name.push(".lock");
    let lock = PathBuf::from(name);
    let refuse = |error| OpenError::Lock { lock: lock.clone(), error };
    let mut file =
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&lock).map_err(refuse)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = holder(&mut file);
            return Err(OpenError::InUse { lock, holder });
        }
        Err(TryLockError::Error(error)) => return Err(refuse(error)),
    }
    note_holder(&mut file).map_err(refuse)?;
    Ok(Lock(file))
}

fn note_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    write!(file, "{}", std::process::id())
}

/// The process that wrote its id, where that can be read.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_and_what() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.db");
        let first = take(&path).map_err(|error| error.at(Some(&path)))?;
        let text = match take(&path) {
            Ok(_) => return Err("taken twice".into()),
            Err(error) => error.at(Some(&path)).to_string(),
        };
        for part in ["a.db`", "a.db.lock`", &format!("process {}", std::process::id()), "stop that one"] {
            assert!(text.contains(part), "{part:?} is not in {text:?}");
        }
        drop(first);
        assert!(take(&path).is_ok());
        Ok(())
    }

    #[test]
    fn a_missing_directory_is_named() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("none/a.db");
        let text = take(&path).map_or_else(|error| error.at(Some(&path)).to_string(), |_| String::new());
        assert!(text.contains("none/a.db.lock") && text.contains("must exist"), "{text}");
        Ok(())
    }
}
