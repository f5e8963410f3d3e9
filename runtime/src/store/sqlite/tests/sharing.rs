//! Commits and their syncs: what is answered when, and what shares one.

use super::Outcome;
use super::logging::log_of;
use crate::store::conformance::fixture::delivery;
use crate::store::record::{Accepted, RunQuery};
use crate::store::sqlite::failure::Failure;
use crate::store::sqlite::work::{Tx, Work};
use crate::store::sqlite::{SqliteConfig, SqliteStore, sync};
use crate::store::{RunSearch, Store, StoreError, StoreFuture};
use crate::time::Timestamp;
use rusqlite::config::DbConfig;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// The disk, as a test has it: each sync tells that it begins, and waits to be
/// let through or made to fail.
struct Disk {
    begun: Receiver<()>,
    go: Sender<io::Result<()>>,
}

impl Disk {
    fn open(path: &Path) -> Outcome<(SqliteStore, Disk)> {
        let (begin, begun) = channel();
        let (go, wait) = channel::<io::Result<()>>();
        let ends = Mutex::new((begin, wait));
        let config = SqliteConfig { path: Some(path.to_owned()), ..SqliteConfig::default() };
        let store = SqliteStore::start(config, |connection, path| {
            let log = sync::take_over(connection, path)?;
            let gated = move || {
                let (begin, wait) = &*ends.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = begin.send(());
                // A disk that the test has let go of works.
                wait.recv().unwrap_or(Ok(()))?;
                log()
            };
            Ok(Box::new(gated))
        })
        .map_err(|error| error.at(Some(path)))?;
        Ok((store, Disk { begun, go }))
    }

    /// Waits until a sync begins.
    fn begins(&self) -> Outcome {
        Ok(self.begun.recv()?)
    }

    fn lets_it_through(&self) -> Outcome {
        Ok(self.go.send(Ok(()))?)
    }

    fn fails(&self) -> Outcome {
        Ok(self.go.send(Err(io::Error::from(io::ErrorKind::StorageFull)))?)
    }

    /// How many syncs have begun since this was asked.
    fn count(&self) -> usize {
        self.begun.try_iter().count()
    }
}

fn is_pending<T>(future: &mut StoreFuture<'_, T>) -> bool {
    matches!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending)
}

/// Deliveries with a run each.
fn accept(store: &SqliteStore, count: usize) -> Vec<StoreFuture<'_, Accepted>> {
    (0..count).map(|_| store.accept(delivery().runs(1).build())).collect()
}

/// How many runs a reader sees.
async fn visible(store: &SqliteStore) -> Outcome<usize> {
    Ok(store.runs(RunQuery { limit: 10_000, ..RunQuery::default() }).await?.len())
}

#[tokio::test]
async fn no_answer_comes_before_the_sync_that_covers_it() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (store, disk) = Disk::open(&folder.path().join("a.db"))?;
    // One alone, and some together while that one is synced.
    for count in [1, 5] {
        let before = visible(&store).await?;
        let mut first = store.accept(delivery().runs(1).build());
        disk.begins()?;
        let mut others = accept(&store, count - 1);
        assert!(is_pending(&mut first));
        assert_eq!(visible(&store).await?, before + 1, "committed, but not synced");
        disk.lets_it_through()?;
        assert_eq!(first.await?, Accepted::Stored);
        if count > 1 {
            disk.begins()?;
            assert_eq!(visible(&store).await?, before + count, "committed, but not synced");
            assert!(others.iter_mut().all(is_pending));
            disk.lets_it_through()?;
        }
        for other in others {
            assert_eq!(other.await?, Accepted::Stored);
        }
    }
    drop(disk);
    store.close().await?;
    Ok(())
}

/// A batch of several is committed, and its sync waits.
fn blocked<'a>(store: &'a SqliteStore, disk: &Disk) -> Outcome<Vec<StoreFuture<'a, Accepted>>> {
    let mut all = accept(store, 1);
    disk.begins()?;
    all.extend(accept(store, 10));
    disk.lets_it_through()?;
    disk.begins()?;
    Ok(all)
}

#[tokio::test]
async fn what_comes_while_the_log_is_synced_shares_the_next_sync() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (store, disk) = Disk::open(&folder.path().join("a.db"))?;
    let mut all = blocked(&store, &disk)?;
    all.extend(accept(&store, 100));
    let mut answer = store.flush();
    assert!(is_pending(&mut answer) && all.iter_mut().skip(1).all(is_pending));
    disk.lets_it_through()?;
    disk.begins()?;
    disk.lets_it_through()?;
    for accepted in all {
        assert_eq!(accepted.await?, Accepted::Stored);
    }
    answer.await?;
    assert_eq!(disk.count(), 0, "one sync for all that came meanwhile");
    Ok(())
}

#[tokio::test]
async fn what_changes_nothing_needs_no_sync() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (store, disk) = Disk::open(&folder.path().join("a.db"))?;
    assert!(store.claim(10, Timestamp(i64::MAX)).await?.is_empty());
    store.flush().await?;
    assert_eq!(disk.count(), 0);
    Ok(())
}

/// Tells what becomes of it.
struct Watched {
    name: &'static str,
    tell: Sender<(&'static str, &'static str)>,
    /// Settled only when this is used or dropped.
    gate: Option<Receiver<()>>,
}

impl Work for Watched {
    type Output = ();

    fn apply(&mut self, _: &Tx<'_>) -> Result<(), Failure> {
        let _ = self.tell.send((self.name, "done"));
        Ok(())
    }

