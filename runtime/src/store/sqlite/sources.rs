//! Registrations of external sources.

use super::failure::Failure;
use super::rows;
use super::statements::{ALL_SOURCES, DROP_SECRETS, DROP_SOURCE, KEEP_SOURCE, NOTE_SOURCE};
use super::work::{Tx, Work};
use super::{SqliteStore, list};
use crate::store::StoreFuture;
use crate::store::source::{SourceRow, SourceStore, secret_owner};
use rusqlite::{Row, params};

struct Keep(SourceRow);

impl Work for Keep {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let row = &self.0;
        tx.connection.prepare_cached(KEEP_SOURCE)?.execute(params![
            row.address,
            row.source,
            row.version,
            row.instance,
            row.params,
            row.url,
            row.events.join("\n"),
            row.data,
            row.metadata,
            row.registered_at.0,
        ])?;
        Ok(())
    }
}

struct Note {
    address: String,
    metadata: String,
}

impl Work for Note {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        tx.connection.prepare_cached(NOTE_SOURCE)?.execute([&self.address, &self.metadata])?;
        Ok(())
    }
}

struct Drop(String);

impl Work for Drop {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        tx.connection.prepare_cached(DROP_SECRETS)?.execute([secret_owner(&self.0)])?;
        tx.connection.prepare_cached(DROP_SOURCE)?.execute([&self.0])?;
        Ok(())
    }
}

impl SourceStore for SqliteStore {
    fn keep_source(&self, row: SourceRow) -> StoreFuture<'_, ()> {
        self.write(Keep(row), None)
    }

    fn note_source(&self, address: &str, metadata: String) -> StoreFuture<'_, ()> {
        self.write(Note { address: address.to_owned(), metadata }, None)
    }

    fn drop_source(&self, address: &str) -> StoreFuture<'_, ()> {
        self.write(Drop(address.to_owned()), None)
    }

    fn sources(&self) -> StoreFuture<'_, Vec<SourceRow>> {
        self.read(|db| list(db, ALL_SOURCES, [], source))
    }
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
        registered_at: rows::time(row, 9)?,
    })
}
