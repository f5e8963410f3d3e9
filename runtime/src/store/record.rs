//! The rows of a store, as the rest of the program sees them.

use super::event::{NewEvent, Origin, OriginId};
use super::flow::RunFlow;
use super::slot::Slot;
use super::source::SourceNote;
use super::step::Step;
use super::wait::Wait;
use crate::request::Request;
use crate::time::Timestamp;
use bytes::Bytes;
use std::borrow::Cow;
use uuid::Uuid;

/// A verified request that is to be stored.
#[derive(Debug)]
pub struct NewDelivery {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The endpoint's id.
    pub endpoint: &'static str,
    /// The request; credential headers are masked when it is written.
    pub request: Request,
    /// The id that the provider gave to the delivery, where it gives one.
    pub provider_id: Option<String>,
    /// Which of the endpoint's secrets matched, counting from 0.
    pub secret_index: Option<u8>,
    /// The key under which a repeat is recognised; `None` where the endpoint takes all.
    pub dedupe: Option<DedupeKey>,
    /// One run per job that matched; empty where none did.
    pub runs: Vec<NewRun>,
    /// The events that were read from it: stored with it, and not with a repeat of it.
    pub events: Vec<NewEvent>,
    /// What its external source notes for the next one: as [`NewDelivery::events`].
    pub note: Option<SourceNote>,
    /// Why the other jobs did not match, as JSON: see [`Delivery::verdicts`].
    pub verdicts: Option<String>,
    /// The answer to the sender, kept for its repeats where it is not the usual one.
    pub answer: Option<Answer>,
    /// The request that a person sent again as this one.
    pub replay_of: Option<Uuid>,
}

impl NewDelivery {
    /// Whether anything runs because of it.
    pub(super) fn has_runs(&self) -> bool {
        !self.runs.is_empty() || self.events.iter().any(|new| !new.runs.is_empty())
    }
}

/// The key under which a repeat of a delivery is recognised, within its endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DedupeKey {
    /// The provider's id, or a hash of the request.
    pub key: String,
    /// Until when a repeat is one.
    pub expires_at: Timestamp,
}

/// A run that is to be stored with its delivery or event.
#[derive(Debug)]
pub struct NewRun {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The job's id.
    pub job: &'static str,
    /// The job's version.
    pub version: &'static str,
    /// How many failures, or crashes, in a row end it.
    pub limit: u32,
    /// A place with a worker, where one was free: the run is then stored as
    /// running, attempt 1, owned by this process, and handed over after the
    /// commit. Not taken by a run that has lanes: those are asked at the claim.
    pub slot: Option<Slot>,
    /// What its start depends on; `None` where that is nothing but a worker.
    pub flow: Option<Box<RunFlow>>,
    /// What its end sets off.
    pub hooks: RunHooks,
}

/// Which hooks a run has. Its end makes a run of the hook's job, in the same transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunHooks {
    /// One for success.
    pub success: bool,
    /// One for failure: where it failed, crashed, or its payload did not decode.
    pub failure: bool,
}

/// An answer to the sender, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type, where there is a body.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// What became of a delivery that was to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is stored.
    Stored,
    /// Its key has a delivery that has runs: nothing was stored.
    Duplicate {
        /// The first delivery of that key.
        first: Uuid,
        /// When the first was received.
        at: Timestamp,
        /// The answer that the first got, where it was not the usual one.
        answer: Option<Answer>,
    },
    /// Its key has a delivery that had no run: the runs were added to that one.
    /// Also the answer where there still is no run to add.
    Rematched {
        /// The first delivery of that key.
        first: Uuid,
        /// When the first was received.
        at: Timestamp,
    },
}

/// What came of a stored delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It has runs.
    Accepted,
    /// No job matched.
    Filtered,
}

/// A stored delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// The endpoint's id.
    pub endpoint: String,
    /// Whether it has runs.
    pub outcome: DeliveryOutcome,
    /// The request, with credential headers masked.
    pub request: Request,
    /// The id that the provider gave to it.
    pub provider_id: Option<String>,
    /// Which of the endpoint's secrets matched.
    pub secret_index: Option<u8>,
    /// Why the other jobs did not match; `None` where all did. A JSON list, an object for each job:
    ///
    /// ```json
    /// [{ "job": "refund", "failed": [{ "path": "body.kind", "wants": "one of [\"refund\"]", "got": "order" }] },
    ///  { "more": 12 }]
    /// ```
    ///
    /// In place of `got` stands `is` where there was no scalar: `"is": "missing"`, `"an array"`, `"masked"`.
    /// The last entry counts the jobs that had no room.
    pub verdicts: Option<String>,
    /// The answer that the sender got, where it was not the usual one.
    pub answer: Option<Answer>,
    /// The request that a person sent again as this one.
    pub replay_of: Option<Uuid>,
}

/// What proves that a write comes from the run's current owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The run.
    pub run: Uuid,
    /// Which execution of it, counting from 1.
    pub attempt: u32,
    /// Raised at every claim.
    pub token: u64,
}

/// A run that was claimed, with all that its execution needs.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Proof of ownership for its writes.
    pub fence: Fence,
    /// The job's id.
    pub job: Cow<'static, str>,
    /// What started it.
    pub origin: Origin,
    /// When the run was made.
    pub created_at: Timestamp,
    /// Failures in a row until now.
    pub failures: u32,
    /// The recorded steps, in order of `seq`, with the waits that ended until now.
    pub steps: Vec<Step>,
    /// The waits that are open, in the order in which they were opened.
    pub waits: Vec<Wait>,
    /// The runs that go along in its batch, in the order in which they came.
    pub batch: Vec<BatchMember>,
    /// The run whose end made this one, of which it is a hook.
    pub parent: Option<Uuid>,
}

