//! Deletes what is old. A reader finds it, the writer deletes it in portions,
//! so that no acknowledgement waits for a long search or a long transaction.

use super::failure::Failure;
use super::rows;
use super::statements::{
    DROP_DELIVERY, DROP_KEY, DROP_LOGS, DROP_RUNS, DROP_STEPS, EXPIRED_KEYS, OLD_DELIVERIES,
    PRUNABLE_DELIVERY,
};
use super::work::{Tx, Work};
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// How many deliveries, or keys, are deleted in one message.
pub(super) const PORTION: usize = 200;
/// The search ends at so many deliveries in a row that are too young: they lie
/// in the order of their arrival, but for a few that overtook another, or that
/// came while the clock was wrong.
const YOUNG_IN_A_ROW: usize = 1000;

/// What was there before, and is not needed any more now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Deliveries and runs older than this go.
    pub(super) before: Timestamp,
    /// Keys that expired until now go.
    pub(super) now: Timestamp,
}

/// The places of up to a portion of deliveries after `place` that may go, the
/// oldest first.
pub(super) fn old_deliveries(
    connection: &Connection,
    place: i64,
    limits: Limits,
) -> Result<Vec<i64>, Failure> {
    let mut statement = connection.prepare_cached(OLD_DELIVERIES)?;
    let mut rows = statement.query((place, limits.before.0, limits.now.0))?;
    let mut old = Vec::new();
    let mut young = 0;
    while let Some(row) = rows.next()? {
        if rows::time(row, 1)? >= limits.before {
            young += 1;
        } else {
            young = 0;
            if row.get(2)? {
                old.push(row.get(0)?);
            }
        }
        if old.len() == PORTION || young == YOUNG_IN_A_ROW {
            break;
        }
    }
    Ok(old)
}

/// A dedupe key with its endpoint.
pub(super) type Key = (String, String);

/// Up to a portion of keys after `last` that have expired.
pub(super) fn expired_keys(connection: &Connection, last: &Key, now: Timestamp) -> Result<Vec<Key>, Failure> {
    let keys = connection
        .prepare_cached(EXPIRED_KEYS)?
        .query_map(params![last.0, last.1, now.0, rows::integer(PORTION)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(keys)
}

/// Deletes deliveries with all that belongs to them, where they still may go.
pub(super) struct DropDeliveries {
    pub(super) places: Vec<i64>,
    pub(super) limits: Limits,
}

impl Work for DropDeliveries {
    type Output = usize;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<usize, Failure> {
        let mut dropped = 0;
        for place in &self.places {
            let found = tx
                .connection
                .prepare_cached(PRUNABLE_DELIVERY)?
                .query_row((place, self.limits.before.0, self.limits.now.0), |row| rows::uuid(row, 0))
                .optional()?;
            let Some(id) = found else { continue };
            for statement in [DROP_STEPS, DROP_LOGS, DROP_RUNS, DROP_DELIVERY] {
                tx.connection.prepare_cached(statement)?.execute([id.as_bytes()])?;
            }
            dropped += 1;
        }
        Ok(dropped)
    }

    fn size(&self) -> usize {
        // A page each; the freed ones are not written.
        self.places.len() * 4096
    }
}

/// Deletes keys, where they still are expired.
pub(super) struct DropKeys {
    pub(super) keys: Vec<Key>,
    pub(super) now: Timestamp,
}

impl Work for DropKeys {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let mut delete = tx.connection.prepare_cached(DROP_KEY)?;
        for (endpoint, key) in &self.keys {
            delete.execute(params![endpoint, key, self.now.0])?;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        self.keys.len() * 4096
    }
}
