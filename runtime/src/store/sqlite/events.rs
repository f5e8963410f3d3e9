//! Stores events, and sends those that are due.

use super::accept::insert_runs;
use super::act;
use super::calls;
use super::failure::Failure;
use super::lanes::SqlLanes;
use super::pending::EventRow;
use super::plain;
use super::rows;
use super::statements::{CANCEL_EVENT, EVENT_BY_ID, EVENT_OF_KEY, LAST_EVENT, NEXT_EVENT, RELEASE_EVENT};
use super::waits;
use super::work::{Tx, Work};
use crate::store::event::{CancelKey, DueEvent, EventRecord, EventState, NewEvent, Origin, Sent};
use crate::store::flow;
use crate::store::record::{NewRun, Ticket};
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;
use uuid::Uuid;

/// What a row takes beside its texts.
const ROW: usize = 256;

/// Stores events with their runs.
pub(super) struct SendEvents {
    pub(super) events: Vec<NewEvent>,
    pub(super) tickets: Vec<Ticket>,
}

impl Work for SendEvents {
    type Output = Vec<Sent>;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Vec<Sent>, Failure> {
        self.tickets.clear();
        send(tx, &self.events, &mut self.tickets)
    }

    fn committed(self) {
        hand_over(self.events, self.tickets);
    }

    fn size(&self) -> usize {
        size(&self.events)
    }
}

/// Sends events that were pending.
pub(super) struct ReleaseEvents {
    pub(super) events: Vec<DueEvent>,
    pub(super) tickets: Vec<Ticket>,
}

impl Work for ReleaseEvents {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        self.tickets.clear();
        for DueEvent { id, runs, cancels } in &self.events {
            let released = params![id.as_bytes(), number(tx)?];
            if tx.db()?.prepare_cached(RELEASE_EVENT)?.execute(released)? == 1 {
                let event = tx.db()?.prepare_cached(EVENT_BY_ID)?.query_row([id.as_bytes()], rows::event)?;
                publish(tx, event, runs, cancels, &mut self.tickets)?;
            }
        }
        Ok(())
    }

    fn committed(self) {
        start(self.events.into_iter().flat_map(|due| due.runs), self.tickets);
    }

    fn size(&self) -> usize {
        self.events.iter().map(|due| ROW * (1 + due.runs.len())).sum()
    }
}

/// Cancels an event that is pending.
pub(super) struct CancelEvent(pub(super) Uuid);

impl Work for CancelEvent {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let cancelled = tx.db()?.prepare_cached(CANCEL_EVENT)?.execute([self.0.as_bytes()])? == 1;
        if cancelled {
            calls::tell_of_cancelled(tx, self.0)?;
        }
        Ok(cancelled)
    }
}

/// Stores each event that no other has the key of, and adds a ticket for each
/// run that starts.
pub(super) fn send(
    tx: &Tx<'_>,
    events: &[NewEvent],
    tickets: &mut Vec<Ticket>,
) -> Result<Vec<Sent>, Failure> {
    events
        .iter()
        .map(|NewEvent { event, runs, cancels }| {
            if let Some(first) = first_of(tx, event)? {
                return Ok(Sent::Duplicate { first });
            }
            if plain::payload(event, runs).is_none() {
                insert(tx, event)?;
            }
            if event.state == EventState::Sent {
                publish(tx, Arc::clone(event), runs, cancels, tickets)?;
            }
            Ok(Sent::Stored)
        })
        .collect()
}

/// What an event sets off, at the moment from which on it is sent.
fn publish(
    tx: &Tx<'_>,
    event: Arc<EventRecord>,
    runs: &[NewRun],
    cancels: &[CancelKey],
    tickets: &mut Vec<Ticket>,
) -> Result<(), Failure> {
    if event.job.is_none() {
        waits::meet(tx, &event)?;
    }
    for CancelKey { lane, key } in cancels {
        for run in flow::cancelled_by(&mut SqlLanes(tx), lane, key)? {
            act::cancel(tx, run)?;
        }
    }
    if !runs.is_empty() {
        insert_runs(tx, runs, &Origin::Event(event), tickets)?;
    }
    Ok(())
}

/// The event that has the key of another.
fn first_of(tx: &Tx<'_>, event: &EventRecord) -> rusqlite::Result<Option<Uuid>> {
    let Some(key) = &event.key else { return Ok(None) };
    tx.db()?
        .prepare_cached(EVENT_OF_KEY)?
        .query_row(params![event.name, event.source, key], |row| rows::uuid(row, 0))
        .optional()
}

/// The place of an event among those that were sent.
fn number(tx: &Tx<'_>) -> rusqlite::Result<i64> {
    tx.aside().prepare_cached(NEXT_EVENT)?.execute([])?;
    tx.last_event.set(None);
    last_number(tx)
}

/// The number of the event that was sent last.
pub(super) fn last_number(tx: &Tx<'_>) -> rusqlite::Result<i64> {
    if let Some(number) = tx.last_event.get() {
        return Ok(number);
    }
    let number = tx.aside().prepare_cached(LAST_EVENT)?.query_row([], |row| row.get(0))?;
    tx.last_event.set(Some(number));
    Ok(number)
}

fn insert(tx: &Tx<'_>, event: &Arc<EventRecord>) -> rusqlite::Result<()> {
    // What is for one job alone, a call or a tick, nobody waits for.
    let is_awaitable = event.state == EventState::Sent && event.job.is_none();
    let n = if is_awaitable { Some(number(tx)?) } else { None };
    tx.add_event(EventRow { event: Arc::clone(event), n })
}

/// Hands over the runs of events that start, after the commit.
pub(super) fn hand_over(events: Vec<NewEvent>, tickets: Vec<Ticket>) {
    start(events.into_iter().flat_map(|new| new.runs), tickets);
}

/// A place is like another: those of runs that were not stored, because their
/// event is a repeat, are free again.
fn start(runs: impl Iterator<Item = NewRun>, tickets: Vec<Ticket>) {
    for (slot, ticket) in runs.filter_map(|run| run.slot).zip(tickets) {
        slot.hand_over(ticket);
    }
}

/// About how many bytes events take.
pub(super) fn size(events: &[NewEvent]) -> usize {
    events.iter().map(|new| ROW * (1 + new.runs.len()) + new.event.payload.len()).sum()
}
