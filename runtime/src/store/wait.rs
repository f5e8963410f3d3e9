//! Waits of runs as they are kept: from when a run reaches one until it takes
//! the outcome. What ended is recorded as a step, in the run's order.

use super::StoreFuture;
use super::call::NewCall;
use super::event::EventRecord;
use super::listener::Listener;
use super::record::Fence;
use super::step::{Step, StepKind, StepState};
use crate::time::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use triggerfish_filter::{Filter, Root};
use uuid::Uuid;

/// What a wait is for, beside its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Nothing else: it ends when it is due.
    Time,
    /// An event, or its time.
    Event {
        /// The event's names, of which any may come.
        names: Vec<String>,
        /// The system that it comes from; `None` for any.
        source: Option<String>,
        /// Which events: filters over the payload that must all hold, a list as
        /// JSON. `None` for all.
        filter: Option<String>,
    },
    /// A request to an address that was made for it, or its time.
    Request {
        /// The hash of the address's token, by which the request finds the wait.
        /// Those of earlier addresses of the wait stay valid.
        token: TokenHash,
    },
    /// The end of the run that a call started, or its time.
    Call {
        /// The event of the call.
        event: Uuid,
    },
}

/// SHA-256 of a token: who reads the store cannot end a wait.
pub type TokenHash = [u8; 32];

/// A wait that a run has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWait {
    /// Its key; unique among the waits and steps of the run.
    pub key: String,
    /// What it is for.
    pub awaited: Awaited,
    /// When it ends by itself.
    pub due_at: Timestamp,
}

/// A stored wait whose outcome the run has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Its key.
    pub key: String,
    /// What it is for.
    pub kind: StepKind,
    /// When it ends by itself.
    pub due_at: Timestamp,
    /// When the run reached it.
    pub opened_at: Timestamp,
    /// The name of the event that it is for, of several the first.
    pub event: Option<String>,
    /// Which of these events: filters over the payload that must all hold, a list
    /// as JSON. `None` for all.
    pub filter: Option<String>,
    /// The event of the call whose run it is for.
    pub call: Option<Uuid>,
    /// How it ended, where it has.
    pub ended: Option<EndedWait>,
}

/// How a wait ended, other than by its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedWait {
    /// When.
    pub at: Timestamp,
    /// The payload of the event, the body of the request, or what the called run returned: JSON.
    pub output: String,
    /// The event; of a call, its own.
    pub event: Option<Uuid>,
    /// Whether the called run did not end well; the output says how.
    pub failed: bool,
}

/// What became of a request, or of what a person does, that is to end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// It ended the wait; the run goes on with what it brought.
    Resumed,
    /// The wait has ended before: by another one, or by its time.
    TooLate,
    /// There is no such wait.
    Unknown,
}

/// Waits of runs, kept durably.
pub trait WaitStore: Send + Sync + 'static {
    /// Stores a wait that a run has reached, and records `past`, the failures
    /// that the run has gone past. A wait of this key that is open already is
    /// replaced, and counts anew; one for a request stays, and has one address
    /// more. An event that was sent after the run was made, and that ended no
    /// other wait of it, ends the wait at once. True where the wait has ended: it is recorded
    /// already, or what it is for came before.
    fn open_wait(&self, fence: Fence, wait: NewWait, past: Vec<Step>) -> StoreFuture<'_, bool>;

    /// Sends a call, and stores the wait for the end of its run, in one
    /// transaction with `past`, the failures that the run has gone past. Where
    /// such a wait of this key is open already, it stays, and nothing is sent.
    /// A call whose key has an event waits for the run of that one. True where
    /// the wait has ended.
    ///
    /// The write that ends the called run, however it ends, ends the wait.
    fn open_call(&self, fence: Fence, call: NewCall, past: Vec<Step>) -> StoreFuture<'_, bool>;

    /// Records that a wait is over, in this place of the run's order: as it
    /// ended, or else by its time. Returns what is recorded, which stays as it
    /// is where it was recorded before.
    fn end_wait(&self, fence: Fence, key: String, seq: u32) -> StoreFuture<'_, Step>;

    /// Ends a wait for a request with the body of one, JSON. Its token is valid
    /// as long as the run is kept, so that a repeat is told that it comes late.
    fn resume(&self, token: TokenHash, body: String) -> StoreFuture<'_, Resumed>;

    /// Ends a wait of a run in place of what it is for, with this output, JSON. One
    /// that is recorded as a step has ended before.
    fn complete(&self, run: Uuid, key: &str, output: String) -> StoreFuture<'_, Resumed>;

    /// The waits that an event ended: the run and the key of each.
    fn ended_by(&self, event: Uuid) -> StoreFuture<'_, Vec<(Uuid, String)>>;

    /// The waits of a run whose outcome it has not taken, in the order in which
    /// they were opened.
    fn waits(&self, run: Uuid) -> StoreFuture<'_, Vec<Wait>>;

    /// Tells `listener` from now on, in place of an earlier one.
    fn listen(&self, listener: Arc<dyn Listener>);
}

