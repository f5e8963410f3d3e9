//! Deletes what is old. A reader finds it, the writer deletes it in portions,
//! so that no acknowledgement waits for a long search or a long transaction.

use super::failure::Failure;
use super::rows;
use super::statements::{
    DROP_BY_JOB, DROP_BY_JOB_OF_EVENT, DROP_DELIVERY, DROP_EVENT, DROP_KEY, DROP_LOGS, DROP_LOGS_OF_EVENT,
    DROP_RUN_VALUES, DROP_RUN_VALUES_OF_EVENT, DROP_RUNS, DROP_RUNS_OF_EVENT, DROP_STEPS,
    DROP_STEPS_OF_EVENT, DROP_TOKENS, DROP_TOKENS_OF_EVENT, EXPIRED_KEYS, OLD_CALLS, OLD_DELIVERIES,
    OLD_EVENTS, PRUNABLE_CALL, PRUNABLE_DELIVERY, PRUNABLE_EVENT,
};
use super::work::{Tx, Work};
use crate::time::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

/// How many deliveries, events or keys are deleted in one message.
pub(super) const PORTION: usize = 200;
/// The search ends at so many rows in a row that are too young: they lie
/// in the order of their arrival, but for a few that overtook another, or that
/// came while the clock was wrong.
const YOUNG_IN_A_ROW: usize = 1000;

/// What was there before, and is not needed any more now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Deliveries, events and runs older than this go.
    pub(super) before: Timestamp,
    /// Keys that expired until now go.
    pub(super) now: Timestamp,
}

/// What has runs, and goes with them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Deliveries,
    Events,
    /// Calls that are kept with their runs.
    Calls,
}

impl Kind {
    pub(super) const ALL: [Kind; 3] = [Kind::Deliveries, Kind::Events, Kind::Calls];

    fn old(self) -> &'static str {
        match self {
            Kind::Deliveries => OLD_DELIVERIES,
            Kind::Events => OLD_EVENTS,
            Kind::Calls => OLD_CALLS,
        }
    }

    fn prunable(self) -> &'static str {
        match self {
            Kind::Deliveries => PRUNABLE_DELIVERY,
            Kind::Events => PRUNABLE_EVENT,
            Kind::Calls => PRUNABLE_CALL,
        }
    }

    /// What `old` and `prunable` are asked with: keys of deliveries expire by themselves, and
    /// calls are found by the time in their ids.
    fn params(self, place: &Value, limits: Limits) -> impl rusqlite::Params {
        let last = match self {
            Kind::Deliveries => Some(Value::Integer(limits.now.0)),
            Kind::Events => None,
            Kind::Calls => Some(Value::Blob(crate::id::floor(limits.before).into_bytes().to_vec())),
        };
        let all = [Some(place.clone()), Some(Value::Integer(limits.before.0)), last];
        rusqlite::params_from_iter(all.into_iter().flatten())
    }

    fn drops(self) -> [&'static str; 7] {
        match self {
            Kind::Deliveries => {
                [DROP_STEPS, DROP_LOGS, DROP_TOKENS, DROP_RUN_VALUES, DROP_BY_JOB, DROP_RUNS, DROP_DELIVERY]
            }
            Kind::Events | Kind::Calls => [
                DROP_STEPS_OF_EVENT,
                DROP_LOGS_OF_EVENT,
                DROP_TOKENS_OF_EVENT,
                DROP_RUN_VALUES_OF_EVENT,
                DROP_BY_JOB_OF_EVENT,
                DROP_RUNS_OF_EVENT,
                DROP_EVENT,
            ],
        }
    }
}

/// Before all places: those of deliveries and events are numbers, those of calls are ids.
pub(super) const FIRST: Value = Value::Integer(i64::MIN);

/// The places of up to a portion of rows after `place` that may go, the oldest first.
pub(super) fn old(
    connection: &Connection,
    kind: Kind,
    place: &Value,
    limits: Limits,
) -> Result<Vec<Value>, Failure> {
    let mut statement = connection.prepare_cached(kind.old())?;
    let mut rows = statement.query(kind.params(place, limits))?;
    let mut old = Vec::new();
    let mut young = 0;
    while let Some(row) = rows.next()? {
        if row.get(1)? {
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

/// Deletes deliveries or events with all that belongs to them, where they still may go.
pub(super) struct DropOld {
    pub(super) kind: Kind,
    pub(super) places: Vec<Value>,
    pub(super) limits: Limits,
}

impl Work for DropOld {
    type Output = usize;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<usize, Failure> {
        let mut dropped = 0;
        for place in &self.places {
            let found = tx
                .db()?
                .prepare_cached(self.kind.prunable())?
                .query_row(self.kind.params(place, self.limits), |row| rows::uuid(row, 0))
                .optional()?;
            let Some(id) = found else { continue };
            for statement in self.kind.drops() {
                tx.db()?.prepare_cached(statement)?.execute([id.as_bytes()])?;
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
        let mut delete = tx.db()?.prepare_cached(DROP_KEY)?;
        for (endpoint, key) in &self.keys {
            delete.execute(params![endpoint, key, self.now.0])?;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        self.keys.len() * 4096
    }
}
