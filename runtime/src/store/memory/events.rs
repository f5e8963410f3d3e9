//! Events in memory: stored once for each key, sent when they are due.

use super::rows::EventRow;
use super::state::{Started, State};
use crate::store::event::{CancelKey, DueEvent, EventRecord, EventState, NewEvent, OriginId, Sent};
use crate::store::flow;
use crate::store::record::NewRun;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Name, source and key of an event.
type EventKey = (Cow<'static, str>, Option<Cow<'static, str>>, String);

#[derive(Debug, Default)]
pub(super) struct Events {
    pub(super) rows: HashMap<Uuid, EventRow>,
    /// Events in the order in which they were stored.
    order: BTreeMap<u64, Uuid>,
    next_place: u64,
    keys: HashMap<EventKey, Uuid>,
    /// Events in the order in which they were sent.
    sent: BTreeMap<u64, Uuid>,
    last_sent: u64,
    pending: BTreeSet<(Timestamp, u64, Uuid)>,
}

impl Events {
    pub(super) fn get(&self, id: Uuid) -> Option<Arc<EventRecord>> {
        self.rows.get(&id).map(|row| Arc::clone(&row.event))
    }

    /// Gives an event that is sent its place in the order of those.
    fn sent(&mut self, id: Uuid) -> Option<Arc<EventRecord>> {
        let row = self.rows.get_mut(&id)?;
        self.last_sent += 1;
        row.n = Some(self.last_sent);
        self.sent.insert(self.last_sent, id);
        Some(Arc::clone(&row.event))
    }

    /// The place of the last event that was sent.
    pub(super) fn last_sent(&self) -> u64 {
        self.last_sent
    }

    /// The events that were sent after a place, in their order.
    pub(super) fn sent_after(&self, n: u64) -> impl Iterator<Item = Arc<EventRecord>> {
        self.sent.range(n + 1..).filter_map(|(_, id)| self.get(*id))
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.pending.first().map(|(at, ..)| *at)
    }

    pub(super) fn due(&self, limit: usize, now: Timestamp) -> Vec<Arc<EventRecord>> {
        let due = self.pending.iter().take_while(|(at, ..)| *at <= now).take(limit);
        due.filter_map(|(.., id)| self.get(*id)).collect()
    }

    /// Those that were read from a delivery, the one that was stored last first.
    pub(super) fn of(&self, delivery: Uuid, limit: usize) -> Vec<Arc<EventRecord>> {
        let newest = self.order.values().rev().filter_map(|id| self.get(*id));
        newest.filter(|event| event.delivery == Some(delivery)).take(limit).collect()
    }

    /// Stores an event, unless its key has one.
    fn insert(&mut self, event: Arc<EventRecord>) -> Sent {
        if let Some(key) = key_of(&event) {
            if let Some(first) = self.keys.get(&key) {
                return Sent::Duplicate { first: *first };
            }
            self.keys.insert(key, event.id);
        }
        let (id, place) = (event.id, self.next_place);
        self.next_place += 1;
        self.order.insert(place, id);
        if let (EventState::Pending, Some(at)) = (event.state, event.due_at) {
            self.pending.insert((at, place, id));
        }
        self.rows.insert(id, EventRow { place, event, n: None, runs: Vec::new() });
        Sent::Stored
    }

    /// Gives a pending event another state; false where it is not pending.
    fn settle(&mut self, id: Uuid, state: EventState) -> bool {
        let Some(row) = self.rows.get_mut(&id) else { return false };
        let (EventState::Pending, Some(at)) = (row.event.state, row.event.due_at) else { return false };
        self.pending.remove(&(at, row.place, id));
        Arc::make_mut(&mut row.event).state = state;
        true
    }

    /// Forgets an event, and returns its runs.
    pub(super) fn forget(&mut self, id: Uuid) -> Vec<Uuid> {
        let Some(row) = self.rows.remove(&id) else { return Vec::new() };
        self.order.remove(&row.place);
        if let Some(n) = row.n {
            self.sent.remove(&n);
        }
        if let Some(key) = key_of(&row.event) {
            self.keys.remove(&key);
        }
        row.runs
    }
}

fn key_of(event: &EventRecord) -> Option<EventKey> {
    Some((event.name.clone(), event.source.clone(), event.key.clone()?))
}

impl State {
    pub(super) fn send(&mut self, events: Vec<NewEvent>, now: Timestamp, started: &mut Started) -> Vec<Sent> {
        let mut all = Vec::with_capacity(events.len());
        for NewEvent { event, runs, cancels } in events {
            let (id, state) = (event.id, event.state);
            let sent = self.events.insert(event);
            if sent == Sent::Stored && state == EventState::Sent {
                self.publish(id, runs, &cancels, now, started);
            }
            all.push(sent);
        }
        all
    }

    pub(super) fn release_events(&mut self, events: Vec<DueEvent>, now: Timestamp, started: &mut Started) {
        for DueEvent { id, runs, cancels } in events {
            if self.events.settle(id, EventState::Sent) {
                self.publish(id, runs, &cancels, now, started);
            }
        }
    }

    pub(super) fn cancel_event(&mut self, id: Uuid, now: Timestamp) -> bool {
        let cancelled = self.events.settle(id, EventState::Cancelled);
        if cancelled {
            self.tell_of_cancelled_call(id, now);
            self.retire(OriginId::Event(id));
        }
        cancelled
    }

    /// What an event sets off, at the moment from which on it is sent.
    fn publish(
        &mut self,
        id: Uuid,
        runs: Vec<NewRun>,
        cancels: &[CancelKey],
        now: Timestamp,
        started: &mut Started,
    ) {
        for CancelKey { lane, key } in cancels {
            let Ok(cancelled) = flow::cancelled_by(self, lane, key);
            for run in cancelled {
                // One that has ended is in no lane.
                let _ = self.cancel(run, now);
            }
        }
        let origin = OriginId::Event(id);
        if let Some(event) = self.events.sent(id) {
            self.meet(&event, now);
        }
        if runs.is_empty() {
            self.retire(origin);
        } else {
            self.add_runs(origin, runs, now, started);
        }
    }
}
