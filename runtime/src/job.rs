//! What `#[job]` declares: const data, and the traits that messages show.

mod batch;
mod outcome;

pub use batch::{FromBatch, of_batch};
pub use outcome::{IntoOutcome, Outcome, run};

use crate::BoxFuture;
use crate::endpoint::{Location, TriggerSpec};
use crate::error::{BoxError, Error, chain};
use crate::event::Event;
use crate::flow::Flow;
use crate::hook::Hooks;
use crate::request::Request;
use crate::run::{Invocation, Level, StateMap};
use crate::store::Origin;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use triggerfish_filter::Pattern;

/// A function that carries `#[job(...)]`.
///
/// The attribute makes a type of the function's name that implements it.
pub trait Job {
    /// What the attribute declares.
    const SPEC: JobSpec;
}

/// What a job is declared to be.
#[derive(Clone, Copy)]
pub struct JobSpec {
    /// Its id.
    pub id: &'static str,
    /// What a person calls it; the id, where nothing else is given.
    pub name: &'static str,
    /// Its version, `x.y.z`.
    pub version: &'static str,
    /// Whether it runs.
    pub enabled: bool,
    /// What triggers it.
    pub trigger: TriggerSpec,
    /// Which deliveries it takes; `None` for all.
    pub filter: Option<Pattern<'static>>,
    /// Whether the filter was checked by the type of the payload.
    pub is_typed: bool,
    /// When a failed run is tried again.
    pub retry: RetryPolicy,
    /// The longest an execution may take.
    pub timeout: Option<Duration>,
    /// Which lines of its log are kept; `None` for what is configured.
    pub log_level: Option<Level>,
    /// How its runs flow.
    pub flow: Flow,
    /// What is done at the end of its runs, and what ends them.
    pub hooks: Hooks,
    /// Calls the user's function with what its parameters ask for.
    pub run: fn(Invocation) -> BoxFuture<'static, Outcome>,
    /// Says what its parameters ask for that the program has not given.
    pub missing: fn(&StateMap) -> Vec<&'static str>,
    /// Where it is declared.
    pub location: Location,
}

impl fmt::Debug for JobSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobSpec")
            .field("id", &self.id)
            .field("version", &self.version)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// When a failed run is tried again: exponentially later, with a random part
/// so that runs that failed together do not return together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// How often a run is tried in all, the first time included. Progress, a
    /// step that was recorded, starts the count again.
    pub limit: u32,
    /// By how much a pause is longer than the one before.
    pub factor: f64,
    /// The longest that the first pause can be.
    pub min: Duration,
    /// The longest that any pause can be.
    pub max: Duration,
}

impl RetryPolicy {
    /// Three attempts within five minutes.
    pub const DEFAULT: RetryPolicy =
        RetryPolicy { limit: 3, factor: 4.0, min: Duration::from_secs(60), max: Duration::from_secs(240) };

    /// So many attempts in all, with the usual pauses.
    pub const fn attempts(limit: u32) -> Self {
        RetryPolicy { limit, ..RetryPolicy::DEFAULT }
    }

    /// The pause after failure `n`, counting from 1: a random part, `random` of
    /// 0 to 1, of the longest that it can be ("full jitter").
    pub fn pause(&self, n: u32, random: f64) -> Duration {
        let exponent = i32::try_from(n.saturating_sub(1)).unwrap_or(i32::MAX);
        let longest = self.min.as_secs_f64() * self.factor.max(1.0).powi(exponent);
        let longest = longest.min(self.max.as_secs_f64());
        Duration::try_from_secs_f64(longest * random.clamp(0.0, 1.0)).unwrap_or(self.max)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy::DEFAULT
    }
}

/// How a job's function ended, if not well.
#[derive(Debug)]
pub enum JobError {
    /// The delivery does not decode into what the job takes.
    Payload(String),
    /// Payloads of a batch, by their places in it, do not decode into what the job takes.
    Unreadable(Vec<(usize, String)>),
    /// The function returned an error.
    Failed(BoxError),
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobError::Payload(text) => f.write_str(text),
            JobError::Unreadable(all) => {
                let all: Vec<_> = all.iter().map(|(place, why)| format!("at `[{place}]`: {why}")).collect();
                f.write_str(&all.join("; "))
            }
            JobError::Failed(error) => f.write_str(&chain(error.as_ref())),
        }
    }
}

/// What a job may ask for: a type of one of its parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a job",
    label = "not something a job can ask for",
    note = "a job may take `Json<T>`, `Request`, `Event<T>`, `Tick`, `Io`, `Context` and `State<S>`, all from \
            `triggerfish::prelude`, in any order and each at most once"
)]
pub trait FromRun: Sized {
    /// What must have started the run, so that there is one.
    const NEEDS: Needs = Needs::Nothing;

