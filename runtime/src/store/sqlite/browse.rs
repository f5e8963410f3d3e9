//! Pages and counts, read row by row from an index until there is enough.

use super::failure::Failure;
use super::rows::{self, integer};
use super::statements::{
    COUNT_DELIVERIES, COUNT_FAILURES, COUNT_RUNS, COUNT_TRACES, DELIVERY_ROWS, DELIVERY_ROWS_OF_ENDPOINT,
    FAILED_RUNS, RUN_BY_ID, RUN_ROWS, RUN_ROWS_OF_JOB, TRACE_ROWS,
};
use crate::store::browse::{
    Count, Countable, Counted, Page, Part, RequestOutcome, RequestQuery, RequestRow, RunSearch, Span, merge,
    minute_of,
};
use crate::store::record::{Run, RunState};
use rusqlite::{Connection, Params, Row, params};
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many rows of a table are looked at for one page.
const MOST_ROWS: usize = 10_000;
/// So many where a text is looked for, for which each row is read whole.
const MOST_SEARCHED: usize = 5_000;
/// So many entries of an index are looked at that has all that decides.
const MOST_KEYS: usize = 50_000;
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
    let outcome = query.only_outcome().map(RequestOutcome::name);
    let params = params![from.as_bytes(), to.as_bytes(), query.text.is_some(), query.endpoint, outcome];
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
    let (search, mut bytes) = (query.search(), 0);
    let most = if query.text.is_some() { MOST_SEARCHED } else { MOST_ROWS };
    read_part(db, statement, params, query.limit, most, |row| {
        let look = rows::look(row, is_delivery)?;
        bytes += look.body.len();
        let wanted = search.selects(&look).then(|| rows::request_row(row, is_delivery)).transpose()?;
        Ok(Seen { id: look.id, wanted, enough: bytes > MOST_BYTES })
    })
}

/// A page of runs.
pub(super) fn runs(db: &Connection, search: &RunSearch) -> Result<Page<Run>, Failure> {
    let Span { from, to } = search.span();
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let only_failures =
        !search.states.is_empty() && search.states.iter().all(|state| RunState::is_failure(*state));
    let part = match &search.job {
        // Failures are few, so that they are found sooner by that.
        _ if only_failures => failed_runs(db, search)?,
        Some(job) => {
            read_part(db, RUN_ROWS_OF_JOB, params![from, to, job], search.limit, MOST_ROWS, |row| {
                run_seen(row, search)
            })?
        }
        None => {
            read_part(db, RUN_ROWS, params![from, to], search.limit, MOST_ROWS, |row| run_seen(row, search))?
        }
    };
    Ok(Page { rows: part.rows, next: part.reached })
}

fn run_seen(row: &Row<'_>, search: &RunSearch) -> rusqlite::Result<Seen<Run>> {
    let wanted = search.selects(row.get_ref(3)?.as_str()?, rows::run_state(row, 5)?);
    let wanted = wanted.then(|| rows::run(row)).transpose()?;
    Ok(Seen { id: rows::uuid(row, 0)?, wanted, enough: false })
}

/// Those that failed for good. An index has all that decides, so that more can be looked at.
fn failed_runs(db: &Connection, search: &RunSearch) -> Result<Part<Run>, Failure> {
    let Span { from, to } = search.span();
    let mut by_id = db.prepare_cached(RUN_BY_ID)?;
    let params = params![from.as_bytes(), to.as_bytes()];
    read_part(db, FAILED_RUNS, params, search.limit, MOST_KEYS, |row| {
        let id = rows::uuid(row, 0)?;
        let wanted = search.selects(row.get_ref(1)?.as_str()?, rows::run_state(row, 2)?);
        let wanted = wanted.then(|| by_id.query_row([id.as_bytes()], rows::run)).transpose()?;
        Ok(Seen { id, wanted, enough: false })
    })
}

/// A row that was looked at.
struct Seen<T> {
    id: Uuid,
    wanted: Option<T>,
    /// Whether it is the last to look at.
    enough: bool,
}

/// Reads rows until `limit` are wanted, or `most` or enough were looked at.
fn read_part<T>(
    db: &Connection,
    statement: &str,
    params: impl Params,
    limit: usize,
    most: usize,
    mut see: impl FnMut(&Row<'_>) -> rusqlite::Result<Seen<T>>,
) -> Result<Part<T>, Failure> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(params)?;
    let mut part = Part { rows: Vec::new(), reached: None };
    let mut looked_at = 0;
    while part.rows.len() < limit && looked_at < most {
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

/// Counts by minute what has an id above one and below another.
pub(super) fn count(
    db: &Connection,
    what: &Countable,
    (after, until): (Uuid, Uuid),
    limit: usize,
) -> Result<Counted, Failure> {
    let (after, until, most) = (after.as_bytes(), until.as_bytes(), integer(limit));
    match what {
        Countable::Deliveries { endpoint } => {
            counted(db, COUNT_DELIVERIES, params![after, until, most, endpoint], limit, true)
        }
        Countable::Traces => counted(db, COUNT_TRACES, params![after, until, most], limit, true),
        Countable::Runs { job } => counted(db, COUNT_RUNS, params![after, until, most, job], limit, false),
        Countable::Failures => counted(db, COUNT_FAILURES, params![after, until, most], limit, false),
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
