//! Pages of events: found in two indexes, of events and, by job, of calls that are kept
//! with their runs, and read one by one. Those of one time are events first, then calls.

use super::failure::Failure;
use super::rows;
use super::statements::{
    CALLED_JOBS, CALLS_OF_JOB, COUNT_EVENTS, EVENT_BY_ID, EVENT_BY_PLACE, EVENT_ENTRIES, PLACE_OF_EVENT,
};
use crate::event::INVOKE;
use crate::id;
use crate::store::browse::{Page, minute_of};
use crate::store::browse_events::{EventCount, EventSearch};
use crate::store::event::{EventRecord, EventState};
use crate::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Rows, params};
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::Arc;
use std::vec::IntoIter;
use uuid::Uuid;

/// So many entries of the indexes are looked at for one page.
const MOST_ENTRIES: usize = 50_000;
/// So many events are read for one page.
const MOST_ROWS: usize = 2_000;

/// A page of events.
pub(super) fn page(db: &Connection, search: &EventSearch) -> Result<Page<Arc<EventRecord>>, Failure> {
    let mut page = Page { rows: Vec::new(), next: None };
    let Some(end) = End::of(db, search)? else { return Ok(page) };
    let mut events = db.prepare_cached(EVENT_ENTRIES)?;
    let (at, place) = end.event;
    let since = search.since.map_or(i64::MIN, |since| since.0);
    let first_call = search.since.map_or(Uuid::nil(), id::floor);
    let mut entries = Entries {
        search,
        events: events.query(params![since, at, place])?,
        // Each is wanted, and one more tells that there is more.
        calls: calls(db, first_call, end.call, search.limit.saturating_add(1))?.into_iter().peekable(),
        event: None,
    };
    entries.next_event()?;
    let (mut looked_at, mut read, mut last) = (0, 0, None);
    while let Some(entry) = entries.next()? {
        if page.rows.len() >= search.limit || looked_at >= MOST_ENTRIES || read >= MOST_ROWS {
            // There is more: the next page goes on behind the last one.
            page.next = last.map(|key| event(db, key)).transpose()?.map(|event| event.id);
            return Ok(page);
        }
        (looked_at, last) = (looked_at + 1, Some(entry.key));
        if entry.selected {
            read += 1;
            let event = event(db, entry.key)?;
            if search.wants(&event) {
                page.rows.push(event);
            }
        }
    }
    Ok(page)
}

/// What events and calls of a page are before.
struct End {
    event: (i64, i64),
    call: Uuid,
}

impl End {
    /// `None` where the page is to follow an event that is not there.
    fn of(db: &Connection, search: &EventSearch) -> Result<Option<End>> {
        let until = search.until.unwrap_or(Timestamp(i64::MAX));
        let mut end = End { event: (until.0, i64::MIN), call: search.until.map_or(Uuid::max(), id::floor) };
        if !search.selects(INVOKE, None) || search.state.is_some_and(|state| state != EventState::Sent) {
            end.call = Uuid::nil();
        }
        let Some(before) = search.before else { return Ok(Some(end)) };
        let mut place = db.prepare_cached(PLACE_OF_EVENT)?;
        let place = place.query_row([before.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let (event, call) = match place {
            Some((at, place)) => ((at, place), id::floor(Timestamp(at).plus(MICROSECOND))),
            None if db.prepare_cached(EVENT_BY_ID)?.exists([before.as_bytes()])? => {
                ((id::time(before).0, i64::MIN), before)
            }
            None => return Ok(None),
        };
        Ok(Some(End { event: end.event.min(event), call: end.call.min(call) }))
    }
}

const MICROSECOND: std::time::Duration = std::time::Duration::from_micros(1);

/// Where an event is: in its own row, at a place, or with the run that has its id.
#[derive(Clone, Copy)]
enum Key {
    Event(i64),
    Call(Uuid),
}

fn event(db: &Connection, key: Key) -> Result<Arc<EventRecord>> {
    match key {
        Key::Event(place) => db.prepare_cached(EVENT_BY_PLACE)?.query_row([place], rows::event),
        Key::Call(id) => db.prepare_cached(EVENT_BY_ID)?.query_row([id.as_bytes()], rows::event),
    }
}

struct Entry {
    at: Timestamp,
    key: Key,
    /// Whether it may be wanted, as far as its entry tells.
    selected: bool,
}

/// The newest calls with ids from one on and before another, the newest first.
fn calls(db: &Connection, first: Uuid, end: Uuid, most: usize) -> Result<Vec<Uuid>> {
    let mut calls = Vec::new();
    if first >= end {
        return Ok(calls);
    }
    let (mut jobs, mut of_job) = (db.prepare_cached(CALLED_JOBS)?, db.prepare_cached(CALLS_OF_JOB)?);
    let mut jobs = jobs.query([])?;
    while let Some(job) = jobs.next()? {
        let job: String = job.get(0)?;
        let range = params![job, first.as_bytes(), end.as_bytes(), rows::integer(most)];
        let mut found = of_job.query(range)?;
        while let Some(row) = found.next()? {
            calls.push(rows::uuid(row, 0)?);
        }
    }
    calls.sort_unstable_by(|one, other| other.cmp(one));
    calls.truncate(most);
    Ok(calls)
}

/// The entries of both indexes in one order, the newest first.
struct Entries<'s> {
    search: &'s EventSearch,
    events: Rows<'s>,
    calls: Peekable<IntoIter<Uuid>>,
    /// The next event.
    event: Option<Entry>,
}

impl Entries<'_> {
    fn next(&mut self) -> Result<Option<Entry>> {
        let call = self.calls.peek().map(|id| id::time(*id));
        if self.event.as_ref().is_some_and(|event| call.is_none_or(|call| event.at >= call)) {
            return self.next_event();
        }
        let entry = |id| Entry { at: id::time(id), key: Key::Call(id), selected: true };
        Ok(self.calls.next().map(entry))
    }

    /// Takes the event that is at hand, and looks for the next.
    fn next_event(&mut self) -> Result<Option<Entry>> {
        let next = match self.events.next()? {
            None => None,
            Some(row) => {
                let source = row.get_ref(3)?.as_str_or_null()?;
                let selected = self.search.selects(row.get_ref(2)?.as_str()?, source);
                Some(Entry { at: rows::time(row, 0)?, key: Key::Event(row.get(1)?), selected })
            }
        };
        Ok(std::mem::replace(&mut self.event, next))
    }
}

/// How many events happened from one time until another.
pub(super) fn count(db: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<EventCount>, Failure> {
    let mut counts = BTreeMap::<(i64, String, Option<String>), i64>::new();
    let mut events = db.prepare_cached(COUNT_EVENTS)?;
    let mut events = events.query([from.0, to.0])?;
    while let Some(row) = events.next()? {
        *counts.entry((row.get(0)?, row.get(1)?, row.get(2)?)).or_default() += row.get::<_, i64>(3)?;
    }
    let mut minutes = BTreeMap::<i64, i64>::new();
    for id in calls(db, id::floor(from), id::floor(to), usize::MAX)? {
        *minutes.entry(minute_of(id)).or_default() += 1;
    }
    for (minute, count) in minutes {
        *counts.entry((minute, INVOKE.to_owned(), None)).or_default() += count;
    }
    let count = |((minute, name, source), count)| EventCount {
        minute,
        name,
        source,
        count: u64::try_from(count).unwrap_or_default(),
    };
    Ok(counts.into_iter().map(count).collect())
}
