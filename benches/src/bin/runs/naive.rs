//! The loop that one writes first: a transaction for every statement that has
//! to hold, on the same tables with the same indexes, one run after the other.

use crate::app::{App, Job};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};
use triggerfish_benches::Result;
use uuid::Uuid;

/// The id of a row, as the tables keep it.
pub(crate) type Id = [u8; 16];

/// What the calls of the loop carry.
const PAYLOAD: &str = r#"{"number":1}"#;

/// A file with our tables, and a connection that is as careful as ours.
pub(crate) struct Naive(Connection);

impl Naive {
    /// Lets the program under test make the tables of a new file.
    pub(crate) async fn new(file: &Path) -> Result<Self> {
        App::start(file).await?.stop().await;
        let connection = Connection::open(file)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        Ok(Naive(connection))
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.0
    }

    /// Stores calls and runs them one after the other for about `time`; how many a second.
    pub(crate) fn closed(&self, job: Job, time: Duration) -> Result<f64> {
        let begun = Instant::now();
        let mut count = 0_u32;
        while begun.elapsed() < time {
            let run = self.store()?;
            if job == Job::OneStep {
                self.step(run)?;
            }
            self.end(run)?;
            count += 1;
        }
        Ok(f64::from(count) / begun.elapsed().as_secs_f64())
    }

    /// Stores `count` runs in one transaction, then takes and ends one after the other; how many a second.
    pub(crate) fn drain(&self, count: u32) -> Result<f64> {
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        for _ in 0..count {
            self.insert("queued", PAYLOAD)?;
        }
        self.0.execute_batch("COMMIT")?;
        let begun = Instant::now();
        while let Some(run) = self.claim()? {
            self.end(run)?;
        }
        Ok(f64::from(count) / begun.elapsed().as_secs_f64())
    }

    fn store(&self) -> Result<Id> {
        self.0.execute_batch("BEGIN IMMEDIATE")?;
        let run = self.insert("running", PAYLOAD)?;
        self.0.execute_batch("COMMIT")?;
        Ok(run)
    }

    /// Adds a call with its run, in the columns and index entries that the program has of them:
    /// one row for both, and a start that is not listed.
    pub(crate) fn insert(&self, state: &str, payload: &str) -> Result<Id> {
        let id = Uuid::now_v7().into_bytes();
        self.0
            .prepare_cached(
                "INSERT INTO run (id, event, job, version, tries, state, attempt, token, owner, failures,
                     crashes, due_at, created_at, priority, hooks, after_event, plain, payload)
                 VALUES (?1, ?1, 'noop', '1.0.0', 3, ?2, 1, 1, iif(?2 = 'running', 1, NULL), 0, 0, 1, 1, 0, 20, 1,
                     1, CAST(?3 AS BLOB))",
            )?
            .execute(params![id, state, payload])?;
        Ok(id)
    }

    fn claim(&self) -> Result<Option<Id>> {
        let mut claim = self.0.prepare_cached(
            "UPDATE run SET state = 'running', attempt = attempt + 1, token = token + 1, owner = 1,
                 hooks = hooks & ~16
             WHERE id = (SELECT id FROM run
                 WHERE owner IS NULL AND finished_at IS NULL AND state IN ('queued', 'waiting')
                 ORDER BY priority, due_at LIMIT 1)
             RETURNING id",
        )?;
        Ok(claim.query([])?.next()?.map(|row| row.get(0)).transpose()?)
    }

    fn step(&self, run: Id) -> Result<()> {
        self.0
            .prepare_cached(
                "INSERT INTO step (run, key, kind, seq, state, output, attempt, failures, started_at, finished_at)
                 VALUES (?1, 'step', 'task', 1, 'done', '1', 1, 0, 1, 1)",
            )?
            .execute([run])?;
        Ok(())
    }

    pub(crate) fn end(&self, run: Id) -> Result<()> {
        self.0
            .prepare_cached("UPDATE run SET state = 'done', finished_at = 1, owner = NULL WHERE id = ?1")?
            .execute([run])?;
        Ok(())
    }
}
