//! Schedules that are registered while the program runs.

use super::{Timing, TimingError};
use crate::event::Events;
use crate::job::Job;
use crate::store::{ScheduleRecord, StoreError};
use crate::time::Timestamp;
use serde::Serialize;
use std::fmt;
use std::time::SystemTime;

/// The schedules of a program that runs, for jobs whose trigger is `schedule`.
/// They are stored, and go on after a restart.
#[derive(Clone)]
pub struct Schedules {
    events: Events,
}

/// A job whose trigger is `schedule`. The attribute makes its type implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` runs by no schedule that is registered at run time",
    label = "not a job with `trigger = schedule`"
)]
pub trait Scheduled: Job {
    /// What a schedule gives to each of its runs: `Json<T>` in the job's
    /// parameters, or nothing.
    type Payload: Serialize;
}

/// A schedule that is registered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// The id of the job that it runs.
    pub job: String,
    /// When.
    pub timing: Timing,
    /// When it was last due.
    pub last: Option<SystemTime>,
    /// When it is due next.
    pub next: SystemTime,
}

/// Why a schedule was not registered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The payload cannot be written as JSON.
    #[error("the payload of schedule \"{id}\" cannot be written as JSON: {cause}")]
    Unwritable {
        /// The schedule's id.
        id: String,
        /// Why.
        cause: serde_json::Error,
    },
    /// It was stored by another version, and cannot be read.
    #[error("schedule \"{id}\" cannot be read: {cause}")]
    Unreadable {
        /// The schedule's id.
        id: String,
        /// Why.
        cause: TimingError,
    },
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Schedules {
    pub(crate) fn new(events: Events) -> Self {
        Schedules { events }
    }

    /// Registers a schedule: from now on the job `J` runs by it, each time with
    /// this payload. A schedule of this id is replaced; where job and timing
    /// stay, it goes on where it was.
    ///
    /// ```no_run
    /// # use serde::{Deserialize, Serialize};
    /// # use triggerfish::prelude::*;
    /// # use triggerfish::schedule::Timing;
    /// # #[derive(Serialize, Deserialize)] struct Customer { id: u64 }
    /// #[job(id = "report", version = "1.0.0", trigger = schedule)]
    /// async fn report(Json(customer): Json<Customer>, tick: Tick) {}
    ///
    /// # async fn f(running: triggerfish::runtime::Running) -> Result<()> {
    /// let weekly = Timing::cron("0 9 * * mon")?.tz("Europe/London")?;
    /// running.schedules().create::<report>("customer-15", weekly, &Customer { id: 15 }).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// A payload that is no JSON; a store that does not take it.
    pub async fn create<J: Scheduled>(
        &self,
        id: impl Into<String>,
        timing: Timing,
        payload: &J::Payload,
    ) -> Result<(), ScheduleError> {
        let id = id.into();
        let payload = serde_json::to_vec(payload)
            .map_err(|cause| ScheduleError::Unwritable { id: id.clone(), cause })?;
        let known = self.events.store().schedules().await?;
        let known = known.into_iter().find(|known| known.dynamic && known.id == id);
        let (job, text) = (J::SPEC.id.to_owned(), timing.stored());
        let goes_on = known.as_ref().filter(|known| known.job == job && known.timing == text);
        let next_at = match goes_on {
            Some(known) => known.next_at,
            // Every expression that was read comes again.
            None => timing.after(self.events.clock().now()).unwrap_or(Timestamp(i64::MAX)),
        };
        let last_at = known.and_then(|known| known.last_at);
        let record = ScheduleRecord {
            dynamic: true,
            id,
            job,
            timing: text,
            payload: payload.into(),
            last_at,
            next_at,
        };
        self.events.store().put_schedule(record).await?;
        self.events.timer().notify_one();
        Ok(())
    }

    /// Removes a schedule; false where there is none of this id. Runs that it
    /// started go on.
    ///
    /// # Errors
    ///
    /// A store that does not take it.
    pub async fn delete(&self, id: impl Into<String>) -> Result<bool, ScheduleError> {
        Ok(self.events.store().drop_schedule(true, id.into()).await?)
    }

    /// All schedules that are registered, in the order of their ids.
    ///
    /// # Errors
    ///
    /// A store that fails; a schedule that cannot be read.
    pub async fn list(&self) -> Result<Vec<Entry>, ScheduleError> {
        let stored = self.events.store().schedules().await?;
        let entry = |ScheduleRecord { id, job, timing, last_at, next_at, .. }: ScheduleRecord| {
            let timing =
                Timing::read(&timing).map_err(|cause| ScheduleError::Unreadable { id: id.clone(), cause })?;
            Ok(Entry { id, job, timing, last: last_at.map(Into::into), next: next_at.into() })
        };
        stored.into_iter().filter(|stored| stored.dynamic).map(entry).collect()
    }
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedules").finish_non_exhaustive()
    }
}
