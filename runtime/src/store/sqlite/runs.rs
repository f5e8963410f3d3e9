//! What workers write: claims, recorded steps, ends, and what they give back.

use super::events;
use super::failure::Failure;
use super::rows::{self, integer};
use super::statements::{
    CLAIM_RUN, CLOSE_RUN, COUNT_PROGRESS, DROP_FAILURE, DROP_WAITS_OF_RUN, DUE_RUNS, HELD_RUN, INSERT_STEP,
    NEXT_DUE, RELEASE_RUN, STEPS_OF_RUN,
};
use super::waits;
use super::work::{Tx, Work};
use crate::store::lifecycle::{closing, is_progress, suspend};
use crate::store::record::{ClosedRun, End, Fence, Progress, Ticket};
use crate::store::step::{About, Step};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension, params};
use std::borrow::Cow;
use uuid::Uuid;

/// What a row takes beside its texts.
pub(super) const ROW: usize = 256;

/// Takes runs that are due.
pub(super) struct Claim {
    pub(super) limit: usize,
    pub(super) now: Timestamp,
}

impl Work for Claim {
    type Output = Vec<Ticket>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Vec<Ticket>, Failure> {
        let due = tx
            .connection
            .prepare_cached(DUE_RUNS)?
            .query_map(params![self.now.0, integer(self.limit)], |row| rows::uuid(row, 0))?
            .collect::<Result<Vec<_>, _>>()?;
        due.into_iter().map(|run| claim(tx, run, self.now).map_err(Failure::from)).collect()
    }

    fn size(&self) -> usize {
        ROW * self.limit.min(1024)
    }
}

fn claim(tx: &Tx<'_>, run: Uuid, now: Timestamp) -> rusqlite::Result<Ticket> {
    let (fence, job, origin, held) =
        tx.connection.prepare_cached(CLAIM_RUN)?.query_row(params![run.as_bytes(), tx.owner], |row| {
            let token = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            let fence = Fence { run, attempt: row.get(0)?, token };
            let held = Held { failures: row.get(5)?, crashes: row.get(6)?, limit: row.get(7)? };
            Ok((fence, row.get::<_, String>(2)?, rows::origin_id(row, 3)?, held))
        })?;
    let origin = rows::origin(tx.connection, origin)?;
    let mut steps = tx
        .connection
        .prepare_cached(STEPS_OF_RUN)?
        .query_map([run.as_bytes()], rows::step)?
        .collect::<Result<_, _>>()?;
    let (waits, failures) = waits::settle(tx, fence, &held, &mut steps, now)?;
    Ok(Ticket { fence, job: Cow::Owned(job), origin, failures, steps, waits })
}

/// Asks when the next queued run is due. It goes through the writer, so that
/// the answer knows of every write that was begun before.
pub(super) struct NextDue;

impl Work for NextDue {
    type Output = Option<Timestamp>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Option<Timestamp>, Failure> {
        let due =
            tx.connection.prepare_cached(NEXT_DUE)?.query_row([], |row| row.get::<_, Option<i64>>(0))?;
        Ok(due.map(Timestamp))
    }
}

/// Records what a run that goes on has done.
pub(super) struct Record {
    pub(super) fence: Fence,
    pub(super) progress: Progress,
    pub(super) tickets: Vec<Ticket>,
}

impl Work for Record {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let run = held(tx, self.fence)?;
        record(tx, self.fence.run, &run, &self.progress.steps)?;
        self.tickets.clear();
        events::send(tx, &self.progress.events, &mut self.tickets)?;
        Ok(())
    }

    fn committed(self) {
        events::hand_over(self.progress.events, self.tickets);
    }

    fn size(&self) -> usize {
        size(&self.progress)
    }
}

/// Takes back the failure of a step, and those inside of it.
pub(super) struct ForgetFailure {
    pub(super) fence: Fence,
    pub(super) key: String,
}

impl Work for ForgetFailure {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        held(tx, self.fence)?;
        tx.connection.prepare_cached(DROP_FAILURE)?.execute(params![self.fence.run.as_bytes(), self.key])?;
        Ok(())
    }
}

