//! Pages of events: found in an index, and read one by one.

use super::failure::Failure;
use super::rows;
use super::statements::{EVENT_BY_PLACE, EVENT_ENTRIES, PLACE_OF_EVENT};
use crate::store::browse::Page;
use crate::store::browse_events::{EventCount, EventSearch};
use crate::store::event::EventRecord;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

/// So many entries of the index are looked at for one page.
const MOST_ENTRIES: usize = 50_000;
/// So many events are read for one page.
const MOST_ROWS: usize = 2_000;

/// A page of events.
pub(super) fn page(db: &Connection, search: &EventSearch) -> Result<Page<Arc<EventRecord>>, Failure> {
    let mut page = Page { rows: Vec::new(), next: None };
    let mut end = (search.until.map_or(i64::MAX, |until| until.0), i64::MIN);
    if let Some(before) = &search.before {
        let mut place = db.prepare_cached(PLACE_OF_EVENT)?;
        let place = place.query_row([before.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some(place) = place else { return Ok(page) };
        end = end.min(place);
    }
    let mut entries = db.prepare_cached(EVENT_ENTRIES)?;
    let mut entries = entries.query(params![search.since.map_or(i64::MIN, |since| since.0), end.0, end.1])?;
    let mut by_place = db.prepare_cached(EVENT_BY_PLACE)?;
    let (mut looked_at, mut read, mut last) = (0, 0, None);
    while let Some(entry) = entries.next()? {
        if page.rows.len() >= search.limit || looked_at >= MOST_ENTRIES || read >= MOST_ROWS {
            // There is more: the next page goes on behind the last one.
            if let Some(place) = last {
                page.next = Some(by_place.query_row([place], rows::event)?.id);
            }
            return Ok(page);
        }
        let place: i64 = entry.get(0)?;
        (looked_at, last) = (looked_at + 1, Some(place));
        let text = |column| Ok::<_, rusqlite::Error>(entry.get_ref(column)?.as_str_or_null()?);
        if search.selects(text(1)?.unwrap_or_default(), text(2)?) {
            read += 1;
            let event = by_place.query_row([place], rows::event)?;
            if search.wants(&event) {
                page.rows.push(event);
            }
        }
    }
    Ok(page)
}

/// A row of a count.
pub(super) fn count(row: &Row<'_>) -> rusqlite::Result<EventCount> {
    let count: i64 = row.get(3)?;
    Ok(EventCount {
        minute: row.get(0)?,
        name: row.get(1)?,
        source: row.get(2)?,
        count: u64::try_from(count).unwrap_or_default(),
    })
}