/// A wait for an event, as an event that is sent looks at it.
#[derive(Debug)]
pub(super) struct Candidate<'w> {
    pub(super) source: Option<&'w str>,
    pub(super) filter: Option<&'w str>,
}

impl Candidate<'_> {
    /// Whether the event is what it waits for. `payload` is the event's, read.
    pub(super) fn takes(&self, event: &EventRecord, payload: &Value) -> bool {
        let filters = self.filter.map_or_else(|| Ok(Vec::new()), serde_json::from_str::<Vec<Value>>);
        let holds = |filter: &Value| {
            // It was checked before it was stored.
            Filter::from_json(filter, Root::Payload).is_ok_and(|filter| filter.matches_payload(payload))
        };
        self.source.is_none_or(|source| event.source.as_deref() == Some(source))
            && filters.is_ok_and(|filters| filters.iter().all(holds))
    }
}

/// The payload of an event, as a filter and a run see it.
pub(super) fn payload_of(event: &EventRecord) -> (Value, String) {
    let payload = serde_json::from_slice(&event.payload).unwrap_or_default();
    (payload, String::from_utf8_lossy(&event.payload).into_owned())
}

impl Awaited {
    pub(super) fn event(&self) -> Option<&String> {
        match self {
            Awaited::Event { names, .. } => names.first(),
            Awaited::Time | Awaited::Request { .. } | Awaited::Call { .. } => None,
        }
    }

    pub(super) fn call(&self) -> Option<Uuid> {
        match self {
            Awaited::Call { event } => Some(*event),
            Awaited::Time | Awaited::Event { .. } | Awaited::Request { .. } => None,
        }
    }

    pub(super) fn filter(&self) -> Option<&String> {
        match self {
            Awaited::Event { filter, .. } => filter.as_ref(),
            Awaited::Time | Awaited::Request { .. } | Awaited::Call { .. } => None,
        }
    }

    pub(super) fn kind(&self) -> StepKind {
        match self {
            Awaited::Time => StepKind::Wait,
            Awaited::Event { .. } => StepKind::Event,
            Awaited::Request { .. } => StepKind::Request,
            Awaited::Call { .. } => StepKind::Call,
        }
    }
}

impl Wait {
    /// When it ended or will end.
    pub(super) fn ends_at(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.due_at, |ended| ended.at)
    }

    /// Whether its outcome is there for the run to take.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at() <= now || self.ended.is_some()
    }

    /// The step as which it is recorded: as it ended, or else by its time.
    pub(super) fn into_step(self, seq: u32, attempt: u32, now: Timestamp) -> Step {
        let Wait { key, kind, opened_at, ended, call, .. } = self;
        let (state, output, event, finished_at) = match ended {
            Some(EndedWait { at, output, event, failed: false }) => (StepState::Done, output, event, at),
            Some(EndedWait { at, output, event, failed: true }) => (StepState::Failed, output, event, at),
            None if kind == StepKind::Wait => (StepState::Done, "null".to_owned(), None, now),
            None => (StepState::TimedOut, "null".to_owned(), call, now),
        };
        Step {
            key,
            kind,
            seq,
            state,
            output,
            attempt,
            failures: 0,
            started_at: opened_at,
            finished_at,
            event,
            about: None,
        }
    }
}
