//! Batches, and what a failure in one does to the others.

use super::{Outcome, write, writer_on};
use crate::store::conformance::fixture::{delivery, line, trace};
use crate::store::record::{Accepted, End, Fence, Progress};
use crate::store::slot::Slots;
use crate::store::sqlite::accept::Accept;
use crate::store::sqlite::work::{Answer, Write, call};
use crate::store::sqlite::writer::Writer;
use crate::store::sqlite::{Durability, SqliteConfig, SqliteStore, open};
use crate::store::{Store, StoreError};
use crate::time::Timestamp;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Waker};
use uuid::Uuid;

fn writer() -> Outcome<Writer> {
    let connection = open::writer(None, Durability::Full).map_err(|error| error.at(None))?;
    Ok(writer_on(connection, None))
}

fn accept(new: crate::store::NewDelivery) -> (Box<dyn Write>, Answer<Accepted>) {
    call(Accept::new(new), None)
}

fn count(writer: &Writer, table: &str) -> Outcome<i64> {
    Ok(writer.connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
}

#[test]
fn a_commit_that_fails_fails_all_of_its_batch() -> Outcome {
    let mut writer = writer()?;
    // A foreign key that is checked at the commit, and that one of three breaks.
    writer.connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         CREATE TABLE parent (id INTEGER PRIMARY KEY);
         CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER poison AFTER INSERT ON delivery WHEN new.endpoint = 'poison'
         BEGIN INSERT INTO child VALUES (1); END;",
    )?;
    let (slots, mut handed) = Slots::new(3);
    let new = |endpoint| delivery().to(endpoint).key("k").starting(slots.reserve()).build();
    let (batch, answers): (Vec<_>, Vec<_>) =
        ["a", "poison", "b"].map(|to| accept(new(to))).into_iter().unzip();
    write(&mut writer, batch);
    for mut answer in answers {
        let Err(error) = answer.try_recv()? else { return Err("acknowledged".into()) };
        assert!(matches!(error, StoreError::Engine(_)), "{error}");
        assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
    }
    for table in ["delivery", "run", "dedupe"] {
        assert_eq!(count(&writer, table)?, 0, "{table}");
    }
    assert_eq!(slots.free(), 3);
    assert!(handed.try_recv().is_err());

    let (message, mut answer) = accept(new("a"));
    write(&mut writer, [message]);
    assert_eq!(answer.try_recv()??, Accepted::Stored, "the next batch is not touched");
    assert!(handed.try_recv().is_ok());
    Ok(())
}

#[test]
fn a_message_that_fails_is_undone_alone() -> Outcome {
    let mut writer = writer()?;
    // Fails at its second statement, when its key and delivery are written.
    writer.connection.execute_batch(
        "CREATE TRIGGER poison BEFORE INSERT ON run WHEN new.job = 'poison'
         BEGIN SELECT raise(ABORT, 'poisoned'); END;",
    )?;
    let all = [delivery().key("1").runs(1), delivery().key("2").job("poison"), delivery().key("3").runs(2)];
    let (batch, answers): (Vec<_>, Vec<_>) = all.map(|new| accept(new.build())).into_iter().unzip();
    write(&mut writer, batch);
    let mut results = Vec::new();
    for mut answer in answers {
        results.push(answer.try_recv()?.map_err(|error| error.to_string()));
    }
    let failed = results.remove(1);
    assert!(failed.as_ref().is_err_and(|error| error.contains("poisoned")), "{failed:?}");
    assert_eq!(results, [Ok(Accepted::Stored), Ok(Accepted::Stored)]);
    assert_eq!((count(&writer, "delivery")?, count(&writer, "dedupe")?, count(&writer, "run")?), (2, 2, 3));
    Ok(())
}

