//! What is kept of requests that became no delivery.

use crate::time::Timestamp;
use bytes::Bytes;
use http::HeaderMap;
use uuid::Uuid;

/// A request that became no delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The endpoint's id.
    pub endpoint: String,
    /// When it was received.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: TraceOutcome,
    /// The status that the sender got.
    pub status: u16,
    /// Why.
    pub reason: String,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers, without credentials.
    pub headers: HeaderMap,
    /// The beginning of the body.
    pub body: Bytes,
    /// The length of the whole body, as far as it was read.
    pub body_len: usize,
    /// The delivery that it repeats.
    pub delivery: Option<Uuid>,
    /// The request that a person sent again as this one.
    pub replay_of: Option<Uuid>,
}

/// What became of a request that became no delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceOutcome {
    /// It repeats a delivery.
    Duplicate,
    /// It is not verified.
    Rejected,
    /// A handshake was answered.
    Handshake,
    /// Its body is too large.
    TooLarge,
    /// The program had too much to do.
    Overloaded,
    /// Its endpoint is switched off.
    Paused,
}

impl TraceOutcome {
    /// Every outcome.
    pub const ALL: [TraceOutcome; 6] = [
        TraceOutcome::Duplicate,
        TraceOutcome::Rejected,
        TraceOutcome::Handshake,
        TraceOutcome::TooLarge,
        TraceOutcome::Overloaded,
        TraceOutcome::Paused,
    ];

    /// Its name in the store and in the log.
    pub fn name(self) -> &'static str {
        match self {
            TraceOutcome::Duplicate => "duplicate",
            TraceOutcome::Rejected => "rejected",
            TraceOutcome::Handshake => "handshake",
            TraceOutcome::TooLarge => "too_large",
            TraceOutcome::Overloaded => "overloaded",
            TraceOutcome::Paused => "paused",
        }
    }
}
