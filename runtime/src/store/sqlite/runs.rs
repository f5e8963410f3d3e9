//! What workers write: claims, recorded steps, ends, and what they give back.

use super::calls;
use super::events;
use super::failure::Failure;
use super::lanes::SqlLanes;
use super::rows::{self, AtEnd, integer};
use super::statements::{
    CLAIM_RUN, CLAIMED_RUN, CLOSE_BATCH, CLOSE_RUN, COUNT_PROGRESS, DROP_FAILURE, DUE_RUNS, HELD_RUN,
    INSERT_HOOK, INSERT_STEP, MEMBERS_OF_BATCH, NEXT_DUE, NEXT_OPENING, NEXT_PRIORITY, RELEASE_RUN,
    STEPS_OF_RUN,
};
use super::unreadable;
use super::waits;
use super::work::{Tx, Work};
use crate::store::event::OriginId;
use crate::store::flow::{self, Departure};
use crate::store::lifecycle::{HOOK_LIMIT, closing, hook, is_progress, suspend};
use crate::store::record::{BatchMember, ClosedRun, End, Fence, Progress, RunState, Ticket};
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
        let mut lanes = SqlLanes(tx);
        flow::open_due(&mut lanes, self.now)?;
        let mut tickets = Vec::new();
        let mut priority = i64::MAX;
        while let Some(next) = next_priority(tx, priority)? {
            priority = next;
            // Again as long as lanes held some back: those after them may have places.
            loop {
                let wanted = self.limit - tickets.len();
                let due = due(tx, priority, self.now, wanted)?;
                let found = due.len();
                for (run, has_lanes) in due {
                    if !has_lanes || flow::admit(&mut lanes, run, self.now)? {
                        tickets.push(claim(tx, run, self.now)?);
                    }
                }
                if tickets.len() >= self.limit {
                    return Ok(tickets);
                }
                if found < wanted {
                    break;
                }
            }
        }
        Ok(tickets)
    }

    fn size(&self) -> usize {
        ROW * self.limit.min(1024)
    }
}

/// The next priority below another that queued runs have.
fn next_priority(tx: &Tx<'_>, below: i64) -> rusqlite::Result<Option<i64>> {
    tx.connection.prepare_cached(NEXT_PRIORITY)?.query_row([below], |row| row.get(0))
}

fn due(tx: &Tx<'_>, priority: i64, now: Timestamp, limit: usize) -> rusqlite::Result<Vec<(Uuid, bool)>> {
    tx.connection
        .prepare_cached(DUE_RUNS)?
        .query_map(params![priority, now.0, integer(limit)], |row| Ok((rows::uuid(row, 0)?, row.get(1)?)))?
        .collect()
}

fn claim(tx: &Tx<'_>, run: Uuid, now: Timestamp) -> rusqlite::Result<Ticket> {
    tx.connection.prepare_cached(CLAIM_RUN)?.execute(params![run.as_bytes(), tx.owner])?;
    let claimed = tx.connection.prepare_cached(CLAIMED_RUN)?.query_row([run.as_bytes()], |row| {
        let token = u64::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
        Ok(Claimed {
            fence: Fence { run, attempt: row.get(0)?, token },
            job: row.get(2)?,
            origin: rows::origin_id(row, 3)?,
            held: Held {
                failures: row.get(5)?,
                crashes: row.get(6)?,
                limit: row.get(7)?,
                has_lanes: row.get(8)?,
                at_end: rows::run_at_end(row, 9)?,
            },
            parent: rows::optional_uuid(row, 10)?,
            created_at: rows::time(row, 11)?,
            has_steps: row.get(12)?,
            has_waits: row.get(13)?,
        })
    })?;
    let Claimed { fence, job, origin, held, parent, created_at, has_steps, has_waits } = claimed;
    let origin = rows::origin(tx.connection, origin)?;
    let mut steps = Vec::new();
    if has_steps {
        let mut recorded = tx.connection.prepare_cached(STEPS_OF_RUN)?;
        steps = recorded.query_map([run.as_bytes()], rows::step)?.collect::<Result<_, _>>()?;
    }
    let batch = if held.has_lanes { members(tx, run)? } else { Vec::new() };
    let (mut waits, mut failures) = (Vec::new(), held.failures);
    if has_waits {
        (waits, failures) = waits::settle(tx, fence, &held, &mut steps, now)?;
    }
    Ok(Ticket { fence, job: Cow::Owned(job), origin, created_at, failures, steps, waits, batch, parent })
}

/// A run that was just claimed, as its row has it.
struct Claimed {
    fence: Fence,
    job: String,
    origin: OriginId,
    held: Held,
    parent: Option<Uuid>,
    created_at: Timestamp,
    has_steps: bool,
    has_waits: bool,
}

/// The runs that go along in the batch of a run.
fn members(tx: &Tx<'_>, leader: Uuid) -> rusqlite::Result<Vec<BatchMember>> {
    let ids = tx
        .connection
        .prepare_cached(MEMBERS_OF_BATCH)?
        .query_map([leader.as_bytes()], |row| Ok((rows::uuid(row, 0)?, rows::origin_id(row, 1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let member = |(run, origin)| Ok(BatchMember { run, origin: rows::origin(tx.connection, origin)? });
    ids.into_iter().map(member).collect()
}

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
            .connection
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
        tx.connection.prepare_cached(INSERT_HOOK)?.execute(params![
            run.as_bytes(),
            id.as_bytes(),
            name,
            HOOK_LIMIT,
            tx.now.0
        ])?;
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

/// Asks when the next queued run is due. It goes through the writer, so that
/// the answer knows of every write that was begun before.
pub(super) struct NextDue;

impl Work for NextDue {
    type Output = Option<Timestamp>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Option<Timestamp>, Failure> {
        let db = tx.connection;
        let mut first: Option<i64> = db.prepare_cached(NEXT_OPENING)?.query_row([], |row| row.get(0))?;
        let mut priority = i64::MAX;
        while let Some(next) = next_priority(tx, priority)? {
            priority = next;
            let due: Option<i64> = db.prepare_cached(NEXT_DUE)?.query_row([priority], |row| row.get(0))?;
            first = first.into_iter().chain(due).min();
        }
        Ok(first.map(Timestamp))
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
        if let End::Unreadable { runs } = &self.end {
            return unreadable::refuse(tx, self.fence, &run, runs);
        }
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
    failures: u32,
    crashes: u32,
    limit: u32,
    has_lanes: bool,
    at_end: AtEnd,
}

impl Held {
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn at_end(&self) -> AtEnd {
        self.at_end
    }
}

/// The run, if the fence is that of its owner; asked before anything is written.
pub(super) fn held(tx: &Tx<'_>, fence: Fence) -> Result<Held, Failure> {
    tx.connection
        .prepare_cached(HELD_RUN)?
        .query_row(params![fence.run.as_bytes(), integer(fence.token), fence.attempt, tx.owner], |row| {
            Ok(Held {
                failures: row.get(0)?,
                crashes: row.get(1)?,
                limit: row.get(2)?,
                has_lanes: row.get(3)?,
                at_end: rows::run_at_end(row, 4)?,
            })
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