/// Ends an execution.
pub(super) struct Finish {
    pub(super) fence: Fence,
    pub(super) end: End,
    pub(super) progress: Progress,
    pub(super) tickets: Vec<Ticket>,
}

impl Work for Finish {
    type Output = ClosedRun;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<ClosedRun, Failure> {
        let run = held(tx, self.fence)?;
        let failures = record(tx, self.fence.run, &run, &self.progress.steps)?;
        let mut closing = closing(&self.end, failures, run.limit);
        if let End::Suspended { open } = &self.end {
            suspend(&mut closing, waits::suspend(tx, self.fence.run, open)?, tx.now);
        }
        let is_final = closing.run.state.is_final();
        tx.connection.prepare_cached(CLOSE_RUN)?.execute(params![
            self.fence.run.as_bytes(),
            closing.run.state.name(),
            closing.run.failures,
            closing.error,
            closing.due_at.map(|at| at.0),
            is_final.then_some(tx.now.0),
        ])?;
        if is_final {
            tx.connection.prepare_cached(DROP_WAITS_OF_RUN)?.execute([self.fence.run.as_bytes()])?;
        }
        self.tickets.clear();
        events::send(tx, &self.progress.events, &mut self.tickets)?;
        Ok(closing.run)
    }

    fn committed(self) {
        events::hand_over(self.progress.events, self.tickets);
    }

    fn size(&self) -> usize {
        ROW + size(&self.progress)
    }
}

/// Gives runs back.
pub(super) struct Release(pub(super) Vec<Fence>);

impl Work for Release {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let mut release = tx.connection.prepare_cached(RELEASE_RUN)?;
        for fence in &self.0 {
            release.execute(params![
                fence.run.as_bytes(),
                integer(fence.token),
                fence.attempt,
                tx.owner,
                tx.now.0
            ])?;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        ROW * self.0.len()
    }
}

/// A run that the writer of a message holds.
pub(super) struct Held {
    failures: u32,
    crashes: u32,
    limit: u32,
}

/// The run, if the fence is that of its owner; asked before anything is written.
pub(super) fn held(tx: &Tx<'_>, fence: Fence) -> Result<Held, Failure> {
    tx.connection
        .prepare_cached(HELD_RUN)?
        .query_row(params![fence.run.as_bytes(), integer(fence.token), fence.attempt, tx.owner], |row| {
            Ok(Held { failures: row.get(0)?, crashes: row.get(1)?, limit: row.get(2)? })
        })
        .optional()?
        .ok_or(Failure::Stale)
}

/// Records steps and returns the run's failures in a row after that. A step
/// that is recorded stays as it is.
pub(super) fn record(tx: &Tx<'_>, id: Uuid, run: &Held, steps: &[Step]) -> rusqlite::Result<u32> {
    if steps.is_empty() {
        return Ok(run.failures);
    }
    let mut insert = tx.connection.prepare_cached(INSERT_STEP)?;
    for step in steps {
        insert.execute(params![
            id.as_bytes(),
            step.key,
            step.kind.name(),
            step.seq,
            step.state.name(),
            step.output,
            step.attempt,
            step.failures,
            step.started_at.0,
            step.finished_at.0,
            step.event.as_ref().map(Uuid::as_bytes),
            about(step.about.as_deref()),
        ])?;
    }
    if !is_progress(steps) {
        return Ok(run.failures);
    }
    if run.failures > 0 || run.crashes > 0 {
        tx.connection.prepare_cached(COUNT_PROGRESS)?.execute([id.as_bytes()])?;
    }
    Ok(0)
}

fn size(Progress { steps, events }: &Progress) -> usize {
    size_of_steps(steps) + events::size(events)
}

pub(super) fn size_of_steps(steps: &[Step]) -> usize {
    steps.iter().map(|step| ROW + step.key.len() + step.output.len()).sum()
}

/// What is shown of a step, as it is kept; it has no part that JSON could not hold.
fn about(about: Option<&About>) -> Option<String> {
    about.and_then(|about| serde_json::to_string(about).ok())
}
