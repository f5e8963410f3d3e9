//! What is SQLite's own: files, batches, the log, and the order of syncs.

mod by_job;
mod ending;
mod held;
mod logging;
mod opening;
mod pending;
mod plain;
mod plans;
mod preparing;
mod reading;
mod sharing;
mod syncing;
mod writing;

use super::checkpoint::Checkpointer;
use super::sync::Syncer;
use super::work::Write;
use super::writer::{Message, Writer};
use super::{SqliteConfig, SqliteStore};
use crate::store::StoreError;
use crate::time::Clock;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use uuid::Uuid;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(SqliteConfig { path: Some(path.to_owned()), ..SqliteConfig::default() })
}

/// A writer without a thread, that answers when it has committed.
fn writer_on(connection: Connection, checkpointer: Option<Checkpointer>) -> Writer {
    let syncer = Syncer::new(Arc::default(), None);
    Writer { connection, owner: 1, clock: Clock::System, syncer, checkpointer, unlisted: 0 }
}

/// The ids that a query finds.
fn ids(writer: &Writer, sql: &str) -> Outcome<BTreeSet<Uuid>> {
    let mut found = writer.connection.prepare(sql)?;
    let found = found.query_map([], |row| row.get(0).map(Uuid::from_bytes))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Writes messages that came at once.
fn write(writer: &mut Writer, writes: impl IntoIterator<Item = Box<dyn Write>>) {
    let (sender, messages) = channel();
    for write in writes {
        let _ = sender.send(Message::Write(write));
    }
    while let Ok(Message::Write(first)) = messages.try_recv() {
        writer.batch(first, &messages);
    }
}
