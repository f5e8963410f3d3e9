//! Waits: a run that can do nothing else holds no thread and no memory.

use super::execute::Execution;
use super::io::{Io, within};
use super::replay::Begun;
use super::task::read;
use super::{IntoKey, Key};
use crate::error::{RunError, RunErrorKind};
use crate::event::EventType;
use crate::store::{Awaited, NewWait, Step, StepState, StoreError};
use crate::time::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use triggerfish_filter::{Apart, Filter, Pattern, Problem, Root};

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

    /// Waits for an event that the filter takes, or until `timeout` has passed;
    /// `None` then. As [`Io::wait`].
    ///
    /// An event that was sent after the run was made counts too, though it came
    /// before the wait. An event ends one wait of a run at most, so a loop gets
    /// one event after the other. The filter is written as JSON in the language
    /// of `#[job(filter = ..)]`, rooted at the payload; `None` takes every event.
    /// The filter that the event declares, if it does, must hold too.
    ///
    /// ```
    /// # use serde::{Deserialize, Serialize};
    /// # use std::time::Duration;
    /// # use triggerfish::prelude::*;
    /// # #[derive(Serialize, Deserialize)] struct Paid { order: String, cents: u64 }
    /// #[event(name = "order.paid")]
    /// fn on_paid(_: &Paid) {}
    ///
    /// # async fn f(io: &Io, order: &str) -> Result<()> {
    /// let filter = serde_json::json!({ "order": [order] });
    /// let day = Duration::from_secs(24 * 3600);
    /// match io.wait_for_event::<on_paid>("paid", filter, day).await? {
    ///     Some(paid) => println!("{} cents", paid.cents),
    ///     None => println!("nobody paid in time"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Io::wait`]; a filter that is wrong; a payload of another type.
    #[track_caller]
    pub fn wait_for_event<E: EventType>(
        &self,
        key: impl IntoKey,
        filter: impl Into<Option<Value>>,
        timeout: Duration,
    ) -> impl Future<Output = Result<Option<E::Payload>, RunError>> {
        let begun = self.begin_wait(key.into_key(), Location::caller());
        let wanted = Wanted {
            names: E::SPEC.names.iter().map(|name| (*name).to_owned()).collect(),
            source: E::SPEC.source.map(str::to_owned),
            declared: E::SPEC.filter,
            filter: filter.into(),
        };
        wait_for_event(Arc::clone(self.execution()), begun, wanted, timeout)
    }

    /// As [`Io::wait_for_event`], for an event that is known by its name alone,
    /// from any source.
    ///
    /// # Errors
    ///
    /// As [`Io::wait_for_event`].
    #[track_caller]
    pub fn wait_for_event_named<T: DeserializeOwned, K: IntoKey>(
        &self,
        key: K,
        name: impl Into<String>,
        filter: impl Into<Option<Value>>,
        timeout: Duration,
    ) -> impl Future<Output = Result<Option<T>, RunError>> {
        let begun = self.begin_wait(key.into_key(), Location::caller());
        let wanted = Wanted { names: vec![name.into()], source: None, declared: None, filter: filter.into() };
        wait_for_event(Arc::clone(self.execution()), begun, wanted, timeout)
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
    let (due_at, look) = match begun.left_open() {
        // A person may have ended it before its time.
        Some(wait) => (wait.due_at, Look::Now),
        None => {
            let due_at = due(execution.setting.clock.now());
            let wait = NewWait { key: begun.key().to_owned(), awaited: Awaited::Time, due_at };
            let opened = execution.setting.store.open_wait(execution.fence, wait, begun.past());
            // The write is under way, before all that may follow: the run may rest.
            begun.rest(due_at);
            opened.await.map_err(|error| not_written(begun.key(), &error))?;
            (due_at, Look::WhenTold)
        }
    };
    until_ended(&execution, begun, due_at, look).await.map(|_| ())
}

/// Which events a wait is for.
pub(super) struct Wanted {
    pub(super) names: Vec<String>,
    pub(super) source: Option<String>,
    /// The filter of the event's own declaration.
    pub(super) declared: Option<Pattern<'static>>,
    pub(super) filter: Option<Value>,
}

