//! Opens waits, ends them, and records those that ended while a run was away.

use super::SqliteStore;
use super::failure::Failure;
use super::rows;
use super::runs::{Held, ROW, held, record, size_of_steps};
use super::statements::{DROP_WAIT, INSERT_WAIT, STEP_BY_KEY, WAIT_BY_KEY, WAITS_OF_RUN};
use super::work::{Tx, Work};
use crate::store::StoreFuture;
use crate::store::listener::Listener;
use crate::store::record::Fence;
use crate::store::step::Step;
use crate::store::wait::{Awaited, NewWait, Wait, WaitStore};
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;
use uuid::Uuid;

impl WaitStore for SqliteStore {
    fn open_wait(&self, fence: Fence, wait: NewWait, past: Vec<Step>) -> StoreFuture<'_, bool> {
        self.write(OpenWait { fence, wait, past }, None)
    }

    fn end_wait(&self, fence: Fence, key: String, seq: u32) -> StoreFuture<'_, Step> {
        self.write(EndWait { fence, key, seq }, None)
    }

    fn waits(&self, run: Uuid) -> StoreFuture<'_, Vec<Wait>> {
        self.read(move |db| Ok(waits_of(db, run)?))
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        self.listening.set(listener);
    }
}

/// Stores a wait that a run has reached.
pub(super) struct OpenWait {
    pub(super) fence: Fence,
    pub(super) wait: NewWait,
    pub(super) past: Vec<Step>,
}

impl Work for OpenWait {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let run = held(tx, self.fence)?;
        let id = self.fence.run;
        record(tx, id, &run, &self.past)?;
        let NewWait { key, awaited, due_at } = &self.wait;
        if recorded(tx.connection, id, key)?.is_some() {
            return Ok(true);
        }
        let (event, source, filter) = match awaited {
            Awaited::Event { name, source, filter } => (Some(name), source.as_ref(), filter.as_ref()),
            Awaited::Time | Awaited::Request { .. } => (None, None, None),
        };
        tx.connection.prepare_cached(INSERT_WAIT)?.execute(params![
            id.as_bytes(),
            key,
            awaited.kind().name(),
            due_at.0,
            tx.now.0,
            event,
            source,
            filter,
        ])?;
        Ok(false)
    }

    fn size(&self) -> usize {
        ROW + self.wait.key.len() + size_of_steps(&self.past)
    }
}

/// Records a wait that is over, in the place that the run gives it.
pub(super) struct EndWait {
    pub(super) fence: Fence,
    pub(super) key: String,
    pub(super) seq: u32,
}

impl Work for EndWait {
    type Output = Step;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Step, Failure> {
        let run = held(tx, self.fence)?;
        let id = self.fence.run;
        if let Some(step) = recorded(tx.connection, id, &self.key)? {
            return Ok(step);
        }
        let wait = tx
            .connection
            .prepare_cached(WAIT_BY_KEY)?
            .query_row(params![id.as_bytes(), self.key], rows::wait)?;
        let step = wait.into_step(self.seq, self.fence.attempt, tx.now);
        tx.connection.prepare_cached(DROP_WAIT)?.execute(params![id.as_bytes(), self.key])?;
        record(tx, id, &run, std::slice::from_ref(&step))?;
        Ok(step)
    }

    fn size(&self) -> usize {
        2 * ROW
    }
}

fn recorded(connection: &Connection, run: Uuid, key: &str) -> rusqlite::Result<Option<Step>> {
    connection.prepare_cached(STEP_BY_KEY)?.query_row(params![run.as_bytes(), key], rows::step).optional()
}

/// The waits of a run, in the order in which they were opened.
pub(super) fn waits_of(connection: &Connection, run: Uuid) -> rusqlite::Result<Vec<Wait>> {
    connection.prepare_cached(WAITS_OF_RUN)?.query_map([run.as_bytes()], rows::wait)?.collect()
}

/// Drops the waits of a run that are not open, and says when the first of the
/// others ends.
pub(super) fn suspend(tx: &Tx<'_>, run: Uuid, open: &[String]) -> rusqlite::Result<Option<Timestamp>> {
    let mut first = None;
    for wait in waits_of(tx.connection, run)? {
        if open.contains(&wait.key) {
            let at = wait.ends_at();
            first = Some(first.map_or(at, |first: Timestamp| first.min(at)));
        } else {
            tx.connection.prepare_cached(DROP_WAIT)?.execute(params![run.as_bytes(), wait.key])?;
        }
    }
    Ok(first)
}

/// Records the waits that are over, in the order in which they ended, after
/// `steps`, and adds them to these. Returns the ones that are open, and the
/// run's failures in a row after that.
pub(super) fn settle(
    tx: &Tx<'_>,
    fence: Fence,
    run: &Held,
    steps: &mut Vec<Step>,
    now: Timestamp,
) -> rusqlite::Result<(Vec<Wait>, u32)> {
    let (mut over, open): (Vec<_>, Vec<_>) =
        waits_of(tx.connection, fence.run)?.into_iter().partition(|wait| wait.is_over(now));
    over.sort_by_key(Wait::ends_at);
    let last = steps.iter().filter(|step| step.state.is_recorded()).map(|step| step.seq).max();
    let ended = over.into_iter().zip(last.map_or(0, |last| last + 1)..).map(|(wait, seq)| {
        let at = wait.ends_at();
        wait.into_step(seq, fence.attempt, at)
    });
    let ended: Vec<_> = ended.collect();
    for step in &ended {
        tx.connection.prepare_cached(DROP_WAIT)?.execute(params![fence.run.as_bytes(), step.key])?;
    }
    let failures = record(tx, fence.run, run, &ended)?;
    steps.extend(ended);
    Ok((open, failures))
}
