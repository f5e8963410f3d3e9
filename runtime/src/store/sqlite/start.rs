//! Starts the store: its lock, its connections and its threads.

use super::checkpoint::Checkpointer;
use super::failure::OpenError;
use super::reader::Reader;
use super::sync::{SyncLog, Syncer};
use super::work::Places;
use super::writer::{Held, Writer};
use super::{Durability, SqliteConfig, SqliteStore, lock, open, version};
use crate::store::listener::Listening;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::channel;

/// How many log lines may wait to be written.
const MAX_WAITING_LINES: usize = 65_536;
/// The log is moved into the file when about so many bytes were added to it.
const RECYCLE_AT: usize = 16 << 20;
/// How many traces may wait to be written.
const MAX_WAITING_TRACES: usize = 1024;

impl SqliteStore {
    /// Starts the threads, each with its connection. `take_over` is how the log
    /// comes to be synced apart from SQLite.
    pub(super) fn start(
        config: SqliteConfig,
        take_over: impl FnOnce(&Connection, &Path) -> Result<SyncLog, OpenError>,
    ) -> Result<Self, OpenError> {
        let SqliteConfig { path, durability, queue, max_traces, clock } = config;
        let path = path.as_deref();
        version::check()?;
        let lock = path.map(lock::take).transpose()?;
        let mut connection = open::writer(path, durability)?;
        let owner = open::take_over(&mut connection, clock.now())?;
        let checkpointer = path.map(|path| Checkpointer::start(path, RECYCLE_AT)).transpose()?;
        let reader = path.map(Reader::start).transpose()?;
        let questions = reader.as_ref().map(Reader::questions);
        let listening = Arc::new(Listening::default());
        let (messages, received) = channel();
        let log = match (path, durability) {
            (Some(path), Durability::Full) => Some(take_over(&connection, path)?),
            _ => None,
        };
        let syncer = Syncer::new(Arc::clone(&listening), log);
        let writer = Writer { connection, owner, clock, syncer, checkpointer, unlisted: 0 };
        let thread = writer.start(received, Held { reader, lock }).map_err(OpenError::Thread)?;
        Ok(SqliteStore {
            messages,
            writer: Some(thread),
            questions,
            listening,
            closed: AtomicBool::new(false),
            accepts: Places::new(queue),
            traces: Places::new(MAX_WAITING_TRACES),
            lines: Places::new(MAX_WAITING_LINES),
            next_line: AtomicU64::new(0),
            max_traces,
        })
    }
}
