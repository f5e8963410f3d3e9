//! Receive webhooks and run durable jobs from them, inside your own binary.
//!
//! ```no_run
//! use serde::{Deserialize, Serialize};
//! use triggerfish::prelude::*;
//! use triggerfish::runtime;
//!
//! #[derive(Serialize, Deserialize, Payload)]
//! #[serde(rename_all = "camelCase")]
//! struct BookingEvent {
//!     trigger_event: TriggerEvent,
//!     payload: Booking,
//! }
//!
//! #[derive(Serialize, Deserialize, Payload)]
//! #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
//! enum TriggerEvent {
//!     BookingCreated,
//!     BookingRescheduled,
//!     BookingCancelled,
//!     MeetingEnded,
//! }
//!
//! #[derive(Serialize, Deserialize, Payload)]
//! struct Booking {
//!     uid: String,
//!     length: u32,
//! }
//!
//! /// How Cal.com's requests are verified. Called once, at start-up.
//! #[http_endpoint(id = "cal.com", source = "cal.com")]
//! fn caldotcom() -> Verifier {
//!     Verifier::calcom(env("CALDOTCOM_SECRET"))
//! }
//!
//! #[job(
//!     id = "refund",
//!     version = "1.0.0",
//!     trigger = caldotcom,
//!     filter = {
//!         body: {
//!             triggerEvent: ["BOOKING_CANCELLED"],
//!             payload: { length: [{ $gt: 15 }] },
//!         },
//!     },
//! )]
//! async fn on_booking_cancelled(Json(event): Json<BookingEvent>, io: Io) -> Result<()> {
//!     let cents = io.run_task("refund", || refund(&event.payload)).await?; // once, whatever crashes
//!     io.logger().info("refunded", cents);
//!     Ok(())
//! }
//!
//! async fn refund(booking: &Booking) -> Result<u32> {
//!     Ok(booking.length * 100)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), runtime::Error> {
//!     runtime::serve().await
//! }
//! ```
//!
//! A program depends on this crate, and on `serde` (with `derive`) and `tokio`
//! (with `macros` and `rt-multi-thread`) for code of its own.
//!
//! # What happens to a request
//!
//! It is taken at `/hooks/{id}`, verified by its exact bytes, matched with the
//! filters of the endpoint's jobs, and stored together with a run for each job
//! that takes it. Only when that is on the disk the sender gets its 200. A
//! request that does not verify gets a 401 and starts nothing; one that repeats
//! a delivery gets the same answer as the first and starts nothing; one that no
//! job takes is stored with the reason. Each writes one line to the log.
//!
//! A run survives crashes: it is executed again from the top, and the steps
//! that are done ([`run::Io::run_task`]) return what they returned before.
//!
//! # Where to look
//!
//! - [`macro@http_endpoint`] and [`macro@job`]: the attributes and their options.
//! - [`verify::Verifier`]: the presets, and how to say a scheme of your own.
//! - [`run::Io`], [`run::Context`], [`job::Json`], [`job::State`],
//!   [`request::Request`]: what a job can ask for.
//! - [`macro@event`], [`send_event`], [`invoke`], [`schedule`]: what runs jobs
//!   beside requests.
//! - [`error::Error`]: errors that are final, or that say when to try again.
//! - [`runtime`]: [`runtime::serve`], or a router to nest in an axum app.
//! - [`dashboard::Dashboard`]: who may see the pages, and what of it.
//! - [`config::Config`]: every setting and its variable.
//!
//! # Features
//!
//! | feature | default | what |
//! |---|---|---|
//! | `sqlite` | yes | the store in a file, with SQLite compiled in; needs a C compiler |
//! | `sqlite-system` | | the same over the system's SQLite |
//! | `logs` | yes | [`runtime::serve`] prints logs, where the program installed no subscriber |
//! | `dotenv` | yes | `.env` is read at start-up |
//! | `http-client` | | [`client::Https`], with which integrations call their provider |
//! | `dashboard` | yes | pages over everything that is declared and stored, and their API: [`dashboard`] |
//! | `sealed-secrets` | | secrets that the program makes or gets from a provider, kept sealed: [`secret::managed`] |
//! | `chrono`, `jiff`, `url`, `uuid` | | types of these crates in payloads: strings, to the filters over them |
//! | `ed25519`, `p256`, `rsa`, `jwt` | | presets whose requests are signed with a private key, or carry a token |
//!
//! # What it does not do
//!
//! It has no store but SQLite and memory, so one process has the work. It does not send webhooks. It does not
//! end TLS, and it does not decompress bodies. It promises no order between
//! deliveries, and no step that is done exactly once outside of its own store:
//! a step that was interrupted runs again.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "dashboard")]
mod admin;
pub mod client;
pub mod config;
#[cfg(feature = "dashboard")]
pub mod dashboard;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod flow;
pub mod hook;
mod id;
pub mod job;
pub mod payload;
pub mod prelude;
pub mod registry;
pub mod request;
pub mod run;
pub mod runs;
pub mod runtime;
pub mod schedule;
pub mod secret;
mod serve;
pub mod source;
pub mod store;
pub mod testing;
pub mod time;
mod vault;
mod verdict;
pub mod verify;

