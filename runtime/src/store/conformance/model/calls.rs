//! Calls of jobs by runs in the model, and what their callers are told.

use super::Model;
use super::ops::{Call, Lanes, Waits};
use crate::store::conformance::bed::{Engine, Outcome};
use crate::store::conformance::fixture;
use crate::store::event::{DueEvent, NewEvent};
use crate::store::listener::Listener;
use crate::store::record::{Fence, NewRun, Progress, RunState, Ticket};
use crate::store::slot::{Slot, Slots};
use crate::store::step::{Step, StepKind, StepState};
use crate::store::{NewCall, Store, Unsuccessful, WaitStore};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Until when who does not wait forever does.
const SOON: Duration = Duration::from_secs(45);
/// When a call for later is sent.
const LATER: Duration = Duration::from_secs(30);

/// A call that was made.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) id: Uuid,
    sender: Uuid,
    call: Call,
    /// When it is sent.
    due_at: Timestamp,
    /// Its run, once it is sent.
    run: Option<Uuid>,
    cancelled: bool,
}

/// How a step or a call is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) state: StepState,
    /// What it returned, or how it ended otherwise.
    pub(super) text: String,
}

/// A wait for the end of a called run.
#[derive(Debug)]
pub(super) struct Open {
    call: Uuid,
    due_at: Timestamp,
    /// When the called run ended, and how.
    told: Option<(Timestamp, Recorded)>,
}

/// What the store told of runs that execute.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<Woken>);

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Woken {
    ended: BTreeSet<Uuid>,
    cancelled: BTreeSet<Uuid>,
}

impl Listener for Heard {
    fn due(&self) {}

    fn ended(&self, runs: &[Uuid]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ended.extend(runs);
    }

    fn cancelled(&self, runs: &[(Uuid, u64)]) {
        let runs = runs.iter().map(|(run, _)| *run);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cancelled.extend(runs);
    }
}

impl Recorded {
    pub(super) fn done(text: String) -> Self {
        Recorded { state: StepState::Done, text }
    }

    /// What is told of a run that did not end well.
    pub(super) fn not_well(run: Uuid, state: RunState, error: &str) -> Self {
        let how = match state {
            RunState::Cancelled => "was cancelled".to_owned(),
            RunState::Crashed => format!("crashed: {error}"),
            _ => format!("failed: {error}"),
        };
        Recorded { state: StepState::Failed, text: format!("run {run} of job `job` {how}") }
    }

    fn never_sent() -> Self {
        let text = "the call of job `job` was cancelled before its run began".to_owned();
        Recorded { state: StepState::Failed, text }
    }

    pub(super) fn of(step: &Step) -> Self {
        let text = Unsuccessful::read(step).map_or_else(|| step.output.clone(), |how| how.to_string());
        Recorded { state: step.state, text }
    }

    /// Whether it stays when the run is tried again.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.state, StepState::Done | StepState::TimedOut)
    }
}

impl Open {
    fn ends_at(&self) -> Timestamp {
        self.told.as_ref().map_or(self.due_at, |(at, _)| *at)
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.told.is_some() || self.due_at <= now
    }

    /// Whether this is what the step of the wait says.
    fn check(&self, step: &Step) {
        assert_eq!((step.kind, step.event), (StepKind::Call, Some(self.call)));
        match &self.told {
            Some((at, told)) => {
                assert_eq!(&Recorded::of(step), told, "a caller is told how the run ended that it called");
                assert_eq!(step.finished_at, *at, "and when");
            }
            None => assert_eq!(step.state, StepState::TimedOut, "the called run has not ended"),
        }
    }
}

impl<E: Engine> Model<E> {
    /// A run that a worker has calls a job.
    pub(super) async fn call(&mut self, worker: usize, which: usize, key: u8, call: Call) -> Outcome {
        let Some(fence) = self.fence(worker, which) else { return Ok(()) };
        let key = format!("call {key}");
        match call.waits {
            Waits::Not => self.invoke(fence, key, call).await,
            Waits::Soon => {
                let due_at = self.bed.clock.now().plus(SOON);
                self.open_call(fence, key, call, due_at).await
            }
            Waits::Forever => self.open_call(fence, key, call, Timestamp::NEVER).await,
        }
    }