    /// Takes it from the run.
    fn from_run(invocation: &Invocation) -> Result<Self, JobError>;

    /// The name of what the program has to give at start-up and has not.
    fn missing(_state: &StateMap) -> Option<&'static str> {
        None
    }
}

/// What must have started a run, so that a parameter can be taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Whatever it was.
    Nothing,
    /// A request at an endpoint.
    Request,
    /// An event.
    Event,
    /// A schedule.
    Tick,
}

/// A job whose trigger is `invoke`. The attribute makes its type implement it,
/// and gives it a function `call` that makes a call of the job.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be called",
    label = "not a job with `trigger = invoke`"
)]
pub trait Invocable: Job {
    /// What the job returns where it ends well: [`IntoOutcome::Output`].
    type Output;
}

/// A parameter that is read from what started the run.
pub trait Reads {
    /// What it is read as.
    type Payload;
}

impl<T> Reads for Json<T> {
    type Payload = T;
}

impl<T> Reads for Event<T> {
    type Payload = T;
}

/// The body of the delivery, or the payload of the event, read as JSON into a
/// type of the user.
///
/// What does not decode ends the run as an invalid payload, without retries:
/// the same bytes would fail again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromRun for Json<T> {
    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        match &invocation.batch {
            None => decode(&invocation.origin).map(Json),
            Some(others) => {
                let others = others.iter().map(|member| &member.origin);
                batch::decode(std::iter::once(&invocation.origin).chain(others)).map(Json)
            }
        }
    }
}

/// Reads what started a run.
pub(crate) fn decode<T: DeserializeOwned>(origin: &Origin) -> Result<T, JobError> {
    let what = match origin {
        Origin::Delivery(_) => "body",
        Origin::Event(_) => "payload",
    };
    let payload = origin.payload();
    serde_json::from_slice(payload).map_err(|_| JobError::Payload(why_not::<T>(what, payload)))
}

/// Where decoding stopped, and why. Reads the bytes a second time, so that the
/// usual way does not pay for the path.
pub(crate) fn why_not<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> String {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let result = serde_path_to_error::deserialize::<_, T>(&mut source);
    let name = std::any::type_name::<T>();
    match result {
        Err(error) if error.path().iter().next().is_some() => {
            format!("the {what} is no `{name}`: at `{}`: {}", error.path(), error.inner())
        }
        Err(error) => format!("the {what} is no `{name}`: {}", error.inner()),
        Ok(_) => format!("the {what} is no `{name}`: something follows the JSON value"),
    }
}

#[diagnostic::do_not_recommend]
impl FromRun for Request {
    const NEEDS: Needs = Needs::Request;

    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        invocation.origin.delivery().map(|delivery| delivery.request.clone()).ok_or_else(|| {
            let text = "the run was started by an event, and has no request; \
                        take `Json<T>` for the event's payload";
            JobError::Failed(Error::fatal(text).into())
        })
    }
}

/// A value that the program gave to `Runtime::builder().state(value)`, shared by all runs.
#[derive(Debug)]
pub struct State<S>(pub Arc<S>);

impl<S> Clone for State<S> {
    fn clone(&self) -> Self {
        State(Arc::clone(&self.0))
    }
}

impl<S> Deref for State<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<S: Send + Sync + 'static> FromRun for State<S> {
    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        invocation.state().get::<S>().map(State).ok_or_else(|| {
            let name = std::any::type_name::<S>();
            JobError::Failed(format!("no state of type `{name}` was given to the builder").into())
        })
    }

    fn missing(state: &StateMap) -> Option<&'static str> {
        state.get::<S>().is_none().then(std::any::type_name::<S>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_are_jittered_whole() {
        let policy =
            RetryPolicy { limit: 9, factor: 2.0, min: Duration::from_secs(1), max: Duration::from_secs(5) };
        let longest: Vec<_> = (1..=4).map(|n| policy.pause(n, 1.0).as_secs()).collect();
        assert_eq!(longest, [1, 2, 4, 5]);
        assert_eq!(policy.pause(3, 0.0), Duration::ZERO);
        assert_eq!(policy.pause(3, 0.25), Duration::from_secs(1));
        assert_eq!(policy.pause(u32::MAX, 1.0), Duration::from_secs(5));
    }

    #[test]
    fn a_body_that_does_not_decode_says_where_and_why() {
        #[derive(Debug, serde::Deserialize)]
        struct Booking {
            #[expect(dead_code)]
            items: Vec<u8>,
        }
        let why = why_not::<Booking>("body", br#"{"items": [1, "x"]}"#);
        assert!(why.contains("at `items[1]`") && why.contains("expected u8"), "{why}");
        let why = why_not::<Booking>("body", b"{");
        assert!(why.contains("EOF"), "{why}");
    }
}