/// A function that carries it says how the requests of an endpoint are verified.
///
/// Two forms. A function of nothing returns a [`Verifier`](verify::Verifier),
/// and is called once, at start-up:
///
/// ```
/// # use triggerfish::prelude::*;
/// #[http_endpoint(id = "github", source = "github.com")]
/// fn github() -> Verifier {
///     Verifier::github(env("GITHUB_WEBHOOK_SECRET"))
/// }
/// ```
///
/// An `async fn` of the request returns a [`Verification`](verify::Verification)
/// (or a `Result` of one), and is called for each request:
///
/// ```
/// # use triggerfish::prelude::*;
/// # use triggerfish::verify::{Encoding, Hash, RequestSignature, verify_request_signature};
/// #[http_endpoint(id = "acme", secrets("ACME_SECRET"))]
/// async fn acme(request: &Request) -> Verification {
///     let Some(secret) = request.secret("ACME_SECRET") else {
///         return Verification::rejected("`ACME_SECRET` is not declared");
///     };
///     let (header_name, header_encoding, algorithm) = ("X-Acme-Signature", Encoding::Hex, Hash::Sha256);
///     verify_request_signature(request, RequestSignature { header_name, header_encoding, secret, algorithm })
/// }
/// ```
///
/// The function stays callable. Beside it stands a type of the same name, which
/// jobs refer to: `trigger = github`.
///
/// | option | default | |
/// |---|---|---|
/// | `id = "cal.com"` | required | names the endpoint in its URL, in the store and in the log |
/// | `path = "/github"` | `/hooks/{id}` | where it takes requests |
/// | `source = "cal.com"` | none | the provider's domain, to show |
/// | `icon = "caldotcom"` | none | the name of an icon, to show |
/// | `title = "Cal.com"` | none | what a person calls it, to show |
/// | `enabled = false` | `true` | whether it takes requests |
/// | `payload = BookingEvent` | none | the type of the payload, to show |
/// | `max_body = "5MiB"` | [`Config::max_body`](config::Config::max_body) | the largest body; a larger one gets a 413 |
/// | `dedupe = id`, `body`, `body(window = "24h")`, `none` | as the verifier says | by what a repeat is recognised: the provider's id, the same body within a time, nothing |
/// | `unmatched = 400` | 200 | the status for a verified request that no job takes |
/// | `secrets("A", "B")` | none | secrets that the endpoint's own functions read with [`Request::secret`](request::Request::secret) |
/// | `respond_with(..)` | none | answers some requests in place of a run, see below |
/// | `type = Name` | the function's | the name of the type, where a module or an import has the function's |
/// | `crate = path` | `::triggerfish` | how the program calls this crate |
///
/// `respond_with` is for handshakes that no preset knows. Its handler is an
/// `async fn(&Request, Verify<'_>)` that returns whatever axum takes as a response.
///
/// | option | default | |
/// |---|---|---|
/// | `handler = answer` | required | the function |
/// | `filter = { .. }` | every request | which requests it answers |
/// | `skip_triggering_runs = true` | `false` | whether its answer is the end; otherwise a success goes on, is verified, and gets this answer |
/// | `verified = true` | `false` | asked after verification, and given the body |
/// | `unverified_body = true` | `false` | given the body before verification |
pub use triggerfish_macros::http_endpoint;

