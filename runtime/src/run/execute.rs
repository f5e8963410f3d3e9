//! One execution of a run: from a ticket to how it ended.

use super::ended::Ended;
use super::replay::{Begun, Replay};
use super::send::Outbox;
use super::task::Options;
use super::{Context, CrashPoint, EndedRun, Invocation, Io, Level, Logger, StateMap};
use crate::BoxFuture;
use crate::error::{Retry, RunError, RunErrorKind, failed_step, retry_of};
use crate::event::Events;
use crate::job::{JobError, JobSpec, Outcome, RetryPolicy};
use crate::secret::Keyring;
use crate::store::{
    ClosedRun, End, Fence, Progress, RunQuery, RunState, Step, StepState, Store, StoreError, StoreFuture,
    Ticket,
};
use crate::time::{Clock, Timestamp};
use futures_util::FutureExt;
use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What all executions share.
pub(crate) struct Setting {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) state: Arc<StateMap>,
    pub(crate) log_level: Level,
    /// What seals the secrets that steps return.
    pub(crate) keyring: Option<Arc<Keyring>>,
    /// How long a replay may be stuck before the recorded order is given up.
    pub(crate) patience: Duration,
    /// A wait that ends so soon keeps the run in memory.
    pub(crate) short_wait: Duration,
    /// Under which others reach this program, where that is known.
    pub(crate) base_url: Option<Arc<str>>,
    pub(crate) events: Events,
    /// Where a test lets the process die.
    pub(crate) crash: Option<Arc<CrashPoint>>,
}

/// What the [`Io`] of one execution works on.
pub(super) struct Execution {
    pub(super) fence: Fence,
    pub(super) setting: Arc<Setting>,
    pub(super) logger: Logger,
    pub(super) replay: Arc<Replay>,
    pub(super) job: &'static JobSpec,
    /// What steps that are under way have sent.
    pub(super) outbox: Outbox,
    /// Told when a wait of the run has ended in the store.
    pub(super) ended: Arc<Ended>,
}

impl Execution {
    /// The recorded outcome of a step, in its turn; without one its function starts.
    pub(super) async fn replayed(&self, begun: &mut Begun) -> Option<Step> {
        let (step, out_of_order) = begun.recorded().await;
        self.told(begun, step, out_of_order)
    }

    /// The recorded outcome of a wait, in its turn.
    pub(super) async fn reached(&self, begun: &mut Begun) -> Option<Step> {
        let (step, out_of_order) = begun.reached().await;
        self.told(begun, step, out_of_order)
    }

    fn told(&self, begun: &Begun, step: Option<Step>, out_of_order: bool) -> Option<Step> {
        if out_of_order {
            let text = "the steps no longer end in the recorded order; did the job's code change?";
            self.logger.warn(format_args!("at step `{}`: {text}", begun.key()), ());
        }
        step
    }

    /// Records the output of a step, and releases it in its turn.
    pub(super) async fn record(
        &self,
        mut begun: Begun,
        options: Options,
        output: String,
        began: Timestamp,
    ) -> Result<(), RunError> {
        let step = self.step(&begun, options, StepState::Done, output, began);
        let steps = begun.end(|seq| Step { seq, ..step });
        let events = self.outbox.take(begun.key());
        let wake = self.setting.events.wake_for(&events);
        self.setting.store.record(self.fence, Progress { steps, events }).await.map_err(|error| {
            RunError::new(
                RunErrorKind::Store,
                format!("the output of step `{}` was not recorded: {error}", begun.key()),
            )
        })?;
        wake.now();
        self.pass_crash_point(begun.key()).await;
        begun.released(None).await;
        Ok(())
    }

    /// Goes no further where a test wants the process to die.
    pub(super) async fn pass_crash_point(&self, step: &str) {
        if let Some(crash) = &self.setting.crash {
            crash.pass(step).await;
        }
    }

    /// Releases the failure of a step in its turn. It is recorded only once the run goes past it.
    pub(super) async fn fail(&self, mut begun: Begun, options: Options, error: String, began: Timestamp) {
        // What it sent belongs to an end that did not come.
        drop(self.outbox.take(begun.key()));
        let step = self.step(&begun, options, StepState::Failed, error, began);
        let failed = begun.fail(|seq| Step { seq, failures: step.failures + 1, ..step });
        begun.released(Some(failed)).await;
    }

    /// The record of a step that ends now, but for its place.
    fn step(
        &self,
        begun: &Begun,
        options: Options,
        state: StepState,
        output: String,
        started_at: Timestamp,
    ) -> Step {
        Step {
            key: begun.key().to_owned(),
            kind: options.kind,
            seq: 0,
            state,
            output,
            attempt: self.fence.attempt,
            failures: begun.failed_before(),
            started_at,
            finished_at: self.setting.clock.now(),
            event: None,
            about: options.about,
        }
    }
}

