//! One execution of a run: from a ticket to how it ended.

use super::replay::{Begun, Replay};
use super::{Context, Invocation, Io, Level, Logger, StateMap};
use crate::error::{Retry, RunError, RunErrorKind, failed_step, retry_of};
use crate::job::{JobError, JobSpec};
use crate::store::{ClosedRun, End, Fence, Run, RunQuery, RunState, Step, StepState, Store, StoreError, Ticket};
use crate::time::{Clock, Timestamp};
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// What all executions share.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Clock,
    pub(crate) state: Arc<StateMap>,
    pub(crate) log_level: Level,
    /// How long a replay may be stuck before the recorded order is given up.
    pub(crate) patience: Duration,
}

/// What the [`Io`] of one execution works on.
#[derive(Clone)]
pub(super) struct Execution {
    pub(super) fence: Fence,
    pub(super) clock: Clock,
    pub(super) logger: Logger,
    pub(super) replay: Arc<Replay>,
    store: Arc<dyn Store>,
}

impl Execution {
    /// The recorded outcome of a step, in its turn.
    pub(super) async fn replayed(&self, begun: &mut Begun) -> Option<Step> {
        let (step, out_of_order) = begun.recorded().await;
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
        output: String,
        began: Timestamp,
    ) -> Result<(), RunError> {
        let key = begun.key().to_owned();
        let steps = begun.end(|seq| self.step(key.clone(), seq, StepState::Done, output, began));
        self.store.record(self.fence, steps.into()).await.map_err(|error| {
            RunError::new(
                RunErrorKind::Store,
                format!("the output of step `{key}` was not recorded: {error}"),
            )
        })?;
        begun.released(None).await;
        Ok(())
    }

    /// Releases the failure of a step in its turn. It is recorded only once the run goes past it.
    pub(super) async fn fail(&self, mut begun: Begun, error: String, began: Timestamp) {
        let key = begun.key().to_owned();
        let failed = begun.fail(|seq| self.step(key, seq, StepState::Failed, error, began));
        begun.released(Some(failed)).await;
    }

    fn step(&self, key: String, seq: u32, state: StepState, output: String, started_at: Timestamp) -> Step {
        let (attempt, finished_at) = (self.fence.attempt, self.clock.now());
        Step { key, seq, state, output, attempt, started_at, finished_at }
    }
}

/// Executes a run once and writes how it ended. `None` where this process no
/// longer owns the run.
pub(crate) async fn execute(
    job: &'static JobSpec,
    ticket: Ticket,
    setting: Setting,
) -> Option<(ClosedRun, End)> {
    let Setting { store, clock, state, log_level, patience } = setting;
    let Ticket { fence, origin, failures, steps, batch, parent, .. } = ticket;
    let level = job.log_level.unwrap_or(log_level);
    let logger = Logger { store: Arc::clone(&store), clock: clock.clone(), fence, job: job.id, level };
    let replay = Arc::new(Replay::new(steps, patience));
    let execution = Execution {
        fence,
        clock: clock.clone(),
        logger,
        replay: Arc::clone(&replay),
        store: Arc::clone(&store),
    };
    let context = Context::new(job, fence, &origin);
    let parent = match parent {
        Some(id) => ended_run(store.as_ref(), id).await,
        None => None,
    };
    let batch = job.flow.batch.map(|_| batch);
    let invocation = Invocation { origin, batch, parent, state, context, io: Io::new(Arc::new(execution)) };

    let result = call(job, invocation).await;
    let end = match result {
        Ok(()) => End::Done,
        Err(JobError::Payload(error)) => End::InvalidPayload { error },
        Err(JobError::Failed(error)) => {
            let text = crate::error::chain(error.as_ref());
            if let Some(step) = failed_step(error.as_ref()).filter(|step| replay.is_recorded_failure(step)) {
                // The run ends with a failure that other steps, beside it, have
                // gone past: it was not handled, so it is tried again.
                if let Err(error) = store.forget_failure(fence, step.to_owned()).await {
                    tracing::error!(job = job.id, run = %fence.run, step, %error, "the step's failure stays recorded");
                }
            }
            let pause = job.retry.pause(failures + 1, fastrand::f64());
            match retry_of(error.as_ref()) {
                Retry::Never => End::Failed { error: text },
                Retry::Policy => End::Retry { error: text, at: clock.now().plus(pause) },
                Retry::After(delay) => End::Retry { error: text, at: clock.now().plus(delay) },
                Retry::At(time) => End::Retry { error: text, at: time.into() },
            }
        }
    };
    let past = if end == End::Done { replay.take_failures() } else { Vec::new() };
    match store.finish(fence, end.clone(), past.into()).await {
        Ok(closed) => Some((closed, end)),
        Err(StoreError::Stale) => {
            tracing::warn!(job = job.id, run = %fence.run, "another worker has taken the run; this execution is void");
            None
        }
        Err(error) => {
            tracing::error!(job = job.id, run = %fence.run, %error, "the end of the run was not recorded");
            None
        }
    }
}

/// The run at whose end a hook is called.
async fn ended_run(store: &dyn Store, id: Uuid) -> Option<Box<Run>> {
    let found = store.runs(RunQuery { id: Some(id), ..RunQuery::default() }).await;
    let found = found.inspect_err(|error| tracing::error!(run = %id, %error, "the run that ended was not read"));
    found.ok()?.into_iter().next().map(Box::new)
}

/// Calls the job's function; a panic and a timeout are errors like others.
async fn call(job: &'static JobSpec, invocation: Invocation) -> Result<(), JobError> {
    let call = AssertUnwindSafe(async { (job.run)(invocation).await }).catch_unwind();
    let result = match job.timeout {
        None => call.await,
        Some(most) => match tokio::time::timeout(most, call).await {
            Ok(result) => result,
            Err(_) => return Err(JobError::Failed(format!("timed out after {most:?}").into())),
        },
    };
    result.unwrap_or_else(|panic| {
        Err(JobError::Failed(format!("panicked: {}", panic_text(panic.as_ref())).into()))
    })
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
        End::Done => tracing::info!(job = id, %run, attempt, "run done"),
        End::Retry { error, at } if closed.state == RunState::Queued => {
            let pause = at.since(now);
            let of = job.retry.limit;
            tracing::warn!(job = id, %run, attempt, "run failed, {} of {of}; again in {pause:.1?}: {error}", closed.failures);
        }
        End::Failed { error } | End::Retry { error, .. } => {
            tracing::error!(job = id, %run, attempt, "run failed for good: {error}");
        }
        End::InvalidPayload { error } => {
            tracing::error!(job = id, %run, attempt, "invalid payload, not tried again: {error}");
        }
        End::Parked => tracing::warn!(job = id, %run, "run waits for a program that has its job"),
    }
}