/// On an `impl` of [`ExternalSource`](source::ExternalSource): declares a source
/// whose events come through a webhook that the program registers.
///
/// | option | default | |
/// |---|---|---|
/// | `id = "stripe.webhook"` | required | names the source in the store and the log |
/// | `version = "0.1.0"` | required | three numbers; another one registers again |
/// | `events = [on_price_created]` | required | the events that it brings, by their paths |
/// | `crate = path` | `::triggerfish` | how the program calls this crate |
pub use triggerfish_macros::external_source;

/// A function that carries it is an instance of an external source: it is called
/// once, at start-up, with nothing, and returns the source.
///
/// Jobs name it where there are several: `trigger = stripe::on_price_created(account = stripe_live)`.
///
/// | option | default | |
/// |---|---|---|
/// | `type = Name` | the function's | the name of the type that stands beside the function |
/// | `crate = path` | `::triggerfish` | how the program calls this crate |
pub use triggerfish_macros::source;

/// An async function that carries it is a job: it runs durably, once for each
/// delivery, event, call or tick that its trigger gives and its filter lets pass.
///
/// ```
/// # use triggerfish::prelude::*;
/// # #[http_endpoint(id = "github")]
/// # fn github() -> Verifier { Verifier::none("an example") }
/// #[job(
///     id = "label-large-changes",
///     version = "1.0.0",
///     trigger = github,
///     filter = {
///         headers: { "X-GitHub-Event": ["pull_request"] },
///         body: { action: ["opened", "reopened"], pull_request: { changed_files: [{ $gt: 20 }] } },
///     },
///     retry(limit = 5, min = "10s"),
///     timeout = "2m",
/// )]
/// async fn on_large_change(request: Request, io: Io) -> Result<()> {
///     io.run_task("label", async || done(())).await?;
///     Ok(())
/// }
/// ```
///
/// Its parameters are what it asks for, in any order, each at most once:
/// [`Json<T>`](job::Json), [`Request`](request::Request), [`Event<T>`](event::Event),
/// [`Tick`](schedule::Tick), [`Io`](run::Io), [`Context`](run::Context) and
/// [`State<S>`](job::State). It returns `()` or
/// `Result<T, E>`, with any error type; `T` is kept with the run.
///
/// | option | default | |
/// |---|---|---|
/// | `id = "send-invite"` | required | by which stored runs find their job: keep it when the function is renamed |
/// | `version = "1.0.0"` | required | three numbers, noted with each run |
/// | `trigger = caldotcom` | required | what runs it, see below |
/// | `filter = { .. }` | every delivery, every event | which it takes, see below |
/// | `on = PluginEvent::TestCompleted` | none | a variant of the payload's enum in place of a filter on the key that tells it; beside `filter` both must hold |
/// | `name = "Send invite"` | the id | what a person calls it |
/// | `enabled = false` | `true` | whether it runs |
/// | `retry(limit = 3, min = "60s", factor = 4, max = "240s")` | these | attempts in all; the longest first pause, by how much each next one may be longer, the longest pause of all |
/// | `timeout = "30s"` | none | the longest an execution may take; a failed attempt |
/// | `log_level = "debug"` | [`Config::job_log_level`](config::Config::job_log_level) | which lines of its log are kept: `log`, `error`, `warn`, `info`, `debug` |
/// | `concurrency(limit = 5, key = body.customer, name = "api")` | no limit | how many execute at once: for each value, over all jobs that share the name; several times |
/// | `fifo(key = body.order)` | any order | one after the other |
/// | `rate(limit = 100, per = "1m", key, name)` | no limit | how many start within any time of this length; several times |
/// | `debounce(wait = "5s", key, max = "1m")` | all run | the last of a burst runs |
/// | `batch(size = 100, wait = "1s", key)` | one each | one run takes several, as `Json<Vec<T>>` |
/// | `priority = 10` | `0` | what starts first: a number from -100 to 100, or the path of one |
/// | `on_success = f`, `on_failure = f` | none | async functions that run, durably, at the end of a run: see [`hook`] |
/// | `cancel_on(event = "name", when = event.id == body.id)` | none | the event that cancels a run which has the same value; several times |
/// | `type = Name` | the function's | the name of the type that stands beside the function |
/// | `crate = path` | `::triggerfish` | how the program calls this crate |
///
/// | trigger | runs the job for |
/// |---|---|
/// | `caldotcom` | requests at an endpoint: a function that carries `#[http_endpoint]`, by its path |
/// | `on_user_created` | events of a declared kind: a function that carries [`#[event]`](macro@event) |
/// | `event("user.created", ..)` | events of these names; `source = "stripe.com"` for those of one system |
/// | `cron("0 3 * * *", tz = "Europe/London")` | the times that a cron expression means, UTC without `tz`; `missed = "one"`, `"skip"`, `"all"` says what becomes of [missed ones](schedule::Missed) |
/// | `every("15m")` | each time that so much has passed; `missed` as above |
/// | `schedule` | [schedules](schedule::Schedules) that are registered while the program runs |
/// | `invoke` | calls: [`invoke()`], [`Io::invoke`](run::Io::invoke) |
///
/// In a filter objects say where to look, below `method`, `headers`, `query` and
/// `body`, or from the payload's own fields on where an event triggers the job;
/// lists say what to accept. All keys must hold. A list holds either
/// literals, of which any may be equal, or operators, which must all hold.
///
/// | operator | holds for |
/// |---|---|
/// | `$startsWith`, `$endsWith` | strings that do |
/// | `$ignoreCaseEquals` | strings that are equal after Unicode simple case folding |
/// | `$gt`, `$gte`, `$lt`, `$lte`, `$between: [low, high]` | numbers; the bounds of `$between` are included |
/// | `$exists: true`, `false` | whatever is there, `null` too; nothing there |
/// | `$isNull: true`, `false` | `null`; everything else, nothing there too |
/// | `$anythingBut` | everything that is not equal, nothing there too |
/// | `$not` | strings, numbers and booleans that differ, arrays without the value |
/// | `$includes` | arrays that hold the value |
///
/// An object that meets an array holds if one element satisfies all of it; a
/// literal never equals an array.
pub use triggerfish_macros::job;

