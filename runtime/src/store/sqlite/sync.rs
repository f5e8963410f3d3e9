//! Makes commits durable, beside the writer.
//!
//! With SQLite's `synchronous = FULL` each COMMIT syncs the log, and the writer
//! stands still. So the writer's connection is at `NORMAL`, where a COMMIT only
//! adds to the log, and the log is synced here, by a thread. The writer meanwhile
//! does the work of the next messages, and commits it when the sync has ended: one
//! sync for one commit. Only then, while the disk is busy again, it answers the
//! messages of the first: those who are answered have much to do, and the commit
//! would wait for them.
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
//!
//! A sync that fails is the end: the kernel may have dropped what it could not
//! write, and a later sync that succeeds says nothing of it. The batch fails,
//! and so does every later one; what is in the log stays as it is, because to
//! move it into the file could move what the disk does not have. The next
//! opening reads the log from the disk, up to where it is whole.

use super::batch::Committed;
use super::failure::{OpenError, Shared};
use crate::store::listener::Listening;
use rusqlite::Connection;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

/// A batch of so few messages is synced by the writer itself.
const FEW: usize = 1;

/// Puts all that was written to the log on the disk.
pub(super) type SyncLog = Arc<dyn Fn() -> io::Result<()> + Send + Sync>;

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
    Ok(Arc::new(move || file.sync_data()))
}

/// Settles what is committed, when it is as durable as the store promises.
pub(super) struct Syncer {
    listening: Arc<Listening>,
    /// `None` where a commit is all that is promised.
    log: Option<Log>,
    failed: Option<Shared>,
}

struct Log {
    sync: SyncLog,
    begin: Sender<()>,
    ended: Receiver<Result<(), Shared>>,
    /// What the thread syncs, as long as it has not been heard.
    syncing: Option<Committed>,
    /// What it has synced, and is not settled.
    synced: Option<Committed>,
    thread: JoinHandle<()>,
}

impl Syncer {
    /// Settles at once.
    pub(super) fn none(listening: Arc<Listening>) -> Self {
        Syncer { listening, log: None, failed: None }
    }

    /// Settles after a sync. `wake` is called whenever one of the thread's has ended.
    pub(super) fn start(
        listening: Arc<Listening>,
        log: SyncLog,
        wake: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let (begin, begun) = channel();
        let (end, ended) = channel();
        let own = Arc::clone(&log);
        let thread = std::thread::Builder::new().name("triggerfish-sync".to_owned()).spawn(move || {
            while begun.recv().is_ok() {
                if end.send(sync(&own)).is_err() {
                    return;
                }
                wake();
            }
        })?;
        let log = Log { sync: log, begin, ended, syncing: None, synced: None, thread };
        Ok(Syncer { listening, log: Some(log), failed: None })
    }

    /// Whether a sync is under way.
    pub(super) fn is_busy(&mut self) -> bool {
        let Some(log) = self.log.as_mut().filter(|log| log.syncing.is_some()) else { return false };
        match log.ended.try_recv() {
            Ok(synced) => self.heard(synced),
            Err(TryRecvError::Empty) => return true,
            Err(TryRecvError::Disconnected) => self.heard(Err(ended())),
        }
        false
    }

    /// Waits until no sync is under way.
    pub(super) fn wait(&mut self) {
        let Some(log) = self.log.as_mut().filter(|log| log.syncing.is_some()) else { return };
        let synced = log.ended.recv().unwrap_or_else(|_| Err(ended()));
        self.heard(synced);
    }

    fn heard(&mut self, synced: Result<(), Shared>) {
        let Some(log) = &mut self.log else { return };
        let batch = log.syncing.take();
        match synced {
            Ok(()) => log.synced = batch,
            Err(error) => {
                if let Some(batch) = batch {
                    batch.fail(&error);
                }
                self.failed = Some(error);
            }
        }
    }

    /// Why nothing may be committed any more.
    pub(super) fn failure(&self) -> Option<&Shared> {
        self.failed.as_ref()
    }

    /// Settles what has been synced, unless a sync is under way. Whether one is.
    pub(super) fn settle_unless_busy(&mut self) -> bool {
        let busy = self.is_busy();
        if !busy {
            self.settle();
        }
        busy
    }

    /// Settles what has been synced.
    pub(super) fn settle(&mut self) {
        if let Some(synced) = self.log.as_mut().and_then(|log| log.synced.take()) {
            synced.settle(&self.listening);
        }
    }

    /// Settles a batch, at once or after its sync. No sync may be under way. What was
    /// synced before is settled when the disk is busy with this one.
    pub(super) fn committed(&mut self, batch: Committed) {
        if batch.len() <= FEW || !batch.changed {
            // To wake the thread would take longer than what could be done meanwhile.
            self.settle();
            return self.sync_now(batch);
        }
        let Some(log) = &mut self.log else { return batch.settle(&self.listening) };
        let begun = log.begin.send(());
        log.syncing = Some(batch);
        if begun.is_err() {
            self.heard(Err(ended()));
        }
        self.settle();
    }

    fn sync_now(&mut self, batch: Committed) {
        let synced = match &self.log {
            Some(log) if batch.changed => sync(&log.sync),
            _ => Ok(()),
        };
        match synced {
            Ok(()) => batch.settle(&self.listening),
            Err(error) => {
                batch.fail(&error);
                self.failed = Some(error);
            }
        }
    }

    /// Waits for the last sync, and settles it.
    pub(super) fn stop(mut self) -> Result<(), Shared> {
        self.wait();
        self.settle();
        if let Some(Log { begin, thread, .. }) = self.log {
            drop(begin);
            let _ = thread.join();
        }
        self.failed.map_or(Ok(()), Err)
    }
}

fn sync(log: &SyncLog) -> Result<(), Shared> {
    log().map_err(Shared::sync).inspect_err(|error| tracing::error!("{error}"))
}

fn ended() -> Shared {
    Shared::sync(io::Error::other("the thread that syncs it has ended"))
}
