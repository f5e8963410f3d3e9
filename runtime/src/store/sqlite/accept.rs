//! Stores a delivery, its key and its runs.

use super::by_job;
use super::failure::Failure;
use super::lanes::SqlLanes;
use super::pending::RunRow;
use super::plain;
use super::rows::{self, ACCEPTED, AtEnd, FILTERED, RequestColumns};
use super::statements::{EXTEND_KEY, KEY_HOLDER, REMATCH_DELIVERY};
use super::work::{Tx, Work};
use super::{events, held, sources};
use crate::store::event::{DeliveryOrigin, Origin, OriginId};
use crate::store::flow::{self, Placement};
use crate::store::masking::masked;
use crate::store::record::{Accepted, Answer, Fence, NewDelivery, NewRun, RunState, Ticket};
use crate::time::Timestamp;
use rusqlite::params;
use std::borrow::Cow;
use uuid::Uuid;

/// What a row takes beside the body.
const ROW: usize = 512;

pub(super) struct Accept {
    new: NewDelivery,
    /// Made by the caller's thread, which is not the one that all wait for.
    columns: RequestColumns,
    /// One per run that starts at once, in the order of the runs.
    tickets: Vec<Ticket>,
}

impl Accept {
    pub(super) fn new(mut new: NewDelivery) -> Self {
        if let Cow::Owned(masked) = masked(&new.request) {
            new.request = masked;
        }
        Accept { columns: RequestColumns::of(&new.request), new, tickets: Vec::new() }
    }
}

impl Work for Accept {
    type Output = Accepted;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<Accepted, Failure> {
        self.tickets.clear();
        if let Some(note) = &self.new.note
            && !sources::is_of_now(tx, note)?
        {
            return Err(Failure::Stale);
        }
        if !take_key(tx, &self.new)? {
            return self.repeat(tx);
        }
        let new = &self.new;
        insert_delivery(tx, new, &self.columns)?;
        if !new.runs.is_empty() {
            let origin = Origin::Delivery(DeliveryOrigin {
                endpoint: Cow::Borrowed(new.endpoint),
                id: new.id,
                provider_id: new.provider_id.clone(),
                request: new.request.clone(),
            });
            insert_runs(tx, &new.runs, &origin, &mut self.tickets)?;
        }
        events::send(tx, &new.events, &mut self.tickets)?;
        if let Some(note) = &new.note {
            sources::note(tx, note)?;
        }
        Ok(Accepted::Stored)
    }

    fn committed(self) {
        let of_events = self.new.events.into_iter().flat_map(|new| new.runs);
        let slots = self.new.runs.into_iter().chain(of_events).filter_map(|run| run.slot);
        // No tickets where the runs were not stored: the places are free again.
        for (slot, ticket) in slots.zip(self.tickets) {
            slot.hand_over(ticket);
        }
    }

    fn size(&self) -> usize {
        self.new.request.body().len() + ROW * (2 + self.new.runs.len()) + events::size(&self.new.events)
    }
}

impl Accept {
    /// The key is held: by a delivery that has runs, or by one that still wants them.
    fn repeat(&mut self, tx: &Tx<'_>) -> Result<Accepted, Failure> {
        let new = &self.new;
        let first = first_of(tx, new)?;
        if first.has_runs {
            return Ok(Accepted::Duplicate { first: first.id, at: first.at, answer: first.answer });
        }
        if !new.runs.is_empty() {
            rematch(tx, first.id, new)?;
            // The runs belong to the first delivery, so they get its request.
            let origin = rows::origin(tx.db()?, OriginId::Delivery(first.id))?;
            insert_runs(tx, &new.runs, &origin, &mut self.tickets)?;
        }
        Ok(Accepted::Rematched { first: first.id, at: first.at })
    }
}

struct First {
    id: Uuid,
    at: Timestamp,
    has_runs: bool,
    answer: Option<Answer>,
}

/// Takes the delivery's key, where it has one; false where another holds it.
fn take_key(tx: &Tx<'_>, new: &NewDelivery) -> rusqlite::Result<bool> {
    let Some(dedupe) = &new.dedupe else { return Ok(true) };
    let taken = tx.aside.take_key.execute(params![
        new.endpoint,
        dedupe.key,
        new.id.as_bytes(),
        dedupe.expires_at.0,
        tx.now.0,
    ])?;
    Ok(taken == 1)
}

