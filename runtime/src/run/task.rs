//! Steps with options: what a person sees of them, and how they are tried again.

use super::execute::Execution;
use super::io::{Io, within};
use super::replay::Begun;
use super::{IntoKey, Key};
use crate::error::{BoxError, RunError, RunErrorKind};
use crate::job::RetryPolicy;
use crate::store::{About, Property, Step, StepKind, StepState, redacted};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::future::Future;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// A step that is being described; [`Task::run`] begins it.
///
/// ```
/// # use std::time::Duration;
/// # use triggerfish::prelude::*;
/// # use triggerfish::job::RetryPolicy;
/// # struct Order { id: String, card: String }
/// # async fn charge(order: &Order) -> Result<u64> { Ok(1) }
/// # async fn f(io: &Io, order: Order) -> Result<()> {
/// let payment = io
///     .task("charge")
///     .name("Charge the card")
///     .icon("stripe")
///     .params(serde_json::json!({ "order": order.id, "card": order.card }))
///     .redact(["/card"])
///     .property("Order", &order.id)
///     .retry(RetryPolicy::attempts(8))
///     .timeout(Duration::from_secs(30))
///     .run(|| charge(&order))
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a step begins with `.run(..)`"]
pub struct Task<'io> {
    io: &'io Io,
    key: Key,
    at: &'static Location<'static>,
    options: Options,
}

/// What a step is described to be.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) kind: StepKind,
    pub(super) about: Option<Box<About>>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) timeout: Option<Duration>,
}

impl Io {
    /// Describes a step further, before it runs: [`Task::run`] does what
    /// [`Io::run_task`] does.
    #[track_caller]
    pub fn task(&self, key: impl IntoKey) -> Task<'_> {
        Task { io: self, key: key.into_key(), at: Location::caller(), options: Options::default() }
    }
}

impl<'io> Task<'io> {
    /// What a person calls the step; its key, where nothing else is given.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.about().name = Some(name.into());
        self
    }

    /// The name of an icon, to show.
    pub fn icon(mut self, icon: impl Into<String>) -> Self {
        self.about().icon = Some(icon.into());
        self
    }

    /// What the step works on, to show; kept as JSON.
    pub fn params(mut self, params: impl Serialize) -> Self {
        let params = serde_json::to_value(params);
        self.about().params = Some(params.unwrap_or_else(|error| format!("not JSON: {error}").into()));
        self
    }

    /// A line to show with the step.
    pub fn property(mut self, label: impl Into<String>, text: impl Display) -> Self {
        self.about().properties.push(Property { label: label.into(), text: text.to_string() });
        self
    }

    /// What nobody is shown: JSON pointers into the parameters and the output,
    /// such as `/card/number`. Redacted parameters are not stored; an output is
    /// stored whole, because the run needs it, and shown redacted.
    pub fn redact(mut self, pointers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.about().redact.extend(pointers.into_iter().map(Into::into));
        self
    }

    /// When the run is executed again after the step failed, in place of the
    /// job's policy. The step's failures are counted for themselves: the run
    /// fails for good when the step has failed as often as its limit says.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// The longest the step may take; it fails then, and its function is dropped.
    pub fn timeout(mut self, most: Duration) -> Self {
        self.options.timeout = Some(most);
        self
    }

    /// Runs `f` once in the life of the run, as [`Io::run_task`] does.
    ///
    /// # Errors
    ///
    /// As [`Io::run_task`].
    pub fn run<T, E, F, Fut>(self, f: F) -> impl Future<Output = Result<T, RunError>> + use<T, E, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
        T: Serialize + DeserializeOwned,
        E: Into<BoxError>,
    {
        // Begun when called, not when first polled: `select!` may drop a step
        // that it never polled, and its record must then not hold up the others.
        let Task { io, key, at, mut options } = self;
        let begun = io.execution().replay.begin(key.below(within().as_deref()), at);
        if let Some(about) = &mut options.about
            && let Some(params) = &mut about.params
        {
            redacted(params, &about.redact);
        }
        run(Arc::clone(io.execution()), begun, options, f)
    }

    pub(super) fn of_kind(mut self, kind: StepKind) -> Self {
        self.options.kind = kind;
        self
    }

    fn about(&mut self) -> &mut About {
        self.options.about.get_or_insert_default()
    }
}

pub(super) async fn run<T, E, F, Fut>(
    execution: Arc<Execution>,
    begun: Result<Begun, RunError>,
    options: Options,
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
    if let Some(policy) = options.retry {
        begun.retries_by(policy);
    }
    let started_at = execution.setting.clock.now();
    // The call itself stands inside too: a step may begin others before it awaits.
    let call = super::io::inside(begun.key().to_owned(), async { f().await });
    let result = match options.timeout {
        None => call.await.map_err(Into::into),
        Some(most) => tokio::select! {
            biased;
            result = call => result.map_err(Into::into),
            () = execution.setting.clock.sleep_until(started_at.plus(most)) => {
                Err(BoxError::from(format!("timed out after {most:?}")))
            }
        },
    };
    match result {
        Ok(value) => {
            let output = serde_json::to_string(&value).map_err(|error| {
                let text = format!("the output of step `{}` cannot be written as JSON: {error}", begun.key());
                RunError::new(RunErrorKind::Output, text)
            })?;
            execution.record(begun, options, output, started_at).await?;
            Ok(value)
        }
        Err(error) => {
            let error = RunError::step(begun.key(), error.as_ref());
            execution.fail(begun, options, error.to_string(), started_at).await;
            Err(error)
        }
    }
}

/// What a recorded step returned.
pub(super) fn read<T: DeserializeOwned>(step: &Step) -> Result<T, RunError> {
    if step.state == StepState::Failed {
        return Err(RunError::recorded(&step.key, step.output.clone()));
    }
    serde_json::from_str(&step.output).map_err(|error| {
        let what = match step.kind {
            StepKind::Event => "the payload of the event that ended wait",
            StepKind::Request => "the body of the request that ended wait",
            StepKind::Call => "what the run returned that was called at",
            _ => "the recorded output of step",
        };
        let cure = match step.kind {
            StepKind::Event | StepKind::Request => "take a type that it fits, or `serde_json::Value`",
            StepKind::Call => "a job whose output has another type now is called with another key",
            _ => "a step whose output has another type now needs another key",
        };
        let (key, name) = (&step.key, std::any::type_name::<T>());
        RunError::new(RunErrorKind::Output, format!("{what} `{key}` is no `{name}`: {error}; {cure}"))
    })
}
