//! The events of one delivery are stored together, or not at all.

use super::{IDS, sent, with_ledger};
use crate::fakes::stripe::Stripe as Fake;
use crate::harness::{App, Call, Server, exchange, sqlite, until};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use triggerfish::prelude::*;

/// How many runs have entered something, and the ids of all events.
async fn counts(app: &App) -> (usize, usize, usize) {
    let runs = app.runs().await.into_iter().filter(|run| run.job == "ledger/enter").count();
    let events = app.events().await.into_iter().filter(|event| event.name == "entry").count();
    (app.deliveries().await.len(), events, runs)
}

#[tokio::test]
async fn where_one_event_of_a_delivery_is_not_stored_none_is() {
    let directory = tempfile::tempdir().unwrap();
    let app = with_ledger(sqlite(directory.path(), IDS)).start().await;
    app.registered().await;
    let other = Connection::open(directory.path().join("app.db")).unwrap();
    other.busy_timeout(Duration::from_secs(30)).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN NEW.key LIKE '%:broken'
                  BEGIN SELECT RAISE(ABORT, 'asked for by a test'); END";
    other.execute_batch(refuse).unwrap();
    let body = json!({ "id": "a", "notes": true, "entries": [["1", 1], ["broken", 2], ["3", 3]] });
    let answer = app.send(&sent(&body)).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(counts(&app).await, (0, 0, 0));
    assert_eq!(app.store().sources().await.unwrap()[0].revision, 0, "nor what it leaves");
    assert_eq!(app.send(&sent(&json!({ "id": "b", "entries": [["4", 4]] }))).await.status, 200);
    assert_eq!(counts(&app).await, (1, 1, 1), "others are stored");

    other.execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(app.send(&sent(&body)).await.status, 200, "as its provider sends it again");
    assert_eq!(counts(&app).await, (2, 4, 4));
    app.all_ended().await;
    let entered: BTreeSet<_> =
        app.board.notes().into_iter().filter(|note| note.starts_with("entered")).collect();
    assert_eq!(entered.len(), 4, "{entered:?}");
    app.stop().await;
}

#[tokio::test]
async fn each_event_counts_once_by_its_id_whatever_delivery_brings_it() {
    let directory = tempfile::tempdir().unwrap();
    let app = with_ledger(sqlite(directory.path(), IDS)).start().await;
    app.registered().await;
    let first = json!({ "id": "a", "entries": [["1", 1], ["2", 2]] });
    let second = json!({ "id": "b", "entries": [["2", 2], ["3", 3], ["3", 3], ["1", 1]] });
    for body in [&first, &second, &first, &second] {
        assert_eq!(app.send(&sent(body)).await.status, 200);
    }
    assert_eq!(counts(&app).await, (2, 3, 3));
    app.all_ended().await;
    for amount in [1, 2, 3] {
        assert_eq!(app.board.count(&format!("entered {amount} after 0")), 1);
    }
    app.stop().await;
}

/// Events of each delivery of the program that is killed.
const PARTS: i64 = 5;

fn parts(id: usize) -> Call {
    let parts: Vec<_> = (0..PARTS).map(|part| format!("{id}-{part}")).collect();
    let secret = Secret::from("sekrit-of-the-parts-0123456789");
    Call::post("/hooks/parts/main", json!(parts).to_string())
        .sign(Verifier::hmac_sha256().header("X-Parts").secret(secret))
}

/// Reads the store of a program that is not there any more, or still is.
fn ask<T>(
    directory: &Path,
    question: &str,
    read: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let path = directory.join("app.db");
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    db.busy_timeout(Duration::from_secs(30)).unwrap();
    let mut statement = db.prepare(question).unwrap();
    statement.query_map([], |row| read(row)).unwrap().map(Result::unwrap).collect()
}

/// Sends one delivery after the other until the program is gone.
async fn sending(to: SocketAddr, next: Arc<AtomicUsize>, acknowledged: Arc<Mutex<BTreeSet<usize>>>) {
    loop {
        let id = next.fetch_add(1, Ordering::Relaxed);
        match exchange(to, &parts(id).bytes()).await {
            Ok(answer) => {
                assert_eq!(answer.status, 200);
                acknowledged.lock().unwrap().insert(id);
            }
            Err(_) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_time_it_has_all_events_of_a_delivery_or_none() {
    let (directory, fake) = (tempfile::tempdir().unwrap(), Fake::start().await);
    let (next, acknowledged) = (Arc::new(AtomicUsize::new(0)), Arc::<Mutex<BTreeSet<usize>>>::default());
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..10 {
        let server = Server::spawn_source(directory.path(), &fake);
        let address = server.address().expect("a program that was killed starts again");
        until("the registration", async || {
            let known = ask(directory.path(), "SELECT count(*) FROM source", |row| row.get::<_, i64>(0));
            (known == [2]).then_some(())
        })
        .await;
        let before = acknowledged.lock().unwrap().len();
        let senders: Vec<_> = (0..4)
            .map(|_| tokio::spawn(sending(address, Arc::clone(&next), Arc::clone(&acknowledged))))
            .collect();
        let some = before + random.usize(1..30);
        until("some deliveries", async || (acknowledged.lock().unwrap().len() >= some).then_some(())).await;
        server.kill();
        for sender in senders {
            sender.await.unwrap();
        }
    }
    let stored = ask(
        directory.path(),
        "SELECT hex(d.id), count(e.id) FROM delivery d LEFT JOIN event e ON e.delivery = d.id GROUP BY d.id",
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
    );
    let stored: BTreeMap<_, _> = stored.into_iter().collect();
    assert!(stored.values().all(|events| *events == PARTS), "{stored:?}");
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(stored.len() >= acknowledged.len(), "{} of {}", stored.len(), acknowledged.len());

    // Each event has its run, and what was acknowledged is all there.
    let server = Server::spawn_source(directory.path(), &fake);
    server.address().expect("it starts once more");
    until("the end of all runs", async || {
        let open = "SELECT count(*) FROM run WHERE finished_at IS NULL";
        (ask(directory.path(), open, |row| row.get::<_, i64>(0)) == [0]).then_some(())
    })
    .await;
    let effects = std::fs::read_to_string(directory.path().join("effects")).unwrap();
    let parts: BTreeSet<_> = effects.lines().filter_map(|line| line.strip_prefix("part ")).collect();
    assert_eq!(i64::try_from(parts.len()).unwrap(), stored.values().sum::<i64>());
    for id in &acknowledged {
        assert!((0..PARTS).all(|part| parts.contains(format!("{id}-{part}").as_str())), "{id}");
    }
    assert!(server.terminate().success());
}