    /// Calls a job in a step, and goes on.
    async fn invoke(&mut self, fence: Fence, key: String, call: Call) -> Outcome {
        let caller = fence.run;
        let known = self.runs.get_mut(&caller).ok_or("an unknown run")?;
        // What is recorded does not run again, and who waits does not begin anew.
        if known.steps.contains_key(&key) || known.waits.contains_key(&key) {
            return Ok(());
        }
        let step = fixture::step(&key, known.next_seq());
        known.steps.insert(key, Recorded::of(&step));
        let (new, handed) = self.new_call(caller, call);
        let record = Arc::clone(&new.event);
        let called = self.called(caller, &new, call);
        let progress = Progress { steps: vec![step], events: vec![new] };
        self.bed.store.record(fence, progress).await?;
        let is_stored = self.bed.store.event(record.id).await?.is_some();
        assert_eq!(is_stored, called.is_some(), "a call is stored, and a repeat is not");
        self.sent(called, handed).await
    }

    /// Calls a job, and waits for the end of its run.
    async fn open_call(&mut self, fence: Fence, key: String, call: Call, due_at: Timestamp) -> Outcome {
        let (caller, now) = (fence.run, self.bed.clock.now());
        let (new, handed) = self.new_call(caller, call);
        let known = &self.runs[&caller];
        let made_before =
            known.waits.get(&key).map(|wait| wait.is_over(now)).or(known.steps.get(&key).map(|_| true));
        let id = new.event.id;
        let first = self.first_of(caller, call);
        let called = if made_before.is_none() { self.called(caller, &new, call) } else { None };
        let new = NewCall { key: key.clone(), due_at, call: new };
        let is_over = self.bed.store.open_call(fence, new, Vec::new()).await?;
        let is_stored = self.bed.store.event(id).await?.is_some();
        assert_eq!(is_stored, called.is_some(), "a call is made once");
        if let Some(was_over) = made_before {
            assert_eq!(is_over, was_over, "a call that was made before is as it was");
            return Ok(());
        }
        let call = first.unwrap_or(id);
        self.sent(called, handed).await?;
        let wait = Open { call, due_at, told: None };
        self.runs.get_mut(&caller).ok_or("an unknown run")?.waits.insert(key.clone(), wait);
        // Of a call with a key, the run may have ended before.
        if let Some(told) = self.outcome(call) {
            self.tell(call, &told);
        }
        assert_eq!(is_over, self.runs[&caller].waits[&key].is_over(now));
        Ok(())
    }

    /// The call that holds the key of a new one.
    fn first_of(&self, caller: Uuid, call: Call) -> Option<Uuid> {
        self.has_key(caller, call).then_some(self.keyed).flatten()
    }

    /// Runs that were called call without a key, so that none waits for itself.
    fn has_key(&self, caller: Uuid, call: Call) -> bool {
        call.keyed && self.runs[&caller].call.is_none()
    }

    /// A call as a run makes it, and what would be handed over of it.
    fn new_call(
        &self,
        caller: Uuid,
        call: Call,
    ) -> (NewEvent, impl Future<Output = Option<Ticket>> + use<E>) {
        let (slots, mut handed) = Slots::new(1);
        let mut event = fixture::event("call");
        event = event.set(|event| (event.job, event.sender) = (Some("job".into()), Some(caller)));
        if self.has_key(caller, call) {
            event = event.key("once");
        }
        if call.later {
            event = event.due(self.bed.clock.now().plus(LATER));
        }
        let mut new = event.build();
        if !call.later {
            let slot = if call.starts && call.lane.is_none() { slots.reserve() } else { None };
            let mut run = call.run(slot);
            if new.event.key.is_none() {
                // As calls are made: the run has the id of the call.
                run.id = new.event.id;
            }
            new.runs.push(run);
        }
        (new, async move { handed.recv().await.map(|(ticket, _)| ticket) })
    }

