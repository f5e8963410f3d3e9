//! The order in which the steps and waits of a run end: the same in every execution.
//!
//! Every step or wait that ends gets the next place in the run's order. Its outcome is
//! released to the user's code only when all earlier places are released or
//! were given up by the user's code, so that `join!` and `select!` over steps
//! see them end in one order, live and on replay alike. A step or wait without
//! a record starts only when all recorded outcomes are released: what started
//! after them in the first execution starts after them in all.
//!
//! It also knows when a run can do nothing but wait: then its future may be dropped.

use super::key::ancestors;
use crate::error::{RunError, RunErrorKind};
use crate::job::RetryPolicy;
use crate::store::{Step, StepState, Wait};
use crate::time::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The steps of one execution.
#[derive(Debug)]
pub(crate) struct Replay {
    inner: Mutex<Inner>,
    /// Told whenever a waiting step may find that its turn has come.
    moved: Notify,
    /// Told when nothing is under way but waits.
    resting: Notify,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Inner {
    /// Outcomes that earlier executions recorded and this one has not taken yet, by key.
    recorded: HashMap<String, Step>,
    /// Outputs of this execution that the user's code has not taken yet, by key.
    live: HashMap<String, Step>,
    /// Places that are taken and not yet released, recorded or live.
    unreleased: BTreeSet<u32>,
    next_seq: u32,
    /// Keys in use in this execution, and where.
    begun: HashMap<String, &'static Location<'static>>,
    /// Failures that were released to the user's code and are not recorded,
    /// each with its number.
    failures: Vec<(u64, Step)>,
    failures_released: u64,
    /// Keys of failures that are recorded.
    recorded_failures: HashSet<String>,
    /// How often steps failed that ended earlier executions.
    failed_before: HashMap<String, u32>,
    /// Policies of steps that have one of their own.
    policies: HashMap<String, RetryPolicy>,
    /// Steps whose function is being executed.
    in_flight: HashSet<String>,
    /// Steps that wait for their turn, and how often they are there.
    waiting: HashMap<String, usize>,
    /// Steps and waits that were begun and polled, without the waits that are open.
    under_way: usize,
    /// Waits that an earlier execution opened and this one has not reached yet.
    left_open: HashMap<String, Wait>,
    /// Waits that are open now, and when each ends by itself.
    open: HashMap<String, Timestamp>,
    /// Raised by everything that ends the state of doing nothing but wait.
    stirred: u64,
    /// The recorded order cannot be followed any more.
    given_up: bool,
    /// Raised with `moved`.
    moves: u64,
}

/// What is known of a step whose failure ends an execution.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// The failures of it and of the steps around it, as they are kept.
    pub(crate) failing: Vec<Step>,
    /// The policy that it, or the nearest step around it, has of its own, and
    /// how often that one has failed.
    pub(crate) policy: Option<(RetryPolicy, u32)>,
    /// The outermost of these steps whose failure is recorded.
    pub(crate) recorded: Option<String>,
}

/// A step or wait that was begun, until its outcome is released or its future dropped.
#[derive(Debug)]
pub(crate) struct Begun {
    replay: Arc<Replay>,
    key: String,
    seq: Option<u32>,
    /// How many failures the user's code had seen when it asked for the step.
    past_failures: u64,
    under_way: bool,
    released: bool,
}

impl Replay {
    /// `steps` are the recorded ones in order, `waits` the open ones; `patience`
    /// is how long the order may be stuck before it is given up.
    pub(crate) fn new(steps: Vec<Step>, waits: Vec<Wait>, patience: Duration) -> Self {
        let (steps, failing): (Vec<_>, Vec<_>) = steps.into_iter().partition(|step| step.state.is_recorded());
        let failed_before = failing.into_iter().map(|step| (step.key, step.failures)).collect();
        let keys: HashSet<String> = steps.iter().map(|step| step.key.clone()).collect();
        let next_seq = steps.last().map_or(0, |last| last.seq + 1);
        // A recorded step stands for the steps inside it: they are not asked for again.
        let within = |step: &Step| ancestors(&step.key).any(|above| keys.contains(above));
        let recorded: HashMap<_, _> =
            steps.into_iter().filter(|step| !within(step)).map(|step| (step.key.clone(), step)).collect();
        let unreleased = recorded.values().map(|step| step.seq).collect();
        let failed = recorded.values().filter(|step| step.state == StepState::Failed);
        let recorded_failures = failed.map(|step| step.key.clone()).collect();
        let left_open = waits.into_iter().map(|wait| (wait.key.clone(), wait)).collect();
        let inner = Inner {
            recorded,
            unreleased,
            next_seq,
            recorded_failures,
            failed_before,
            left_open,
            ..Inner::default()
        };
        Replay { inner: Mutex::new(inner), moved: Notify::new(), resting: Notify::new(), patience }
    }

