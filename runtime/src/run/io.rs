//! What a job does durably.

use super::execute::Execution;
use super::{IntoKey, Invocation, Logger};
use crate::error::{BoxError, RunError};
use crate::job::{FromRun, JobError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

tokio::task_local! {
    /// The key of the step whose function is being executed.
    pub(super) static WITHIN: String;
}

/// What a job does durably: steps that run once, and a log that is kept.
///
/// Cheap to clone; all clones belong to the same run.
#[derive(Clone)]
pub struct Io {
    pub(super) execution: Arc<Execution>,
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
        self.task(key).run(f)
    }

    pub(super) fn execution(&self) -> &Arc<Execution> {
        &self.execution
    }
}

/// The key of the step whose function is being executed.
pub(super) fn within() -> Option<String> {
    WITHIN.try_with(String::clone).ok()
}

/// Executes the function of a step.
pub(super) fn inside<T>(key: String, call: impl Future<Output = T>) -> impl Future<Output = T> {
    WITHIN.scope(key, call)
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
