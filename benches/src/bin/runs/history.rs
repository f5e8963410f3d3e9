//! Files that hold a lot: copies of a run that the program itself has made, so
//! that every row is as it writes them.

use crate::app::{App, Job};
use rusqlite::{Connection, params};
use std::path::Path;
use triggerfish_benches::Result;

/// What the copies of a run are.
#[derive(Clone, Copy)]
pub(crate) enum Copies {
    /// Runs that have ended.
    Finished,
    /// Runs that wait for a year.
    Waiting,
    /// Runs that are due; the only ones in their file.
    Queued,
}

/// Adds `count` runs to a file, which is made where there is none.
pub(crate) async fn add(file: &Path, copies: Copies, count: u32) -> Result<()> {
    let app = App::start(file).await?;
    let job = if matches!(copies, Copies::Waiting) { Job::Waits } else { Job::Noop };
    let run = app.call(job, 0).await?;
    app.left(file, run).await?;
    app.stop().await;
    let mut connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000;")?;
    let (run, event): (Vec<u8>, Vec<u8>) =
        connection.query_row("SELECT id, event FROM run ORDER BY id DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let transaction = connection.transaction()?;
    let copied = [("event", "id", &event), ("run", "id", &run), ("step", "run", &run), ("wait", "run", &run)];
    for (table, id, original) in copied {
        copy(&transaction, table, id, original, count)?;
    }
    let by_job = "INSERT OR IGNORE INTO job_run SELECT job, ifnull(plain, 0), id FROM run";
    transaction.execute(by_job, [])?;
    if matches!(copies, Copies::Queued) {
        let queued = "UPDATE run SET state = 'queued', finished_at = NULL, attempt = 0, token = 0";
        transaction.execute(queued, [])?;
    }
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Copies one row of a table: the same in every column but its ids, which count
/// down from the original's, as those of earlier runs would.
fn copy(to: &Connection, table: &str, id: &str, original: &[u8], count: u32) -> Result<()> {
    let mut names = to.prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    // The order of storing counts by itself.
    let names: Vec<_> = names.into_iter().filter(|name| name != "place").collect();
    // The first six bytes of an id are the time at which it was made, in milliseconds.
    let values: Vec<_> = names
        .iter()
        .map(|name| match name.as_str() {
            "id" | "run" | "event" => format!(
                "CASE typeof({name}) WHEN 'blob' THEN unhex(printf('%012x', ?2 - nth) || substr(hex({name}), 13))
                    ELSE {name} END"
            ),
            other => other.to_owned(),
        })
        .collect();
    let sql = format!(
        "WITH RECURSIVE copy (nth) AS (SELECT 1 UNION ALL SELECT nth + 1 FROM copy WHERE nth < ?3)
         INSERT INTO {table} ({}) SELECT {} FROM copy, {table} WHERE {table}.{id} = ?1",
        names.join(", "),
        values.join(", ")
    );
    let millis = original.iter().take(6).fold(0_i64, |all, byte| (all << 8) | i64::from(*byte));
    to.execute(&sql, params![original, millis, count])?;
    Ok(())
}