    fn committed(self) {
        if let Some(gate) = self.gate {
            let _ = self.tell.send((self.name, "at the gate"));
            let _ = gate.recv();
        }
        let _ = self.tell.send((self.name, "settled"));
    }
}

#[tokio::test]
async fn messages_are_settled_in_the_order_in_which_they_came() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (store, disk) = Disk::open(&folder.path().join("a.db"))?;
    let (tell, told) = channel();
    let first = accept(&store, 1);
    disk.begins()?;
    let second = accept(&store, 2);
    drop(store.write(Watched { name: "one", tell: tell.clone(), gate: None }, None));
    disk.lets_it_through()?;
    disk.begins()?;
    // Alone and without a change: it needs no sync.
    drop(store.write(Watched { name: "two", tell, gate: None }, None));
    assert_eq!(told.recv()?, ("one", "done"));
    std::thread::yield_now();
    assert!(told.try_recv().is_err(), "nothing is settled before its sync");
    drop(disk);
    assert_eq!((told.recv()?, told.recv()?), (("one", "settled"), ("two", "done")));
    assert_eq!(told.recv()?, ("two", "settled"));
    for accepted in first.into_iter().chain(second) {
        accepted.await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_a_commit_leads_to_is_done_before_its_first_answer() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (store, disk) = Disk::open(&folder.path().join("a.db"))?;
    let (tell, told) = channel();
    let (open, gate) = channel();
    let before = accept(&store, 1);
    disk.begins()?;
    let mut one = store.write(Watched { name: "one", tell: tell.clone(), gate: None }, None);
    let two = store.write(Watched { name: "two", tell, gate: Some(gate) }, None);
    drop(disk);
    assert_eq!((told.recv()?, told.recv()?), (("one", "done"), ("two", "done")));
    assert_eq!((told.recv()?, told.recv()?), (("one", "settled"), ("two", "at the gate")));
    assert!(is_pending(&mut one), "the other of its batch is at the gate");
    drop(open);
    one.await?;
    two.await?;
    for accepted in before {
        accepted.await?;
    }
    Ok(())
}

fn text<T>(result: Result<T, StoreError>) -> Outcome<String> {
    match result {
        Ok(_) => Err("acknowledged".into()),
        Err(error) => Ok(error.to_string()),
    }
}

#[tokio::test]
async fn a_sync_that_fails_is_the_end_of_all_writing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    for together in [false, true] {
        let (store, disk) = Disk::open(&path)?;
        let (mut lost, stored) = if together {
            let mut all = blocked(&store, &disk)?;
            // Not committed.
            all.push(store.accept(delivery().to("open").build()));
            (all.split_off(1), all)
        } else {
            let all = accept(&store, 1);
            disk.begins()?;
            (all, Vec::new())
        };
        disk.fails()?;
        lost.push(store.accept(delivery().build()));
        for accepted in stored {
            assert_eq!(accepted.await?, Accepted::Stored);
        }
        for accepted in lost {
            let text = text(accepted.await)?;
            for part in ["log", "no storage space", "free space on the disk", "start the program again"] {
                assert!(text.contains(part), "{part:?} is not in {text:?}");
            }
        }
        assert!(text(store.flush().await)?.contains("no storage space"));
        let of_job = RunSearch { job: Some("job".to_owned()), limit: 10, ..RunSearch::default() };
        store.browse_runs(of_job).await.map_err(|error| format!("what is there is still shown: {error}"))?;
        let kept = std::fs::metadata(log_of(&path))?.len();
        assert!(text(store.close().await)?.contains("no storage space"));
        assert!(text(store.accept(delivery().build()).await)?.contains("closed"));
        drop(store);
        assert_eq!(disk.count(), 0, "nothing was synced after it");
        assert_eq!(std::fs::metadata(log_of(&path))?.len(), kept, "the log is as it was");
        assert!(!endpoints(&path)?.contains(&"open".to_owned()), "committed after a failure");
    }
    // A later program has what is whole on the disk.
    let store = super::open(&path)?;
    assert!(visible(&store).await? > 0);
    assert_eq!(store.accept(delivery().build()).await?, Accepted::Stored);
    store.close().await?;
    assert!(!log_of(&path).exists());
    Ok(())
}

fn endpoints(path: &Path) -> Outcome<Vec<String>> {
    let connection = rusqlite::Connection::open(path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let mut all = connection.prepare("SELECT endpoint FROM delivery")?;
    Ok(all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn a_store_that_is_dropped_waits_for_the_disk() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.db");
    let (store, disk) = Disk::open(&path)?;
    drop(blocked(&store, &disk)?);
    drop(accept(&store, 7));
    let dropping = std::thread::spawn(move || drop(store));
    disk.lets_it_through()?;
    disk.begins()?;
    assert!(!dropping.is_finished(), "what came last is not synced");
    disk.lets_it_through()?;
    dropping.join().map_err(|_| "the drop panicked")?;
    assert_eq!(endpoints(&path)?.len(), 18);
    Ok(())
}

#[cfg(unix)]
#[tokio::test]
async fn the_log_of_a_file_is_found_under_every_name() -> Outcome {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join(std::ffi::OsStr::from_bytes(b"no text \xff.db"));
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&file, &link)?;
    for path in [&file, &link] {
        let store = super::open(path)?;
        assert_eq!(store.accept(delivery().build()).await?, Accepted::Stored);
        store.close().await?;
    }
    Ok(())
}