/// Checks while the program is compiled that each variant of an enum has a job that asks for it with `on = ..`.
///
/// ```
/// # use triggerfish::prelude::*;
/// # #[http_endpoint(id = "plugin")]
/// # fn plugin() -> Verifier { Verifier::none("an example") }
/// #[derive(serde::Deserialize, Payload)]
/// #[serde(tag = "type")]
/// enum PluginEvent {
///     TestCompleted { id: String },
///     TranscriptCompleted { id: String },
/// }
///
/// #[job(id = "test", version = "1.0.0", trigger = plugin, on = PluginEvent::TestCompleted)]
/// async fn on_test(Json(event): Json<PluginEvent>) {}
///
/// #[job(id = "transcript", version = "1.0.0", trigger = plugin, on = PluginEvent::TranscriptCompleted)]
/// async fn on_transcript(Json(event): Json<PluginEvent>) {}
///
/// triggerfish::handles_all!(PluginEvent: on_test, on_transcript);
/// ```
///
/// A variant that is added later and has no job is an error of the compiler, which names it. For jobs of
/// several crates there is [`testing::assert_exhaustive`].
pub use triggerfish_macros::handles_all;

pub use payload::Payload;

/// A function that carries it declares a kind of event: its name, what it
/// carries, and what is shown of it.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use triggerfish::prelude::*;
///
/// #[derive(Serialize, Deserialize)]
/// pub struct User {
///     id: u64,
///     name: String,
/// }
///
/// #[event(name = "user.created", example(id = "ada", json = r#"{ "id": 15, "name": "Ada" }"#))]
/// pub fn on_user_created(user: &User) -> Properties {
///     Properties::new().text("Name", &user.name)
/// }
///
/// #[job(id = "welcome", version = "1.0.0", trigger = on_user_created, filter = { id: [{ $gt: 9 }] })]
/// async fn welcome(user: Event<User>, io: Io) -> Result<()> {
///     io.logger().info("a new user", &user.name);
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// The function's parameter is the payload's type, by reference. It returns
/// what is shown of an event and of the runs that it starts, as
/// [`Properties`](event::Properties), or nothing. It stays callable. Beside it
/// stands a type of the same name: jobs refer to it with `trigger =
/// on_user_created`, and `on_user_created::event(&user)` makes an event for
/// [`send_event()`] or [`Io::send_event`](run::Io::send_event).
///
/// | option | default | |
/// |---|---|---|
/// | `name = "user.created"` | required | the event's name; events are sent under it |
/// | `names("a", "b")` | | several names, in place of `name`; events are sent under the first |
/// | `source = "stripe.com"` | the program itself | the system that the event comes from |
/// | `title = "User created"` | none | what a person calls it |
/// | `icon = "user"` | none | the name of an icon |
/// | `filter = { .. }` | all | which events of the name are meant, rooted at the payload; that of a job narrows it further |
/// | `example(id = "ada", name = "Ada", json = ".."` or `file = "ada.json")` | none | a payload to show and to try out; may be repeated. A test that is generated reads each as the payload's type |
/// | `type = Name` | the function's | the name of the type, where a module or an import has the function's |
/// | `crate = path` | `::triggerfish` | how the program calls this crate |
pub use triggerfish_macros::event;

