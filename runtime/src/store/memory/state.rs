//! The tables of the store in memory, and what may be done to them.

use super::events::Events;
use super::rows::{DeliveryRow, KeyRow, RunRow};
use super::secrets::Secrets;
use super::sources::Sources;
use crate::store::StoreError;
use crate::store::event::{Origin, OriginId};
use crate::store::lifecycle::{closing, suspend};
use crate::store::masking::masked;
use crate::store::record::{
    Accepted, ClosedRun, DedupeKey, Delivery, End, Fence, LogLine, NewDelivery, NewRun, Progress, Run,
    RunQuery, RunState, Ticket, Trace,
};
use crate::store::schedule::ScheduleRecord;
use crate::store::slot::Slot;
use crate::store::step::{Step, StepState};
use crate::store::wait::Wait;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use uuid::Uuid;

/// Runs that start at once, each with the place that was reserved for it.
pub(super) type Started = Vec<(Slot, Ticket)>;

#[derive(Debug)]
pub(super) struct State {
    pub(super) closed: bool,
    pub(super) deliveries: HashMap<Uuid, DeliveryRow>,
    /// Deliveries in the order in which they came.
    order: BTreeMap<u64, Uuid>,
    next_place: u64,
    keys: HashMap<&'static str, HashMap<String, KeyRow>>,
    pub(super) events: Events,
    pub(super) schedules: BTreeMap<(bool, String), ScheduleRecord>,
    pub(super) runs: HashMap<Uuid, RunRow>,
    /// Queued runs in the order in which they are claimed.
    pub(super) due: BTreeSet<(Timestamp, Uuid)>,
    /// Deliveries and events without an unfinished run, the oldest first.
    pub(super) finished: VecDeque<OriginId>,
    max_finished: usize,
    pub(super) traces: VecDeque<Trace>,
    max_traces: usize,
    pub(super) secrets: Secrets,
    pub(super) sources: Sources,
    pub(super) settings: BTreeMap<String, i64>,
}

impl State {
    pub(super) fn new(max_finished: usize, max_traces: usize) -> Self {
        State {
            closed: false,
            deliveries: HashMap::new(),
            order: BTreeMap::new(),
            next_place: 0,
            keys: HashMap::new(),
            events: Events::default(),
            schedules: BTreeMap::new(),
            runs: HashMap::new(),
            due: BTreeSet::new(),
            finished: VecDeque::new(),
            max_finished,
            traces: VecDeque::new(),
            max_traces,
            secrets: Secrets::new(),
            sources: Sources::new(),
            settings: BTreeMap::new(),
        }
    }

    pub(super) fn accept(
        &mut self,
        new: NewDelivery,
        now: Timestamp,
        started: &mut Started,
    ) -> Result<Accepted, StoreError> {
        if let Some(first) = self.first_of(&new, now) {
            return Ok(self.repeat(first, new, now, started));
        }
        let runs_by_event = new.runs.is_empty() && new.has_runs();
        let NewDelivery {
            id,
            endpoint,
            request,
            provider_id,
            secret_index,
            dedupe,
            runs,
            events,
            verdicts,
            answer,
            replay_of,
        } = new;
        self.refuse_taken_ids(id, &runs)?;
        if let Some(DedupeKey { key, expires_at }) = dedupe.clone() {
            self.keys.entry(endpoint).or_default().insert(key, KeyRow { delivery: id, expires_at });
        }
        let place = self.next_place;
        self.next_place += 1;
        self.order.insert(place, id);
        let request = masked(&request).into_owned();
        self.deliveries.insert(
            id,
            DeliveryRow {
                place,
                endpoint,
                request,
                provider_id,
                secret_index,
                dedupe,
                verdicts,
                answer,
                replay_of,
                runs: Vec::with_capacity(runs.len()),
                runs_by_event,
            },
        );
        if runs.is_empty() {
            self.retire(OriginId::Delivery(id));
        }
        self.add_runs(OriginId::Delivery(id), runs, now, started);
        self.send(events, now, started);
        Ok(Accepted::Stored)
    }

    /// The delivery that holds the key of a new one.
    fn first_of(&self, new: &NewDelivery, now: Timestamp) -> Option<Uuid> {
        let key = self.keys.get(new.endpoint)?.get(&new.dedupe.as_ref()?.key)?;
        (key.expires_at > now).then_some(key.delivery)
    }

    fn repeat(&mut self, first: Uuid, new: NewDelivery, now: Timestamp, started: &mut Started) -> Accepted {
        let Some(row) = self.deliveries.get_mut(&first) else {
            // A key goes with its delivery, so there is one.
            return Accepted::Rematched { first, at: now };
        };
        let at = row.request.received_at().into();
        if row.has_runs() {
            return Accepted::Duplicate { first, at, answer: row.answer.clone() };
        }
        if !new.runs.is_empty() {
            row.verdicts = new.verdicts;
            row.answer = new.answer;
            if let (Some(held), Some(dedupe)) = (&mut row.dedupe, new.dedupe) {
                held.expires_at = held.expires_at.max(dedupe.expires_at);
                if let Some(key) = self.keys.get_mut(row.endpoint).and_then(|keys| keys.get_mut(&held.key)) {
                    key.expires_at = held.expires_at;
                }
            }
            let first = OriginId::Delivery(first);
            self.finished.retain(|id| *id != first);
            self.add_runs(first, new.runs, now, started);
        }
        Accepted::Rematched { first, at }
    }

