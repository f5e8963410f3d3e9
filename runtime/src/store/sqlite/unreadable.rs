//! Takes what cannot be read out of a batch; the others go on.

use super::act::enter_again;
use super::failure::Failure;
use super::lanes::SqlLanes;
use super::rows::{self, AtEnd};
use super::runs::{EndOfRun, Held, ended};
use super::statements::{
    FIRST_OF_BATCH, HAND_ON_BATCH, LEAD_BATCH, REFUSE_LEADER, REFUSE_MEMBER, REQUEUE_LEADER,
};
use super::work::Tx;
use crate::store::flow::{self, Departure};
use crate::store::record::{ClosedRun, Fence, RunState};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

/// Ends these runs of the batch that `fence` leads, and says what becomes of the leader.
pub(super) fn refuse(
    tx: &Tx<'_>,
    fence: Fence,
    leader: &Held,
    runs: &[(Uuid, String)],
) -> Result<ClosedRun, Failure> {
    let (db, id) = (tx.db()?, fence.run);
    tx.woken.borrow_mut().due = true;
    for (run, error) in runs.iter().filter(|(run, _)| *run != id) {
        let mut refuse = db.prepare_cached(REFUSE_MEMBER)?;
        let refused = refuse
            .query_row(params![run.as_bytes(), id.as_bytes(), error, tx.now.0], |row| {
                rows::run_at_end(row, 0)
            })
            .optional()?;
        if let Some(at_end) = refused {
            end(tx, *run, at_end, error)?;
        }
    }
    let failures = leader.failures;
    let Some((_, error)) = runs.iter().find(|(run, _)| *run == id) else {
        db.prepare_cached(REQUEUE_LEADER)?.execute(params![id.as_bytes(), tx.now.0])?;
        flow::depart(&mut SqlLanes(tx), id, Departure::Paused, tx.now)?;
        return Ok(ClosedRun { state: RunState::Queued, failures });
    };
    let mut first = db.prepare_cached(FIRST_OF_BATCH)?;
    let heir = first.query_row([id.as_bytes()], |row| rows::uuid(row, 0)).optional()?;
    if let Some(heir) = heir {
        db.prepare_cached(LEAD_BATCH)?.execute(params![heir.as_bytes(), tx.now.0])?;
        db.prepare_cached(HAND_ON_BATCH)?.execute(params![id.as_bytes(), heir.as_bytes()])?;
    }
    db.prepare_cached(REFUSE_LEADER)?.execute(params![id.as_bytes(), error, tx.now.0])?;
    end(tx, id, leader.at_end, error)?;
    if let Some(heir) = heir {
        enter_again(tx, heir)?;
    }
    Ok(ClosedRun { state: RunState::InvalidPayload, failures })
}

fn end(tx: &Tx<'_>, run: Uuid, at_end: AtEnd, error: &str) -> rusqlite::Result<()> {
    let (state, how) = (RunState::InvalidPayload, Departure::Ended);
    ended(tx, run, true, at_end, &EndOfRun { state, error: Some(error), output: None, how })
}
