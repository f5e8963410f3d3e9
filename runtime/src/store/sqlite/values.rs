//! Values in the file.

use super::failure::Failure;
use super::statements::{DROP_VALUE, PUT_VALUE, VALUE_BY_KEY};
use super::work::{Tx, Work};
use super::{SqliteStore, rows};
use crate::store::StoreFuture;
use crate::store::kv::{Put, ValueStore, is_expected};
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

impl ValueStore for SqliteStore {
    fn get(&self, scope: String, key: String) -> StoreFuture<'_, Option<String>> {
        // Through the writer: a value that was written just before is seen.
        self.write(Get { scope, key }, None)
    }

    fn put(&self, put: Put) -> StoreFuture<'_, bool> {
        self.write(Write(put), None)
    }
}

struct Get {
    scope: String,
    key: String,
}

impl Work for Get {
    type Output = Option<String>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Option<String>, Failure> {
        Ok(there(tx.db()?, &self.scope, &self.key, tx.now)?.map(|(value, _)| value))
    }
}

struct Write(Put);

impl Work for Write {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let put = &self.0;
        if put.expected.is_some() {
            let there = there(tx.db()?, &put.scope, &put.key, tx.now)?;
            if !is_expected(put, there.as_ref().map(|(value, by)| (value.as_str(), by.as_deref()))) {
                return Ok(false);
            }
        }
        match &put.value {
            Some(value) => tx.db()?.prepare_cached(PUT_VALUE)?.execute(params![
                put.scope,
                put.key,
                value,
                put.by,
                put.expires_at.map(|at| at.0)
            ])?,
            None => tx.db()?.prepare_cached(DROP_VALUE)?.execute(params![put.scope, put.key])?,
        };
        Ok(true)
    }

    fn size(&self) -> usize {
        256 + self.0.value.as_ref().map_or(0, String::len)
    }
}

/// The value that is there, and the name of its write.
fn there(
    connection: &Connection,
    scope: &str,
    key: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<(String, Option<String>)>> {
    connection
        .prepare_cached(VALUE_BY_KEY)?
        .query_row(params![scope, key, now.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Deletes up to a portion of values that have expired; whether there may be more.
pub(super) struct DropValues {
    pub(super) now: Timestamp,
    pub(super) most: usize,
}

impl Work for DropValues {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let most = rows::integer(self.most);
        let dropped =
            tx.db()?.prepare_cached(super::statements::DROP_VALUES)?.execute(params![self.now.0, most])?;
        Ok(dropped == self.most)
    }

    fn size(&self) -> usize {
        self.most * 256
    }
}