    /// Notes that a step begins. The same key twice is an error, also when the
    /// first one is done.
    pub(crate) fn begin(
        self: &Arc<Self>,
        key: String,
        at: &'static Location<'static>,
    ) -> Result<Begun, RunError> {
        let mut inner = self.lock();
        if let Some(first) = inner.begun.get(&key) {
            let message = format!(
                "two steps of the run have the key `{key}`: at {first} and at {at}; \
                 a step is found by its key, so give each its own, in a loop for example (\"{key}\", i)"
            );
            return Err(RunError::new(RunErrorKind::DuplicateKey, message));
        }
        inner.begun.insert(key.clone(), at);
        let seq = inner.recorded.get(&key).or_else(|| inner.live.get(&key)).map(|step| step.seq);
        let (replay, past_failures) = (Arc::clone(self), inner.failures_released);
        Ok(Begun { replay, key, seq, past_failures, under_way: false, released: false })
    }

    /// All failures that the user's code has seen, for the record of a run that ends well.
    pub(crate) fn take_failures(&self) -> Vec<Step> {
        self.lock().failures.drain(..).map(|(_, step)| step).collect()
    }

    /// What is known of the step whose failure ends the execution.
    pub(crate) fn ending(&self, key: &str) -> Ending {
        let inner = self.lock();
        let mut ending = Ending::default();
        for key in std::iter::once(key).chain(ancestors(key)) {
            let failed = inner.failures.iter().rev().find(|(_, step)| step.key == key);
            if let Some((_, step)) = failed {
                ending.failing.push(Step { state: StepState::Failing, ..step.clone() });
                let policy = inner.policies.get(key).map(|policy| (*policy, step.failures));
                ending.policy = ending.policy.or(policy);
            }
            if inner.recorded_failures.contains(key) {
                ending.recorded = Some(key.to_owned());
            }
        }
        ending
    }

    /// Resolves when the run can only wait: no step is under way, and `is_far`
    /// says that none of its open waits ends soon. Returns these.
    pub(crate) async fn rest(&self, is_far: impl Fn(Timestamp) -> bool) -> HashMap<String, Timestamp> {
        loop {
            let told = self.resting.notified();
            let stirred = {
                let inner = self.lock();
                (inner.rests() && inner.open.values().all(|due| is_far(*due))).then_some(inner.stirred)
            };
            let Some(before) = stirred else {
                told.await;
                continue;
            };
            // The user's code may have given way and be about to go on.
            tokio::task::yield_now().await;
            let inner = self.lock();
            if inner.stirred == before {
                return inner.open.clone();
            }
        }
    }

    /// Waits until `ready`. Where nothing moves for a while although no step is
    /// being executed, the code no longer follows the recorded order: gives it up.
    async fn wait(&self, key: &str, ready: impl Fn(&Inner) -> bool) -> bool {
        {
            // Most need not wait.
            let inner = self.lock();
            if inner.given_up || ready(&inner) {
                return true;
            }
        }
        let _waiting = Waiting::new(self, key);
        loop {
            // Told from here on, it wakes.
            let moved = self.moved.notified();
            let seen = {
                let inner = self.lock();
                if inner.given_up || ready(&inner) {
                    return true;
                }
                inner.moves
            };
            if tokio::time::timeout(self.patience, moved).await.is_err() {
                let mut inner = self.lock();
                if inner.all_wait() && inner.moves == seen && !inner.given_up {
                    inner.given_up = true;
                    self.touch(inner);
                    tracing::warn!(
                        step = key,
                        "the steps no longer end in the recorded order: did the job's code change?"
                    );
                    return false;
                }
            }
        }
    }

