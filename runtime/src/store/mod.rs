//! What is kept, and the one trait that every store implements.
//!
//! A store promises: what [`Store::accept`] returned survives the process and,
//! at full durability, the machine; one dedupe key has one delivery; two
//! workers never hold one run; a write with a stale [`Fence`] changes nothing.

mod browse;
mod browse_events;
mod call;
#[cfg(test)]
mod conformance;
mod event;
pub mod flow;
mod kv;
mod lifecycle;
mod listener;
pub(crate) mod masking;
pub mod memory;
mod record;
mod schedule;
mod secret;
mod slot;
mod source;
#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
pub mod sqlite;
mod step;
mod trace;
mod wait;

pub use browse::{
    Count, Countable, Counted, Found, Page, RequestOutcome, RequestQuery, RequestRow, RunSearch,
};
pub use browse_events::{EventCount, EventSearch};
pub use call::NewCall;
pub(crate) use call::Unsuccessful;
pub use event::{
    CancelKey, DeliveryOrigin, DueEvent, EventRecord, EventState, NewEvent, Origin, OriginId, Sent,
};
pub(crate) use kv::scope_of;
pub use kv::{Put, ValueStore};
pub use listener::Listener;
pub use record::{
    Accepted, Answer, BatchMember, ClosedRun, DedupeKey, Delivery, DeliveryOutcome, End, Fence, LogLine,
    NewDelivery, NewRun, Progress, Run, RunHooks, RunQuery, RunState, Ticket,
};
pub use schedule::{ScheduleRecord, ScheduleTick};
pub use secret::{KeptSecret, SecretStore};
pub use slot::{Hold, Slot, Slots};
pub(crate) use source::secret_owner;
pub use source::{SourceNote, SourceRow, SourceStore};
pub(crate) use step::redacted;
pub use step::{About, Property, Step, StepKind, StepState};
pub use trace::{Trace, TraceOutcome};
pub use wait::{Awaited, EndedWait, NewWait, Resumed, TokenHash, Wait, WaitStore};

use crate::time::Timestamp;
use flow::LaneLimit;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use uuid::Uuid;

/// A future that a store returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another worker holds the run now, or it has ended. Nothing was written.
    #[error("the run has another owner by now, or has ended")]
    Stale,
    /// Too much waits to be written. Nothing was written; try again later.
    #[error("the store's queue is full")]
    Busy,
    /// The store is closed or its writer has died.
    #[error("the store is closed")]
    Closed,
    /// The store cannot be opened. The text says what to do.
    #[error("{0}")]
    Open(String),
    /// The engine reports a failure.
    #[error("the store failed: {0}")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Deliveries, events, runs and their steps, kept durably.
