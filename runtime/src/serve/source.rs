//! The way of a verified request at the webhook of an external source: its
//! events are read, matched, and stored with it in one transaction.

use super::arrival::Arrival;
use super::live::{Genuine, unpanicked};
use super::outcome::{NoDelivery, tell, tell_delivery};
use super::{App, dedupe, reply, verdicts};
use crate::endpoint::Response;
use crate::request::Request;
use crate::source::{LiveSource, Matched};
use crate::store::{Accepted, NewDelivery, SourceRow, StoreError, TraceOutcome};
use crate::verdict;
use std::sync::Arc;

/// Reads the events of a verified request, stores it with them, and answers
/// when that is durable.
pub(super) async fn accept(
    arrival: Arrival<'_>,
    source: &LiveSource,
    request: Request,
    genuine: Genuine,
) -> Response {
    let Arrival { app, endpoint, at, by_hand } = arrival;
    // Verified by a secret, which is known only with the row; it may be gone since.
    let Some(row) = source.row() else {
        return failed(arrival, &request, "the webhook is not registered".to_owned());
    };
    let handled = match unpanicked(source.instance.source.handle(&request, &row)).await {
        Ok(Ok(handled)) => handled,
        // Its sender tries again, and by then the program may know how to read it.
        Ok(Err(error)) => return failed(arrival, &request, format!("its events cannot be read: {error:?}")),
        Err(panic) => return failed(arrival, &request, format!("the source panicked: {panic}")),
    };
    let answer = match handled.response {
        Some(response) => Some(Box::pin(reply::keep(response)).await),
        None => endpoint.prescribed(),
    };
    let again = by_hand.is_some_and(|by_hand| by_hand.also_repeats);
    let (dedupe, rule) = dedupe::key(endpoint, &request, &genuine, at);
    let id = crate::id::new(at);
    let (mut jobs, mut reasons, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for event in handled.events {
        let Matched { event, jobs: takers, verdicts } =
            source.matched(event, Some(id), again, app.workers.slots(), at);
        jobs.extend(takers);
        reasons.extend(verdicts);
        events.push(event);
    }
    let all_placed = events.iter().flat_map(|event| &event.runs).all(|run| run.slot.is_some());
    let names: Vec<_> = events.iter().map(|new| new.event.name.as_ref()).collect();
    let why = format!("no job takes {}", names.join(", "));
    let mut matched = verdicts::Matched { jobs, verdicts: verdict::joined(&reasons), why };
    let delivery = NewDelivery {
        id,
        endpoint: endpoint.spec.id,
        request: request.clone(),
        provider_id: genuine.delivery_id,
        secret_index: genuine.secret_index,
        dedupe: dedupe.filter(|_| !again),
        runs: Vec::new(),
        events,
        verdicts: matched.stored(),
        answer: answer.clone(),
        replay_of: arrival.replay_of(),
    };
    let stored = if all_placed {
        app.store.accept(delivery).await
    } else {
        Box::pin(super::ingest::accept_for_later(app, delivery)).await
    };
    match stored {
        Ok(Accepted::Stored) => {
            if let Some(metadata) = handled.metadata {
                note(app, source, metadata.to_string()).await;
            }
            let response = answer.map_or_else(|| reply::delivered(id), reply::kept);
            tell_delivery(arrival, &request, id, &matched, response.status());
            response
        }
        Ok(Accepted::Duplicate { first, at: first_at, answer: kept }) => {
            let response = kept.map_or_else(|| reply::delivered(first), reply::kept);
            repeated(arrival, &request, &response, (first, format!("of {first_at}, by {rule}")));
            response
        }
        // Without runs: its event is known, whatever jobs there are by now.
        Ok(Accepted::Rematched { first, at: first_at }) => {
            let response = answer.map_or_else(|| reply::delivered(first), reply::kept);
            repeated(arrival, &request, &response, (first, format!("of {first_at}, by {rule}")));
            response
        }
        Err(error) => {
            let response = reply::overloaded();
            if !matches!(error, StoreError::Busy) {
                tracing::error!(endpoint = endpoint.spec.id, %error, "a delivery was not stored; its sender is told to try again");
            }
            let outcome = TraceOutcome::Overloaded;
            tell(arrival, NoDelivery::of(&request, outcome, response.status(), error.to_string()));
            response
        }
    }
}

fn repeated(
    arrival: Arrival<'_>,
    request: &Request,
    response: &Response,
    (first, which): (uuid::Uuid, String),
) {
    let reason = format!("repeats delivery {first} {which}; it starts nothing");
    let told = NoDelivery::of(request, TraceOutcome::Duplicate, response.status(), reason);
    tell(arrival, NoDelivery { delivery: Some(first), ..told });
}

/// Answers so that the sender tries again, and notes why.
fn failed(arrival: Arrival<'_>, request: &Request, reason: String) -> Response {
    let response = reply::failed();
    tell(arrival, NoDelivery::of(request, TraceOutcome::Rejected, response.status(), reason));
    response
}

/// Keeps what the next call is to be given. Lost in a crash right after the
/// commit: it is a help, and no fact.
async fn note(app: &App, source: &LiveSource, metadata: String) {
    if let Some(row) = source.row() {
        let row = SourceRow { metadata: Some(metadata.clone()), ..Arc::unwrap_or_clone(row) };
        source.set_row(Some(row));
    }
    if let Err(error) = app.store.note_source(&source.address, metadata).await {
        tracing::error!(source = source.address, %error, "what the source noted was not kept");
    }
}