    /// What is known of a call that is made now; `None` for a repeat.
    fn called(&self, caller: Uuid, new: &NewEvent, call: Call) -> Option<(Called, bool)> {
        if self.first_of(caller, call).is_some() {
            return None;
        }
        let run = new.runs.first();
        let starts = run.is_some_and(|run| run.slot.is_some());
        let due_at = new.event.due_at.unwrap_or(self.bed.clock.now());
        let (id, run) = (new.event.id, run.map(|run| run.id));
        Some((Called { id, sender: caller, call, due_at, run, cancelled: false }, starts))
    }

    /// Notes a call that was stored; its run may start at once.
    async fn sent(
        &mut self,
        called: Option<(Called, bool)>,
        handed: impl Future<Output = Option<Ticket>>,
    ) -> Outcome {
        let Some((called, starts)) = called else { return Ok(()) };
        if self.bed.store.event(called.id).await?.is_some_and(|event| event.key.is_some()) {
            self.keyed = Some(called.id);
        }
        if let Some(run) = called.run {
            self.add(run, called.call.lanes(), Some(called.id));
        }
        self.calls.push(called);
        if starts {
            self.taken(0, handed.await.ok_or("it was not handed over")?);
        }
        Ok(())
    }

    /// Takes the outcome of a wait that is over, without being put away.
    pub(super) async fn take(&mut self, worker: usize, which: usize) -> Outcome {
        let Some(fence) = self.fence(worker, which) else { return Ok(()) };
        let now = self.bed.clock.now();
        let known = self.runs.get_mut(&fence.run).ok_or("an unknown run")?;
        if let Some((key, wait)) = known.waits.extract_if(.., |_, wait| wait.is_over(now)).next() {
            let step = self.bed.store.end_wait(fence, key.clone(), known.next_seq()).await?;
            wait.check(&step);
            known.steps.insert(key, Recorded::of(&step));
            self.totals.told += 1;
        }
        Ok(())
    }

    /// A claim makes steps of the waits that are over, in the order in which they ended.
    pub(super) fn settle(&mut self, ticket: &Ticket) {
        let now = self.bed.clock.now();
        let Some(known) = self.runs.get_mut(&ticket.fence.run) else { return };
        let mut over: Vec<_> = known.waits.extract_if(.., |_, wait| wait.is_over(now)).collect();
        over.sort_by_key(|(_, wait)| wait.ends_at());
        let places: Vec<_> = over
            .iter()
            .map(|(key, wait)| {
                let step = ticket.steps.iter().find(|step| step.key == *key);
                let step = step.unwrap_or_else(|| panic!("the wait `{key}` is over, and has no step"));
                wait.check(step);
                known.steps.insert(key.clone(), Recorded::of(step));
                (wait.ends_at(), step.seq)
            })
            .collect();
        assert!(places.is_sorted_by_key(|(at, _)| at) && in_order(&places), "in the order of their ends");
        self.totals.told += over.len();
        let open: BTreeSet<_> = ticket.waits.iter().map(|wait| &wait.key).collect();
        assert_eq!(open, known.waits.keys().collect(), "the waits that are open");
    }

    /// How the run of a call ended, where it has, or will have none.
    fn outcome(&self, call: Uuid) -> Option<Recorded> {
        let called = self.calls.iter().find(|called| called.id == call)?;
        match called.run {
            Some(run) => self.runs[&run].end.clone(),
            None => called.cancelled.then(Recorded::never_sent),
        }
    }

    /// Those who wait for the run of a call are told once, and those who execute hear of it.
    fn tell(&mut self, call: Uuid, told: &Recorded) {
        let now = self.bed.clock.now();
        for (run, known) in &mut self.runs {
            for wait in known.waits.values_mut().filter(|wait| wait.call == call && !wait.is_over(now)) {
                wait.told = Some((now, told.clone()));
                if self.held.iter().flatten().any(|ticket| ticket.fence.run == *run) {
                    self.woken.ended.insert(*run);
                }
            }
        }
    }

