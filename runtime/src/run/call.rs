//! Calls of jobs for whose end a run waits.

use super::IntoKey;
use super::execute::Execution;
use super::io::Io;
use super::replay::Begun;
use super::send::address;
use super::task::read;
use super::wait::{Look, not_written, until_ended};
use crate::error::{RunError, RunErrorKind};
use crate::event::Call;
use crate::store::{NewCall, RunState, Step, StepKind, StepState, Unsuccessful};
use crate::time::Timestamp;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

impl Io {
    /// Calls a job, waits for the end of its run, and returns what the job
    /// returned. As [`Io::wait`]: nothing is held meanwhile, through restarts.
    ///
    /// The job is called exactly once in the life of the run, whatever crashes:
    /// the call is stored with the wait. Where the called run ends otherwise
    /// than well, this is an error, which says how. That is not tried again,
    /// because the called run has been, by the policy of its own job.
    ///
    /// Whoever cancels this run cancels the called one too. Where this wait is
    /// withdrawn, or ends by the [timeout](Call::timeout) of the call, the
    /// called run goes on.
    ///
    /// ```
    /// # use triggerfish::prelude::*;
    /// #[job(id = "count", version = "1.0.0", trigger = invoke)]
    /// async fn count(Json(text): Json<String>) -> Result<usize> {
    ///     Ok(text.split_whitespace().count())
    /// }
    ///
    /// # async fn f(io: &Io) -> Result<()> {
    /// let words: usize = io.invoke_and_wait("count", count::call(&"two words".to_owned())).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Io::wait`]; a payload that is no JSON; a job that the program does
    /// not run; a called run that failed, crashed, was cancelled, or did not end
    /// in time: [`RunError::kind`] tells which; an output of another type.
    #[track_caller]
    pub fn invoke_and_wait<O: DeserializeOwned>(
        &self,
        key: impl IntoKey,
        call: Call<O>,
    ) -> impl Future<Output = Result<O, RunError>> {
        let begun = self.begin_wait(key.into_key(), Location::caller());
        invoke_and_wait(Arc::clone(self.execution()), begun, call)
    }
}

async fn invoke_and_wait<O: DeserializeOwned>(
    execution: Arc<Execution>,
    begun: Result<Begun, RunError>,
    call: Call<O>,
) -> Result<O, RunError> {
    let mut begun = begun?;
    if let Some(step) = execution.reached(&mut begun).await {
        return outcome(&step);
    }
    let (due_at, look) = match begun.left_open().filter(|wait| wait.kind == StepKind::Call) {
        Some(wait) => (wait.due_at, Look::Now),
        None => {
            let due_at =
                call.timeout.map_or(Timestamp::NEVER, |most| execution.setting.clock.now().plus(most));
            let new = address(&execution, begun.key(), call.event)?;
            let wake = execution.setting.events.wake_for(std::slice::from_ref(&new));
            let new = NewCall { key: begun.key().to_owned(), due_at, call: new };
            let is_over = execution.setting.store.open_call(execution.fence, new, begun.past()).await;
            let is_over = is_over.map_err(|error| not_written(begun.key(), &error))?;
            wake.now();
            (due_at, if is_over { Look::Over } else { Look::WhenTold })
        }
    };
    let step = until_ended(&execution, begun, due_at, look).await?;
    outcome(&step)
}

/// What the called run returned, or how else it ended.
fn outcome<O: DeserializeOwned>(step: &Step) -> Result<O, RunError> {
    let key = &step.key;
    match step.state {
        StepState::Done => read(step),
        StepState::TimedOut => {
            let text = format!("the run that was called at `{key}` did not end in time; it goes on");
            Err(RunError::new(RunErrorKind::CallTimedOut, text))
        }
        StepState::Failed | StepState::Failing => {
            let how = Unsuccessful::read(step);
            let kind = match how.as_ref().and_then(Unsuccessful::state) {
                Some(RunState::Crashed) => RunErrorKind::CalledRunCrashed,
                Some(RunState::Cancelled | RunState::Superseded) => RunErrorKind::CalledRunCancelled,
                _ => RunErrorKind::CalledRunFailed,
            };
            let how = how.map_or_else(|| step.output.clone(), |how| how.to_string());
            Err(RunError::new(kind, format!("the call at `{key}` ended without an output: {how}")))
        }
    }
}
