//! The way of a request: limits, handshake, verification, filters, one
//! transaction, and only then the answer.

use super::arrival::Arrival;
#[cfg(feature = "dashboard")]
use super::arrival::{ByHand, Landed};
use super::live::{Genuine, LiveEndpoint};
use super::outcome::{NoDelivery, tell, tell_delivery};
use super::respond::{Responded, respond};
use super::verdicts::{self, Matched};
use super::{App, dedupe, reply, source};
use crate::endpoint::Response;
use crate::flow::{Given, new_run};
use crate::request::{Request, RequestParts};
use crate::store::masking::masked_where;
use crate::store::{Accepted, Answer, NewDelivery, StoreError, TraceOutcome};
use crate::verify::Phase;
use axum::extract::OriginalUri;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Takes one request at an endpoint.
pub(super) async fn ingest(app: &App, index: usize, request: axum::extract::Request) -> Response {
    let Some(endpoint) = app.endpoints.get(index) else { return reply::unknown_endpoint(Vec::new()) };
    let at = app.clock.now();
    let arrival = Arrival { app, endpoint, at, by_hand: None };
    let (mut head, body) = request.into_parts();
    let uri = match head.extensions.remove::<OriginalUri>() {
        // Nested in another app the path has lost its prefix; what is signed has not.
        Some(OriginalUri(original)) => original,
        None => head.uri,
    };
    let target = uri.path_and_query().map_or("/", |target| target.as_str());

    // Refused before anything is read: what cannot be handled must cost nothing.
    let Ok(_in_flight) = app.in_flight.try_acquire() else {
        let response = reply::overloaded();
        let reason = "too many requests are in work".to_owned();
        let (outcome, status) = (TraceOutcome::Overloaded, response.status());
        let (method, headers, body) = (&head.method, &head.headers, Bytes::new());
        let delivery = None;
        tell(arrival, NoDelivery { outcome, status, reason, method, target, headers, body, delivery });
        return response;
    };
    let body = match read(endpoint.max_body, &head.headers, body, app.body_timeout).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => {
            let response = reply::too_large(endpoint.max_body);
            let reason = format!("the body is larger than {} bytes", endpoint.max_body);
            let (outcome, status) = (TraceOutcome::TooLarge, response.status());
            let (method, headers, body) = (&head.method, &head.headers, Bytes::new());
            let delivery = None;
            tell(arrival, NoDelivery { outcome, status, reason, method, target, headers, body, delivery });
            return response;
        }
        Err(Unread::TooSlow) => {
            let (id, limit) = (endpoint.spec.id, app.body_timeout);
            tracing::warn!(target: "triggerfish::request", endpoint = id, "the body took longer than {limit:?}");
            return reply::too_slow();
        }
        Err(Unread::Aborted) => {
            let id = endpoint.spec.id;
            tracing::info!(target: "triggerfish::request", endpoint = id, "the sender hung up before the body was whole");
            return reply::aborted();
        }
    };
    let (method, headers, public_url) = (head.method, head.headers, app.public_url.clone());
    let parts = RequestParts { method, uri, headers, body, received_at: at.into(), public_url };
    take(arrival, Request::with_secrets(parts, endpoint.secrets.clone())).await
}

/// Takes a request that a person sends, the way that those from the wire take.
#[cfg(feature = "dashboard")]
pub(crate) async fn send_by_hand(
    app: &App,
    endpoint: &LiveEndpoint,
    parts: RequestParts,
    by_hand: ByHand,
) -> Option<Landed> {
    let at = app.clock.now();
    let parts = RequestParts { received_at: at.into(), public_url: app.public_url.clone(), ..parts };
    let arrival = Arrival { app, endpoint, at, by_hand: Some(&by_hand) };
    drop(take(arrival, Request::with_secrets(parts, endpoint.secrets.clone())).await);
    by_hand.landed.into_inner()
}

pub(crate) enum Unread {
    TooLarge,
    TooSlow,
    Aborted,
}

/// Reads a body within its limits: a sender that is slow on purpose must not
/// keep the place of others.
pub(crate) async fn read(
    limit: usize,
    headers: &HeaderMap,
    body: axum::body::Body,
    most: Duration,
) -> Result<Bytes, Unread> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Unread::TooLarge);
    }
    let read = axum::body::to_bytes(body, limit);
    let read = tokio::time::timeout(most, read).await.map_err(|_| Unread::TooSlow)?;
    read.map_err(|error| {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(link) = source {
            if link.is::<http_body_util::LengthLimitError>() {
                return Unread::TooLarge;
            }
            source = link.source();
        }
        Unread::Aborted
    })
}

/// Everything after the body is read.
async fn take(arrival: Arrival<'_>, request: Request) -> Response {
    let (endpoint, now) = (arrival.endpoint, arrival.judged_at());
    let mut answer = None;
    if endpoint.switches.endpoint_is_off() {
        return switched_off(arrival, &request);
    }
    if arrival.is_vouched_for() {
        let genuine = endpoint.vouched_for(&request);
        return accept(arrival, request, genuine, endpoint.prescribed()).await;
    }
    match respond(endpoint, &request, now, Phase::Before).await {
        Some(Responded::End(response)) => return handshake(arrival, &request, response),
        Some(Responded::GoOn(response)) => answer = Some(response),
        None => {}
    }
    if let Some(Responded::End(response)) = respond(endpoint, &request, now, Phase::Registering).await {
        return handshake(arrival, &request, response);
    }
    let genuine = match endpoint.verify(&request, now).await {
        Ok(genuine) => genuine,
        Err(why) => {
            let response = endpoint.refused(&why);
            let outcome = TraceOutcome::Rejected;
            tell(arrival, NoDelivery::of(&request, outcome, response.status(), why.into_reason()));
            return response;
        }
    };
    match respond(endpoint, &request, now, Phase::AfterVerify).await {
        Some(Responded::End(response)) => return handshake(arrival, &request, response),
        Some(Responded::GoOn(response)) => answer = Some(response),
        None => {}
    }
    // Only now: the verifier had to see it, and nobody else has to.
    let request = match masked_where(&request, |name| endpoint.carries_secret(request.headers(), name)) {
        Cow::Owned(masked) => masked,
        Cow::Borrowed(_) => request,
    };
    let kept = match answer {
        Some(response) => Some(Box::pin(reply::keep(response)).await),
        None => endpoint.prescribed(),
    };
    accept(arrival, request, genuine, kept).await
}

