//! What a job does durably.

use super::execute::Execution;
use super::replay::Begun;
use super::{IntoKey, Invocation, Logger};
use crate::error::{BoxError, RunError, RunErrorKind};
use crate::job::{FromRun, JobError};
use crate::store::{Step, StepState};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

tokio::task_local! {
    /// The key of the step whose function is being executed.
    static WITHIN: String;
}

/// What a job does durably: steps that run once, and a log that is kept.
///
/// Cheap to clone; all clones belong to the same run.
#[derive(Clone)]
pub struct Io {
    execution: Arc<Execution>,
}

impl Io {
    pub(super) fn new(execution: Arc<Execution>) -> Self {
        Io { execution }
    }

    /// The log of the run.
    pub fn logger(&self) -> &Logger {
        &self.execution.logger
    }

    /// Runs `f` once in the life of the run, whatever crashes: where the step
    /// `key` is already done, its recorded output is returned and `f` is not called.
    ///
    /// The output is recorded, durably, before this returns. A run that is
    /// executed again calls the job's function from the top; the steps that are
    /// done return at once, in the order in which they ended. An error of `f`
    /// is not recorded as long as the run ends with it: the step is then tried
    /// again with the run. A step whose error the job handled, by going on to
    /// another step, stays failed.
    ///
    /// Keys are unique within the step around them. Steps may be nested, and
    /// run at once under `join!`.
    ///
    /// # Errors
    ///
    /// `f`'s own error; a key that the run has used before; an output that is
    /// no JSON, or a recorded one that is not of the type that the code has now;
    /// a store that no longer takes this execution's records.
    #[track_caller]
    pub fn run_task<T, E, F, Fut>(&self, key: impl IntoKey, f: F) -> impl Future<Output = Result<T, RunError>>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        T: Serialize + DeserializeOwned,
        E: Into<BoxError>,
    {
        // Begun when called, not when first polled: `select!` may drop a step
        // that it never polled, and its record must then not hold up the others.
        let within = WITHIN.try_with(String::clone).ok();
        let key = key.into_key().below(within.as_deref());
        let begun = self.execution.replay.begin(key, Location::caller());
        run_task(Arc::clone(&self.execution), begun, f)
    }
}

async fn run_task<T, E, F, Fut>(
    execution: Arc<Execution>,
    begun: Result<Begun, RunError>,
    f: F,
) -> Result<T, RunError>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    T: Serialize + DeserializeOwned,
    E: Into<BoxError>,
{
    let mut begun = begun?;
    if let Some(step) = execution.replayed(&mut begun).await {
        return read(&step);
    }
    let started_at = execution.clock.now();
    // The call itself stands inside too: a step may begin others before it awaits.
    let result = WITHIN.scope(begun.key().to_owned(), async { f().await }).await;
    match result {
        Ok(value) => {
            let output = serde_json::to_string(&value).map_err(|error| {
                let text = format!("the output of step `{}` cannot be written as JSON: {error}", begun.key());
                RunError::new(RunErrorKind::Output, text)
            })?;
            execution.record(begun, output, started_at).await?;
            Ok(value)
        }
        Err(error) => {
            let error: BoxError = error.into();
            let error = RunError::step(begun.key(), error.as_ref());
            execution.fail(begun, error.to_string(), started_at).await;
            Err(error)
        }
    }
}

/// What a recorded step returned.
fn read<T: DeserializeOwned>(step: &Step) -> Result<T, RunError> {
    match step.state {
        StepState::Done => serde_json::from_str(&step.output).map_err(|error| {
            let text = format!(
                "the recorded output of step `{}` is no `{}`: {error}; \
                 a step whose output has another type now needs another key",
                step.key,
                std::any::type_name::<T>()
            );
            RunError::new(RunErrorKind::Output, text)
        }),
        StepState::Failed => Err(RunError::recorded(&step.key, step.output.clone())),
    }
}

#[diagnostic::do_not_recommend]
impl FromRun for Io {
    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        Ok(invocation.io.clone())
    }
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io").field("run", &self.execution.fence.run).finish_non_exhaustive()
    }
}