/// How the user's function left the execution.
enum Left {
    /// It returned.
    Returned(Outcome),
    /// It can only wait, and was dropped; the keys of its open waits, and when
    /// each ends by itself.
    Waiting(HashMap<String, Timestamp>),
}

/// A run that was executed once. Its end is on its way to the store.
pub(crate) struct Executed {
    written: StoreFuture<'static, ClosedRun>,
    pub(crate) end: End,
    /// When it is due again, where it is.
    pub(crate) due_at: Option<Timestamp>,
}

impl Executed {
    /// What the store made of the run, when that is durable. `None` where this
    /// process no longer owns it, or the store fails.
    pub(crate) async fn written(&mut self, job: &JobSpec, fence: Fence) -> Option<ClosedRun> {
        match (&mut self.written).await {
            Ok(closed) => Some(closed),
            Err(StoreError::Stale) => {
                tracing::warn!(job = job.id, run = %fence.run, "the run was cancelled, or another worker has taken it; this execution is void");
                None
            }
            Err(error) => {
                tracing::error!(job = job.id, run = %fence.run, %error, "the end of the run was not recorded");
                None
            }
        }
    }
}

/// Executes a run once, and gives its end to the store. It lets go of `place` when
/// the job's function has ended.
pub(crate) fn execute(
    job: &'static JobSpec,
    ticket: Ticket,
    setting: Arc<Setting>,
    place: impl Send,
    ended: Arc<Ended>,
) -> impl Future<Output = Executed> + Send {
    let (fence, failures) = (ticket.fence, ticket.failures);
    let others: Vec<_> = ticket.batch.iter().map(|member| member.run).collect();
    let (execution, run) = prepare(job, ticket, setting, ended);
    async move {
        let Setting { store, clock, .. } = &*execution.setting;
        let (end, progress, due_at) = match call(job, run, &execution).await {
            Left::Returned(Ok(output)) => (End::Done { output }, execution.replay.take_failures(), None),
            Left::Returned(Err(JobError::Payload(error))) => {
                (End::InvalidPayload { error }, Vec::new(), None)
            }
            Left::Returned(Err(JobError::Unreadable(all))) => {
                let in_batch: Vec<_> = std::iter::once(fence.run).chain(others).collect();
                let run = |(place, why): (usize, String)| Some((*in_batch.get(place)?, why));
                (End::Unreadable { runs: all.into_iter().filter_map(run).collect() }, Vec::new(), None)
            }
            Left::Returned(Err(JobError::Failed(error))) => {
                let key = failed_step(error.as_ref());
                let ending = key.map(|key| execution.replay.ending(key)).unwrap_or_default();
                if let Some(step) = ending.recorded {
                    // The run ends with a failure that other steps, beside it, have
                    // gone past: it was not handled, so it is tried again.
                    if let Err(error) = store.forget_failure(fence, step.clone()).await {
                        tracing::error!(job = job.id, run = %fence.run, step, %error, "the step's failure stays recorded");
                    }
                }
                let end = failed(job, error.as_ref(), failures + 1, ending.policy, clock.now());
                let due_at = if let End::Retry { at, .. } = &end { Some(*at) } else { None };
                (end, ending.failing, due_at)
            }
            Left::Waiting(open) => {
                let due_at = open.values().min().copied();
                let end = End::Suspended { open: open.into_keys().collect() };
                (end, execution.replay.take_failures(), due_at)
            }
        };
        let written = store.finish(fence, end.clone(), progress.into());
        // What is started in it is written after this end.
        drop(place);
        Executed { written, end, due_at }
    }
}

/// What the job's function works on, and its call, which begins with the first poll.
fn prepare(
    job: &'static JobSpec,
    ticket: Ticket,
    setting: Arc<Setting>,
    ended: Arc<Ended>,
) -> (Arc<Execution>, BoxFuture<'static, Outcome>) {
    let context = Context::new(job, &ticket, setting.clock.now().into());
    let Ticket { fence, origin, steps, waits, batch, parent, .. } = ticket;
    let level = job.log_level.unwrap_or(setting.log_level);
    // Waits that ended while the run was away were recorded by its claim.
    let of_claim = |step: &&Step| setting.crash.is_some() && step.attempt == fence.attempt;
    let of_claim: Vec<_> = steps.iter().filter(of_claim).map(|step| step.key.clone()).collect();
    let logger = Logger { setting: Arc::clone(&setting), fence, job: job.id, level };
    let replay = Arc::new(Replay::new(steps, waits, setting.patience));
    let execution = Execution { fence, setting, logger, replay, job, outbox: Outbox::default(), ended };
    let execution = Arc::new(execution);
    let (batch, io) = (job.flow.batch.map(|_| batch), Io::new(Arc::clone(&execution)));
    let mut invocation = Invocation { origin, batch, parent: None, context, io };
    if parent.is_none() && of_claim.is_empty() {
        return (execution, (job.run)(invocation));
    }
    let before = Arc::clone(&execution);
    let run = async move {
        for step in of_claim {
            before.pass_crash_point(&step).await;
        }
        if let Some(id) = parent {
            invocation.parent = ended_run(&*before.setting.store, id).await;
        }
        (job.run)(invocation).await
    };
    (execution, Box::pin(run))
}

