//! What is told about a request: one log line, and a trace where it became no delivery.

use super::App;
use super::live::LiveEndpoint;
use crate::request::{Request, masked_target};
use crate::store::{Trace, TraceOutcome};
use crate::time::Timestamp;
use bytes::Bytes;
use http::{Method, StatusCode};
use std::time::Duration;
use uuid::Uuid;

/// How much of a body that was not accepted is kept.
const MOST_KEPT: usize = 4096;

/// A request that became no delivery, for its log line and its trace.
pub(super) struct NoDelivery<'a> {
    pub(super) outcome: TraceOutcome,
    pub(super) status: StatusCode,
    pub(super) reason: String,
    pub(super) method: &'a Method,
    pub(super) target: &'a str,
    pub(super) body: Bytes,
    pub(super) delivery: Option<Uuid>,
}

impl<'a> NoDelivery<'a> {
    pub(super) fn of(
        request: &'a Request,
        outcome: TraceOutcome,
        status: StatusCode,
        reason: String,
    ) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let (method, body) = (request.method(), request.body().clone());
        // What proves who calls stands in the handshake itself, and is nobody's to read.
        let body = if outcome == TraceOutcome::Handshake { Bytes::new() } else { body };
        NoDelivery { outcome, status, reason, method, target, body, delivery: None }
    }
}

/// Writes the log line, and hands the trace to the store, which does not make
/// the request wait.
pub(super) fn tell(app: &App, endpoint: &LiveEndpoint, at: Timestamp, told: NoDelivery<'_>) {
    let NoDelivery { outcome, status, reason, method, target, body, delivery } = told;
    let (id, name, code) = (endpoint.spec.id, outcome.name(), status.as_u16());
    let took = took(app, at);
    match outcome {
        TraceOutcome::Handshake | TraceOutcome::Duplicate => {
            tracing::info!(target: "triggerfish::request", endpoint = id, status = code, ?took, "{name}: {reason}");
        }
        TraceOutcome::Rejected | TraceOutcome::TooLarge | TraceOutcome::Overloaded | TraceOutcome::Paused => {
            tracing::warn!(target: "triggerfish::request", endpoint = id, status = code, ?took, "{name}: {reason}");
        }
    }
    let body_len = body.len();
    // Copied, not sliced: a slice would keep the whole body in memory.
    let kept = Bytes::copy_from_slice(body.get(..MOST_KEPT).unwrap_or(&body));
    app.store.trace(Trace {
        id: crate::id::new(at),
        endpoint: id.to_owned(),
        at,
        outcome,
        status: code,
        reason,
        method: method.to_string(),
        target: masked_target(target).chars().take(2048).collect(),
        body: kept,
        body_len,
        delivery,
        replay_of: None,
        headers: http::HeaderMap::new(),
    });
}

/// How long a request has been in work.
pub(super) fn took(app: &App, since: Timestamp) -> Duration {
    app.clock.now().since(since)
}
