//! What is told about a request: one log line, a trace where it became no
//! delivery, and whoever looks on.

use super::App;
use super::arrival::{Arrival, Landed};
use super::feed::Told;
use super::verdicts::Matched;
use crate::request::{MASKED, Request, is_credential, masked_target};
use crate::store::{RequestOutcome, RequestRow, Trace, TraceOutcome};
use crate::time::Timestamp;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use std::time::Duration;
use uuid::Uuid;

/// How much of a body that was not accepted is kept.
const MOST_KEPT: usize = 4096;

/// The same of one that was not verified: it may be sent again when the secret is right.
const MOST_REJECTED: usize = 16 * 1024;

/// Headers beyond so many bytes are not kept.
const MOST_HEADERS: usize = 8 * 1024;

/// A request that became no delivery, for its log line and its trace.
pub(super) struct NoDelivery<'a> {
    pub(super) outcome: TraceOutcome,
    pub(super) status: StatusCode,
    pub(super) reason: String,
    pub(super) method: &'a Method,
    pub(super) target: &'a str,
    pub(super) headers: &'a HeaderMap,
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
        let target = target(request);
        let (method, headers, body) = (request.method(), request.headers(), request.body().clone());
        // What proves who calls stands in the handshake itself, and is nobody's to read.
        let body = if outcome == TraceOutcome::Handshake { Bytes::new() } else { body };
        NoDelivery { outcome, status, reason, method, target, headers, body, delivery: None }
    }
}

fn target(request: &Request) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// Writes the log line, and hands the trace to the store, which does not make
/// the request wait.
pub(super) fn tell(arrival: Arrival<'_>, told: NoDelivery<'_>) {
    let Arrival { app, endpoint, at, .. } = arrival;
    let NoDelivery { outcome, status, reason, method, target, headers, body, delivery } = told;
    let (id, name, code) = (endpoint.spec.id, outcome.name(), status.as_u16());
    let took = took(app, at);
    let request = crate::id::new(at);
    if tracing::enabled!(target: "triggerfish::request", tracing::Level::WARN) {
        let page = arrival.page(request);
        match outcome {
            TraceOutcome::Handshake | TraceOutcome::Duplicate => {
                tracing::info!(target: "triggerfish::request", endpoint = id, status = code, ?took, page, "{name}: {reason}");
            }
            TraceOutcome::Rejected
            | TraceOutcome::TooLarge
            | TraceOutcome::Overloaded
            | TraceOutcome::Paused => {
                tracing::warn!(target: "triggerfish::request", endpoint = id, status = code, ?took, page, "{name}: {reason}");
            }
        }
    }
    arrival.landed(|| Landed {
        id: request,
        outcome: outcome.into(),
        status: code,
        reason: Some(reason.clone()),
        jobs: Vec::new(),
    });
    let (target, body_len): (String, _) = (masked_target(target).chars().take(2048).collect(), body.len());
    app.feed.tell(|| {
        let row = RequestRow {
            id: request,
            endpoint: id.to_owned(),
            at,
            outcome: outcome.into(),
            status: Some(code),
            method: method.to_string(),
            target: target.clone(),
            reason: Some(reason.clone()),
            provider_id: None,
            body_len,
            repeats: delivery,
            replay_of: arrival.replay_of(),
        };
        Told { row, took, jobs: Vec::new() }
    });
    let most = if outcome == TraceOutcome::Rejected { MOST_REJECTED } else { MOST_KEPT };
    // Copied, not sliced: a slice would keep the whole body in memory.
    let kept = Bytes::copy_from_slice(body.get(..most).unwrap_or(&body));
    app.store.trace(Trace {
        id: request,
        endpoint: id.to_owned(),
        at,
        outcome,
        status: code,
        reason,
        method: method.to_string(),
        target,
        headers: if outcome == TraceOutcome::Handshake {
            HeaderMap::new()
        } else {
            kept_headers(arrival, headers)
        },
        body: kept,
        body_len,
        delivery,
        replay_of: arrival.replay_of(),
    });
}

/// The first headers, without credentials.
fn kept_headers(arrival: Arrival<'_>, headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    let mut size = 0;
    for (name, value) in headers {
        size += name.as_str().len() + value.len();
        if size > MOST_HEADERS {
            break;
        }
        let is_secret = is_credential(name) || arrival.endpoint.carries_secret(headers, name);
        kept.append(name, if is_secret { MASKED } else { value.clone() });
    }
    kept
}

/// Tells of a delivery.
pub(super) fn tell_delivery(
    arrival: Arrival<'_>,
    request: &Request,
    delivery: Uuid,
    matched: &Matched,
    status: StatusCode,
) {
    let Arrival { app, endpoint, at, .. } = arrival;
    let (id, code) = (endpoint.spec.id, status.as_u16());
    if tracing::enabled!(target: "triggerfish::request", tracing::Level::INFO) {
        let (took, page) = (took(app, at), arrival.page(delivery));
        if matched.jobs.is_empty() {
            let why = &matched.why;
            tracing::info!(target: "triggerfish::request", endpoint = id, status = code, %delivery, ?took, page, "filtered: {why}");
        } else {
            let jobs: Vec<_> = matched.jobs.iter().map(|job| job.id).collect();
            let jobs = jobs.join(", ");
            tracing::info!(target: "triggerfish::request", endpoint = id, status = code, %delivery, ?took, page, "accepted: runs {jobs}");
        }
    }
    let outcome = if matched.jobs.is_empty() { RequestOutcome::Filtered } else { RequestOutcome::Accepted };
    let jobs = || matched.jobs.iter().map(|job| job.id).collect();
    arrival.landed(|| Landed { id: delivery, outcome, status: code, reason: None, jobs: jobs() });
    app.feed.tell(|| {
        let row = RequestRow {
            id: delivery,
            endpoint: id.to_owned(),
            at,
            outcome,
            status: Some(code),
            method: request.method().to_string(),
            target: masked_target(target(request)).into_owned(),
            // As it is stored, so that a row says the same however it is read.
            reason: matched.verdicts.clone(),
            provider_id: None,
            body_len: request.body().len(),
            repeats: None,
            replay_of: arrival.replay_of(),
        };
        Told { row, took: took(app, at), jobs: jobs() }
    });
}

/// How long a request has been in work.
fn took(app: &App, since: Timestamp) -> Duration {
    app.clock.now().since(since)
}