fn first_of(tx: &Tx<'_>, new: &NewDelivery) -> rusqlite::Result<First> {
    let key = new.dedupe.as_ref().map(|dedupe| &dedupe.key);
    tx.db()?.prepare_cached(KEY_HOLDER)?.query_row(params![new.endpoint, key], |row| {
        Ok(First {
            id: rows::uuid(row, 0)?,
            at: rows::time(row, 1)?,
            has_runs: row.get_ref(2)?.as_str()? == ACCEPTED,
            answer: rows::answer(row, 3)?,
        })
    })
}

fn insert_delivery(tx: &Tx<'_>, new: &NewDelivery, columns: &RequestColumns) -> rusqlite::Result<()> {
    let answer = new.answer.as_ref();
    tx.aside.insert_delivery.execute(params![
        new.id.as_bytes(),
        new.endpoint,
        if new.has_runs() { ACCEPTED } else { FILTERED },
        Timestamp::from(new.request.received_at()).0,
        new.provider_id,
        new.secret_index,
        new.verdicts,
        new.dedupe.as_ref().map(|dedupe| dedupe.expires_at.0),
        answer.map(|answer| answer.status),
        answer.and_then(|answer| answer.content_type.as_ref()),
        answer.map(|answer| answer.body.as_ref()),
        new.request.method().as_str(),
        columns.target,
        columns.public_url,
        columns.headers,
        new.request.body().as_ref(),
        new.replay_of.as_ref().map(Uuid::as_bytes),
    ])?;
    Ok(())
}

/// The first delivery now has runs: what its repeats are told is what this one is.
fn rematch(tx: &Tx<'_>, first: Uuid, new: &NewDelivery) -> rusqlite::Result<()> {
    let Some(dedupe) = &new.dedupe else { return Ok(()) };
    let answer = new.answer.as_ref();
    tx.db()?.prepare_cached(REMATCH_DELIVERY)?.execute(params![
        first.as_bytes(),
        new.verdicts,
        dedupe.expires_at.0,
        answer.map(|answer| answer.status),
        answer.and_then(|answer| answer.content_type.as_ref()),
        answer.map(|answer| answer.body.as_ref()),
    ])?;
    tx.db()?.prepare_cached(EXTEND_KEY)?.execute(params![new.endpoint, dedupe.key, dedupe.expires_at.0])?;
    Ok(())
}

/// Stores runs, and adds a ticket for each that starts.
pub(super) fn insert_runs(
    tx: &Tx<'_>,
    runs: &[NewRun],
    origin: &Origin,
    tickets: &mut Vec<Ticket>,
) -> rusqlite::Result<()> {
    let after_event = events::last_number(tx)?;
    let is_called = origin.event().is_some_and(|event| event.job.is_some());
    // A call that was stored before its run may be waited for already.
    let has_waits = is_called && origin.event().is_some_and(|event| event.due_at.is_some());
    // They are large, and most deliveries and events have one run.
    tickets.reserve_exact(runs.iter().filter(|run| run.slot.is_some()).count());
    for run in runs {
        let starts = run.slot.is_some() && run.flow.as_ref().is_none_or(|flow| flow.lanes.is_empty());
        let fence = Fence { run: run.id, attempt: starts.into(), token: starts.into() };
        let placement = match &run.flow {
            Some(flow) => flow::enter(&mut SqlLanes(tx), run.id, flow, tx.now)?,
            None => Placement::Queued(tx.now),
        };
        let (state, due_at, leader) = match placement {
            _ if starts => (RunState::Running, tx.now, None),
            Placement::Queued(at) => (RunState::Queued, at, None),
            Placement::Blocked(at) => (RunState::Blocked, at, None),
            Placement::Joined(leader) => (RunState::Batched, tx.now, Some(leader)),
        };
        tx.add_run(RunRow {
            fence,
            origin: origin.id(),
            job: run.job,
            version: run.version,
            limit: run.limit,
            state,
            owner: starts.then_some(tx.owner),
            due_at,
            created_at: tx.now,
            priority: run.flow.as_ref().map_or(0, |flow| flow.priority),
            flow: run.flow.as_ref().filter(|flow| !flow.lanes.is_empty()).and_then(|flow| rows::flow(flow)),
            at_end: rows::at_end(AtEnd { hooks: run.hooks, is_called, has_waits })
                | held::listing(tx, run.id, starts)?,
            leader,
            after_event,
            payload: origin.event().and_then(|event| plain::payload(event, runs)).cloned(),
        })?;
        by_job::stored(tx, run.id)?;
        if starts {
            tickets.push(Ticket {
                fence,
                job: Cow::Borrowed(run.job),
                origin: origin.clone(),
                created_at: tx.now,
                failures: 0,
                steps: Vec::new(),
                batch: Vec::new(),
                parent: None,
                waits: Vec::new(),
            });
        }
    }
    Ok(())
}
