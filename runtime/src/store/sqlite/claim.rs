//! Takes runs that are due, and says when the next one is.

use super::failure::Failure;
use super::lanes::SqlLanes;
use super::rows::{self, integer};
use super::runs::{Held, ROW};
use super::statements::{
    CLAIM_RUNS, DUE_RUNS, MEMBERS_OF_BATCH, NEXT_DUE, NEXT_OPENING, NEXT_PRIORITY, STEPS_OF_RUN,
};
use super::waits;
use super::work::{Tx, Work};
use crate::store::event::{Origin, OriginId};
use crate::store::flow;
use crate::store::record::{BatchMember, Fence, Ticket};
use crate::time::Timestamp;
use rusqlite::{Row, params};
use std::borrow::Cow;
use uuid::Uuid;

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
                let at_once = take_all(tx, priority, &due)?;
                for run in due {
                    if !run.held.has_lanes || flow::admit(&mut lanes, run.fence.run, self.now)? {
                        if !at_once {
                            take(tx, run.fence.run)?;
                        }
                        tickets.push(ticket(tx, run, self.now)?);
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

/// A run that is due, with the fence that it gets when it is claimed.
struct Due {
    fence: Fence,
    job: String,
    origin: OriginOf,
    held: Held,
    parent: Option<Uuid>,
    created_at: Timestamp,
    has_steps: bool,
    has_waits: bool,
    due_at: Timestamp,
}

/// What started a run: events are read with it, deliveries when it is claimed.
enum OriginOf {
    Read(Origin),
    Delivery(Uuid),
}

/// Columns: id, attempt, token, job, delivery, failures, crashes, tries, has lanes,
/// hooks, parent, created_at, has steps, has waits, due_at, those of the event.
fn due_run(row: &Row<'_>) -> rusqlite::Result<Due> {
    let token = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
    Ok(Due {
        fence: Fence { run: rows::uuid(row, 0)?, attempt: row.get::<_, u32>(1)? + 1, token: token + 1 },
        job: row.get(3)?,
        origin: match rows::optional_uuid(row, 4)? {
            Some(delivery) => OriginOf::Delivery(delivery),
            None => OriginOf::Read(Origin::Event(rows::event_from(row, 15)?)),
        },
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
        due_at: rows::time(row, 14)?,
    })
}

/// The next priority below another that queued runs have.
fn next_priority(tx: &Tx<'_>, below: i64) -> rusqlite::Result<Option<i64>> {
    tx.db()?.prepare_cached(NEXT_PRIORITY)?.query_row([below], |row| row.get(0))
}

fn due(tx: &Tx<'_>, priority: i64, now: Timestamp, limit: usize) -> rusqlite::Result<Vec<Due>> {
    tx.db()?.prepare_cached(DUE_RUNS)?.query_map(params![priority, now.0, integer(limit)], due_run)?.collect()
}

/// From so many on, one statement takes them faster than one for each.
const MANY: usize = 8;

/// Takes all of these, which are the first that are due, where there are many and
/// no lane has a say.
fn take_all(tx: &Tx<'_>, priority: i64, due: &[Due]) -> rusqlite::Result<bool> {
    let (Some(last), MANY..) = (due.last(), due.len()) else { return Ok(false) };
    if due.iter().any(|run| run.held.has_lanes) {
        return Ok(false);
    }
    let to_last = params![tx.owner, priority, last.due_at.0, last.fence.run.as_bytes()];
    tx.db()?.prepare_cached(CLAIM_RUNS)?.execute(to_last)?;
    Ok(true)
}

fn take(tx: &Tx<'_>, run: Uuid) -> rusqlite::Result<()> {
    tx.kept()?.claim_run.execute(params![run.as_bytes(), tx.owner])?;
    Ok(())
}

/// What is handed to a worker of a run that was taken.
fn ticket(tx: &Tx<'_>, run: Due, now: Timestamp) -> rusqlite::Result<Ticket> {
    let Due { fence, job, origin, held, parent, created_at, has_steps, has_waits, .. } = run;
    let id = fence.run;
    let origin = match origin {
        OriginOf::Read(origin) => origin,
        OriginOf::Delivery(delivery) => rows::origin(tx.db()?, OriginId::Delivery(delivery))?,
    };
    let mut steps = Vec::new();
    if has_steps {
        let mut recorded = tx.db()?.prepare_cached(STEPS_OF_RUN)?;
        steps = recorded.query_map([id.as_bytes()], rows::step)?.collect::<Result<_, _>>()?;
    }
    let batch = if held.has_lanes { members(tx, id)? } else { Vec::new() };
    let (mut waits, mut failures) = (Vec::new(), held.failures);
    if has_waits {
        (waits, failures) = waits::settle(tx, fence, &held, &mut steps, now)?;
    }
    Ok(Ticket { fence, job: Cow::Owned(job), origin, created_at, failures, steps, waits, batch, parent })
}

/// The runs that go along in the batch of a run.
fn members(tx: &Tx<'_>, leader: Uuid) -> rusqlite::Result<Vec<BatchMember>> {
    let ids = tx
        .db()?
        .prepare_cached(MEMBERS_OF_BATCH)?
        .query_map([leader.as_bytes()], |row| Ok((rows::uuid(row, 0)?, rows::origin_id(row, 1)?)))?
        .collect::<Result<Vec<_>, _>>()?;
    let member = |(run, origin)| Ok(BatchMember { run, origin: rows::origin(tx.db()?, origin)? });
    ids.into_iter().map(member).collect()
}

/// Asks when the next queued run is due. It goes through the writer, so that
/// the answer knows of every write that was begun before.
pub(super) struct NextDue;

impl Work for NextDue {
    type Output = Option<Timestamp>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Option<Timestamp>, Failure> {
        let db = tx.db()?;
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
