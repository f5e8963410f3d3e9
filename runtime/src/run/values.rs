//! Values that jobs keep: of a run, of a job, of the whole program.

use super::execute::Execution;
use super::io::{Io, within};
use crate::error::{RunError, RunErrorKind};
use crate::store::{Put, StoreError, scope_of};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The largest value, as JSON.
const MOST: usize = 256 * 1024;

/// Values by key, kept with everything else. Cheap to clone.
///
/// Reads and writes are not recorded like steps: outside of steps they happen
/// again in every execution. So they belong inside of steps. There a write may
/// be repeated, when the process dies before the step is recorded: the same
/// value is written again, and a [`Values::compare_and_set`] that succeeded
/// before succeeds again.
///
/// ```
/// # use triggerfish::prelude::*;
/// # async fn f(io: &Io) -> Result<()> {
/// let greeted: u32 = io
///     .run_task("count", || async {
///         let values = io.store().job();
///         loop {
///             let old: Option<u32> = values.get("greeted").await?;
///             let new = old.unwrap_or(0) + 1;
///             if values.compare_and_set("greeted", old.as_ref(), &new).await? {
///                 return done(new);
///             }
///         }
///     })
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Values {
    execution: Arc<Execution>,
    scope: String,
    keep: Option<Duration>,
}

/// Whose values are meant.
#[derive(Clone)]
pub struct Scopes {
    execution: Arc<Execution>,
}

impl Io {
    /// Values that outlive an execution: of the run, of its job, of the program.
    pub fn store(&self) -> Scopes {
        Scopes { execution: Arc::clone(self.execution()) }
    }
}

impl Scopes {
    /// Those of this run; they go with it.
    pub fn run(&self) -> Values {
        self.scope(scope_of(self.execution.fence.run))
    }

    /// Those that all runs of the job share.
    pub fn job(&self) -> Values {
        self.scope(format!("job:{}", self.execution.job.id))
    }

    /// Those that all jobs of the program share.
    pub fn app(&self) -> Values {
        self.scope("app".to_owned())
    }

    fn scope(&self, scope: String) -> Values {
        Values { execution: Arc::clone(&self.execution), scope, keep: None }
    }
}

impl Values {
    /// What is written from now on is gone after so long.
    #[must_use]
    pub fn expire_after(mut self, keep: Duration) -> Self {
        self.keep = Some(keep);
        self
    }

    /// The value of a key.
    ///
    /// # Errors
    ///
    /// A value of another type; a store that fails.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, RunError> {
        let found = self.execution.setting.store.get(self.scope.clone(), key.to_owned()).await;
        let Some(text) = found.map_err(|error| self.failed(key, &error))? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            let text = format!("the value `{key}` is no `{}`: {error}", std::any::type_name::<T>());
            RunError::new(RunErrorKind::Output, text)
        })
    }

    /// Writes a value, whatever was there.
    ///
    /// # Errors
    ///
    /// A value that is no JSON, or larger than 256 KiB; a store that fails.
    pub async fn set(&self, key: &str, value: &impl Serialize) -> Result<(), RunError> {
        self.put(key, Some(text(key, value)?), None).await.map(|_| ())
    }

    /// Writes a value where the one that is there equals `old`; false where it
    /// does not. `None` expects no value.
    ///
    /// # Errors
    ///
    /// As [`Values::set`].
    pub async fn compare_and_set<T: Serialize>(
        &self,
        key: &str,
        old: Option<&T>,
        new: &T,
    ) -> Result<bool, RunError> {
        let old = old.map(|old| text(key, old)).transpose()?;
        self.put(key, Some(text(key, new)?), Some(old)).await
    }

    /// Takes a value away.
    ///
    /// # Errors
    ///
    /// A store that fails.
    pub async fn remove(&self, key: &str) -> Result<(), RunError> {
        self.put(key, None, None).await.map(|_| ())
    }

    async fn put(
        &self,
        key: &str,
        value: Option<String>,
        expected: Option<Option<String>>,
    ) -> Result<bool, RunError> {
        // The same step may do the same again; from another value it would be another write.
        let by = within().map(|step| format!("{}/{step} {expected:?}", self.execution.fence.run));
        let expires_at = self.keep.map(|keep| self.execution.setting.clock.now().plus(keep));
        let (scope, own) = (self.scope.clone(), key.to_owned());
        let put = Put { scope, key: own, value, expires_at, expected, by };
        self.execution.setting.store.put(put).await.map_err(|error| self.failed(key, &error))
    }

    fn failed(&self, key: &str, error: &StoreError) -> RunError {
        RunError::new(RunErrorKind::Store, format!("the value `{key}` of `{}`: {error}", self.scope))
    }
}

fn text(key: &str, value: &impl Serialize) -> Result<String, RunError> {
    let no =
        |why: String| RunError::new(RunErrorKind::Output, format!("the value `{key}` cannot be kept: {why}"));
    let text = serde_json::to_string(value).map_err(|error| no(error.to_string()))?;
    if text.len() > MOST {
        return Err(no(format!("it has {} bytes, and {MOST} are the most", text.len())));
    }
    Ok(text)
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scopes").field("run", &self.execution.fence.run).finish_non_exhaustive()
    }
}