    fn refuse_taken_ids(&self, delivery: Uuid, runs: &[NewRun]) -> Result<(), StoreError> {
        let taken =
            self.deliveries.contains_key(&delivery) || runs.iter().any(|run| self.runs.contains_key(&run.id));
        if taken { Err(StoreError::Engine("an id is stored already".into())) } else { Ok(()) }
    }

    pub(super) fn add_runs(
        &mut self,
        of: OriginId,
        runs: Vec<NewRun>,
        now: Timestamp,
        started: &mut Started,
    ) {
        let Some(origin) = self.origin(of) else { return };
        if let Some(ids) = self.runs_of(of) {
            ids.extend(runs.iter().map(|run| run.id));
        }
        for NewRun { id, job, version, limit, slot } in runs {
            let begun = u32::from(slot.is_some());
            let row = RunRow {
                id,
                job,
                version,
                origin: of,
                limit,
                state: if slot.is_some() { RunState::Running } else { RunState::Queued },
                attempt: begun,
                token: begun.into(),
                failures: 0,
                due_at: now,
                error: None,
                created_at: now,
                finished_at: None,
                steps: Vec::new(),
                waits: Vec::new(),
                logs: Vec::new(),
            };
            match slot {
                Some(slot) => started.push((slot, row.ticket(origin.clone()))),
                None => {
                    self.due.insert((now, id));
                }
            }
            self.runs.insert(id, row);
        }
    }

    fn origin(&self, id: OriginId) -> Option<Origin> {
        match id {
            OriginId::Delivery(id) => self.deliveries.get(&id).map(|row| row.origin(id)),
            OriginId::Event(id) => self.events.get(id).map(Origin::Event),
        }
    }

    fn runs_of(&mut self, id: OriginId) -> Option<&mut Vec<Uuid>> {
        match id {
            OriginId::Delivery(id) => self.deliveries.get_mut(&id).map(|row| &mut row.runs),
            OriginId::Event(id) => self.events.rows.get_mut(&id).map(|row| &mut row.runs),
        }
    }

