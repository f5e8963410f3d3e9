//! Which runs are under way, for the next opening of the store.
//!
//! `run_held` lists them. Most end within moments, and to list a run and to strike
//! it off costs as much as its row. So a run that starts as it is stored is not
//! listed, as long as its id is of this moment: the next opening looks through all
//! runs from a certain time on, which the setting `unlisted from` holds. That time
//! follows the clock, and what has not ended by then is listed.

use super::rows;
use super::statements::{LIST_RUNS, SET, UNLISTED_FROM};
use super::work::Tx;
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::time::Duration;
use uuid::Uuid;

/// The time follows when it is so long ago, up to half of that: an opening looks
/// through the runs of about a second, and so does a step that follows.
const SPAN: Duration = Duration::from_secs(1);

/// What is said of a new run that starts: whether `run_held` lists it.
pub(super) fn listing(tx: &Tx<'_>, run: Uuid, starts: bool) -> Result<i64> {
    let from = follow(tx)?;
    Ok(if starts && run >= crate::id::floor(from) { rows::UNLISTED } else { 0 })
}

/// The first id of the runs that are not all listed.
pub(super) fn first_unlisted(db: &Connection) -> Result<Uuid> {
    Ok(crate::id::floor(unlisted_from(db)?))
}

fn unlisted_from(db: &Connection) -> Result<Timestamp> {
    let from = db.prepare_cached(UNLISTED_FROM)?.query_row([], |row| rows::time(row, 0)).optional()?;
    Ok(from.unwrap_or(Timestamp(0)))
}

/// The time from which on runs are not listed, as near to now as it should be.
fn follow(tx: &Tx<'_>) -> Result<Timestamp> {
    let from = match tx.unlisted_from.get() {
        Some(from) => from,
        None => unlisted_from(tx.aside())?,
    };
    let next = if from.plus(SPAN) < tx.now { tx.now.minus(SPAN / 2) } else { from };
    if next != from {
        let (first, end) = (crate::id::floor(from), crate::id::floor(next));
        tx.db()?.prepare_cached(LIST_RUNS)?.execute([first.as_bytes(), end.as_bytes()])?;
        tx.aside().prepare_cached(SET)?.execute(params!["unlisted from", next.0])?;
    }
    tx.unlisted_from.set(Some(next));
    Ok(next)
}
