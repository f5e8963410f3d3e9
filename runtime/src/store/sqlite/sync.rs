//! Makes commits durable.
//!
//! With SQLite's `synchronous = FULL` each COMMIT syncs the log, and takes the
//! transaction back where that fails. Here a sync that fails is the end: the kernel
//! may have dropped what it could not write, and a later sync that succeeds says
//! nothing of it. So the writer's connection is at `NORMAL`, where a COMMIT only
//! adds to the log, and the log is synced here, after it. Where that fails, the batch
//! fails, and so does every later one; what is in the log stays as it is, because to
//! move it into the file could move what the disk does not have. The next opening
//! reads the log from the disk, up to where it is whole.
//!
//! An answer promises as much as at `FULL`. There, a transaction is durable
//! because the log was synced after its last frame, which is what happens here.
//! All else that keeps the file whole is the same in both: the log is synced
//! before any of it is moved into the file, the file before the log starts
//! again at its beginning, and the log's new header before the first frame
//! after it. What differs is what a reader sees: a commit, while its sync is
//! still under way.
//!
//! The log is opened a second time for that. SQLite's locks are on the database
//! and on its `-shm` file, and closing another descriptor of one of those would
//! let go of them; there are none on the log. Nor is the log replaced by
//! another file while a connection is open.

use super::batch::Committed;
use super::failure::{OpenError, Shared};
use crate::store::listener::Listening;
use rusqlite::Connection;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Puts all that was written to the log on the disk.
pub(super) type SyncLog = Box<dyn Fn() -> io::Result<()> + Send>;

/// Takes the log of a connection over from SQLite, which no longer syncs it at a
/// commit. `path` is what the connection was opened with.
pub(super) fn take_over(connection: &Connection, path: &Path) -> Result<SyncLog, OpenError> {
    // SQLite follows links before it names the log; a name that is no text it does not tell.
    let mut log = match connection.path() {
        Some(path) => OsString::from(path),
        None => path.canonicalize().unwrap_or_else(|_| path.to_owned()).into_os_string(),
    };
    log.push("-wal");
    // Windows syncs only what may be written.
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(&log)
        .map_err(|error| OpenError::Log { log: log.into(), error })?;
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    Ok(Box::new(move || file.sync_data()))
}

/// Settles what is committed, when it is as durable as the store promises.
pub(super) struct Syncer {
    listening: Arc<Listening>,
    /// `None` where a commit is all that is promised.
    log: Option<SyncLog>,
    failed: Option<Shared>,
}

impl Syncer {
    pub(super) fn new(listening: Arc<Listening>, log: Option<SyncLog>) -> Self {
        Syncer { listening, log, failed: None }
    }

    /// Why nothing may be committed any more.
    pub(super) fn failure(&self) -> Option<&Shared> {
        self.failed.as_ref()
    }

    /// Syncs what a batch has added to the log, and settles it.
    pub(super) fn committed(&mut self, batch: Committed) {
        let synced = match &self.log {
            Some(sync) if batch.changed => sync(),
            _ => Ok(()),
        };
        match synced {
            Ok(()) => batch.settle(&self.listening),
            Err(error) => {
                let error = Shared::sync(error);
                tracing::error!("{error}");
                batch.fail(&error);
                self.failed = Some(error);
            }
        }
    }
}
