//! Notes that nobody waits for: log lines and traces.

use super::failure::Failure;
use super::rows::{encode_headers, integer};
use super::statements::{DROP_TRACES, INSERT_LOG, INSERT_TRACE};
use super::work::{Tx, Work};
use crate::store::record::LogLine;
use crate::store::trace::Trace;
use rusqlite::params;
use uuid::Uuid;

/// Room for the lines of one opening of the store.
const LINES_BITS: u32 = 40;

/// Adds lines to the logs of their runs.
pub(super) struct Log {
    pub(super) lines: Vec<LogLine>,
    /// The place of the first in the order of all lines.
    pub(super) first: u64,
}

impl Work for Log {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let mut insert = tx.aside().prepare_cached(INSERT_LOG)?;
        for (line, n) in self.lines.iter().zip(self.first..) {
            insert.execute(params![
                line.run.as_bytes(),
                // Lines of a later opening come after those of an earlier one.
                (tx.owner << LINES_BITS).saturating_add(integer(n)),
                line.attempt,
                line.at.0,
                line.level,
                line.message,
                line.data,
            ])?;
        }
        Ok(())
    }

    fn size(&self) -> usize {
        self.lines
            .iter()
            .map(|line| 128 + line.message.len() + line.data.as_ref().map_or(0, String::len))
            .sum()
    }
}

/// Keeps a request that became no delivery, and drops the oldest beyond `max`.
pub(super) struct Note {
    pub(super) trace: Trace,
    pub(super) max: usize,
}

impl Work for Note {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let trace = &self.trace;
        tx.aside().prepare_cached(INSERT_TRACE)?.execute(params![
            trace.id.as_bytes(),
            trace.endpoint,
            trace.at.0,
            trace.outcome.name(),
            trace.status,
            trace.reason,
            trace.method,
            trace.target,
            trace.body.as_ref(),
            integer(trace.body_len),
            trace.delivery.as_ref().map(Uuid::as_bytes),
            trace.replay_of.as_ref().map(Uuid::as_bytes),
            encode_headers(&trace.headers),
        ])?;
        let newest = tx.aside().last_insert_rowid();
        tx.aside().prepare_cached(DROP_TRACES)?.execute([newest.saturating_sub(integer(self.max))])?;
        Ok(())
    }

    fn size(&self) -> usize {
        256 + self.trace.body.len() + self.trace.target.len() + self.trace.reason.len()
    }
}
