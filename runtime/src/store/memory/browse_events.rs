//! Pages of events in memory.

use super::events::Events;
use crate::store::browse::Page;
use crate::store::browse_events::{EventCount, EventSearch};
use crate::store::event::EventRecord;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Events {
    pub(super) fn browse(&self, search: &EventSearch) -> Page<Arc<EventRecord>> {
        let mut page = Page { rows: Vec::new(), next: None };
        let mut end = (search.until.unwrap_or(Timestamp(i64::MAX)), 0);
        if let Some(before) = search.before {
            let Some(row) = self.rows.get(&before) else { return page };
            end = end.min((row.event.at, row.place));
        }
        let mut found: Vec<_> = self
            .rows
            .values()
            .filter(|row| search.since.is_none_or(|since| row.event.at >= since))
            .filter(|row| (row.event.at, row.place) < end)
            .filter(|row| search.selects(&row.event.name, row.event.source.as_deref()))
            .filter(|row| search.wants(&row.event))
            .collect();
        found.sort_unstable_by_key(|row| Reverse((row.event.at, row.place)));
        let more = found.len() > search.limit;
        page.rows.extend(found.into_iter().take(search.limit).map(|row| Arc::clone(&row.event)));
        page.next = page.rows.last().map(|event| event.id).filter(|_| more);
        page
    }

    pub(super) fn count(&self, from: Timestamp, to: Timestamp) -> Vec<EventCount> {
        let mut counts = BTreeMap::new();
        let events = self.rows.values().map(|row| &row.event);
        for event in events.filter(|event| from <= event.at && event.at < to) {
            let source = event.source.as_ref().map(ToString::to_string);
            let key = (event.at.0 / 60_000_000, event.name.to_string(), source);
            *counts.entry(key).or_default() += 1;
        }
        let counts = counts.into_iter();
        counts.map(|((minute, name, source), count)| EventCount { minute, name, source, count }).collect()
    }
}
