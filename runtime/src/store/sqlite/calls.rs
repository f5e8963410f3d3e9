//! Calls of jobs whose callers wait for the end of the run.

use super::act;
use super::events;
use super::failure::Failure;
use super::rows;
use super::runs::{ROW, held, record, size_of_steps};
use super::statements::{
    CALLS_OF_RUN, CANCEL_EVENT, ENDED_RUN, EVENT_BY_ID, IS_WAITED_FOR, RUN_OF_CALL, WAIT_BY_KEY,
    WAITS_FOR_CALL,
};
use super::waits::{self, Ending};
use super::work::{Tx, Work};
use crate::store::call::{Ended, NewCall};
use crate::store::event::{EventState, Sent};
use crate::store::record::{Fence, RunState, Ticket};
use crate::store::step::{Step, StepKind};
use crate::store::wait::{Awaited, NewWait};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

/// Sends a call, and stores the wait for the end of its run.
pub(super) struct OpenCall {
    pub(super) fence: Fence,
    pub(super) call: NewCall,
    pub(super) past: Vec<Step>,
    pub(super) tickets: Vec<Ticket>,
}

impl Work for OpenCall {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let OpenCall { fence, call: NewCall { key, due_at, call }, past, tickets } = self;
        let key = key.as_str();
        tickets.clear();
        let run = held(tx, *fence)?;
        record(tx, fence.run, &run, past)?;
        if waits::recorded(tx.db()?, fence.run, key)?.is_some() {
            return Ok(true);
        }
        let mut by_key = tx.db()?.prepare_cached(WAIT_BY_KEY)?;
        let open = by_key.query_row(params![fence.run.as_bytes(), key], rows::wait).optional()?;
        if let Some(open) = open.filter(|wait| wait.kind == StepKind::Call) {
            return Ok(open.is_over(tx.now));
        }
        tx.woken.borrow_mut().due |= call.runs.iter().any(|run| run.slot.is_none());
        let event = match events::send(tx, std::slice::from_ref(call), tickets)?.first() {
            Some(Sent::Duplicate { first }) => *first,
            _ => call.event.id,
        };
        let wait = NewWait { key: key.to_owned(), awaited: Awaited::Call { event }, due_at: *due_at };
        waits::insert(tx, fence.run, &wait)?;
        // The run of an earlier call may have ended, or never begin.
        match run_of(tx, event)? {
            Some(run) => {
                waits::note(tx, run)?;
                tell_callers(tx, run)?;
            }
            None => tell_of_cancelled(tx, event)?,
        }
        Ok(by_key.query_row(params![fence.run.as_bytes(), key], rows::wait)?.is_over(tx.now))
    }

    fn committed(self) {
        events::hand_over(vec![self.call.call], self.tickets);
    }

    fn size(&self) -> usize {
        ROW + size_of_steps(&self.past) + events::size(std::slice::from_ref(&self.call.call))
    }
}

fn run_of(tx: &Tx<'_>, event: Uuid) -> rusqlite::Result<Option<Uuid>> {
    let mut run = tx.db()?.prepare_cached(RUN_OF_CALL)?;
    run.query_row([event.as_bytes()], |row| rows::uuid(row, 0)).optional()
}

/// Ends the waits for the end of a run that was called, where it has ended.
pub(super) fn tell_callers(tx: &Tx<'_>, run: Uuid) -> rusqlite::Result<()> {
    if !tx.db()?.prepare_cached(IS_WAITED_FOR)?.exists([run.as_bytes()])? {
        return Ok(());
    }
    let mut ended = tx.db()?.prepare_cached(ENDED_RUN)?;
    let mut ended = ended.query([run.as_bytes()])?;
    let Some(row) = ended.next()? else { return Ok(()) };
    let Some(event) = rows::optional_uuid(row, 0)? else { return Ok(()) };
    let ended = Ended {
        run: Some(run),
        job: row.get_ref(1)?.as_str()?,
        state: rows::run_state(row, 2)?,
        error: row.get_ref(3)?.as_str_or_null()?,
        output: row.get_ref(4)?.as_str_or_null()?,
    };
    end(tx, event, &ended)
}

/// Ends the waits for the run of a call that was cancelled before it had one.
pub(super) fn tell_of_cancelled(tx: &Tx<'_>, event: Uuid) -> rusqlite::Result<()> {
    let mut by_id = tx.db()?.prepare_cached(EVENT_BY_ID)?;
    let found = by_id.query_row([event.as_bytes()], rows::event).optional()?;
    let Some(call) = found.filter(|call| call.state == EventState::Cancelled) else { return Ok(()) };
    let job = call.job.as_deref().unwrap_or_default();
    end(tx, event, &Ended { run: None, job, state: RunState::Cancelled, error: None, output: None })
}

fn end(tx: &Tx<'_>, event: Uuid, ended: &Ended<'_>) -> rusqlite::Result<()> {
    let waits: Vec<(Uuid, String, RunState)> = tx
        .db()?
        .prepare_cached(WAITS_FOR_CALL)?
        .query_map(params![event.as_bytes(), tx.now.0], |row| {
            Ok((rows::uuid(row, 0)?, row.get(1)?, rows::run_state(row, 2)?))
        })?
        .collect::<Result<_, _>>()?;
    if waits.is_empty() {
        return Ok(());
    }
    let (output, failed) = ended.outcome();
    for (caller, key, state) in waits {
        waits::end(tx, caller, &key, &Ending { output: &output, event: Some(event), failed })?;
        waits::wake(tx, caller, state)?;
    }
    Ok(())
}

/// What a run called itself and still waits for.
pub(super) fn open_calls(tx: &Tx<'_>, caller: Uuid) -> rusqlite::Result<Vec<Uuid>> {
    let mut calls = tx.db()?.prepare_cached(CALLS_OF_RUN)?;
    calls.query_map([caller.as_bytes()], |row| rows::uuid(row, 0))?.collect()
}

/// Cancels calls, and the runs that they started.
pub(super) fn cancel(tx: &Tx<'_>, calls: Vec<Uuid>) -> rusqlite::Result<()> {
    for event in calls {
        if tx.db()?.prepare_cached(CANCEL_EVENT)?.execute([event.as_bytes()])? == 1 {
            tell_of_cancelled(tx, event)?;
        } else if let Some(run) = run_of(tx, event)? {
            act::cancel(tx, run)?;
        }
    }
    Ok(())
}