    /// Lets those who wait look again. Whoever begins to wait looks by itself first.
    fn touch(&self, mut inner: MutexGuard<'_, Inner>) {
        inner.moves += 1;
        drop(inner);
        self.moved.notify_waiters();
    }

    /// Says that the run may rest now, where it may.
    fn settle(&self, inner: &Inner) {
        if inner.rests() {
            self.resting.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing below panics while it holds the lock, and a poisoned order
        // would still be whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Begun {
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// The recorded outcome, released in its turn; `None` where the step has
    /// none, and then its function starts. The flag says that the order had to
    /// be given up here.
    pub(crate) async fn recorded(&mut self) -> (Option<Step>, bool) {
        self.take(true).await
    }

    /// As [`Begun::recorded`], for what has no function that runs.
    pub(crate) async fn reached(&mut self) -> (Option<Step>, bool) {
        self.take(false).await
    }

    async fn take(&mut self, starts: bool) -> (Option<Step>, bool) {
        self.stir();
        let in_order = match self.seq {
            Some(seq) => self.turn(seq).await,
            None => self.replay.wait(&self.key, |inner| inner.may_start(&self.key)).await,
        };
        let mut inner = self.replay.lock();
        let step = inner.recorded.remove(&self.key).or_else(|| inner.live.remove(&self.key));
        match step {
            Some(step) => {
                drop(inner);
                self.release(step.seq);
                (Some(step), !in_order)
            }
            None => {
                if starts {
                    inner.in_flight.insert(self.key.clone());
                }
                (None, !in_order)
            }
        }
    }

    /// What an earlier execution stored of this wait, if it is the first time here.
    pub(crate) fn left_open(&self) -> Option<Wait> {
        self.replay.lock().left_open.remove(&self.key)
    }

    /// The wait is open: nothing is to be done for it until it ends.
    pub(crate) fn rest(&mut self, due: Timestamp) {
        let replay = Arc::clone(&self.replay);
        let mut inner = replay.lock();
        inner.open.insert(self.key.clone(), due);
        self.calm(&mut inner);
    }

    /// The step or wait is under way.
    pub(crate) fn stir(&mut self) {
        let mut inner = self.replay.lock();
        inner.stirred += 1;
        inner.open.remove(&self.key);
        inner.under_way += usize::from(!self.under_way);
        self.under_way = true;
    }

    fn calm(&mut self, inner: &mut Inner) {
        inner.stirred += 1;
        inner.under_way -= usize::from(self.under_way);
        self.under_way = false;
        self.replay.settle(inner);
    }

    /// The step has a policy of its own.
    pub(crate) fn retries_by(&self, policy: RetryPolicy) {
        self.replay.lock().policies.insert(self.key.clone(), policy);
    }

    /// How often the step has failed in earlier executions.
    pub(crate) fn failed_before(&self) -> u32 {
        self.replay.lock().failed_before.get(&self.key).copied().unwrap_or(0)
    }

    /// The failures that the run has gone past when it asked for this, to be recorded.
    pub(crate) fn past(&self) -> Vec<Step> {
        self.replay.lock().past(self.past_failures)
    }

    /// Gives the step that is done its place in the order. The steps to record
    /// are those that failed before this one was asked for, which the run has
    /// gone past, and this one.
    pub(crate) fn end(&mut self, outcome: impl FnOnce(u32) -> Step) -> Vec<Step> {
        let step = outcome(self.place());
        let mut inner = self.replay.lock();
        let mut steps = inner.past(self.past_failures);
        // Should the user's code drop the step now and ask again, it is done.
        inner.live.insert(self.key.clone(), step.clone());
        steps.push(step);
        steps
    }

    /// Notes how a wait ended, once the store says so.
    pub(crate) fn ended(&self, step: Step) {
        self.replay.lock().live.insert(self.key.clone(), step);
    }

    /// Gives the step that has failed its place in the order.
    pub(crate) fn fail(&mut self, outcome: impl FnOnce(u32) -> Step) -> Step {
        outcome(self.place())
    }

    /// Takes the next place in the order.
    pub(crate) fn place(&mut self) -> u32 {
        let mut inner = self.replay.lock();
        let seq = inner.next_seq;
        inner.next_seq += 1;
        inner.unreleased.insert(seq);
        inner.in_flight.remove(&self.key);
        self.seq = Some(seq);
        seq
    }

    /// Waits for the turn of a step that has ended, and releases it. A failure
    /// is kept until the run goes past it.
    pub(crate) async fn released(mut self, failure: Option<Step>) {
        let Some(seq) = self.seq else { return };
        self.turn(seq).await;
        let mut inner = self.replay.lock();
        inner.live.remove(&self.key);
        if let Some(failure) = failure {
            inner.failures_released += 1;
            let number = inner.failures_released;
            inner.failures.push((number, failure));
        }
        drop(inner);
        self.release(seq);
    }

    async fn turn(&self, seq: u32) -> bool {
        self.replay.wait(&self.key, |inner| inner.unreleased.first().is_none_or(|first| *first >= seq)).await
    }

    fn release(&mut self, seq: u32) {
        let replay = Arc::clone(&self.replay);
        let mut inner = replay.lock();
        inner.unreleased.remove(&seq);
        self.released = true;
        self.calm(&mut inner);
        replay.touch(inner);
    }
}

impl Inner {
    /// Whether nothing is under way but waits.
    fn rests(&self) -> bool {
        self.under_way == 0 && !self.open.is_empty()
    }

    /// Takes the failures up to a number, which are recorded from now on.
    fn past(&mut self, number: u64) -> Vec<Step> {
        let past: Vec<_> =
            self.failures.extract_if(.., |(n, _)| *n <= number).map(|(_, step)| step).collect();
        self.recorded_failures.extend(past.iter().map(|step| step.key.clone()));
        past
    }

    /// Whether a step without a record may start: when all that is recorded is
    /// released, but for what is inside of it, if an earlier execution began it.
    fn may_start(&self, key: &str) -> bool {
        let inside = |step: &&Step| step.key.strip_prefix(key).is_some_and(|rest| rest.starts_with('/'));
        let first_inside = self.recorded.values().filter(inside).map(|step| step.seq).min();
        let first_recorded =
            self.recorded.values().map(|step| step.seq).filter(|seq| self.unreleased.contains(seq)).min();
        match (first_recorded, first_inside) {
            (None, _) => true,
            (Some(next), Some(inside)) => next >= inside,
            (Some(_), None) => false,
        }
    }

    /// Whether nothing can move any more: every step that is being executed
    /// waits for one inside of it.
    fn all_wait(&self) -> bool {
        let waits = |key: &String| {
            self.waiting
                .keys()
                .any(|other| other.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        self.in_flight.iter().all(waits)
    }
}

/// Counts a step among those that wait, until it is dropped.
struct Waiting<'r> {
    replay: &'r Replay,
    key: &'r str,
}

impl<'r> Waiting<'r> {
    fn new(replay: &'r Replay, key: &'r str) -> Self {
        *replay.lock().waiting.entry(key.to_owned()).or_default() += 1;
        Waiting { replay, key }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut inner = self.replay.lock();
        if let Some(count) = inner.waiting.get_mut(self.key) {
            *count -= 1;
            if *count == 0 {
                inner.waiting.remove(self.key);
            }
        }
    }
}

/// The user's code dropped the step, as `select!` does: nobody waits for its
/// outcome, so it must not hold up the others.
impl Drop for Begun {
    fn drop(&mut self) {
        if self.released {
            return;
        }
        let replay = Arc::clone(&self.replay);
        let mut inner = replay.lock();
        inner.begun.remove(&self.key);
        inner.in_flight.remove(&self.key);
        inner.open.remove(&self.key);
        if let Some(seq) = self.seq {
            inner.unreleased.remove(&seq);
        }
        self.calm(&mut inner);
        replay.touch(inner);
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