/// The run at whose end a hook is called.
async fn ended_run(store: &dyn Store, id: Uuid) -> Option<Box<EndedRun>> {
    let query = RunQuery { id: Some(id), ..RunQuery::default() };
    let read = async {
        let Some(run) = store.runs(query).await?.into_iter().next() else { return Ok(None) };
        let output = if run.state == RunState::Done { store.output(id).await? } else { None };
        Ok::<_, StoreError>(Some(Box::new(EndedRun { run, output })))
    };
    let found = read.await;
    let found =
        found.inspect_err(|error| tracing::error!(run = %id, %error, "the run that ended was not read"));
    found.ok().flatten()
}

/// How a run ends that failed, for the `failures`-th time in a row: when it is
/// tried again, by the policy of the step that failed, and how often that has,
/// or else by the job's.
fn failed(
    job: &JobSpec,
    error: &(dyn std::error::Error + 'static),
    failures: u32,
    of_step: Option<(RetryPolicy, u32)>,
    now: Timestamp,
) -> End {
    let text = crate::error::chain(error);
    let (policy, failures, counted) = match of_step {
        Some((policy, failures)) => (policy, failures, false),
        None => (job.retry, failures, true),
    };
    let at = match retry_of(error) {
        Retry::Never => return End::Failed { error: text },
        Retry::Policy => now.plus(policy.pause(failures, fastrand::f64())),
        Retry::After(delay) => now.plus(delay),
        Retry::At(time) => time.into(),
    };
    if !counted && failures >= policy.limit {
        return End::Failed { error: text };
    }
    End::Retry { error: text, at, counted }
}

/// Lets the job's function go on until it returns or can only wait; a panic and a
/// timeout are errors like others.
async fn call(job: &JobSpec, run: BoxFuture<'static, Outcome>, execution: &Execution) -> Left {
    let Setting { clock, short_wait, .. } = &*execution.setting;
    let timeout = job.timeout.map(|most| (clock.now().plus(most), most));
    let too_long = async move {
        let Some((due, most)) = timeout else { return std::future::pending().await };
        // Not in place: most jobs have none.
        Box::pin(clock.sleep_until(due)).await;
        most
    };
    let is_far = |due: Timestamp| due.since(clock.now()) > *short_wait;
    // The function is dropped inside too: its own code may run then, and panic.
    let call = AssertUnwindSafe(async move {
        tokio::select! {
            biased;
            result = run => Left::Returned(result),
            open = execution.replay.rest(is_far) => Left::Waiting(open),
            most = too_long => Left::Returned(Err(JobError::Failed(format!("timed out after {most:?}").into()))),
        }
    });
    call.catch_unwind().await.unwrap_or_else(panicked)
}

#[expect(clippy::needless_pass_by_value, reason = "as it is caught")]
fn panicked(panic: Box<dyn Any + Send>) -> Left {
    let text = format!("panicked: {}", panic_text(panic.as_ref()));
    Left::Returned(Err(JobError::Failed(text.into())))
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// One line about how an execution ended.
pub(crate) fn report(job: &JobSpec, fence: Fence, closed: ClosedRun, end: &End, now: Timestamp) {
    let (id, run, attempt) = (job.id, fence.run, fence.attempt);
    match end {
        End::Done { .. } => tracing::info!(job = id, %run, attempt, "run done"),
        End::Retry { error, at, counted } if closed.state == RunState::Queued => {
            let pause = at.since(now);
            let count = if *counted {
                format!(", {} of {}", closed.failures, job.retry.limit)
            } else {
                String::new()
            };
            tracing::warn!(job = id, %run, attempt, "run failed{count}; again in {pause:.1?}: {error}");
        }
        End::Failed { error } | End::Retry { error, .. } => {
            tracing::error!(job = id, %run, attempt, "run failed for good: {error}");
        }
        End::InvalidPayload { error } => {
            tracing::error!(job = id, %run, attempt, "invalid payload, not tried again: {error}");
        }
        End::Suspended { open } => {
            tracing::info!(job = id, %run, attempt, "run waits: {}", waited_for(open));
        }
        End::Unreadable { runs } => {
            for (run, error) in runs {
                tracing::error!(job = id, %run, "invalid payload, not tried again: {error}");
            }
        }
        End::Parked => tracing::warn!(job = id, %run, "run waits for a program that has its job"),
    }
}

fn waited_for(open: &[String]) -> String {
    open.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}
