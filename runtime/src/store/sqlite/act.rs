//! What a person does to runs and settings.

use super::by_job;
use super::calls;
use super::failure::Failure;
use super::lanes::SqlLanes;
use super::rows::{self, AtEnd};
use super::runs::{self, EndOfRun};
use super::statements::{
    CANCEL_RUN, DROP_FAILURES, DROP_STEPS_FROM, FLOW_OF_RUN, REOPEN_BATCH, REPLAY_RUN, RETRIABLE_RUN,
    RETRY_RUN, SET, STEP_PLACE, UNFINISHED_RUN, UNSET,
};
use super::waits;
use super::work::{Tx, Work};
use crate::store::flow::{self, Departure, Lanes, Placement, RunFlow};
use crate::store::record::{RunHooks, RunState};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

/// Queues a run again.
pub(super) struct Retry {
    pub(super) run: Uuid,
    /// The step from which it is executed again.
    pub(super) from: Option<String>,
}

impl Work for Retry {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let (db, id) = (tx.db()?, self.run.as_bytes());
        if !db.prepare_cached(RETRIABLE_RUN)?.exists([id])? {
            return Err(Failure::Stale);
        }
        if let Some(key) = &self.from {
            let place: Option<u32> =
                db.prepare_cached(STEP_PLACE)?.query_row(params![id, key], |row| row.get(0)).optional()?;
            let place = place.ok_or(Failure::Stale)?;
            db.prepare_cached(DROP_STEPS_FROM)?.execute(params![id, place, key])?;
        }
        db.prepare_cached(DROP_FAILURES)?.execute([id])?;
        db.prepare_cached(RETRY_RUN)?.execute(params![id, tx.now.0])?;
        tx.woken.borrow_mut().due = true;
        enter_again(tx, self.run)
    }
}

/// Puts a run that is tried again into its lanes, and its batch beside it.
pub(super) fn enter_again(tx: &Tx<'_>, run: Uuid) -> Result<(), Failure> {
    let flow: Option<String> =
        tx.db()?.prepare_cached(FLOW_OF_RUN)?.query_row([run.as_bytes()], |row| row.get(0))?;
    let Some(flow) = flow.and_then(|flow| serde_json::from_str::<RunFlow>(&flow).ok()) else { return Ok(()) };
    let mut lanes = SqlLanes(tx);
    // A parked run is in them still.
    flow::depart(&mut lanes, run, Departure::Ended, tx.now)?;
    if let Placement::Blocked(_) = flow::enter(&mut lanes, run, &flow.again(), tx.now)? {
        lanes.block(run)?;
    }
    tx.db()?.prepare_cached(REOPEN_BATCH)?.execute([run.as_bytes()])?;
    Ok(())
}

/// Stores a new run beside another.
pub(super) struct Replay(pub(super) Uuid);

impl Work for Replay {
    type Output = Uuid;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Uuid, Failure> {
        let id = crate::id::new(tx.now);
        let mut insert = tx.db()?.prepare_cached(REPLAY_RUN)?;
        if insert.execute(params![self.0.as_bytes(), id.as_bytes(), tx.now.0])? == 0 {
            return Err(Failure::Stale);
        }
        by_job::stored(tx, id)?;
        enter_again(tx, id)?;
        Ok(id)
    }
}

/// Ends a run for good.
pub(super) struct Cancel(pub(super) Uuid);

impl Work for Cancel {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        if cancel(tx, self.0)? { Ok(()) } else { Err(Failure::Stale) }
    }
}

/// Ends a run for good, those that go along in its batch, and those that it
/// called and waits for; false where it has ended.
pub(super) fn cancel(tx: &Tx<'_>, run: Uuid) -> rusqlite::Result<bool> {
    let mut unfinished = tx.db()?.prepare_cached(UNFINISHED_RUN)?;
    let unfinished = unfinished
        .query_row([run.as_bytes()], |row| Ok((rows::run_state(row, 0)?, rows::run_at_end(row, 1)?)))
        .optional()?;
    let Some((was, at_end)) = unfinished else { return Ok(false) };
    let mut cancel = tx.db()?.prepare_cached(CANCEL_RUN)?;
    let token: i64 = cancel.query_row(params![run.as_bytes(), tx.now.0], |row| row.get(0))?;
    if was == RunState::Running {
        tx.woken.borrow_mut().cancelled.push((run, u64::try_from(token).unwrap_or_default()));
    }
    // Its lanes may let others start now.
    tx.woken.borrow_mut().due = true;
    let calls = calls::open_calls(tx, run)?;
    waits::drop_waits(tx, run)?;
    let end = EndOfRun { state: RunState::Cancelled, error: None, output: None, how: Departure::Ended };
    runs::ended(tx, run, true, AtEnd { hooks: RunHooks::default(), ..at_end }, &end)?;
    calls::cancel(tx, calls)?;
    Ok(true)
}

/// Notes a setting, or takes it back.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) value: Option<i64>,
}

impl Work for Set {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        match self.value {
            Some(value) => tx.db()?.prepare_cached(SET)?.execute(params![self.name, value])?,
            None => tx.db()?.prepare_cached(UNSET)?.execute([&self.name])?,
        };
        Ok(())
    }
}
