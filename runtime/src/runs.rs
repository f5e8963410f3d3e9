//! Runs as a program sees them: to list them, to look into one, to end it, and
//! to have it tried again.

use crate::run::Workers;
use crate::store::{LogLine, Page, Run, RunQuery, RunSearch, Step, Store, StoreError, Wait};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// The runs of a program; from [`Running::runs`](crate::runtime::Running::runs).
///
/// ```no_run
/// use triggerfish::runtime::Runtime;
/// use triggerfish::store::{RunSearch, RunState};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let running = Runtime::builder().build()?.start().await?;
/// let runs = running.runs();
/// let failed = RunSearch { states: vec![RunState::Failed], limit: 50, ..RunSearch::default() };
/// for run in runs.list(failed).await?.rows {
///     runs.retry(run.id).await?; // from the step that failed
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Runs {
    store: Arc<dyn Store>,
    workers: Arc<Workers>,
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runs").finish_non_exhaustive()
    }
}

impl Runs {
    pub(crate) fn new(store: Arc<dyn Store>, workers: Arc<Workers>) -> Self {
        Runs { store, workers }
    }

    /// Runs that a search selects, the newest first. [`Page::next`] is where
    /// the next page begins: give it as [`RunSearch::before`].
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn list(&self, search: RunSearch) -> Result<Page<Run>, StoreError> {
        self.store.browse_runs(search).await
    }

    /// One run.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn get(&self, run: Uuid) -> Result<Option<Run>, StoreError> {
        let query = RunQuery { id: Some(run), limit: 1, ..RunQuery::default() };
        Ok(self.store.runs(query).await?.into_iter().next())
    }

    /// The recorded steps of a run, in the order in which they ended.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn steps(&self, run: Uuid) -> Result<Vec<Step>, StoreError> {
        self.store.steps(run).await
    }

    /// What a run waits for.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn waits(&self, run: Uuid) -> Result<Vec<Wait>, StoreError> {
        self.store.waits(run).await
    }

    /// The log of a run, in order.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn logs(&self, run: Uuid) -> Result<Vec<LogLine>, StoreError> {
        self.store.logs(run).await
    }

    /// What a run returned, as JSON; `None` where it is not done, or returned nothing.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn output(&self, run: Uuid) -> Result<Option<String>, StoreError> {
        self.store.output(run).await
    }

    /// Ends a run for good that has not ended, those of its batch, and those
    /// that it called and waits for. What executes is dropped where it awaits
    /// next, and can record nothing more. Hooks are not called.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`] where the run has ended or there is none; a store
    /// that fails.
    pub async fn cancel(&self, run: Uuid) -> Result<(), StoreError> {
        self.store.cancel(run).await
    }

    /// Has a run tried again that has ended or is parked: the steps that are
    /// done stay done, the one that failed runs again. A batch is tried again
    /// as a whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`] where there is no such run, or it goes on by
    /// itself; a store that fails.
    pub async fn retry(&self, run: Uuid) -> Result<(), StoreError> {
        self.again(run, None).await
    }

    /// As [`Runs::retry`]; the step `from`, those inside it and what ended
    /// after it run again too.
    ///
    /// # Errors
    ///
    /// As [`Runs::retry`]; [`StoreError::Stale`] too where no such step is recorded.
    pub async fn retry_from(&self, run: Uuid, from: impl Into<String>) -> Result<(), StoreError> {
        self.again(run, Some(from.into())).await
    }

    async fn again(&self, run: Uuid, from: Option<String>) -> Result<(), StoreError> {
        self.store.retry(run, from).await?;
        self.workers.left_in_store()();
        Ok(())
    }

    /// Makes a new run of the same job for the same delivery or event, which
    /// starts from nothing. Returns its id. Limits hold for it as for others; it
    /// is not put off, and joins no batch.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stale`] where there is no such run; a store that fails.
    pub async fn replay(&self, run: Uuid) -> Result<Uuid, StoreError> {
        let new = self.store.replay(run).await?;
        self.workers.left_in_store()();
        Ok(new)
    }
}