/// The answer of an endpoint that a person switched off: its provider tries again later.
fn switched_off(arrival: Arrival<'_>, request: &Request) -> Response {
    let response = reply::overloaded();
    let reason = "the endpoint is switched off".to_owned();
    tell(arrival, NoDelivery::of(request, TraceOutcome::Paused, response.status(), reason));
    response
}

fn handshake(arrival: Arrival<'_>, request: &Request, response: Response) -> Response {
    let outcome = TraceOutcome::Handshake;
    let reason = "answered without a run".to_owned();
    tell(arrival, NoDelivery::of(request, outcome, response.status(), reason));
    response
}

/// Matches a verified request, stores it with its runs, and answers when that is durable.
async fn accept(
    arrival: Arrival<'_>,
    request: Request,
    genuine: Genuine,
    answer: Option<Answer>,
) -> Response {
    let Arrival { app, endpoint, at, by_hand } = arrival;
    if let Some(webhook) = &endpoint.source {
        return Box::pin(source::accept(arrival, webhook, request, genuine)).await;
    }
    let mut matched = verdicts::matching(endpoint, &request);
    endpoint.without_jobs_off(&mut matched);
    let unmatched = endpoint.spec.unmatched.filter(|_| matched.jobs.is_empty());
    let (mut dedupe, rule) = dedupe::key(endpoint, &request, &genuine, at);
    if by_hand.is_some_and(|by_hand| by_hand.also_repeats) {
        dedupe = None;
    }
    let id = crate::id::new(at);
    let runs: Vec<_> = matched
        .jobs
        .iter()
        .map(|job| new_run(job, Given::Request(&request), at, app.workers.slots()))
        .collect();
    let all_placed = runs.iter().all(|run| run.slot.is_some());
    note_old_secret(endpoint, &genuine);
    let delivery = NewDelivery {
        id,
        endpoint: endpoint.spec.id,
        request: request.clone(),
        provider_id: genuine.delivery_id,
        secret_index: genuine.secret_index,
        dedupe,
        runs,
        events: Vec::new(),
        note: None,
        verdicts: matched.stored(),
        answer: answer.clone(),
        replay_of: arrival.replay_of(),
    };
    let stored = if all_placed {
        app.store.accept(delivery).await
    } else {
        Box::pin(accept_for_later(app, delivery)).await
    };
    match stored {
        Ok(Accepted::Stored) => delivered(arrival, &request, id, &matched, unmatched, answer),
        Ok(Accepted::Rematched { first, .. }) => {
            delivered(arrival, &request, first, &matched, unmatched, answer)
        }
        Ok(Accepted::Duplicate { first, at: first_at, answer }) => {
            let response = answer.map_or_else(|| reply::delivered(first), reply::kept);
            let reason = format!("repeats delivery {first} of {first_at}, by {rule}; it starts nothing");
            let told = NoDelivery::of(&request, TraceOutcome::Duplicate, response.status(), reason);
            tell(arrival, NoDelivery { delivery: Some(first), ..told });
            response
        }
        Err(error) => {
            let response = reply::overloaded();
            let reason = match error {
                StoreError::Busy => "the store has too much to write".to_owned(),
                error => {
                    tracing::error!(endpoint = endpoint.spec.id, %error, "a delivery was not stored; its sender is told to try again");
                    error.to_string()
                }
            };
            tell(arrival, NoDelivery::of(&request, TraceOutcome::Overloaded, response.status(), reason));
            response
        }
    }
}

/// Stores a delivery some of whose runs found no free place, and wakes the
/// dispatcher after the commit, also when the sender hangs up in between.
pub(super) async fn accept_for_later(app: &App, delivery: NewDelivery) -> Result<Accepted, StoreError> {
    let (store, stored) = (Arc::clone(&app.store), app.workers.left_in_store());
    let task = tokio::spawn(async move {
        let result = store.accept(delivery).await;
        stored();
        result
    });
    task.await.unwrap_or(Err(StoreError::Closed))
}

/// Tells that a secret is still in use that a newer one is to replace.
fn note_old_secret(endpoint: &LiveEndpoint, genuine: &Genuine) {
    if let Some(index @ 1..) = genuine.secret_index {
        let name = endpoint.secret_name(index).unwrap_or("a value in the program");
        tracing::info!(
            target: "triggerfish::request",
            endpoint = endpoint.spec.id,
            "verified with an old secret, {name}: its provider does not use the newest yet"
        );
    }
}

fn delivered(
    arrival: Arrival<'_>,
    request: &Request,
    delivery: Uuid,
    matched: &Matched,
    unmatched: Option<u16>,
    answer: Option<Answer>,
) -> Response {
    let response = match unmatched {
        Some(status) => reply::unmatched(status),
        None => answer.map_or_else(|| reply::delivered(delivery), reply::kept),
    };
    tell_delivery(arrival, request, delivery, matched, response.status());
    response
}