pub use event::{cancel_event, invoke, send_event, send_events};

use std::future::Future;
use std::pin::Pin;

/// The crate `http`, of whose types requests and calls are made.
pub use http;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Ends the block of a step that uses `?`: says that its error is the prelude's.
///
/// ```
/// # use triggerfish::prelude::*;
/// # async fn f(io: &Io) -> Result<()> {
/// let number: u32 = io.run_task("parse", || async { done("15".parse()?) }).await?;
/// # Ok(()) }
/// ```
pub fn done<T>(value: T) -> error::Result<T> {
    Ok(value)
}

/// The guides and the README hold programs: they are tests here.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../../README.md")]
    struct Readme;
    #[cfg(feature = "dashboard")]
    #[doc = include_str!("../../docs/dashboard.md")]
    struct Dashboard;
    #[doc = include_str!("../../docs/durable-runs.md")]
    struct DurableRuns;
    #[doc = include_str!("../../docs/events.md")]
    struct Events;
    #[doc = include_str!("../../docs/flow-control.md")]
    struct FlowControl;
    #[doc = include_str!("../../docs/filters.md")]
    struct Filters;
    #[cfg(feature = "http-client")]
    #[doc = include_str!("../../docs/integrations.md")]
    struct Integrations;
    #[doc = include_str!("../../docs/schedules.md")]
    struct Schedules;
    #[doc = include_str!("../../docs/testing.md")]
    #[allow(clippy::test_attr_in_doctest, reason = "it shows what a user writes into a test")]
    struct Testing;
    #[doc = include_str!("../../docs/verification.md")]
    struct Verification;
}
