//! The program under test: jobs that do next to nothing, and a note of when they began.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use triggerfish::prelude::*;
use triggerfish::runtime::{Config, Database, Running, Runtime};
use triggerfish_benches::Result as Measured;
use uuid::Uuid;

/// How often it is looked whether something has ended.
const POLL: Duration = Duration::from_micros(200);

/// What a call carries.
#[derive(Serialize, Deserialize)]
pub(crate) struct Call {
    /// Which call it is.
    pub(crate) number: u64,
}

#[job(id = "noop", version = "1.0.0", trigger = invoke)]
async fn noop(Json(call): Json<Call>, State(board): State<Arc<Board>>) {
    board.began(call.number);
}

#[job(id = "one-step", version = "1.0.0", trigger = invoke)]
async fn one_step(Json(call): Json<Call>, io: Io, State(board): State<Arc<Board>>) -> Result<()> {
    let number: u64 = io.run_task("step", || async { done(call.number) }).await?;
    board.began(number);
    Ok(())
}

#[job(id = "waits", version = "1.0.0", trigger = invoke)]
async fn waits(Json(_call): Json<Call>, io: Io, State(board): State<Arc<Board>>) -> Result<()> {
    board.began(0);
    io.wait("long", Duration::from_secs(3600 * 24 * 365)).await?;
    Ok(())
}

/// Which job is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    Noop,
    OneStep,
    Waits,
}

/// When jobs began.
pub(crate) struct Board {
    zero: Instant,
    count: AtomicU64,
    /// Of each call that began: its number, and when, in nanoseconds.
    began: Mutex<Vec<(u64, u64)>>,
}

impl Board {
    fn began(&self, number: u64) {
        let now = self.now();
        self.began.lock().unwrap_or_else(PoisonError::into_inner).push((number, now));
        self.count.fetch_add(1, Ordering::Release);
    }

    /// Nanoseconds since the program was started.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.zero.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// How many have begun.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// All that began since this was asked the last time.
    pub(crate) fn take(&self) -> Vec<(u64, u64)> {
        std::mem::take(&mut self.began.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The program, started on a file.
pub(crate) struct App {
    running: Running,
    pub(crate) board: Arc<Board>,
}

impl App {
    /// Starts it as it is by default. Acknowledgements survive a power cut.
    pub(crate) async fn start(file: &Path) -> Measured<Self> {
        Self::start_with(file, Config::default().concurrency).await
    }

    /// The same, for so many runs at once.
    pub(crate) async fn start_with(file: &Path, concurrency: usize) -> Measured<Self> {
        let board =
            Arc::new(Board { zero: Instant::now(), count: AtomicU64::new(0), began: Mutex::default() });
        let mut config = Config::default();
        config.database = Database::Sqlite(file.to_owned());
        config.dashboard = false;
        config.concurrency = concurrency;
        let runtime = Runtime::builder().config(config).state(Arc::clone(&board)).build()?;
        Ok(App { running: runtime.start().await?, board })
    }

    /// Calls a job; resolves when the call is durable, with the run's id.
    pub(crate) async fn call(&self, job: Job, number: u64) -> Measured<Uuid> {
        let call = Call { number };
        let events = self.running.events();
        Ok(match job {
            Job::Noop => events.invoke(noop::call(&call)).await?,
            Job::OneStep => events.invoke(one_step::call(&call)).await?,
            Job::Waits => events.invoke(waits::call(&call)).await?,
        })
    }

    /// Resolves when `count` calls have begun.
    pub(crate) async fn begun(&self, count: u64) {
        while self.board.count() < count {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Resolves when no run is under way, of those that the store lists.
    pub(crate) async fn idle(&self, file: &Path) -> Measured<()> {
        let held = "SELECT EXISTS (SELECT 1 FROM run
            WHERE finished_at IS NULL AND hooks & 16 = 0 AND (state = 'running' OR state = 'parked'))";
        let reader = reader(file)?;
        let mut held = reader.prepare(held)?;
        while held.query_row([], |row| row.get::<_, bool>(0))? {
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Resolves when it is stored that a run has ended, or waits.
    pub(crate) async fn left(&self, file: &Path, run: Uuid) -> Measured<()> {
        let reader = reader(file)?;
        let mut left =
            reader.prepare("SELECT 1 FROM run WHERE id = ?1 AND state <> 'running' AND state <> 'queued'")?;
        while !left.exists([run.as_bytes()])? {
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Resolves when the runs of these calls have all ended, and that is stored; with
    /// the time at which it was.
    pub(crate) async fn ended(&self, file: &Path, runs: &[Uuid]) -> Measured<Instant> {
        let (Some(first), Some(last)) = (runs.iter().min(), runs.iter().max()) else {
            return Ok(Instant::now());
        };
        let reader = reader(file)?;
        let mut all =
            reader.prepare("SELECT count(*) FROM run WHERE id >= ?1 AND finished_at IS NOT NULL")?;
        loop {
            self.left(file, *last).await?;
            let now = Instant::now();
            if usize::try_from(all.query_row([first.as_bytes()], |row| row.get::<_, i64>(0))?)? >= runs.len()
            {
                return Ok(now);
            }
        }
    }

    pub(crate) async fn stop(self) {
        self.running.shutdown().await;
    }
}

fn reader(file: &Path) -> Measured<rusqlite::Connection> {
    Ok(rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}
