//! Events as they are kept, and what started a run.

use super::record::NewRun;
use crate::request::Request;
use crate::time::Timestamp;
use bytes::Bytes;
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// A stored event: a fact with a name and a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRecord {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// Its name.
    pub name: Cow<'static, str>,
    /// The system that it comes from; `None` for the program itself.
    pub source: Option<Cow<'static, str>>,
    /// The job that it is for, where it is for one alone: a call, or a tick.
    pub job: Option<Cow<'static, str>>,
    /// What a repeat is recognised by, among events of its name and source.
    pub key: Option<String>,
    /// The payload, JSON.
    pub payload: Bytes,
    /// What the sender says of its circumstances, JSON.
    pub context: Option<String>,
    /// What is shown of it and of its runs, JSON.
    pub properties: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// When it is sent, where that is later than its storing.
    pub due_at: Option<Timestamp>,
    /// Whether it is sent already.
    pub state: EventState,
    /// The delivery that it was read from.
    pub delivery: Option<Uuid>,
    /// The run that sent it.
    pub sender: Option<Uuid>,
    /// Whether a person made it to try something out.
    pub test: bool,
}

/// How far an event has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// It is sent when it is due.
    Pending,
    /// It is sent: its runs are made.
    Sent,
    /// It was cancelled before it was due.
    Cancelled,
}

impl EventState {
    /// Every state.
    pub const ALL: [EventState; 3] = [EventState::Pending, EventState::Sent, EventState::Cancelled];

    /// Its name in the store and in the API.
    pub fn name(self) -> &'static str {
        match self {
            EventState::Pending => "pending",
            EventState::Sent => "sent",
            EventState::Cancelled => "cancelled",
        }
    }
}

/// An event that is to be stored. One with a `due_at` waits for it and has no
/// runs yet: they are made when it is due, for the jobs that there are then.
#[derive(Debug)]
pub struct NewEvent {
    /// The event.
    pub event: Arc<EventRecord>,
    /// One run per job that takes it.
    pub runs: Vec<NewRun>,
    /// Which runs it cancels, at the moment from which on it is sent.
    pub cancels: Vec<CancelKey>,
}

/// Runs that an event cancels: those of a `cancel_on` with the value that the
/// event has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelKey {
    /// Whose lanes they are in.
    pub lane: String,
    /// The value.
    pub key: String,
}

/// What a pending event sets off when it is due.
#[derive(Debug)]
pub struct DueEvent {
    /// The event.
    pub id: Uuid,
    /// One run per job that takes it.
    pub runs: Vec<NewRun>,
    /// Which runs it cancels.
    pub cancels: Vec<CancelKey>,
}

/// What became of an event that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is stored.
    Stored,
    /// Its key has an event: nothing was stored.
    Duplicate {
        /// The first event of that key.
        first: Uuid,
    },
}

/// What started a run, with all that the run can ask of it.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A request that an endpoint accepted.
    Delivery(DeliveryOrigin),
    /// An event.
    Event(Arc<EventRecord>),
}

/// A delivery as a run sees it.
#[derive(Clone, Debug)]
pub struct DeliveryOrigin {
    /// The endpoint's id.
    pub endpoint: Cow<'static, str>,
    /// The delivery.
    pub id: Uuid,
    /// The id that the provider gave to it.
    pub provider_id: Option<String>,
    /// The request, with credential headers masked.
    pub request: Request,
}

impl Origin {
    /// Which delivery or event it is.
    pub fn id(&self) -> OriginId {
        match self {
            Origin::Delivery(delivery) => OriginId::Delivery(delivery.id),
            Origin::Event(event) => OriginId::Event(event.id),
        }
    }

    /// The delivery, where it is one.
    pub fn delivery(&self) -> Option<&DeliveryOrigin> {
        match self {
            Origin::Delivery(delivery) => Some(delivery),
            Origin::Event(_) => None,
        }
    }

    /// The event, where it is one.
    pub fn event(&self) -> Option<&Arc<EventRecord>> {
        match self {
            Origin::Delivery(_) => None,
            Origin::Event(event) => Some(event),
        }
    }

    /// What a job reads: the body of the request, or the payload of the event.
    pub fn payload(&self) -> &Bytes {
        match self {
            Origin::Delivery(delivery) => delivery.request.body(),
            Origin::Event(event) => &event.payload,
        }
    }
}

/// The delivery or the event that a run belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OriginId {
    /// A delivery.
    Delivery(Uuid),
    /// An event.
    Event(Uuid),
}

impl OriginId {
    /// The delivery, where it is one.
    pub fn delivery(self) -> Option<Uuid> {
        match self {
            OriginId::Delivery(id) => Some(id),
            OriginId::Event(_) => None,
        }
    }

    /// The event, where it is one.
    pub fn event(self) -> Option<Uuid> {
        match self {
            OriginId::Delivery(_) => None,
            OriginId::Event(id) => Some(id),
        }
    }
}
