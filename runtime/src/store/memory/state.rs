//! The tables of the store in memory, and what may be done to them.

use super::due::Due;
use super::events::Events;
use super::lanes::LaneTable;
use super::rows::{DeliveryRow, KeyRow, RunRow};
use super::secrets::Secrets;
use super::sources::Sources;
use super::values::ValueRow;
use crate::store::StoreError;
use crate::store::event::{Origin, OriginId};
use crate::store::flow::{self, Departure, Placement};
use crate::store::lifecycle::{closing, crash_error, suspend};
use crate::store::listener::Woken;
use crate::store::masking::masked;
use crate::store::record::{
    Accepted, ClosedRun, DedupeKey, Delivery, End, Fence, LogLine, NewDelivery, NewRun, Progress, Run,
    RunQuery, RunState, Ticket,
};
use crate::store::schedule::ScheduleRecord;
use crate::store::slot::Slot;
use crate::store::source::SourceNote;
use crate::store::step::{Step, StepState};
use crate::store::trace::Trace;
use crate::store::wait::{TokenHash, Wait};
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
    pub(super) order: BTreeMap<u64, Uuid>,
    next_place: u64,
    pub(super) keys: HashMap<&'static str, HashMap<String, KeyRow>>,
    pub(super) events: Events,
    /// Values by scope and key.
    pub(super) values: BTreeMap<(String, String), ValueRow>,
    /// The runs that may wait for an event of a name.
    pub(super) waiting_for: HashMap<String, BTreeSet<Uuid>>,
    /// The runs that wait for the run of a call, by the event of the call.
    pub(super) called: HashMap<Uuid, BTreeSet<Uuid>>,
    /// The waits that an address ends: run and key.
    pub(super) tokens: HashMap<TokenHash, (Uuid, String)>,
    /// What was made of runs, to be told.
    pub(super) woken: Woken,
    pub(super) schedules: BTreeMap<(bool, String), ScheduleRecord>,
    pub(super) runs: HashMap<Uuid, RunRow>,
    /// Queued runs in the order in which they are claimed.
    pub(super) due: Due,
    pub(super) lanes: LaneTable,
    /// Deliveries and events without an unfinished run, the oldest first.
    pub(super) finished: VecDeque<OriginId>,
    pub(super) max_finished: usize,
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
            values: BTreeMap::new(),
            waiting_for: HashMap::new(),
            called: HashMap::new(),
            tokens: HashMap::new(),
            woken: Woken::default(),
            schedules: BTreeMap::new(),
            runs: HashMap::new(),
            due: Due::default(),
            lanes: LaneTable::default(),
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
        if let Some(note) = &new.note
            && self.sources.get(&note.address).is_none_or(|source| source.revision != note.seen)
        {
            return Err(StoreError::Stale);
        }
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
            note,
            verdicts,
            answer,
            replay_of,
        } = new;
        self.refuse_taken_ids(id, &runs)?;
        if let Some(SourceNote { address, metadata, .. }) = note
            && let Some(source) = self.sources.get_mut(&address)
        {
            source.metadata = Some(metadata);
            source.revision += 1;
        }
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
        for NewRun { id, job, version, limit, slot, flow, hooks } in runs {
            let slot = slot.filter(|_| flow.as_ref().is_none_or(|flow| flow.lanes.is_empty()));
            let begun = u32::from(slot.is_some());
            let placement = match &flow {
                Some(flow) => flow::enter(self, id, flow, now).unwrap_or_else(|never| match never {}),
                None => Placement::Queued(now),
            };
            let (state, due_at, leader) = match placement {
                _ if slot.is_some() => (RunState::Running, now, None),
                Placement::Queued(at) => (RunState::Queued, at, None),
                Placement::Blocked(at) => (RunState::Blocked, at, None),
                Placement::Joined(leader) => (RunState::Batched, now, Some(leader)),
            };
            if let Some(leader) = leader.and_then(|leader| self.runs.get_mut(&leader)) {
                leader.members.push(id);
            }
            let row = RunRow {
                id,
                job: job.into(),
                version,
                origin: of,
                limit,
                state,
                attempt: begun,
                token: begun.into(),
                failures: 0,
                crashes: 0,
                due_at,
                priority: flow.as_ref().map_or(0, |flow| flow.priority),
                flow: flow.filter(|flow| !flow.lanes.is_empty()),
                hooks,
                parent: None,
                members: Vec::new(),
                error: None,
                output: None,
                created_at: now,
                finished_at: None,
                steps: Vec::new(),
                waits: Vec::new(),
                tokens: Vec::new(),
                after_event: self.events.last_sent(),
                logs: Vec::new(),
            };
            if let Some(slot) = slot {
                started.push((slot, row.ticket(origin.clone(), Vec::new())));
            }
            self.runs.insert(id, row);
            self.queue(id);
        }
    }

    /// Lists a queued run as one that can be claimed.
    pub(super) fn queue(&mut self, run: Uuid) {
        let can_be_claimed = |row: &&RunRow| matches!(row.state, RunState::Queued | RunState::Waiting);
        if let Some(row) = self.runs.get(&run).filter(can_be_claimed) {
            self.due.insert(row.priority, row.due_at, run);
        }
    }

    /// Takes a run from those that can be claimed.
    pub(super) fn unqueue(&mut self, run: Uuid) {
        if let Some(row) = self.runs.get(&run) {
            self.due.remove(row.priority, row.due_at, run);
        }
    }

    pub(super) fn origin(&self, id: OriginId) -> Option<Origin> {
        match id {
            OriginId::Delivery(id) => self.deliveries.get(&id).map(|row| row.origin(id)),
            OriginId::Event(id) => self.events.get(id).map(Origin::Event),
        }
    }

    pub(super) fn runs_of(&mut self, id: OriginId) -> Option<&mut Vec<Uuid>> {
        match id {
            OriginId::Delivery(id) => self.deliveries.get_mut(&id).map(|row| &mut row.runs),
            OriginId::Event(id) => self.events.rows.get_mut(&id).map(|row| &mut row.runs),
        }
    }

    pub(super) fn claim(&mut self, limit: usize, now: Timestamp) -> Vec<Ticket> {
        let Ok(()) = flow::open_due(self, now);
        let mut tickets = Vec::new();
        while tickets.len() < limit
            && let Some(id) = self.due.first(now)
        {
            let Ok(true) = flow::admit(self, id, now) else { continue };
            self.unqueue(id);
            let batch = self.batch_of(id);
            let origin = self.runs.get(&id).and_then(|run| self.origin(run.origin));
            let (Some(origin), Some(run)) = (origin, self.runs.get_mut(&id)) else { continue };
            run.state = RunState::Running;
            run.attempt = run.attempt.saturating_add(1);
            run.token += 1;
            run.settle_waits(now);
            tickets.push(run.ticket(origin, batch));
        }
        tickets
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.due.next().into_iter().chain(self.lanes.next_opening()).min()
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
        if let End::Unreadable { runs } = end {
            return Ok(self.refuse(fence, runs, now));
        }
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
        run.output = end.output().map(str::to_owned);
        run.finished_at = closing.run.state.is_final().then_some(now);
        if closing.run.state.is_final() {
            run.waits.clear();
        }
        if let Some(at) = closing.due_at {
            run.due_at = at;
            self.queue(fence.run);
        }
        let how = match (end, closing.run.state) {
            (_, state) if state.is_final() => Departure::Ended,
            (End::Retry { .. }, _) => Departure::Retried,
            _ => Departure::Paused,
        };
        self.departed(fence.run, how, closing.run.state, closing.error, now);
        self.send(events, now, started);
        Ok(closing.run)
    }

    pub(super) fn release(&mut self, fences: &[Fence], now: Timestamp) {
        for fence in fences {
            if let Ok(run) = self.held(*fence) {
                run.state = RunState::Queued;
                run.due_at = now;
                self.queue(fence.run);
                let Ok(()) = flow::depart(self, fence.run, Departure::Paused, now);
            }
        }
    }

    /// What its process leaves when it dies.
    pub(super) fn reopen(&mut self, now: Timestamp) {
        self.closed = false;
        let held = |run: &&mut RunRow| matches!(run.state, RunState::Running | RunState::Parked);
        let held: Vec<_> = self.runs.values_mut().filter(held).map(|run| run.id).collect();
        for id in held {
            let Some(run) = self.runs.get_mut(&id) else { continue };
            let died = run.state == RunState::Running;
            run.crashes += u32::from(died);
            if died && run.crashes >= run.limit {
                let error = crash_error(run.crashes);
                run.state = RunState::Crashed;
                run.finished_at = Some(now);
                run.error = Some(error.clone());
                run.waits.clear();
                self.departed(id, Departure::Ended, RunState::Crashed, Some(&error), now);
            } else {
                run.state = RunState::Queued;
                run.due_at = now;
                self.queue(id);
                self.departed(id, Departure::Paused, RunState::Queued, None, now);
            }
        }
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

    pub(super) fn output(&self, run: Uuid) -> Option<String> {
        self.runs.get(&run)?.output.clone()
    }

    pub(super) fn logs(&self, run: Uuid) -> Vec<LogLine> {
        self.runs.get(&run).map(|run| run.logs.clone()).unwrap_or_default()
    }

    pub(super) fn traces(&self, limit: usize) -> Vec<Trace> {
        self.traces.iter().rev().take(limit).cloned().collect()
    }
}
