//! Opens the file: its settings, its owner, and what an earlier owner left.

use super::Durability;
use super::failure::OpenError;
use super::rows::AtEnd;
use super::runs::{self, EndOfRun};
use super::statements::{CRASH_RUN, ORPHANED_RUNS, RAISE_OWNER, REQUEUE_RUN};
use super::waits;
use super::work::Tx;
use super::{by_job, held, rows, schema};
use crate::store::flow::Departure;
use crate::store::lifecycle::crash_error;
use crate::store::record::RunState;
use crate::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// A leaf page takes a usual body of some kilobytes whole, which a page of
/// 4 KiB does not.
const PAGE_SIZE: u32 = 8192;
const WRITER_CACHE_KIB: u32 = 16 << 10;
const READER_CACHE_KIB: u32 = 2 << 10;
/// How long another program, such as the `sqlite3` shell, may hold the file.
const BUSY: Duration = Duration::from_secs(5);

const THREAD: OpenFlags = OpenFlags::SQLITE_OPEN_NO_MUTEX;

/// The connection that writes, with its tables up to date.
pub(super) fn writer(path: Option<&Path>, durability: Durability) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | THREAD;
    let mut connection = match path {
        Some(path) => Connection::open_with_flags(path, flags)?,
        None => Connection::open_in_memory_with_flags(flags)?,
    };
    // On macOS a sync reaches the disk only as a full one; elsewhere that changes nothing.
    let (synchronous, fullfsync) = match durability {
        Durability::Full => ("FULL", "ON"),
        Durability::Normal => ("NORMAL", "OFF"),
    };
    connection.busy_timeout(BUSY)?;
    // Before the first setting: another program's file must stay as it is.
    schema::check(&connection)?;
    connection.execute_batch(&format!("PRAGMA page_size = {PAGE_SIZE}"))?;
    let journal: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if path.is_some() && journal != "wal" {
        return Err(OpenError::NoLog { journal });
    }
    connection.execute_batch(&format!(
        "PRAGMA synchronous = {synchronous};
         PRAGMA fullfsync = {fullfsync};
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -{WRITER_CACHE_KIB};
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = OFF;"
    ))?;
    connection.set_prepared_statement_cache_capacity(64);
    // A plan does not depend on values: statements would be prepared again for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// Where each query of the pages is told with the time that it took.
const QUERIES: &str = "triggerfish::queries";

/// A connection that cannot write.
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | THREAD)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(&format!("PRAGMA cache_size = -{READER_CACHE_KIB};"))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Asked once: a query that nobody is told of is not timed.
    if tracing::enabled!(target: QUERIES, tracing::Level::TRACE) {
        let tell: fn(TraceEvent<'_>) = tell;
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(tell))?;
    }
    Ok(connection)
}

fn tell(event: TraceEvent<'_>) {
    if let TraceEvent::Profile(statement, took) = event {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tracing::trace!(target: QUERIES, micros, sql = &*statement.sql());
    }
}

/// The connection that moves the log into the file.
pub(super) fn checkpointer(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | THREAD)?;
    connection.busy_timeout(BUSY)?;
    // FULL, because the log is recycled only after the file is synced.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA checkpoint_fullfsync = ON; PRAGMA wal_autocheckpoint = 0;",
    )?;
    Ok(connection)
}

/// Makes this opening the owner of what it will run, and gives back what an
/// earlier owner still held: its process is gone, because the file is locked.
pub(super) fn take_over(connection: &mut Connection, now: Timestamp) -> Result<i64, OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let owner = transaction.query_row(RAISE_OWNER, [], |row| row.get(0))?;
    let tx = Tx::new(&transaction, owner, now, 0);
    for run in orphans(&transaction)? {
        let died = run.state == RunState::Running;
        let crashes = run.crashes.saturating_add(died.into());
        let id = run.id.as_bytes();
        let end = if died && crashes >= run.limit {
            transaction.prepare_cached(CRASH_RUN)?.execute((id, crashes, now.0, crash_error(crashes)))?;
            waits::drop_waits(&tx, run.id)?;
            EndOfRun { state: RunState::Crashed, error: None, output: None, how: Departure::Ended }
        } else {
            transaction.prepare_cached(REQUEUE_RUN)?.execute((id, crashes, now.0))?;
            EndOfRun { state: RunState::Queued, error: None, output: None, how: Departure::Paused }
        };
        runs::ended(&tx, run.id, run.has_lanes, run.at_end, &end)?;
    }
    by_job::follow(&tx)?;
    tx.flush()?;
    drop(tx);
    transaction.commit()?;
    Ok(owner)
}

struct Orphan {
    id: Uuid,
    state: RunState,
    crashes: u32,
    limit: u32,
    has_lanes: bool,
    at_end: AtEnd,
}

fn orphans(connection: &Connection) -> rusqlite::Result<Vec<Orphan>> {
    connection
        .prepare(ORPHANED_RUNS)?
        .query_map([held::first_unlisted(connection)?.as_bytes()], |row| {
            Ok(Orphan {
                id: rows::uuid(row, 0)?,
                state: rows::run_state(row, 1)?,
                crashes: row.get(2)?,
                limit: row.get(3)?,
                has_lanes: row.get(4)?,
                at_end: rows::run_at_end(row, 5)?,
            })
        })?
        .collect()
}
