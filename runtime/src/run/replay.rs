//! The order in which the steps of a run end: the same in every execution.
//!
//! Every step that ends gets the next place in the run's order. Its outcome is
//! released to the user's code only when all earlier places are released or
//! were given up by the user's code, so that `join!` and `select!` over steps
//! see them end in one order, live and on replay alike. A step without a
//! record starts only when all recorded outcomes are released: what started
//! after them in the first execution starts after them in all.

use super::key::ancestors;
use crate::error::{RunError, RunErrorKind};
use crate::store::{Step, StepState};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The steps of one execution.
#[derive(Debug)]
pub(crate) struct Replay {
    inner: Mutex<Inner>,
    /// Raised whenever a waiting step may find that its turn has come.
    moved: watch::Sender<u64>,
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
    /// Steps whose function is being executed.
    in_flight: HashSet<String>,
    /// Steps that wait for their turn, and how often they are there.
    waiting: HashMap<String, usize>,
    /// The recorded order cannot be followed any more.
    open: bool,
}

/// A step that was begun, until its outcome is released or its future dropped.
#[derive(Debug)]
pub(crate) struct Begun {
    replay: Arc<Replay>,
    key: String,
    seq: Option<u32>,
    /// How many failures the user's code had seen when it asked for the step.
    past_failures: u64,
    released: bool,
}

impl Replay {
    /// `steps` are the recorded ones in order; `patience` is how long the order
    /// may be stuck before it is given up.
    pub(crate) fn new(steps: Vec<Step>, patience: Duration) -> Self {
        let keys: HashSet<String> = steps.iter().map(|step| step.key.clone()).collect();
        let next_seq = steps.last().map_or(0, |last| last.seq + 1);
        // A recorded step stands for the steps inside it: they are not asked for again.
        let within = |step: &Step| ancestors(&step.key).any(|above| keys.contains(above));
        let recorded: HashMap<_, _> =
            steps.into_iter().filter(|step| !within(step)).map(|step| (step.key.clone(), step)).collect();
        let unreleased = recorded.values().map(|step| step.seq).collect();
        let failed = recorded.values().filter(|step| step.state == StepState::Failed);
        let recorded_failures = failed.map(|step| step.key.clone()).collect();
        let inner = Inner { recorded, unreleased, next_seq, recorded_failures, ..Inner::default() };
        Replay { inner: Mutex::new(inner), moved: watch::Sender::new(0), patience }
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
        Ok(Begun { replay, key, seq, past_failures, released: false })
    }

    /// All failures that the user's code has seen, for the record of a run that ends well.
    pub(crate) fn take_failures(&self) -> Vec<Step> {
        self.lock().failures.drain(..).map(|(_, step)| step).collect()
    }

    /// Whether the failure of a step is recorded.
    pub(crate) fn is_recorded_failure(&self, key: &str) -> bool {
        self.lock().recorded_failures.contains(key)
    }

    /// Waits until `ready`. Where nothing moves for a while although no step is
    /// being executed, the code no longer follows the recorded order: gives it up.
    async fn wait(&self, key: &str, ready: impl Fn(&Inner) -> bool) -> bool {
        let mut moved = self.moved.subscribe();
        let _waiting = Waiting::new(self, key);
        loop {
            let seen = *moved.borrow_and_update();
            {
                let inner = self.lock();
                if inner.open || ready(&inner) {
                    return true;
                }
            }
            if tokio::time::timeout(self.patience, moved.changed()).await.is_err() {
                let mut inner = self.lock();
                if inner.all_wait() && *self.moved.borrow() == seen && !inner.open {
                    inner.open = true;
                    drop(inner);
                    tracing::warn!(
                        step = key,
                        "the steps no longer end in the recorded order: did the job's code change?"
                    );
                    self.touch();
                    return false;
                }
            }
        }
    }

    fn touch(&self) {
        self.moved.send_modify(|count| *count += 1);
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
    /// none, and then its function may start. The flag says that the order had
    /// to be given up here.
    pub(crate) async fn recorded(&mut self) -> (Option<Step>, bool) {
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
                inner.in_flight.insert(self.key.clone());
                (None, !in_order)
            }
        }
    }

    /// Gives the step that is done its place in the order. The steps to record
    /// are those that failed before this one was asked for, which the run has
    /// gone past, and this one.
    pub(crate) fn end(&mut self, outcome: impl FnOnce(u32) -> Step) -> Vec<Step> {
        let step = outcome(self.place());
        let mut inner = self.replay.lock();
        let past = self.past_failures;
        let mut steps: Vec<_> =
            inner.failures.extract_if(.., |(number, _)| *number <= past).map(|(_, step)| step).collect();
        inner.recorded_failures.extend(steps.iter().map(|step| step.key.clone()));
        // Should the user's code drop the step now and ask again, it is done.
        inner.live.insert(self.key.clone(), step.clone());
        steps.push(step);
        steps
    }

    /// Gives the step that has failed its place in the order.
    pub(crate) fn fail(&mut self, outcome: impl FnOnce(u32) -> Step) -> Step {
        outcome(self.place())
    }

    fn place(&mut self) -> u32 {
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
        self.replay.lock().unreleased.remove(&seq);
        self.released = true;
        self.replay.touch();
    }
}

impl Inner {
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
        let mut inner = self.replay.lock();
        inner.begun.remove(&self.key);
        inner.in_flight.remove(&self.key);
        if let Some(seq) = self.seq {
            inner.unreleased.remove(&seq);
        }
        drop(inner);
        self.replay.touch();
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