///
/// Every future may be dropped at any time: a write that was begun is done
/// whole or not at all, by the store's own writer, never half.
pub trait Store: WaitStore + ValueStore + SecretStore + SourceStore + Send + Sync + 'static {
    /// Stores a delivery, its dedupe key and its runs in one transaction, and
    /// resolves when it is durable. After the commit the writer hands each run
    /// that holds a [`Slot`] to the workers, also when nobody waits for the
    /// future any more.
    ///
    /// A key that is taken and not expired: where its delivery has runs, the
    /// answer is [`Accepted::Duplicate`] and nothing is stored; where it has
    /// none, the new runs are added to that delivery ([`Accepted::Rematched`]),
    /// which keeps its request, and takes the verdicts and the answer of the new
    /// one; nothing changes where there is no run to add.
    ///
    /// A [`SourceNote`] is kept with a delivery that is stored, and raises the
    /// revision of its source. Where that is another one than the note has seen,
    /// or the source is gone, nothing is stored: [`StoreError::Stale`].
    ///
    /// The ticket of a run that is handed over is the one that a later claim
    /// would return: its request has credential headers masked.
    fn accept(&self, delivery: NewDelivery) -> StoreFuture<'_, Accepted>;

    /// Notes a request that became no delivery. Never waits; the note is lost
    /// when the writer is behind. The number kept is capped, the oldest go first.
    fn trace(&self, trace: Trace);

    /// Takes up to `limit` runs that are due: records their waits that are over
    /// as steps, in the order in which they ended, raises their token and attempt,
    /// makes this process their owner, and returns them with what started them
    /// and their recorded steps (in order of `seq`). Resolves when that is durable.
    fn claim(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<Ticket>>;

    /// Takes over the limits that the program declares now, for all that is stored.
    fn set_limits(&self, limits: Vec<LaneLimit>) -> StoreFuture<'_, ()>;

    /// When the next queued run is due; `None` where none is queued.
    fn next_due(&self) -> StoreFuture<'_, Option<Timestamp>>;

    /// Stores events with their runs in one transaction, and hands the runs over
    /// as [`Store::accept`] does. Events of one name and source with one key are
    /// one event: of those that come later nothing is stored. The answers stand
    /// in the order of the events.
    fn send_events(&self, events: Vec<NewEvent>) -> StoreFuture<'_, Vec<Sent>>;

    /// Up to `limit` events that are pending and due, the one that is due
    /// longest first. They stay pending until [`Store::release_events`].
    fn due_events(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<Arc<EventRecord>>>;

    /// Sends pending events: stores their runs, and hands them over. One that is
    /// not pending any more is left as it is, so that two workers send it once.
    fn release_events(&self, events: Vec<DueEvent>) -> StoreFuture<'_, ()>;

    /// Cancels an event that is pending; false where it is not.
    fn cancel_event(&self, id: Uuid) -> StoreFuture<'_, bool>;

    /// When the next pending event or schedule is due; `None` where there is none.
    fn next_timer(&self) -> StoreFuture<'_, Option<Timestamp>>;

    /// All schedules, in the order of their ids.
    fn schedules(&self) -> StoreFuture<'_, Vec<ScheduleRecord>>;

    /// Stores a schedule, in place of the one of its kind and id.
    fn put_schedule(&self, schedule: ScheduleRecord) -> StoreFuture<'_, ()>;

    /// Removes a schedule; false where there is none.
    fn drop_schedule(&self, dynamic: bool, id: String) -> StoreFuture<'_, bool>;

    /// Up to `limit` schedules that are due, the one that is due longest first.
    fn due_schedules(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<ScheduleRecord>>;

    /// Sends the events of ticks and notes when the schedule is due next, in one
    /// transaction; false where the schedule is not as it was read, and then
    /// nothing is stored: of several programs that notice a tick one sends it.
    fn tick(&self, tick: ScheduleTick) -> StoreFuture<'_, bool>;

    /// Records the outcome of steps, and sends the events that they sent, in one
    /// transaction. Progress: the run's failures and crashes count from zero
    /// again, unless every record is a failed step. A step that is recorded
    /// already stays as it is.
    fn record(&self, fence: Fence, progress: Progress) -> StoreFuture<'_, ()>;

    /// Takes back the failure that was recorded for the step `key`, and those of
    /// steps inside of it: the next execution runs them again. Outputs stay.
    fn forget_failure(&self, fence: Fence, key: String) -> StoreFuture<'_, ()>;

    /// Ends an execution of a run, and records `progress` in the same transaction.
    /// [`End::Retry`] counts a failure and ends the run where the limit is reached.
    /// [`End::Suspended`] queues the run, due when the first of its waits ends;
    /// at once where one has ended, or none is stored.
    ///
    /// It is on its way when this returns, before anything that is asked for later;
    /// the answer may be waited for elsewhere.
    fn finish(&self, fence: Fence, end: End, progress: Progress) -> StoreFuture<'static, ClosedRun>;

    /// Gives runs back at shutdown: due at once, and neither a failure nor a crash.
    /// A stale fence among them is skipped.
    fn release(&self, fences: Vec<Fence>) -> StoreFuture<'_, ()>;

    /// Adds log lines to their runs. Never waits. Lines of one run keep their order.
    fn log(&self, lines: Vec<LogLine>);

    /// Deletes what is older: finished runs, deliveries and events before `before`
    /// (never one with an unfinished run, with a run that ended later, that is
    /// pending, or whose dedupe key still holds), dedupe keys expired at `now`.
    /// Returns the number of deliveries and events deleted.
    fn prune(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, usize>;

    /// What a run returned, as JSON; `None` where it is not done, or returned nothing.
    fn output(&self, run: Uuid) -> StoreFuture<'_, Option<String>>;

    /// One delivery.
    fn delivery(&self, id: Uuid) -> StoreFuture<'_, Option<Delivery>>;

    /// The newest deliveries, newest first.
    fn deliveries(&self, limit: usize) -> StoreFuture<'_, Vec<Delivery>>;

    /// One event.
    fn event(&self, id: Uuid) -> StoreFuture<'_, Option<Arc<EventRecord>>>;

    /// Events that were read from a delivery, the one that was stored last first.
    fn events_of(&self, delivery: Uuid, limit: usize) -> StoreFuture<'_, Vec<Arc<EventRecord>>>;

    /// When a delivery was last verified with a secret of an endpoint, counting
    /// from 1: the newest secret, 0, is not asked for. Fast, however much is stored.
    fn last_use(&self, endpoint: &str, secret_index: u8) -> StoreFuture<'_, Option<Timestamp>>;

    /// Runs that a query selects, newest first.
    fn runs(&self, query: RunQuery) -> StoreFuture<'_, Vec<Run>>;

    /// The recorded steps of a run, in order of `seq`, for a person: what their
    /// options redact is left out.
    fn steps(&self, run: Uuid) -> StoreFuture<'_, Vec<Step>>;

    /// The log of a run, in order.
    fn logs(&self, run: Uuid) -> StoreFuture<'_, Vec<LogLine>>;

    /// The newest traces, newest first.
    fn traces(&self, limit: usize) -> StoreFuture<'_, Vec<Trace>>;

    /// Deliveries and traces in one order, the newest first.
    fn browse(&self, query: RequestQuery) -> StoreFuture<'_, Page<RequestRow>>;

    /// A delivery or a trace.
    fn find(&self, id: Uuid) -> StoreFuture<'_, Option<Found>>;

    /// Runs, the newest first, page by page.
    fn browse_runs(&self, search: RunSearch) -> StoreFuture<'_, Page<Run>>;

    /// Events, the newest first by when they happened, page by page.
    fn browse_events(&self, search: EventSearch) -> StoreFuture<'_, Page<Arc<EventRecord>>>;

    /// How many events happened from one time until another, by name and minute.
    fn count_events(&self, from: Timestamp, to: Timestamp) -> StoreFuture<'_, Vec<EventCount>>;

    /// Counts what has an id above `after` and below `until`, in the order of ids, up to `limit` rows.
    fn count(&self, what: Countable, after: Uuid, until: Uuid, limit: usize) -> StoreFuture<'_, Counted>;

    /// Queues a run again that has ended or is parked: it is due at once, and
    /// its failures and crashes count from zero. Recorded failures of steps are
    /// forgotten; with `from` also that step, those inside it, and what ended
    /// after it. [`StoreError::Stale`] where there is no such run, where it
    /// goes on by itself, or where no such step is recorded.
    fn retry(&self, run: Uuid, from: Option<String>) -> StoreFuture<'_, ()>;

    /// Ends a run for good that has not ended, and the runs that it called and
    /// waits for: what executes them can write nothing more, and the listener is
    /// told of it. [`StoreError::Stale`] where it has ended or there is none.
    fn cancel(&self, run: Uuid) -> StoreFuture<'_, ()>;

    /// Stores a new run of the same job for the same delivery or event, and
    /// returns its id. [`StoreError::Stale`] where there is no such run.
    fn replay(&self, run: Uuid) -> StoreFuture<'_, Uuid>;

    /// Notes a setting of the program; `None` takes it back.
    fn set(&self, name: &str, value: Option<i64>) -> StoreFuture<'_, ()>;

    /// The settings whose names begin so, in order of their names.
    fn settings(&self, prefix: &str) -> StoreFuture<'_, Vec<(String, i64)>>;

    /// Resolves when everything that was begun before is durable.
    fn flush(&self) -> StoreFuture<'_, ()>;

    /// Writes what is queued and closes the store. Later calls get [`StoreError::Closed`].
    fn close(&self) -> StoreFuture<'_, ()>;
}
