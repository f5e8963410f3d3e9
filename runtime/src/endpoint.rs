//! What `#[http_endpoint]` declares: const data, and the traits that messages show.

use crate::BoxFuture;
use crate::event::{EventNames, EventSpec};
use crate::payload::Schema;
use crate::request::Request;
use crate::schedule::ScheduleSpec;
use crate::source::Subscription;
use crate::verify::{Verification, Verifier};
use axum::response::IntoResponse;
use std::fmt;
use std::time::Duration;
use triggerfish_filter::{Pattern, Root};

/// The answer to a sender.
pub type Response = axum::response::Response;

/// A function that carries `#[http_endpoint(...)]`.
///
/// The attribute makes a type of the function's name that implements it.
pub trait Endpoint: Trigger {
    /// What the attribute declares.
    const SPEC: EndpointSpec;
}

/// What a job can be triggered by.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot trigger a job",
    label = "neither an endpoint nor an event",
    note = "`trigger` names a function that carries `#[http_endpoint(...)]` or `#[event(...)]`"
)]
pub trait Trigger {
    /// What a filter of such a job is rooted at.
    const ROOT: Root;
    /// The shape of the payload: of the body of a request, of what an event carries. `None` where
    /// it is not known.
    const PAYLOAD: Option<&'static Schema> = None;
    /// The declaration behind it.
    const TRIGGER: TriggerSpec;
}

/// The declaration behind a trigger.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TriggerSpec {
    /// Requests at an endpoint.
    Endpoint(&'static EndpointSpec),
    /// Events of a declared kind.
    Event(&'static EventSpec),
    /// Events of some names.
    Named(EventNames),
    /// A schedule that is declared with the job: `cron(..)`, `every(..)`.
    Schedule(ScheduleSpec),
    /// Schedules that are registered at run time: `schedule`.
    Dynamic,
    /// Calls: `invoke`.
    Invoke,
    /// An event of an external source, with what the job says of its webhook.
    Source(&'static Subscription),
}

/// What an endpoint is declared to be.
#[derive(Clone, Copy, Debug)]
pub struct EndpointSpec {
    /// Its id; it names the endpoint in its URL.
    pub id: &'static str,
    /// The provider's domain.
    pub source: Option<&'static str>,
    /// The name of an icon.
    pub icon: Option<&'static str>,
    /// What a person calls it.
    pub title: Option<&'static str>,
    /// Whether it takes requests.
    pub enabled: bool,
    /// Its path, where it is not `/hooks/{id}`.
    pub path: Option<&'static str>,
    /// The name of the payload's type.
    pub payload: Option<fn() -> &'static str>,
    /// How its requests are verified.
    pub verify: VerifySpec,
    /// The names of the secrets that its own functions read.
    pub secrets: &'static [&'static str],
    /// What answers some requests in place of a run.
    pub respond_with: Option<RespondSpec>,
    /// The largest body it takes, in bytes, where it is not the configured one.
    pub max_body: Option<usize>,
    /// How repeats are recognised, where it is not as the verifier says.
    pub dedupe: Option<Dedupe>,
    /// The status for a request that no job takes, where it is not 200.
    pub unmatched: Option<u16>,
    /// Where it is declared.
    pub location: Location,
}

/// How requests are verified.
#[derive(Clone, Copy)]
pub enum VerifySpec {
    /// By a scheme; the function is called once, at start-up.
    Scheme(fn() -> Verifier),
    /// By the user's own function.
    Custom(for<'a> fn(&'a Request) -> BoxFuture<'a, Verification>),
    /// By the secret that an external source got from its provider.
    Source,
}

impl fmt::Debug for VerifySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            VerifySpec::Scheme(_) => "Scheme",
            VerifySpec::Custom(_) => "Custom",
            VerifySpec::Source => "Source",
        })
    }
}

/// What `respond_with(...)` declares.
#[derive(Clone, Copy)]
pub struct RespondSpec {
    /// Which requests it answers.
    pub filter: Option<Pattern<'static>>,
    /// The user's function.
    pub handler: for<'a> fn(&'a Request, Verify<'a>) -> BoxFuture<'a, Response>,
    /// Whether the answer is the end of the request.
    pub skip_triggering_runs: bool,
    /// Whether it answers verified requests alone, and may then read the body.
    pub verified: bool,
    /// Whether it may read the body before it is verified.
    pub unverified_body: bool,
}

impl fmt::Debug for RespondSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RespondSpec")
            .field("filter", &self.filter)
            .field("skip_triggering_runs", &self.skip_triggering_runs)
            .finish_non_exhaustive()
    }
}

/// How a repeat of a delivery is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dedupe {
    /// By the id that the provider gives to a delivery.
    Id,
    /// By the same method, target, event type and body within this time.
    Body(Duration),
    /// Not at all: every request is a new delivery.
    None,
}

/// Verifies the request that a `respond_with` handler was given: `verify.await`.
pub struct Verify<'a>(pub(crate) BoxFuture<'a, Verification>);

impl<'a> IntoFuture for Verify<'a> {
    type Output = Verification;
    type IntoFuture = BoxFuture<'a, Verification>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

impl fmt::Debug for Verify<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verify")
    }
}

/// What a handler of `respond_with` gives when it is called.
#[diagnostic::on_unimplemented(
    message = "a handler of `respond_with` must be an `async fn` that returns a response",
    label = "this returns `{Self}`",
    note = "write `async fn answer(request: &Request, verify: Verify<'_>) -> Response`; in place of `Response` it \
            may return what axum turns into one: a `String`, a `StatusCode`, `(StatusCode, String)`, a `Result` \
            of two of these",
    note = "its future must be `Send`: nothing like an `Rc` may be held over an `.await`"
)]
pub trait Answering<'a> {
    /// The answer, once it is there.
    fn answering(self) -> BoxFuture<'a, Response>;
}

#[diagnostic::do_not_recommend]
impl<'a, F> Answering<'a> for F
where
    F: Future<Output: IntoResponse> + Send + 'a,
{
    fn answering(self) -> BoxFuture<'a, Response> {
        Box::pin(async move { self.await.into_response() })
    }
}

/// What a custom verifier may return.
#[diagnostic::on_unimplemented(
    message = "a verifier must return `Verification`, not `{Self}`",
    label = "this does not say whether the request is genuine",
    note = "return `Verification`, or `Result<Verification, E>` with `E: Display`; an error rejects the request"
)]
pub trait IntoVerification {
    /// The verdict.
    fn into_verification(self) -> Verification;
}

#[diagnostic::do_not_recommend]
impl IntoVerification for Verification {
    fn into_verification(self) -> Verification {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: fmt::Display> IntoVerification for Result<Verification, E> {
    fn into_verification(self) -> Verification {
        self.unwrap_or_else(|error| Verification::rejected(error.to_string()))
    }
}

/// A place in the user's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The crate.
    pub package: &'static str,
    /// The file.
    pub file: &'static str,
    /// The line, counting from 1.
    pub line: u32,
    /// The column, counting from 1.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
