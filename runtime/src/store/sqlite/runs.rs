//! What workers write: recorded steps, ends, and what they give back.

use super::by_job;
use super::calls;
use super::events;
use super::failure::Failure;
use super::lanes::SqlLanes;
use super::rows::{self, AtEnd, integer};
use super::statements::{CLOSE_BATCH, CLOSE_RUN, COUNT_PROGRESS, DROP_FAILURE, INSERT_HOOK, RELEASE_RUN};
use super::unreadable;
use super::waits;
use super::work::{Tx, Work};
use crate::store::flow::{self, Departure};
use crate::store::lifecycle::{HOOK_LIMIT, closing, hook, is_progress, suspend};
use crate::store::record::{ClosedRun, End, Fence, Progress, RunState, Ticket};
use crate::store::step::{About, Step};
use rusqlite::params;
use uuid::Uuid;

/// What a row takes beside its texts.
pub(super) const ROW: usize = 256;

/// What the end of an execution means for others: its lanes have a place, its
/// batch ends with it, its hook is queued.
pub(super) fn ended(
    tx: &Tx<'_>,
    run: Uuid,
    has_lanes: bool,
    at_end: AtEnd,
    end: &EndOfRun<'_>,
) -> rusqlite::Result<()> {
    let EndOfRun { state, error, output, how } = *end;
    if has_lanes {
        flow::depart(&mut SqlLanes(tx), run, how, tx.now)?;
    }
    if how != Departure::Ended {
        return Ok(());
    }
    if at_end.is_called {
        calls::tell_callers(tx, run)?;
    }
    if has_lanes {
        let members = tx
            .db()?
            .prepare_cached(CLOSE_BATCH)?
            .query_map(params![run.as_bytes(), state.name(), error, tx.now.0, output], |row| {
                rows::uuid(row, 0)
            })?
            .collect::<Result<Vec<_>, _>>()?;
        for member in members {
            flow::depart(&mut SqlLanes(tx), member, how, tx.now)?;
            calls::tell_callers(tx, member)?;
        }
    }
    if let Some(name) = hook(at_end.hooks, state) {
        let id = crate::id::new(tx.now);
        tx.db()?.prepare_cached(INSERT_HOOK)?.execute(params![
            run.as_bytes(),
            id.as_bytes(),
            name,
            HOOK_LIMIT,
            tx.now.0
        ])?;
        by_job::stored(tx, id)?;
    }
    Ok(())
}

/// How an execution ended.
#[derive(Clone, Copy)]
pub(super) struct EndOfRun<'a> {
    pub(super) state: RunState,
    pub(super) error: Option<&'a str>,
    pub(super) output: Option<&'a str>,
    pub(super) how: Departure,
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
        self.tickets.clear();
        if !self.at_once(tx)? {
            let run = held(tx, self.fence)?;
            record(tx, self.fence.run, &run, &self.progress.steps)?;
        }
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

impl Record {
    /// Records a step by one statement, where it is the only one and new, and no
    /// failures are to be forgotten.
    fn at_once(&self, tx: &Tx<'_>) -> rusqlite::Result<bool> {
        let [step] = &self.progress.steps[..] else { return Ok(false) };
        let Fence { run, attempt, token } = self.fence;
        let recorded = tx.aside.record_step.execute(params![
            run.as_bytes(),
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
            integer(token),
            attempt,
            tx.owner,
        ])?;
        Ok(recorded == 1)
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
        tx.db()?.prepare_cached(DROP_FAILURE)?.execute(params![self.fence.run.as_bytes(), self.key])?;
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
        self.tickets.clear();
        if let Some(closed) = self.at_once(tx)? {
            events::send(tx, &self.progress.events, &mut self.tickets)?;
            return Ok(closed);
        }
        let run = held(tx, self.fence)?;
        if let End::Unreadable { runs } = &self.end {
            return unreadable::refuse(tx, self.fence, &run, runs);
        }
        let failures = record(tx, self.fence.run, &run, &self.progress.steps)?;
        let mut closing = closing(&self.end, failures, run.limit);
        if let End::Suspended { open } = &self.end {
            suspend(&mut closing, waits::suspend(tx, self.fence.run, open)?, tx.now);
        }
        let is_final = closing.run.state.is_final();
        tx.db()?.prepare_cached(CLOSE_RUN)?.execute(params![
            self.fence.run.as_bytes(),
            closing.run.state.name(),
            closing.run.failures,
            closing.error,
            closing.due_at.map(|at| at.0),
            is_final.then_some(tx.now.0),
            self.end.output(),
        ])?;
        if is_final {
            waits::drop_waits(tx, self.fence.run)?;
        }
        let how = match (&self.end, closing.run.state) {
            (_, state) if state.is_final() => Departure::Ended,
            (End::Retry { .. }, _) => Departure::Retried,
            _ => Departure::Paused,
        };
        let (state, output) = (closing.run.state, self.end.output());
        let end = EndOfRun { state, error: closing.error, output, how };
        ended(tx, self.fence.run, run.has_lanes, run.at_end, &end)?;
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

impl Finish {
    /// Ends the run by one statement, where it is done and its end concerns nobody else.
    fn at_once(&self, tx: &Tx<'_>) -> rusqlite::Result<Option<ClosedRun>> {
        let (End::Done { output }, []) = (&self.end, &self.progress.steps[..]) else { return Ok(None) };
        let Fence { run, attempt, token } = self.fence;
        let ended = tx.aside.end_run.execute(params![
            run.as_bytes(),
            integer(token),
            attempt,
            tx.owner,
            tx.now.0,
            output
        ])?;
        Ok((ended == 1).then_some(ClosedRun { state: RunState::Done, failures: 0 }))
    }
}

/// Gives runs back.
pub(super) struct Release(pub(super) Vec<Fence>);

impl Work for Release {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let mut release = tx.db()?.prepare_cached(RELEASE_RUN)?;
        for fence in &self.0 {
            let released = release.execute(params![
                fence.run.as_bytes(),
                integer(fence.token),
                fence.attempt,
                tx.owner,
                tx.now.0
            ])?;
            if released > 0 {
                flow::depart(&mut SqlLanes(tx), fence.run, Departure::Paused, tx.now)?;
            }
        }
        Ok(())
    }

    fn size(&self) -> usize {
        ROW * self.0.len()
    }
}

/// A run that the writer of a message holds.
pub(super) struct Held {
    pub(super) failures: u32,
    pub(super) crashes: u32,
    pub(super) limit: u32,
    pub(super) has_lanes: bool,
    pub(super) at_end: AtEnd,
}

/// The run, if the fence is that of its owner; asked before anything is written.
pub(super) fn held(tx: &Tx<'_>, fence: Fence) -> Result<Held, Failure> {
    tx.kept()?
        .held_run
        .row(params![fence.run.as_bytes(), integer(fence.token), fence.attempt, tx.owner], |row| {
            Ok(Held {
                failures: row.get(0)?,
                crashes: row.get(1)?,
                limit: row.get(2)?,
                has_lanes: row.get(3)?,
                at_end: rows::run_at_end(row, 4)?,
            })
        })?
        .ok_or(Failure::Stale)
}

/// Records steps and returns the run's failures in a row after that. A step
/// that is recorded stays as it is.
pub(super) fn record(tx: &Tx<'_>, id: Uuid, run: &Held, steps: &[Step]) -> rusqlite::Result<u32> {
    if steps.is_empty() {
        return Ok(run.failures);
    }
    for step in steps {
        tx.aside.insert_step.execute(params![
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
        tx.db()?.prepare_cached(COUNT_PROGRESS)?.execute([id.as_bytes()])?;
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
