//! Pages and counts, read row by row from an index until there is enough.

use super::failure::Failure;
use super::rows::{self, integer};
use super::statements::{
    COUNT_DELIVERIES, COUNT_FAILURES, COUNT_RUNS, COUNT_TRACES, DELIVERY_ROWS, DELIVERY_ROWS_OF_ENDPOINT,
    FAILED_RUN_ROWS, RUN_ROWS, RUN_ROWS_OF_JOB, TRACE_ROWS,
};
use crate::store::browse::{
    Count, Countable, Counted, Page, Part, RequestQuery, RequestRow, RunSearch, Span, merge, minute_of,
};
use crate::store::record::{Run, RunState};
use rusqlite::{Connection, Params, Row, params};
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many rows are looked at for one page.
const MOST_ROWS: usize = 10_000;
/// So many bytes of bodies are looked through for one page.
const MOST_BYTES: usize = 16 << 20;

/// A page of deliveries and traces.
pub(super) fn requests(db: &Connection, query: &RequestQuery) -> Result<Page<RequestRow>, Failure> {
    let deliveries = if query.wants_deliveries() { deliveries(db, query)? } else { Part::default() };
    let traces = if query.wants_traces() { traces(db, query)? } else { Part::default() };
    Ok(merge(deliveries, traces, query.limit))
}

fn deliveries(db: &Connection, query: &RequestQuery) -> Result<Part<RequestRow>, Failure> {
    let Span { from, to } = query.span();
    let (from, to, in_body) = (from.as_bytes(), to.as_bytes(), query.text.is_some());
    match &query.endpoint {
        Some(endpoint) => {
            let params = params![from, to, in_body, endpoint];
            selected(db, DELIVERY_ROWS_OF_ENDPOINT, params, query, true)
        }
        None => selected(db, DELIVERY_ROWS, params![from, to, in_body], query, true),
    }
}

fn traces(db: &Connection, query: &RequestQuery) -> Result<Part<RequestRow>, Failure> {
    let Span { from, to } = query.span();
    let params = params![from.as_bytes(), to.as_bytes(), query.text.is_some()];
    selected(db, TRACE_ROWS, params, query, false)
}

/// The rows of a statement that a query selects.
fn selected(
    db: &Connection,
    statement: &str,
    params: impl Params,
    query: &RequestQuery,
    is_delivery: bool,
) -> Result<Part<RequestRow>, Failure> {
    let mut bytes = 0;
    read_part(db, statement, params, query.limit, |row| {
        let found = rows::request_row(row, is_delivery)?;
        let body = row.get_ref(11)?.as_blob_or_null()?.unwrap_or_default();
        bytes += body.len();
        let id = found.id;
        let wanted = query.selects(&found, body).then_some(found);
        Ok(Seen { id, wanted, enough: bytes > MOST_BYTES })
    })
}

/// A page of runs.
pub(super) fn runs(db: &Connection, search: &RunSearch) -> Result<Page<Run>, Failure> {
    let Span { from, to } = search.span();
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let see = |row: &Row<'_>| {
        let run = rows::run(row)?;
        Ok(Seen { id: run.id, wanted: search.selects(&run).then_some(run), enough: false })
    };
    let only_failures =
        !search.states.is_empty() && search.states.iter().all(|state| RunState::is_failure(*state));
    let part = match &search.job {
        // Failures are few, so that they are found sooner by that.
        _ if only_failures => read_part(db, FAILED_RUN_ROWS, params![from, to], search.limit, see)?,
        Some(job) => read_part(db, RUN_ROWS_OF_JOB, params![from, to, job], search.limit, see)?,
        None => read_part(db, RUN_ROWS, params![from, to], search.limit, see)?,
    };
    Ok(Page { rows: part.rows, next: part.reached })
}

/// A row that was looked at.
struct Seen<T> {
    id: Uuid,
    wanted: Option<T>,
    /// Whether it is the last to look at.
    enough: bool,
}

/// Reads rows until `limit` are wanted or enough were looked at.
fn read_part<T>(
    db: &Connection,
    statement: &str,
    params: impl Params,
    limit: usize,
    mut see: impl FnMut(&Row<'_>) -> rusqlite::Result<Seen<T>>,
) -> Result<Part<T>, Failure> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params)?;
    let mut part = Part { rows: Vec::new(), reached: None };
    let mut looked_at = 0;
    while part.rows.len() < limit && looked_at < MOST_ROWS {
        let Some(row) = rows.next()? else { return Ok(Part { reached: None, ..part }) };
        let seen = see(row)?;
        looked_at += 1;
        part.reached = Some(seen.id);
        part.rows.extend(seen.wanted);
        if seen.enough {
            break;
        }
    }
    Ok(part)
}

/// Counts by minute what has an id above `after`.
pub(super) fn count(
    db: &Connection,
    what: &Countable,
    after: Uuid,
    limit: usize,
) -> Result<Counted, Failure> {
    let (after, most) = (after.as_bytes(), integer(limit));
    match what {
        Countable::Deliveries { endpoint } => {
            counted(db, COUNT_DELIVERIES, params![after, endpoint, most], limit, true)
        }
        Countable::Traces => counted(db, COUNT_TRACES, params![after, most], limit, true),
        Countable::Runs { job } => counted(db, COUNT_RUNS, params![after, job, most], limit, false),
        Countable::Failures => counted(db, COUNT_FAILURES, params![after, most], limit, false),
    }
}

fn counted(
    db: &Connection,
    statement: &str,
    params: impl Params,
    limit: usize,
    by_outcome: bool,
) -> Result<Counted, Failure> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params)?;
    let mut counts: BTreeMap<_, BTreeMap<String, u64>> = BTreeMap::new();
    let (mut last, mut read) = (None, 0);
    while let Some(row) = rows.next()? {
        let id = rows::uuid(row, 0)?;
        let outcome = if by_outcome { Some(rows::request_outcome(row, 2)?) } else { None };
        let all = counts.entry((minute_of(id), outcome)).or_default();
        let of = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        match all.get_mut(of) {
            Some(count) => *count += 1,
            None => {
                all.insert(of.to_owned(), 1);
            }
        }
        last = Some(id);
        read += 1;
    }
    let counts = counts
        .into_iter()
        .flat_map(|((minute, outcome), all)| {
            all.into_iter().map(move |(of, count)| Count { minute, of, outcome, count })
        })
        .collect();
    Ok(Counted { counts, next: last.filter(|_| read >= limit) })
}
