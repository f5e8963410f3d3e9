//! The least that keeps runs, to know what machine and disk allow: one thread that
//! writes whatever has come in one transaction, and jobs that are tasks and do nothing.
//! Once with one table, which has of a run its payload and whether it has ended, and
//! nothing to look at it by; once with the tables and indexes of the program under test.

use crate::naive::{Id, Naive};
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use triggerfish_benches::Result;

/// How many messages share a transaction at most.
const MAX_BATCH: usize = 1024;

/// What is kept of runs.
pub(crate) trait Rows: Send + 'static {
    /// By what a run is found again.
    type Id: Copy + Send + Sync + 'static;

    fn connection(&self) -> &Connection;
    fn start(&self, payload: &str) -> Result<Self::Id>;
    fn end(&self, run: Self::Id) -> Result<()>;
}

/// One table.
pub(crate) struct OneTable(Connection);

impl OneTable {
    pub(crate) fn new(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;
             CREATE TABLE run (place INTEGER PRIMARY KEY, state TEXT NOT NULL, payload TEXT NOT NULL) STRICT;
             CREATE INDEX run_queued ON run (place) WHERE state = 'queued';",
        )?;
        Ok(OneTable(connection))
    }
}

impl Rows for OneTable {
    type Id = i64;

    fn connection(&self) -> &Connection {
        &self.0
    }

    fn start(&self, payload: &str) -> Result<i64> {
        let insert = "INSERT INTO run (state, payload) VALUES ('running', ?1)";
        self.0.prepare_cached(insert)?.execute([payload])?;
        Ok(self.0.last_insert_rowid())
    }

    fn end(&self, run: i64) -> Result<()> {
        self.0.prepare_cached("UPDATE run SET state = 'done' WHERE place = ?1")?.execute(params![run])?;
        Ok(())
    }
}

impl Rows for Naive {
    type Id = Id;

    fn connection(&self) -> &Connection {
        Naive::connection(self)
    }

    fn start(&self, payload: &str) -> Result<Id> {
        self.insert("running", payload)
    }

    fn end(&self, run: Id) -> Result<()> {
        Naive::end(self, run)
    }
}

enum Message<I> {
    /// A run with this payload starts; its id is the answer, when it is durable.
    Start(String, oneshot::Sender<I>),
    /// A run has ended.
    End(I),
}

/// `producers` start runs that end at once, each the next when the last is durable. How
/// many a second, counted until all ends are stored; before that the same unmeasured.
pub(crate) async fn closed<R: Rows>(
    rows: R,
    producers: usize,
    warm: Duration,
    time: Duration,
) -> Result<f64> {
    rows.connection().execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536;",
    )?;
    let (messages, received) = channel();
    let ended = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&ended);
    let writer = std::thread::spawn(move || write(&rows, &received, &count));
    let mut per_second = 0.0;
    let mut all = 0;
    for time in [warm, time] {
        let begun = Instant::now();
        let loops: Vec<_> =
            (0..producers).map(|_| tokio::spawn(produce(messages.clone(), begun + time))).collect();
        let mut started = 0;
        for one in loops {
            started += one.await??;
        }
        all += started;
        while ended.load(Ordering::Acquire) < all && !writer.is_finished() {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        per_second = started as f64 / begun.elapsed().as_secs_f64();
    }
    drop(messages);
    writer.join().map_err(|_| "the writer has panicked")??;
    Ok(per_second)
}

async fn produce<I: Send + Sync + 'static>(messages: Sender<Message<I>>, until: Instant) -> Result<u64> {
    let mut started = 0;
    while Instant::now() < until {
        let (answer, run) = oneshot::channel();
        messages.send(Message::Start(format!("{{\"number\":{started}}}"), answer))?;
        let (run, messages) = (run.await?, messages.clone());
        tokio::spawn(async move { drop(messages.send(Message::End(run))) });
        started += 1;
    }
    Ok(started)
}

fn write<R: Rows>(rows: &R, messages: &Receiver<Message<R::Id>>, ended: &AtomicU64) -> Result<()> {
    let connection = rows.connection();
    while let Ok(first) = messages.recv() {
        let (mut starts, mut ends) = (Vec::new(), 0);
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let rest = std::iter::from_fn(|| messages.try_recv().ok()).take(MAX_BATCH - 1);
        for message in std::iter::once(first).chain(rest) {
            match message {
                Message::Start(payload, answer) => {
                    starts.push((answer, rows.start(&payload)?));
                }
                Message::End(run) => {
                    rows.end(run)?;
                    ends += 1;
                }
            }
        }
        connection.execute_batch("COMMIT")?;
        ended.fetch_add(ends, Ordering::Release);
        for (answer, run) in starts {
            let _ = answer.send(run);
        }
    }
    Ok(())
}
