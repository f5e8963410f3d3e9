//! What a source answers reaches the sender.

use super::{IDS, in_memory, sent, with_ledger};
use crate::harness::{Answer, sqlite};
use serde_json::json;
use triggerfish::store::{DeliveryOutcome, TraceOutcome};

fn own(answer: &Answer) -> (u16, Option<&str>, String) {
    (answer.status, answer.header("content-type"), answer.text())
}

#[tokio::test]
async fn the_answer_of_a_source_reaches_the_sender_and_repeats_get_it_again() {
    let directory = tempfile::tempdir().unwrap();
    let start = async || {
        let app = with_ledger(sqlite(directory.path(), IDS)).start().await;
        app.registered().await;
        app
    };
    let app = start().await;
    let call = sent(&json!({ "id": "a", "entries": [["1", 7]], "answer": 202 }));
    let expected = (202, Some("text/x-ledger"), "the answer to a".to_owned());
    assert_eq!(own(&app.send(&call).await), expected);
    app.board.noted("entered 7 after 0").await;
    assert_eq!(own(&app.send(&call).await), expected);
    app.stop().await;
    let app = start().await;
    assert_eq!(own(&app.send(&call).await), expected, "it is kept with the delivery");
    let usual = app.send(&sent(&json!({ "id": "b", "entries": [["2", 8]] }))).await;
    assert_eq!(app.store().delivery(usual.delivery()).await.unwrap().unwrap().answer, None);
    app.all_ended().await;
    assert_eq!(app.deliveries().await.len(), 2);
    app.stop().await;
}

/// A provider's question in a signed request, for example.
#[tokio::test]
async fn a_request_without_events_is_answered_and_runs_nothing() {
    let app = in_memory().start().await;
    app.registered().await;
    let answer = app.send(&sent(&json!({ "id": "question", "answer": 203 }))).await;
    assert_eq!(own(&answer), (203, Some("text/x-ledger"), "the answer to question".to_owned()));
    let stored = app.deliveries().await;
    assert_eq!(
        stored.iter().map(|delivery| delivery.outcome).collect::<Vec<_>>(),
        [DeliveryOutcome::Filtered]
    );
    assert_eq!(app.all_ended().await.len(), 1, "that of the registration");
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_so_that_it_is_sent_again() {
    let app = in_memory().start().await;
    app.registered().await;
    let call = sent(&json!({ "id": "a", "entries": [["1", 7]], "answer": 202, "needs": "a new version" }));
    assert_eq!(app.send(&call).await.status, 500);
    let traces = app.traces().await;
    assert_eq!(traces.iter().map(|trace| trace.outcome).collect::<Vec<_>>(), [TraceOutcome::Rejected]);
    assert!(traces[0].reason.contains("not yet"), "{}", traces[0].reason);
    assert!(app.deliveries().await.is_empty());
    app.board.note("a new version");
    assert_eq!(app.send(&call).await.status, 202);
    app.board.noted("entered 7 after 0").await;
    app.stop().await;
}