/// A run that goes along in the batch of another.
#[derive(Clone, Debug)]
pub struct BatchMember {
    /// The run.
    pub run: Uuid,
    /// What started it.
    pub origin: Origin,
}

/// What an execution has done since its last record. It is written as a whole:
/// an event is sent exactly when the step that sent it is recorded.
#[derive(Debug, Default)]
pub struct Progress {
    /// Steps that ended.
    pub steps: Vec<Step>,
    /// Events that these steps sent.
    pub events: Vec<NewEvent>,
}

impl From<Vec<Step>> for Progress {
    fn from(steps: Vec<Step>) -> Self {
        Progress { steps, events: Vec::new() }
    }
}

/// How an execution of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The run is done.
    Done {
        /// What it returned, as JSON; `None` for nothing.
        output: Option<String>,
    },
    /// The run has failed for good.
    Failed {
        /// Why.
        error: String,
    },
    /// The payload does not decode into what the job takes.
    InvalidPayload {
        /// Where, and what was expected.
        error: String,
    },
    /// The execution failed, and is tried again unless the run's limit is reached.
    Retry {
        /// Why it failed.
        error: String,
        /// When it is tried again.
        at: Timestamp,
        /// Whether it counts against the run's limit; not where the step that
        /// failed has a limit of its own.
        counted: bool,
    },
    /// The run can only wait. The waits that are not named are withdrawn.
    Suspended {
        /// The keys of the waits that are open.
        open: Vec<String>,
    },
    /// Payloads of the batch do not decode into what the job takes. Their runs
    /// end by that, and the others go on as a batch of their own: of the run
    /// itself, where it is not among them, or else of the first of the others.
    Unreadable {
        /// The runs, and why.
        runs: Vec<(Uuid, String)>,
    },
    /// This program has no such job; the run waits for one that has.
    Parked,
}

impl End {
    /// The run is done, and returned nothing.
    pub const DONE: End = End::Done { output: None };

    pub(super) fn output(&self) -> Option<&str> {
        match self {
            End::Done { output } => output.as_deref(),
            _ => None,
        }
    }
}

/// What became of a run at the end of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedRun {
    /// Its state now.
    pub state: RunState,
    /// Failures in a row until now.
    pub failures: u32,
}

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It waits for a worker, or for its next attempt.
    Queued,
    /// A worker has it.
    Running,
    /// It waits for a time, an event or a request; no worker has it.
    Waiting,
    /// It is done.
    Done,
    /// It has failed for good.
    Failed,
    /// Its request does not decode into what the job takes.
    InvalidPayload,
    /// The process died too often while it ran.
    Crashed,
    /// No program that ran since has its job.
    Parked,
    /// A person ended it, or an event.
    Cancelled,
    /// Its concurrency, order or rate holds it back.
    Blocked,
    /// Another run of its batch executes for it.
    Batched,
    /// A later delivery or event came before it started, and runs in its place.
    Superseded,
}

impl RunState {
    /// Every state.
    pub const ALL: [RunState; 12] = [
        RunState::Queued,
        RunState::Running,
        RunState::Waiting,
        RunState::Done,
        RunState::Failed,
        RunState::InvalidPayload,
        RunState::Crashed,
        RunState::Parked,
        RunState::Cancelled,
        RunState::Blocked,
        RunState::Batched,
        RunState::Superseded,
    ];

    /// Its name in the store and in the API.
    pub fn name(self) -> &'static str {
        match self {
            RunState::Queued => "queued",
            RunState::Running => "running",
            RunState::Waiting => "waiting",
            RunState::Done => "done",
            RunState::Failed => "failed",
            RunState::InvalidPayload => "invalid_payload",
            RunState::Crashed => "crashed",
            RunState::Parked => "parked",
            RunState::Cancelled => "cancelled",
            RunState::Blocked => "blocked",
            RunState::Batched => "batched",
            RunState::Superseded => "superseded",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        RunState::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the run will never execute again by itself.
    pub fn is_final(self) -> bool {
        matches!(self, RunState::Done | RunState::Cancelled | RunState::Superseded) || self.is_failure()
    }

    /// Whether the run ended without success, by itself.
    pub fn is_failure(self) -> bool {
        matches!(self, RunState::Failed | RunState::InvalidPayload | RunState::Crashed)
    }
}

/// A stored run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: Uuid,
    /// The job's id.
    pub job: String,
    /// The job's version when the run was made.
    pub version: String,
    /// What started it.
    pub origin: OriginId,
    /// Its state.
    pub state: RunState,
    /// Executions begun.
    pub attempt: u32,
    /// Failures in a row, without progress between them.
    pub failures: u32,
    /// Deaths of the process in a row while it ran, without progress between them.
    pub crashes: u32,
    /// When it is due, or was; of a run that waits, when the first of its waits ends.
    pub due_at: Timestamp,
    /// The last error.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// Which runs to list.
#[derive(Clone, Debug)]
pub struct RunQuery {
    /// This run alone.
    pub id: Option<Uuid>,
    /// Those of one delivery or event.
    pub origin: Option<OriginId>,
    /// Those of one job.
    pub job: Option<String>,
    /// Those in one state.
    pub state: Option<RunState>,
    /// At most so many.
    pub limit: usize,
}

impl Default for RunQuery {
    fn default() -> Self {
        RunQuery { id: None, origin: None, job: None, state: None, limit: 100 }
    }
}

/// A line of a run's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The run.
    pub run: Uuid,
    /// The execution that wrote it.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// [`Level::number`](crate::run::Level::number): `0` log (always kept), `1` error, `2` warn, `3` info,
    /// `4` debug.
    pub level: u8,
    /// The text.
    pub message: String,
    /// What was logged with it, as JSON.
    pub data: Option<String>,
}
