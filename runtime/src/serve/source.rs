//! The way of a verified request at the webhook of an external source: its
//! events are read, matched, and stored with it in one transaction.

use super::arrival::Arrival;
use super::live::{Genuine, unpanicked};
use super::outcome::{NoDelivery, tell, tell_delivery};
use super::{App, dedupe, reply, verdicts};
use crate::endpoint::Response;
use crate::request::Request;
use crate::source::{Handled, LiveSource, Turn};
use crate::store::{Accepted, NewDelivery, SourceNote, SourceRow, StoreError, TraceOutcome};
use crate::verdict;
use std::sync::Arc;
use std::time::Duration;

/// How long a request that verifies waits for the registration that is about to
/// be stored: less than any provider waits for its answer.
const REGISTERING: Duration = Duration::from_secs(5);

/// How often a request is read again because others have left something in the
/// meantime. Within a process they wait for each other, so it takes other processes.
const MOST_READS: usize = 10;

/// Reads the events of a verified request, stores it with them, and answers
/// when that is durable.
pub(super) async fn accept(
    arrival: Arrival<'_>,
    source: &Arc<LiveSource>,
    request: Request,
    genuine: Genuine,
) -> Response {
    let mut again = false;
    for _ in 0..MOST_READS {
        let turn = source.registered.turn().await;
        if again && let Err(error) = catch_up(arrival.app, source).await {
            return not_stored(arrival, &request, &error);
        }
        let Some(row) = registration(arrival, source).await else {
            return failed(arrival, &request, "the webhook is not registered".to_owned());
        };
        let handled = match unpanicked(source.instance.source.handle(&request, &row)).await {
            Ok(Ok(handled)) => handled,
            // Its sender tries again, and by then the program may know how to read it.
            Ok(Err(error)) => {
                return failed(arrival, &request, format!("its events cannot be read: {error:?}"));
            }
            Err(panic) => return failed(arrival, &request, format!("the source panicked: {panic}")),
        };
        match store(arrival, source, &request, &genuine, (handled, &row, turn)).await {
            Err(StoreError::Stale) => {
                source.registered.take_turns();
                again = true;
            }
            Ok(response) => return response,
            Err(error) => return not_stored(arrival, &request, &error),
        }
    }
    not_stored(arrival, &request, &StoreError::Busy)
}

/// What is registered. A provider may call while the run that registers has not
/// stored yet what came of it: the webhook is at work before the provider answers.
async fn registration(arrival: Arrival<'_>, source: &LiveSource) -> Option<Arc<SourceRow>> {
    if let Some(row) = source.registered.row() {
        return Some(row);
    }
    let Arrival { app, at, .. } = arrival;
    tokio::select! {
        row = source.registered.known() => row,
        () = app.clock.sleep_until(at.plus(REGISTERING)) => None,
    }
}

/// Takes from the store what the deliveries before have left.
async fn catch_up(app: &App, source: &LiveSource) -> Result<(), StoreError> {
    let rows = app.store.sources().await?;
    if let Some(row) = rows.into_iter().find(|row| row.address == source.address) {
        source.registered.catch_up(row);
    }
    Ok(())
}

/// Stores a request with what was read from it, and answers.
async fn store(
    arrival: Arrival<'_>,
    source: &Arc<LiveSource>,
    request: &Request,
    genuine: &Genuine,
    (handled, row, turn): (Handled, &SourceRow, Option<Turn>),
) -> Result<Response, StoreError> {
    let Arrival { app, endpoint, at, by_hand } = arrival;
    let answer = match handled.response {
        Some(response) => Some(Box::pin(reply::keep(response)).await),
        None => endpoint.prescribed(),
    };
    let again = by_hand.is_some_and(|by_hand| by_hand.also_repeats);
    let (dedupe, rule) = dedupe::key(endpoint, request, genuine, at);
    let id = crate::id::new(at);
    let (mut jobs, mut reasons, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for event in handled.events {
        let mut matched = source.matched(event, Some(id), again, app.workers.slots(), at);
        endpoint.without_runs_off(&mut matched);
        jobs.extend(matched.jobs);
        reasons.extend(matched.verdicts);
        events.push(matched.event);
    }
    let all_placed = events.iter().flat_map(|event| &event.runs).all(|run| run.slot.is_some());
    let names: Vec<_> = events.iter().map(|new| new.event.name.as_ref()).collect();
    let why = match names.as_slice() {
        [] => "there is no event in it".to_owned(),
        names => format!("no job takes {}", names.join(", ")),
    };
    let mut matched = verdicts::Matched { jobs, verdicts: verdict::joined(&reasons), why };
    let note = handled.metadata.map(|metadata| SourceNote {
        address: source.address.clone(),
        seen: row.revision,
        metadata: metadata.to_string(),
    });
    let delivery = NewDelivery {
        id,
        endpoint: endpoint.spec.id,
        request: request.clone(),
        provider_id: genuine.delivery_id.clone(),
        secret_index: genuine.secret_index,
        dedupe: dedupe.filter(|_| !again),
        runs: Vec::new(),
        events,
        note,
        verdicts: matched.stored(),
        answer: answer.clone(),
        replay_of: arrival.replay_of(),
    };
    let stored = if delivery.note.is_some() {
        Box::pin(accept_with_note(app, source, delivery, turn)).await?
    } else if all_placed {
        app.store.accept(delivery).await?
    } else {
        Box::pin(super::ingest::accept_for_later(app, delivery)).await?
    };
    Ok(match stored {
        Accepted::Stored => {
            let response = answer.map_or_else(|| reply::delivered(id), reply::kept);
            tell_delivery(arrival, request, id, &matched, response.status());
            response
        }
        Accepted::Duplicate { first, at: first_at, answer: kept } => {
            let response = kept.map_or_else(|| reply::delivered(first), reply::kept);
            repeated(arrival, request, &response, (first, format!("of {first_at}, by {rule}")));
            response
        }
        // Without runs: its event is known, whatever jobs there are by now.
        Accepted::Rematched { first, at: first_at } => {
            let response = answer.map_or_else(|| reply::delivered(first), reply::kept);
            repeated(arrival, request, &response, (first, format!("of {first_at}, by {rule}")));
            response
        }
    })
}

/// Stores a delivery that leaves something for the next one, which gets it when
/// it has its turn: also where the sender hangs up in between.
async fn accept_with_note(
    app: &App,
    source: &Arc<LiveSource>,
    delivery: NewDelivery,
    turn: Option<Turn>,
) -> Result<Accepted, StoreError> {
    let (store, stored) = (Arc::clone(&app.store), app.workers.left_in_store());
    let source = Arc::clone(source);
    let task = tokio::spawn(async move {
        let note = delivery.note.clone();
        let result = store.accept(delivery).await;
        stored();
        source.registered.take_turns();
        if let (Ok(Accepted::Stored), Some(note)) = (&result, note) {
            source.registered.noted(note);
        }
        drop(turn);
        result
    });
    task.await.unwrap_or(Err(StoreError::Closed))
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

/// The same where the store did not take it.
fn not_stored(arrival: Arrival<'_>, request: &Request, error: &StoreError) -> Response {
    let response = reply::overloaded();
    if !matches!(error, StoreError::Busy) {
        let endpoint = arrival.endpoint.spec.id;
        tracing::error!(endpoint, %error, "a delivery was not stored; its sender is told to try again");
    }
    let outcome = TraceOutcome::Overloaded;
    tell(arrival, NoDelivery::of(request, outcome, response.status(), error.to_string()));
    response
}
