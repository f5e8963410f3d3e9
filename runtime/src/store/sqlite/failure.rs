//! Why SQLite could not do what it was asked, in words for a person.

use crate::store::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a write or a read came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// The fence is stale. The write changed nothing, its neighbours may go on.
    Stale,
    /// SQLite failed. The write may be half done until it is rolled back.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Failure::Sqlite(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Stale => StoreError::Stale,
            Failure::Sqlite(error) => StoreError::Engine(Box::new(error)),
        }
    }
}

/// A failure that several writes share.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Shared {
    /// Of the transaction that they were in.
    #[error("the transaction failed: {0}")]
    Transaction(#[source] Arc<rusqlite::Error>),
    /// Of the sync that was to make them durable, and of all that come later.
    #[error(
        "the disk did not take the store's log: {0}; nothing is written any more, because what \
         was written may be lost: free space on the disk, or check it, then start the program again"
    )]
    Sync(#[source] Arc<io::Error>),
}

impl Shared {
    pub(super) fn transaction(error: rusqlite::Error) -> Self {
        Shared::Transaction(Arc::new(error))
    }

    pub(super) fn sync(error: io::Error) -> Self {
        Shared::Sync(Arc::new(error))
    }
}

impl From<Shared> for StoreError {
    fn from(shared: Shared) -> Self {
        StoreError::Engine(Box::new(shared))
    }
}

/// Why a file cannot be opened. [`OpenError::at`] adds the file's name.
#[derive(Debug)]
pub(super) enum OpenError {
    /// The SQLite library may lose committed data.
    Unsafe { version: String },
    /// Another process, or another store of this one, has the file.
    InUse { lock: PathBuf, holder: Option<u32> },
    /// The lock file cannot be made.
    Lock { lock: PathBuf, error: io::Error },
    /// The file belongs to another program.
    Foreign,
    /// The file was written by a later version of this program.
    Newer { found: usize, known: usize },
    /// The file system cannot share memory between connections.
    NoLog { journal: String },
    /// The write-ahead log cannot be opened.
    Log { log: PathBuf, error: io::Error },
    /// A thread cannot be started.
    Thread(io::Error),
    /// SQLite says why.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        OpenError::Sqlite(error)
    }
}

impl OpenError {
    pub(super) fn at(self, path: Option<&Path>) -> StoreError {
        let file =
            path.map_or_else(|| "the store in memory".to_owned(), |path| format!("`{}`", path.display()));
        StoreError::Open(match self {
            OpenError::Unsafe { version } => format!(
                "cannot open {file}: SQLite {version} can lose committed data (the WAL-reset bug); \
                 use SQLite 3.51.3 or later, 3.50.7, or 3.44.6, or the feature `sqlite`, which brings its own"
            ),
            OpenError::InUse { lock, holder } => {
                let holder =
                    holder.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"));
                format!(
                    "cannot open {file}: {holder} has it open (it holds the lock `{}`); \
                     stop that one, or give this one a file of its own",
                    lock.display()
                )
            }
            OpenError::Lock { lock, error } => format!(
                "cannot open {file}: its lock file `{}` cannot be used: {error}; \
                 the directory must exist and be writable",
                lock.display()
            ),
            OpenError::Foreign => {
                format!("cannot open {file}: it is the database of another program; name a file of its own")
            }
            OpenError::Newer { found, known } => format!(
                "cannot open {file}: a newer version of triggerfish wrote it (its tables are version \
                 {found}, this program knows {known}); update the program, or name another file"
            ),
            OpenError::NoLog { journal } => format!(
                "cannot open {file}: SQLite keeps its journal as `{journal}` there instead of `wal`; \
                 put the file on a local disk"
            ),
            OpenError::Log { log, error } => format!(
                "cannot open {file}: its log `{}` cannot be opened to be synced: {error}; \
                 make it readable and writable for this program",
                log.display()
            ),
            OpenError::Thread(error) => format!("cannot open {file}: no thread could be started: {error}"),
            OpenError::Sqlite(error) => format!("cannot open {file}: {error}"),
        })
    }
}