pub(super) async fn wait_for_event<T: DeserializeOwned>(
    execution: Arc<Execution>,
    begun: Result<Begun, RunError>,
    what: Wanted,
    timeout: Duration,
) -> Result<Option<T>, RunError> {
    let mut begun = begun?;
    let Wanted { names, source, declared, filter } = what;
    let filter = checked(begun.key(), declared, filter.as_ref())?;
    if let Some(step) = execution.reached(&mut begun).await {
        return outcome(&step);
    }
    let (due_at, look) = match begun.left_open() {
        Some(wait) => (wait.due_at, Look::Now),
        None => {
            let due_at = execution.setting.clock.now().plus(timeout);
            let awaited = Awaited::Event { names, source, filter };
            let wait = NewWait { key: begun.key().to_owned(), awaited, due_at };
            let is_over = execution.setting.store.open_wait(execution.fence, wait, begun.past()).await;
            let is_over = is_over.map_err(|error| not_written(begun.key(), &error))?;
            (due_at, if is_over { Look::Over } else { Look::WhenTold })
        }
    };
    let step = until_ended(&execution, begun, due_at, look).await?;
    outcome(&step)
}

/// The filters as they are stored. What is wrong in them is wrong in every execution.
fn checked(
    key: &str,
    declared: Option<Pattern<'static>>,
    filter: Option<&Value>,
) -> Result<Option<String>, RunError> {
    let wrong = |problems: Vec<Problem<String>>| {
        let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        RunError::new(RunErrorKind::Filter, format!("the filter of the wait `{key}` is wrong: {problems}"))
    };
    let declared = declared.map(|pattern| Filter::from_pattern(pattern, Root::Payload));
    let own = filter.map(|filter| Filter::from_json(filter, Root::Payload));
    let (declared, own) = (declared.transpose().map_err(wrong)?, own.transpose().map_err(wrong)?);
    if let (Some(own), Some(declared)) = (&own, &declared)
        && let Some(Apart { path, first, second }) = own.apart(declared, |_| false)
    {
        let text = format!(
            "the wait `{key}` can never end with an event: its filter wants `{path}` to be {first}, and the filter \
             of the event wants {second}"
        );
        return Err(RunError::new(RunErrorKind::Filter, text));
    }
    let filters: Vec<_> = declared.iter().chain(&own).map(Filter::to_json).collect();
    Ok((!filters.is_empty()).then(|| Value::from(filters).to_string()))
}

/// What is known of whether a wait has ended in the store.
pub(super) enum Look {
    /// It has.
    Over,
    /// It may have, before this execution began.
    Now,
    /// It had not when it was opened.
    WhenTold,
}

/// Waits until the store says that the wait has ended, or until it is due, and records that.
pub(super) async fn until_ended(
    execution: &Execution,
    mut begun: Begun,
    due_at: Timestamp,
    mut look: Look,
) -> Result<Step, RunError> {
    // As of the start of the execution: what was told since is not missed.
    let mut seen = 0;
    loop {
        match look {
            Look::Over => return end(execution, begun).await,
            Look::Now => {
                let waits = execution.setting.store.waits(execution.fence.run).await;
                let waits = waits.map_err(|error| not_written(begun.key(), &error))?;
                if waits.iter().any(|wait| wait.key == begun.key() && wait.ended.is_some()) {
                    look = Look::Over;
                    continue;
                }
            }
            Look::WhenTold => {}
        }
        begun.rest(due_at);
        look = tokio::select! {
            () = execution.setting.clock.sleep_until(due_at) => Look::Over,
            () = execution.ended.told(&mut seen) => Look::Now,
        };
        begun.stir();
    }
}

/// What ended a wait; `None` where its time did.
pub(super) fn outcome<T: DeserializeOwned>(step: &Step) -> Result<Option<T>, RunError> {
    if step.state == StepState::TimedOut { Ok(None) } else { read(step).map(Some) }
}

/// Records the end of a wait, and releases it in its turn.
pub(super) async fn end(execution: &Execution, mut begun: Begun) -> Result<Step, RunError> {
    begun.stir();
    let (key, seq) = (begun.key().to_owned(), begun.place());
    let step = execution.setting.store.end_wait(execution.fence, key, seq).await;
    let step = step.map_err(|error| not_written(begun.key(), &error))?;
    begun.ended(step.clone());
    execution.pass_crash_point(&step.key).await;
    begun.released(None).await;
    Ok(step)
}

pub(super) fn not_written(key: &str, error: &StoreError) -> RunError {
    RunError::new(RunErrorKind::Store, format!("the wait `{key}` was not recorded: {error}"))
}
