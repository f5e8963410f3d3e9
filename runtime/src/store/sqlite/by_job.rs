//! The runs of each job, for pages and counts.
//!
//! An index of `run` would have to take each run at its place among those of its job,
//! which is another page for each job in each commit: without it a fifth more runs are
//! stored in the same time. So `job_run` is a table that follows: it takes many runs at
//! once, when so many have come, or when somebody is about to read it.
//!
//! What it lacks is known by the ids: they are of the day that begins with the time of
//! the setting `by job from`, and all of that day are looked through for the next time
//! that it follows, or when the store is opened again. A run whose id is not of that day,
//! because it is of the past or of a key, is taken with its row.

use super::failure::Failure;
use super::rows;
use super::statements::{BY_JOB_FROM, LIST_BY_JOB, SET};
use super::work::{Tx, Work};
use crate::time::Timestamp;
use rusqlite::{OptionalExtension, Result, params};
use std::time::Duration;
use uuid::Uuid;

/// So many runs are taken at once, which is some milliseconds of a busy program.
pub(super) const MANY: usize = 1024;
/// A run is stored so long after its id was made, or later if the program is slow.
const LATE: Duration = Duration::from_millis(2);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Follows, where runs are missing. Asked before `job_run` is read.
pub(super) struct ListByJob;

impl Work for ListByJob {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        if tx.unlisted.get() > 0 {
            follow(tx)?;
        }
        Ok(())
    }
}

/// Notes a run that is stored, or pending.
pub(super) fn stored(tx: &Tx<'_>, run: Uuid) -> Result<()> {
    let from = from(tx)?;
    if run < crate::id::floor(from) || run >= crate::id::floor(from.plus(DAY)) {
        tx.list_by_job(run);
    }
    tx.unlisted.set(tx.unlisted.get() + 1);
    Ok(())
}

/// Follows, where enough runs are missing.
pub(super) fn keep_up(tx: &Tx<'_>) -> Result<()> {
    if tx.unlisted.get() < MANY { Ok(()) } else { follow(tx) }
}

/// Takes all that is missing.
pub(super) fn follow(tx: &Tx<'_>) -> Result<()> {
    let from = from(tx)?;
    let (first, end) = (crate::id::floor(from), crate::id::floor(from.plus(DAY)));
    tx.db()?.prepare_cached(LIST_BY_JOB)?.execute([first.as_bytes(), end.as_bytes()])?;
    let next = tx.now.minus(LATE);
    tx.aside().prepare_cached(SET)?.execute(params!["by job from", next.0])?;
    tx.by_job_from.set(Some(next));
    tx.unlisted.set(0);
    Ok(())
}

fn from(tx: &Tx<'_>) -> Result<Timestamp> {
    if let Some(from) = tx.by_job_from.get() {
        return Ok(from);
    }
    let from = tx.aside().prepare_cached(BY_JOB_FROM)?.query_row([], |row| rows::time(row, 0)).optional()?;
    let from = from.unwrap_or(Timestamp(0));
    tx.by_job_from.set(Some(from));
    Ok(from)
}
