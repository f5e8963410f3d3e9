//! Waits: a run that can do nothing else holds no thread and no memory.

use super::execute::Execution;
use super::io::{Io, within};
use super::replay::Begun;
use super::{IntoKey, Key};
use crate::error::{RunError, RunErrorKind};
use crate::store::{Awaited, NewWait, Step, StoreError};
use crate::time::Timestamp;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

impl Io {
    /// Waits for so long, counted from when the run first reached it, whatever
    /// crashes meanwhile.
    ///
    /// A short wait sleeps in memory. During a longer one nothing is kept but a
    /// row in the store: the job's function is dropped and later called again,
    /// as after a crash. It is dropped only while no step is under way; what
    /// the function awaits beside its steps and waits may be cut off then.
    ///
    /// A wait that the function drops before its end, as `select!` does, is
    /// withdrawn.
    ///
    /// # Errors
    ///
    /// A key that the run has used before; a wait inside of a step, whose
    /// function would run again; a store that no longer takes this execution's
    /// records.
    #[track_caller]
    pub fn wait(&self, key: impl IntoKey, duration: Duration) -> impl Future<Output = Result<(), RunError>> {
        let begun = self.begin_wait(key.into_key(), Location::caller());
        wait_for_time(Arc::clone(self.execution()), begun, move |now| now.plus(duration))
    }

    /// Waits until a time; returns at once where it has passed. As [`Io::wait`].
    ///
    /// # Errors
    ///
    /// As [`Io::wait`].
    #[track_caller]
    pub fn wait_until(
        &self,
        key: impl IntoKey,
        time: SystemTime,
    ) -> impl Future<Output = Result<(), RunError>> {
        let begun = self.begin_wait(key.into_key(), Location::caller());
        wait_for_time(Arc::clone(self.execution()), begun, move |_| time.into())
    }

    /// Begins a wait, outside of all steps.
    pub(super) fn begin_wait(&self, key: Key, at: &'static Location<'static>) -> Result<Begun, RunError> {
        let key = key.below(None);
        if let Some(step) = within() {
            let message = format!(
                "the wait `{key}` at {at} is inside of step `{step}`, whose function would run again after it; \
                 wait between steps"
            );
            return Err(RunError::new(RunErrorKind::WaitInStep, message));
        }
        self.execution().replay.begin(key, at)
    }
}

async fn wait_for_time(
    execution: Arc<Execution>,
    begun: Result<Begun, RunError>,
    due: impl FnOnce(Timestamp) -> Timestamp,
) -> Result<(), RunError> {
    let mut begun = begun?;
    if execution.reached(&mut begun).await.is_some() {
        return Ok(());
    }
    let due_at = match begun.left_open() {
        Some(wait) => {
            begun.rest(wait.due_at);
            wait.due_at
        }
        None => {
            let due_at = due(execution.clock.now());
            let wait = NewWait { key: begun.key().to_owned(), awaited: Awaited::Time, due_at };
            let opened = execution.store.open_wait(execution.fence, wait, begun.past());
            // The write is under way, before all that may follow: the run may rest.
            begun.rest(due_at);
            opened.await.map_err(|error| not_written(begun.key(), &error))?;
            due_at
        }
    };
    execution.clock.sleep_until(due_at).await;
    end(&execution, begun).await.map(|_| ())
}

/// Records the end of a wait, and releases it in its turn.
pub(super) async fn end(execution: &Execution, mut begun: Begun) -> Result<Step, RunError> {
    begun.stir();
    let (key, seq) = (begun.key().to_owned(), begun.place());
    let step = execution.store.end_wait(execution.fence, key, seq).await;
    let step = step.map_err(|error| not_written(begun.key(), &error))?;
    begun.ended(step.clone());
    execution.pass_crash_point(&step.key).await;
    begun.released(None).await;
    Ok(step)
}

pub(super) fn not_written(key: &str, error: &StoreError) -> RunError {
    RunError::new(RunErrorKind::Store, format!("the wait `{key}` was not recorded: {error}"))
}
