//! Which query a page spends its time in, from what the store tells of each.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Listens to the store's queries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queries(Arc<Mutex<BTreeMap<String, Spent>>>);

/// What one query took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) times: u32,
    pub(crate) took: Duration,
}

impl Queries {
    /// What was told since it was last asked, the query that took most first.
    pub(crate) fn take(&self) -> Vec<(String, Spent)> {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut all: Vec<_> = all.into_iter().collect();
        all.sort_by_key(|(_, spent)| std::cmp::Reverse(spent.took));
        all
    }
}

#[derive(Default)]
struct Told {
    sql: String,
    micros: u64,
}

impl Visit for Told {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "micros" {
            self.micros = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "sql" {
            self.sql = value.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Subscriber for Queries {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "triggerfish::queries"
    }

    fn event(&self, event: &Event<'_>) {
        let mut told = Told::default();
        event.record(&mut told);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = all.entry(told.sql).or_default();
        spent.times += 1;
        spent.took += Duration::from_micros(told.micros);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