    pub(super) fn claim(&mut self, limit: usize, now: Timestamp) -> Vec<Ticket> {
        let due: Vec<_> = self.due.iter().take_while(|(at, _)| *at <= now).take(limit).copied().collect();
        let mut tickets = Vec::with_capacity(due.len());
        for entry in due {
            self.due.remove(&entry);
            let Some(origin) = self.runs.get(&entry.1).and_then(|run| self.origin(run.origin)) else {
                continue;
            };
            let Some(run) = self.runs.get_mut(&entry.1) else { continue };
            run.state = RunState::Running;
            run.attempt = run.attempt.saturating_add(1);
            run.token += 1;
            run.settle_waits(now);
            tickets.push(run.ticket(origin));
        }
        tickets
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(super) fn held(&mut self, fence: Fence) -> Result<&mut RunRow, StoreError> {
        let holds = |run: &&mut RunRow| {
            run.state == RunState::Running && run.attempt == fence.attempt && run.token == fence.token
        };
        self.runs.get_mut(&fence.run).filter(holds).ok_or(StoreError::Stale)
    }

    pub(super) fn record(
        &mut self,
        fence: Fence,
        Progress { steps, events }: Progress,
        now: Timestamp,
        started: &mut Started,
    ) -> Result<(), StoreError> {
        self.held(fence)?.record(steps);
        self.send(events, now, started);
        Ok(())
    }

    pub(super) fn forget_failure(&mut self, fence: Fence, key: &str) -> Result<(), StoreError> {
        let within = |other: &str| {
            other.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.held(fence)?.steps.retain(|step| step.state != StepState::Failed || !within(&step.key));
        Ok(())
    }

    pub(super) fn finish(
        &mut self,
        fence: Fence,
        end: &End,
        Progress { steps, events }: Progress,
        now: Timestamp,
        started: &mut Started,
    ) -> Result<ClosedRun, StoreError> {
        let run = self.held(fence)?;
        run.record(steps);
        let mut closing = closing(end, run.failures, run.limit);
        if let End::Suspended { open } = end {
            suspend(&mut closing, run.suspend(open), now);
        }
        run.state = closing.run.state;
        run.failures = closing.run.failures;
        if let Some(error) = closing.error {
            run.error = Some(error.to_owned());
        }
        run.finished_at = closing.run.state.is_final().then_some(now);
        if closing.run.state.is_final() {
            run.waits.clear();
        }
        if let Some(at) = closing.due_at {
            run.due_at = at;
            self.due.insert((at, fence.run));
        } else if closing.run.state.is_final() {
            let origin = run.origin;
            if self.is_finished(origin) {
                self.retire(origin);
            }
        }
        self.send(events, now, started);
        Ok(closing.run)
    }

    pub(super) fn release(&mut self, fences: &[Fence], now: Timestamp) {
        for fence in fences {
            if let Ok(run) = self.held(*fence) {
                run.state = RunState::Queued;
                run.due_at = now;
                self.due.insert((now, fence.run));
            }
        }
    }

    pub(super) fn is_finished(&mut self, origin: OriginId) -> bool {
        let runs = self.runs_of(origin).map(|runs| runs.clone()).unwrap_or_default();
        runs.iter().filter_map(|id| self.runs.get(id)).all(|run| run.state.is_final())
    }

    /// Counts a delivery or an event as finished, and forgets the oldest beyond the number kept.
    pub(super) fn retire(&mut self, origin: OriginId) {
        self.finished.push_back(origin);
        while self.finished.len() > self.max_finished {
            let Some(oldest) = self.finished.pop_front() else { break };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, origin: OriginId) {
        let runs = match origin {
            OriginId::Delivery(id) => self.forget_delivery(id),
            OriginId::Event(id) => self.events.forget(id),
        };
        for run in runs {
            self.runs.remove(&run);
        }
    }

    fn forget_delivery(&mut self, id: Uuid) -> Vec<Uuid> {
        let Some(row) = self.deliveries.remove(&id) else { return Vec::new() };
        self.order.remove(&row.place);
        if let (Some(dedupe), Some(keys)) = (row.dedupe, self.keys.get_mut(row.endpoint))
            && keys.get(&dedupe.key).is_some_and(|key| key.delivery == id)
        {
            keys.remove(&dedupe.key);
        }
        row.runs
    }

    pub(super) fn prune(&mut self, before: Timestamp, now: Timestamp) -> usize {
        for keys in self.keys.values_mut() {
            keys.retain(|_, key| key.expires_at > now);
        }
        let (old, kept): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.finished)
            .into_iter()
            .partition(|origin| self.is_older(*origin, before, now));
        self.finished = kept;
        for origin in &old {
            self.forget(*origin);
        }
        old.len()
    }

    fn is_older(&self, origin: OriginId, before: Timestamp, now: Timestamp) -> bool {
        let (is_old, runs) = match origin {
            OriginId::Delivery(id) => match self.deliveries.get(&id) {
                Some(row) => {
                    let is_old = Timestamp::from(row.request.received_at()) < before
                        && row.dedupe.as_ref().is_none_or(|dedupe| dedupe.expires_at <= now);
                    (is_old, &row.runs)
                }
                None => return true,
            },
            OriginId::Event(id) => match self.events.rows.get(&id) {
                Some(row) => (row.event.due_at.unwrap_or(row.event.at) < before, &row.runs),
                None => return true,
            },
        };
        let ended =
            |id: &Uuid| self.runs.get(id).is_none_or(|run| run.finished_at.is_some_and(|at| at < before));
        is_old && runs.iter().all(ended)
    }

    pub(super) fn log(&mut self, lines: Vec<LogLine>) {
        for line in lines {
            if let Some(run) = self.runs.get_mut(&line.run) {
                run.logs.push(line);
            }
        }
    }

    pub(super) fn trace(&mut self, trace: Trace) {
        if self.closed || self.max_traces == 0 {
            return;
        }
        if self.traces.len() >= self.max_traces {
            self.traces.pop_front();
        }
        self.traces.push_back(trace);
    }

    pub(super) fn delivery(&self, id: Uuid) -> Option<Delivery> {
        self.deliveries.get(&id).map(|row| row.shown(id))
    }

    pub(super) fn deliveries(&self, limit: usize) -> Vec<Delivery> {
        self.order.values().rev().take(limit).filter_map(|id| self.delivery(*id)).collect()
    }

    pub(super) fn last_use(&self, endpoint: &str, secret_index: u8) -> Option<Timestamp> {
        let verified = |id: &Uuid| {
            let delivery = self.delivery(*id)?;
            (delivery.endpoint == endpoint && delivery.secret_index == Some(secret_index))
                .then(|| delivery.request.received_at().into())
        };
        self.order.values().filter_map(verified).max()
    }

    pub(super) fn runs(&self, query: &RunQuery) -> Vec<Run> {
        let mut runs: Vec<_> = self.runs.values().filter(|run| run.is_wanted(query)).collect();
        runs.sort_unstable_by_key(|run| std::cmp::Reverse(run.id));
        runs.into_iter().take(query.limit).map(RunRow::shown).collect()
    }

    pub(super) fn steps(&self, run: Uuid) -> Vec<Step> {
        let steps = self.runs.get(&run).map(|run| run.steps.clone()).unwrap_or_default();
        steps.into_iter().map(Step::shown).collect()
    }

    pub(super) fn waits(&self, run: Uuid) -> Vec<Wait> {
        self.runs.get(&run).map(RunRow::shown_waits).unwrap_or_default()
    }

    pub(super) fn logs(&self, run: Uuid) -> Vec<LogLine> {
        self.runs.get(&run).map(|run| run.logs.clone()).unwrap_or_default()
    }

    pub(super) fn traces(&self, limit: usize) -> Vec<Trace> {
        self.traces.iter().rev().take(limit).cloned().collect()
    }
}