#[test]
fn a_rollback_by_the_engine_fails_all_that_it_undoes() -> Outcome {
    // A delivery is written at once, so the last one comes to a transaction of its own.
    // Runs are written when the batch ends, so all are in one.
    for (table, condition, expected) in [
        ("delivery", "new.endpoint = 'poison'", [true, true, false]),
        ("run", "new.job = 'poison'", [true, true, true]),
    ] {
        let mut writer = writer()?;
        writer.connection.execute_batch(&format!(
            "CREATE TRIGGER poison BEFORE INSERT ON {table} WHEN {condition}
             BEGIN SELECT raise(ROLLBACK, 'rolled back'); END;"
        ))?;
        let all = [delivery().runs(1), delivery().to("poison").job("poison"), delivery().runs(1)];
        let (batch, answers): (Vec<_>, Vec<_>) = all.map(|new| accept(new.build())).into_iter().unzip();
        write(&mut writer, batch);
        let mut failed = Vec::new();
        for mut answer in answers {
            failed.push(answer.try_recv()?.is_err());
        }
        assert_eq!(failed, expected, "{table}");
        let stored = expected.iter().filter(|failed| !**failed).count();
        assert_eq!(usize::try_from(count(&writer, "delivery")?)?, stored, "{table}");
        let (next, mut answer) = accept(delivery().runs(1).build());
        write(&mut writer, [next]);
        assert_eq!(answer.try_recv()??, Accepted::Stored, "the next batch is not touched");
    }
    Ok(())
}

/// A store whose writer stands still until the sender is used or dropped.
pub(super) fn stalled(queue: usize) -> Outcome<(SqliteStore, Sender<()>)> {
    let store = SqliteStore::open(SqliteConfig { path: None, queue, ..SqliteConfig::default() })?;
    let (go, wait) = channel::<()>();
    let (begun, started) = channel();
    let (wait, begun) = (Mutex::new(wait), Mutex::new(begun));
    drop(store.read(move |_| {
        if let (Ok(wait), Ok(begun)) = (wait.lock(), begun.lock()) {
            let _ = begun.send(());
            let _ = wait.recv();
        }
        Ok(())
    }));
    started.recv()?;
    Ok((store, go))
}

#[tokio::test]
async fn a_full_queue_refuses_deliveries_and_nothing_else() -> Outcome {
    let (store, go) = stalled(2)?;
    let first = store.accept(delivery().runs(1).build());
    let second = store.accept(delivery().runs(1).build());
    let third = store.accept(delivery().runs(1).build()).await;
    assert!(matches!(third, Err(StoreError::Busy)), "{third:?}");
    let stale = Fence { run: Uuid::now_v7(), attempt: 1, token: 1 };
    let finish = store.finish(stale, End::DONE, Progress::default());
    let claim = store.claim(10, Timestamp(i64::MAX));
    drop(go);
    assert_eq!((first.await?, second.await?), (Accepted::Stored, Accepted::Stored));
    assert!(matches!(finish.await, Err(StoreError::Stale)));
    assert_eq!(claim.await?.len(), 2);
    assert_eq!(store.accept(delivery().build()).await?, Accepted::Stored, "there is room again");
    Ok(())
}

#[tokio::test]
async fn notes_that_nobody_waits_for_are_bounded() -> Outcome {
    let (store, go) = stalled(1)?;
    for _ in 0..2000 {
        store.trace(trace("x"));
    }
    let run = Uuid::now_v7();
    for _ in 0..70 {
        store.log((0..1000).map(|_| line(run, "x")).collect());
    }
    drop(go);
    assert_eq!(store.traces(10_000).await?.len(), 1024);
    assert_eq!(store.logs(run).await?.len(), 65_000);
    Ok(())
}

/// Polls until the future is ready.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::yield_now(),
        }
    }
}

#[test]
fn no_runtime_is_needed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let store = super::open(&folder.path().join("a.db"))?;
    let new = delivery().build();
    let id = new.id;
    assert_eq!(wait(store.accept(new))?, Accepted::Stored);
    assert!(wait(store.delivery(id))?.is_some());
    wait(store.close())?;
    Ok(())
}

#[tokio::test]
async fn large_bodies_are_split_over_transactions() -> Outcome {
    let (store, go) = stalled(100)?;
    let body = bytes::Bytes::from(vec![7; 2 << 20]);
    let all: Vec<_> = (0..20).map(|_| store.accept(delivery().body(body.clone()).build())).collect();
    drop(go);
    for accepted in all {
        assert_eq!(accepted.await?, Accepted::Stored);
    }
    Ok(())
}
