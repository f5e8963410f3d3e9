//! Registrations of external sources.

use super::failure::Failure;
use super::rows;
use super::statements::{
    ALL_SOURCES, DROP_SECRETS, DROP_SOURCE, KEEP_SOURCE, NOTE_SOURCE, REVISION_OF_SOURCE,
};
use super::work::{Tx, Work};
use super::{SqliteStore, list};
use crate::store::StoreFuture;
use crate::store::source::{SourceNote, SourceRow, SourceStore, secret_owner};
use rusqlite::{OptionalExtension, Row, params};

struct Keep(SourceRow);

impl Work for Keep {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let row = &self.0;
        tx.db()?.prepare_cached(KEEP_SOURCE)?.execute(params![
            row.address,
            row.source,
            row.version,
            row.instance,
            row.params,
            row.url,
            row.events.join("\n"),
            row.data,
            row.metadata,
            rows::integer(row.revision),
            row.registered_at.0,
        ])?;
        Ok(())
    }
}

/// Whether a note was made from the one that is kept.
pub(super) fn is_of_now(tx: &Tx<'_>, note: &SourceNote) -> rusqlite::Result<bool> {
    let mut statement = tx.db()?.prepare_cached(REVISION_OF_SOURCE)?;
    let known = statement.query_row([&note.address], |row| revision(row, 0)).optional()?;
    Ok(known == Some(note.seen))
}

/// Keeps what a delivery leaves.
pub(super) fn note(tx: &Tx<'_>, note: &SourceNote) -> rusqlite::Result<()> {
    tx.db()?.prepare_cached(NOTE_SOURCE)?.execute([&note.address, &note.metadata])?;
    Ok(())
}

struct Drop(String);

impl Work for Drop {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        tx.db()?.prepare_cached(DROP_SECRETS)?.execute([secret_owner(&self.0)])?;
        tx.db()?.prepare_cached(DROP_SOURCE)?.execute([&self.0])?;
        Ok(())
    }
}

impl SourceStore for SqliteStore {
    fn keep_source(&self, row: SourceRow) -> StoreFuture<'_, ()> {
        self.write(Keep(row), None)
    }

    fn drop_source(&self, address: &str) -> StoreFuture<'_, ()> {
        self.write(Drop(address.to_owned()), None)
    }

    fn sources(&self) -> StoreFuture<'_, Vec<SourceRow>> {
        self.read(|db| list(db, ALL_SOURCES, [], source))
    }
}

fn revision(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

fn source(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    let events = row.get_ref(6)?.as_str()?;
    Ok(SourceRow {
        address: row.get(0)?,
        source: row.get(1)?,
        version: row.get(2)?,
        instance: row.get(3)?,
        params: row.get(4)?,
        url: row.get(5)?,
        events: events.lines().map(str::to_owned).collect(),
        data: row.get(7)?,
        metadata: row.get(8)?,
        revision: revision(row, 9)?,
        registered_at: rows::time(row, 10)?,
    })
}