    /// A run has ended for good: its waits are gone, and those who wait for it are told.
    pub(super) fn ended(&mut self, run: Uuid, how: &Recorded) {
        let Some(known) = self.runs.get_mut(&run) else { return };
        known.waits.clear();
        known.end = Some(how.clone());
        if let Some(call) = known.call {
            self.tell(call, how);
        }
    }

    /// A run was cancelled, and with it the runs that it called itself and waits for.
    pub(super) fn cancelled(&mut self, run: Uuid) {
        let waits = self.runs[&run].waits.values().filter(|wait| wait.told.is_none());
        let calls: Vec<_> = waits.map(|wait| wait.call).collect();
        if self.lose(|ticket| ticket.fence.run == run) {
            self.woken.cancelled.insert(run);
        }
        self.ended(run, &Recorded::not_well(run, RunState::Cancelled, ""));
        for id in calls {
            let called = self.calls.iter_mut().find(|called| called.id == id && called.sender == run);
            match called {
                Some(Called { run: Some(child), .. }) => {
                    let child = *child;
                    if self.runs[&child].end.is_none() {
                        self.cancelled(child);
                    }
                }
                Some(called) => {
                    called.cancelled = true;
                    self.tell(id, &Recorded::never_sent());
                }
                None => {}
            }
        }
    }

    pub(super) async fn send_due(&mut self, twice: bool) -> Outcome {
        let now = self.bed.clock.now();
        let due: BTreeSet<_> =
            self.bed.store.due_events(usize::MAX >> 1, now).await?.iter().map(|event| event.id).collect();
        let is_due = |called: &&mut Called| called.run.is_none() && !called.cancelled && called.due_at <= now;
        let called: Vec<_> = self.calls.iter_mut().filter(is_due).collect();
        assert_eq!(due, called.iter().map(|called| called.id).collect(), "the calls that are due");
        let mut first = Vec::new();
        let mut again = Vec::new();
        let mut sent = Vec::new();
        for called in called {
            let due = |run| DueEvent { id: called.id, runs: vec![run], cancels: Vec::new() };
            let one = called.call.run(None);
            sent.push((one.id, called.call.lanes(), called.id));
            called.run = Some(one.id);
            again.push(due(called.call.run(None)));
            first.push(due(one));
        }
        self.bed.store.release_events(first).await?;
        if twice {
            self.bed.store.release_events(again).await?;
        }
        for (run, lanes, call) in sent {
            self.add(run, lanes, Some(call));
        }
        Ok(())
    }

    pub(super) async fn cancel_call(&mut self, which: usize) -> Outcome {
        let Some(at) = which.checked_rem(self.calls.len()) else { return Ok(()) };
        let called = &mut self.calls[at];
        let id = called.id;
        let can_be = called.run.is_none() && !called.cancelled;
        assert_eq!(
            self.bed.store.cancel_event(id).await?,
            can_be,
            "a call can be cancelled until it is sent"
        );
        if can_be {
            called.cancelled = true;
            self.tell(id, &Recorded::never_sent());
        }
        Ok(())
    }

    /// Those who execute are told of what they cannot know, and of nothing else.
    pub(super) fn check_heard(&mut self) {
        let heard = std::mem::take(&mut *self.heard.0.lock().unwrap_or_else(PoisonError::into_inner));
        assert_eq!(heard, std::mem::take(&mut self.woken), "what those who execute are told");
    }
}

impl Call {
    fn lanes(self) -> (Lanes, u8) {
        self.lane.map_or((Lanes::None, 0), |key| (Lanes::Concurrency, key))
    }

    /// The run that it starts.
    fn run(self, slot: Option<Slot>) -> NewRun {
        let (lanes, key) = self.lanes();
        NewRun { flow: Some(lanes.flow(key)), ..fixture::run(self.tries, slot) }
    }
}

/// Whether what ended later has a later place; what ended together has any.
fn in_order(places: &[(Timestamp, u32)]) -> bool {
    places.is_sorted_by(|(at, place), (next_at, next)| at == next_at || place < next)
}
