//! The filter of an event and that of a job, for events of a source.

use super::{Entry, ledger, on_large, sent, with_ledger};
use crate::harness::{Board, memory};
use serde_json::{Value, json};
use triggerfish::prelude::*;

#[job(
    id = "ledger/not-huge",
    version = "1.0.0",
    trigger = on_large(account = ledger),
    filter = { amount: [{ $lt: 1000 }] },
)]
async fn not_huge(Json(entry): Json<Entry>, State(board): State<Board>) {
    board.note(format_args!("large {}", entry.amount));
}

#[job(
    id = "ledger/small",
    version = "1.0.0",
    trigger = on_large(account = ledger),
    filter = { amount: [{ $lt: 50 }] },
)]
async fn small() {}

#[tokio::test]
async fn both_must_hold_and_the_reason_is_kept_where_one_does_not() {
    let app = with_ledger(memory(&["ledger", "ledger/not-huge"])).start().await;
    app.registered().await;
    let body = json!({ "id": "a", "kind": "large", "entries": [["1", 50], ["2", 500], ["3", 5000]] });
    let answer = app.send(&sent(&body)).await;
    app.board.noted("large 500").await;
    app.all_ended().await;
    assert_eq!(app.board.notes(), ["reads a after 0", "large 500"]);
    let delivery = app.store().delivery(answer.delivery()).await.unwrap().unwrap();
    let verdicts: Value = serde_json::from_str(&delivery.verdicts.unwrap()).unwrap();
    let failed = |n: usize| (&verdicts[n]["failed"][0]["wants"], &verdicts[n]["failed"][0]["got"]);
    assert_eq!(failed(0).1, &json!(50), "{verdicts}");
    assert_eq!(failed(1).1, &json!(5000), "{verdicts}");
    app.stop().await;
}

#[tokio::test]
async fn a_job_whose_filter_and_that_of_its_event_let_nothing_pass_is_refused() {
    let error = with_ledger(memory(&["ledger", "ledger/small"])).build().map(|_| ()).unwrap_err().to_string();
    let told = "job \"ledger/small\" (tests/suite/sources/filters.rs";
    for part in [told, "can never run", "`amount` to be [{ $lt: 50 }]", "wants [{ $gt: 100 }]"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}
