//! The tables, and how a file of an earlier version gets them.

use super::failure::OpenError;
use rusqlite::{Connection, TransactionBehavior};

/// Marks a file as ours: "TFSH".
const APPLICATION_ID: i32 = 0x5446_5348;

/// Each step brings a file from version `n` to `n + 1`. A step that was
/// released is never changed.
///
/// - Ids are the 16 bytes of a UUIDv7, times are microseconds UTC.
/// - `delivery` has a rowid, because a leaf of a rowid table holds a whole
///   body where a leaf of an index would spill it to other pages.
/// - `place` is the order in which deliveries, and events, were stored; `n` that
///   in which events were sent, and `after_event` the last one before the run was made.
/// - `run_due` and `run_held` hold only runs that are not finished, so that
///   claims and start-up cost the same after a million runs.
/// - The conditions of indexes begin with what rules most runs out, because each is
///   asked twice where a run ends; a query must repeat them.
/// - The run of a call has the id of its event, so that `run_of_event` needs no entry for it.
/// - A run is `plain` where its call has no row in `event` (see `plain.rs`). `payload` is then
///   that of the call, and before `output`, which may spill to other pages.
/// - `hooks` of a run are bits: a hook for success, one for failure, it was called,
///   waits may hang on its end, it is not listed in `run_held` (see `held.rs`).
/// - `lane` holds what runs are counted in, `lane_entry` who is in it, `lane_start`
///   the last starts of a rate. What is empty is deleted.
/// - Headers and body are the last columns: what is before them is read without
///   the pages onto which a long body spills.
/// - `delivery_of_endpoint`, `event_by_time`, `run_failed` and `request_by_id` are for pages and
///   counts, which read nothing else where they count; so is `job_run`, which follows `run`
///   (see `by_job.rs`). Its `plain` is 0 where that of the run is null.
/// - An `IN` of three or more in an index fills a table at each write, an `OR` does not.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY,
        value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO setting (name, value) VALUES ('events', 0);

    CREATE TABLE delivery (
        place INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        endpoint TEXT NOT NULL,
        outcome TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        provider_id TEXT,
        secret_index INTEGER,
        verdicts TEXT,
        key_until INTEGER,
        answer_status INTEGER,
        answer_type TEXT,
        answer_body BLOB,
        replay_of BLOB,
        method TEXT NOT NULL,
        target TEXT NOT NULL,
        public_url TEXT,
        headers BLOB NOT NULL,
        body BLOB NOT NULL
    ) STRICT;
    CREATE INDEX delivery_by_old_secret ON delivery (endpoint, secret_index, received_at)
        WHERE secret_index > 0;
    CREATE INDEX delivery_of_endpoint ON delivery (endpoint, id, outcome);

    CREATE TABLE dedupe (
        endpoint TEXT NOT NULL,
        key TEXT NOT NULL,
        delivery BLOB NOT NULL,
        expires_at INTEGER NOT NULL,
        PRIMARY KEY (endpoint, key)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE event (
        place INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE,
        name TEXT NOT NULL,
        source TEXT,
        key TEXT,
        payload BLOB NOT NULL,
        context TEXT,
        properties TEXT,
        at INTEGER NOT NULL,
        due_at INTEGER,
        state TEXT NOT NULL,
        delivery BLOB,
        sender BLOB,
        test INTEGER NOT NULL,
        n INTEGER,
        job TEXT
    ) STRICT;
    CREATE UNIQUE INDEX event_of_key ON event (name, ifnull(source, ''), key) WHERE key IS NOT NULL;
    CREATE INDEX event_sent ON event (name, n) WHERE n IS NOT NULL;
    CREATE INDEX event_due ON event (due_at) WHERE state = 'pending';
    CREATE INDEX event_by_time ON event (at, name, source);
    CREATE INDEX event_of_delivery ON event (delivery) WHERE delivery IS NOT NULL;

    CREATE TABLE schedule (
        dynamic INTEGER NOT NULL,
        id TEXT NOT NULL,
        job TEXT NOT NULL,
        timing TEXT NOT NULL,
        payload BLOB NOT NULL,
        last_at INTEGER,
        next_at INTEGER NOT NULL,
        PRIMARY KEY (dynamic, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX schedule_due ON schedule (next_at);

    CREATE TABLE run (
        id BLOB NOT NULL PRIMARY KEY,
        delivery BLOB,
        event BLOB,
        job TEXT NOT NULL,
        version TEXT NOT NULL,
        tries INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        token INTEGER NOT NULL,
        owner INTEGER,
        failures INTEGER NOT NULL,
        crashes INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        error TEXT,
        priority INTEGER NOT NULL,
        flow TEXT,
        hooks INTEGER NOT NULL,
        parent BLOB,
        leader BLOB,
        after_event INTEGER NOT NULL,
        plain INTEGER,
        payload BLOB,
        output TEXT,
        CHECK ((delivery IS NULL) <> (event IS NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX run_of_delivery ON run (delivery) WHERE delivery IS NOT NULL;
    CREATE INDEX run_of_event ON run (event) WHERE event <> id;
    CREATE INDEX run_due ON run (priority, due_at)
        WHERE owner IS NULL AND finished_at IS NULL AND state IN ('queued', 'waiting');
    CREATE INDEX run_of_batch ON run (leader) WHERE leader IS NOT NULL;
    CREATE INDEX run_held ON run (id)
        WHERE finished_at IS NULL AND hooks & 16 = 0 AND (state = 'running' OR state = 'parked');
    CREATE INDEX run_failed ON run (id, job, state, finished_at)
        WHERE finished_at IS NOT NULL AND state <> 'done'
            AND (state = 'failed' OR state = 'invalid_payload' OR state = 'crashed');

    CREATE TABLE job_run (
        job TEXT NOT NULL,
        plain INTEGER NOT NULL,
        id BLOB NOT NULL,
        PRIMARY KEY (job, plain, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lane (
        id INTEGER PRIMARY KEY,
        sort TEXT NOT NULL,
        name TEXT NOT NULL,
        key TEXT NOT NULL,
        most INTEGER NOT NULL,
        span INTEGER NOT NULL,
        held INTEGER NOT NULL,
        leader BLOB,
        since INTEGER NOT NULL,
        opens_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX lane_of_key ON lane (sort, name, key);
    CREATE INDEX lane_opening ON lane (opens_at) WHERE opens_at IS NOT NULL;

    CREATE TABLE lane_entry (
        place INTEGER PRIMARY KEY,
        lane INTEGER NOT NULL,
        run BLOB NOT NULL,
        rank INTEGER NOT NULL,
        hold INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX entry_of_run ON lane_entry (run, lane);
    CREATE INDEX entry_in_lane ON lane_entry (lane, hold, rank);

    CREATE TABLE lane_start (
        lane INTEGER NOT NULL,
        n INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (lane, n)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE step (
        run BLOB NOT NULL,
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        seq INTEGER NOT NULL,
        state TEXT NOT NULL,
        output TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        started_at INTEGER NOT NULL,
        finished_at INTEGER NOT NULL,
        event BLOB,
        about TEXT,
        PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX step_by_event ON step (event) WHERE event IS NOT NULL;

    CREATE TABLE wait (
        run BLOB NOT NULL,
        key TEXT NOT NULL,
        n INTEGER NOT NULL,
        kind TEXT NOT NULL,
        due_at INTEGER NOT NULL,
        opened_at INTEGER NOT NULL,
        event TEXT,
        source TEXT,
        filter TEXT,
        ended_at INTEGER,
        output TEXT,
        ended_by BLOB,
        failed INTEGER NOT NULL DEFAULT 0,
        call BLOB,
        PRIMARY KEY (run, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX wait_of_call ON wait (call) WHERE call IS NOT NULL;
    CREATE INDEX wait_ended_by ON wait (ended_by) WHERE ended_by IS NOT NULL;

    CREATE TABLE value (
        scope TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        by TEXT,
        expires_at INTEGER,
        PRIMARY KEY (scope, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX value_expiring ON value (expires_at) WHERE expires_at IS NOT NULL;

    CREATE TABLE wait_event (
        name TEXT NOT NULL,
        run BLOB NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (name, run, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX wait_event_of_run ON wait_event (run, key);

    CREATE TABLE wait_token (
        hash BLOB NOT NULL PRIMARY KEY,
        run BLOB NOT NULL,
        key TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX wait_token_of_run ON wait_token (run);

    CREATE TABLE log (
        run BLOB NOT NULL,
        n INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        at INTEGER NOT NULL,
        level INTEGER NOT NULL,
        message TEXT NOT NULL,
        data TEXT,
        PRIMARY KEY (run, n)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE request (
        n INTEGER PRIMARY KEY,
        id BLOB NOT NULL,
        endpoint TEXT NOT NULL,
        at INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        status INTEGER NOT NULL,
        reason TEXT NOT NULL,
        method TEXT NOT NULL,
        target TEXT NOT NULL,
        body_len INTEGER NOT NULL,
        delivery BLOB,
        replay_of BLOB,
        headers BLOB NOT NULL,
        body BLOB NOT NULL
    ) STRICT;

    CREATE TABLE source (
        address TEXT NOT NULL PRIMARY KEY,
        source TEXT NOT NULL,
        version TEXT NOT NULL,
        instance TEXT NOT NULL,
        params TEXT NOT NULL,
        url TEXT NOT NULL,
        events TEXT NOT NULL,
        data TEXT NOT NULL,
        metadata TEXT,
        revision INTEGER NOT NULL,
        registered_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE secret (
        owner TEXT NOT NULL,
        version INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        made_at INTEGER NOT NULL,
        valid_until INTEGER,
        PRIMARY KEY (owner, version)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX request_by_id ON request (id, endpoint, outcome);
"];

/// The version of the file's tables; refuses a file that is not for this
/// program. Changes nothing.
pub(super) fn check(connection: &Connection) -> Result<usize, OpenError> {
    let known = MIGRATIONS.len();
    let found = usize::try_from(number(connection, "user_version")?).unwrap_or(usize::MAX);
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let ours = number(connection, "application_id")? == APPLICATION_ID;
    match (ours, found, tables) {
        (false, 0, 0) => Ok(0),
        (false, ..) => Err(OpenError::Foreign),
        (true, ..) if found > known => Err(OpenError::Newer { found, known }),
        (true, ..) => Ok(found),
    }
}

/// Brings the file to this program's version, one transaction per step.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found = check(connection)?;
    for (version, step) in (1..).zip(MIGRATIONS).skip(found) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version}"
        ))?;
        transaction.commit()?;
    }
    Ok(())
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing() -> Result<(), Box<dyn std::error::Error>> {
        let mut connection = Connection::open_in_memory()?;
        migrate(&mut connection).map_err(|error| error.at(None))?;
        connection.execute("INSERT INTO setting (name, value) VALUES ('x', 1)", [])?;
        migrate(&mut connection).map_err(|error| error.at(None))?;
        assert_eq!(usize::try_from(number(&connection, "user_version")?)?, MIGRATIONS.len());
        Ok(())
    }

    #[test]
    fn a_file_from_a_newer_version_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        let mut connection = Connection::open_in_memory()?;
        migrate(&mut connection).map_err(|error| error.at(None))?;
        connection.execute_batch("PRAGMA user_version = 99")?;
        assert!(matches!(migrate(&mut connection), Err(OpenError::Newer { found: 99, known: 1 })));
        Ok(())
    }

    #[test]
    fn the_database_of_another_program_is_refused() -> Result<(), Box<dyn std::error::Error>> {
        for foreign in ["CREATE TABLE customer (id)", "PRAGMA user_version = 1"] {
            let mut connection = Connection::open_in_memory()?;
            connection.execute_batch(foreign)?;
            assert!(matches!(migrate(&mut connection), Err(OpenError::Foreign)), "{foreign}");
        }
        Ok(())
    }
}
