//! What a delivery leaves for the next one.

use super::{IDS, in_memory, sent, with_ledger};
use crate::harness::{App, Setup, sqlite, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A delivery with one entry, which leaves its id.
fn noting(id: usize) -> Value {
    json!({ "id": id.to_string(), "entries": [[id.to_string(), id]], "notes": true })
}

async fn started(setup: Setup) -> App {
    let app = setup.start().await;
    app.registered().await;
    app
}

/// What the store has of it, and how many deliveries have left something.
async fn noted(app: &App) -> (Vec<String>, u64) {
    let row = app.store().sources().await.unwrap().remove(0);
    (serde_json::from_str(row.metadata.as_deref().unwrap_or("[]")).unwrap(), row.revision)
}

#[tokio::test]
async fn the_next_delivery_gets_what_the_last_one_left_after_a_restart_too() {
    let directory = tempfile::tempdir().unwrap();
    let app = started(with_ledger(sqlite(directory.path(), IDS))).await;
    for id in [1, 2] {
        assert_eq!(app.send(&sent(&noting(id))).await.status, 200);
    }
    assert_eq!(app.send(&sent(&noting(2))).await.status, 200, "a repeat, which leaves nothing");
    assert_eq!(noted(&app).await, (vec!["1".to_owned(), "2".to_owned()], 2));
    app.stop().await;

    let app = started(with_ledger(sqlite(directory.path(), IDS))).await;
    assert_eq!(app.send(&sent(&json!({ "id": "reads", "entries": [["r", 9]] }))).await.status, 200);
    app.board.noted("entered 9 after 2").await;
    assert_eq!(app.send(&sent(&noting(3))).await.status, 200);
    assert_eq!(noted(&app).await.1, 3);
    // A registration that is done again leaves it alone.
    let run = app.running.sources().register("ledger/main").await.unwrap();
    app.all_ended().await;
    assert!(app.runs().await.iter().any(|known| known.id == run));
    assert_eq!(noted(&app).await.1, 3);
    assert_eq!(app.send(&sent(&noting(4))).await.status, 200);
    app.board.noted("entered 4 after 3").await;
    app.stop().await;
}

#[tokio::test]
async fn of_two_deliveries_that_are_read_at_once_one_is_read_again_after_the_other() {
    let app = started(in_memory()).await;
    let both = ["a", "b"].map(|id| {
        let body = json!({ "id": id, "entries": [[id, 1]], "notes": true, "gate": "both" });
        let address = app.address;
        tokio::spawn(async move { sent(&body).send(address).await.status })
    });
    until("both are read", async || (app.board.count("at both") == 2).then_some(())).await;
    app.board.open("both");
    for status in both {
        assert_eq!(status.await.unwrap(), 200);
    }
    let (all, revision) = noted(&app).await;
    assert_eq!((all.len(), revision), (2, 2), "{all:?}");
    app.all_ended().await;
    let notes = app.board.notes();
    let reads: Vec<_> = notes.iter().filter(|note| note.starts_with("reads")).collect();
    assert_eq!(reads.len(), 3, "{notes:?}");
    assert!(reads[2].ends_with("after 1"), "{notes:?}");
    assert_eq!((app.board.count("entered 1 after 0"), app.board.count("entered 1 after 1")), (1, 1));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_each_gets_what_another_left() {
    let directory = tempfile::tempdir().unwrap();
    let app = started(with_ledger(sqlite(directory.path(), IDS))).await;
    let all: Vec<_> = (0..40)
        .map(|id| {
            let address = app.address;
            tokio::spawn(async move { sent(&noting(id)).send(address).await.status })
        })
        .collect();
    for status in all {
        assert_eq!(status.await.unwrap(), 200);
    }
    let (ids, revision) = noted(&app).await;
    assert_eq!((ids.iter().collect::<BTreeSet<_>>().len(), revision), (40, 40));
    app.all_ended().await;
    let notes = app.board.notes();
    for before in 0..40 {
        let end = format!(" after {before}");
        let entered = notes.iter().filter(|note| note.starts_with("entered") && note.ends_with(&end));
        assert_eq!(entered.count(), 1, "{end}: {notes:?}");
    }
    app.stop().await;
}
