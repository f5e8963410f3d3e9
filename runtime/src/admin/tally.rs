//! How much there was in each minute of the last day. Counted once from the
//! store, portion by portion, and after that only what is new; a page that
//! cannot wait shows what is counted so far.

use super::Admin;
use crate::store::{Countable, EventCount, RequestOutcome, Store, StoreError};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const MINUTE: i64 = 60_000_000;
const MINUTES: i64 = 24 * 60;
/// What came in these last minutes is counted anew each time: a request may be
/// stored after a later one.
const UNSETTLED: i64 = 2;
/// Events that happened in these last minutes are counted anew: their providers tell them late.
const LATE: i64 = 60;
/// So many minutes of events are counted before others may ask the store.
const SPAN: i64 = 30;
/// So many rows are counted before others may ask the store.
const PORTION: usize = 4_000;
/// How long a page waits for the count.
const PATIENCE: Duration = Duration::from_millis(25);
/// Bars of a sparkline: one for each of the last minutes.
pub(crate) const BARS: i64 = 60;

/// The counts, and who brings them up to date.
#[derive(Default)]
pub(crate) struct Tally {
    counts: Mutex<Arc<Counts>>,
    busy: AtomicBool,
}

/// What a count is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Request(RequestOutcome),
    Run,
    Failure,
    Event,
}

/// Counts by minute.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    by_minute: BTreeMap<(String, Kind), BTreeMap<i64, u64>>,
    /// All before this minute is counted for good.
    settled: i64,
    /// The minute of the last count.
    now: i64,
}

/// What is counted of an endpoint.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct EndpointCounts {
    /// By outcome, in 24 hours.
    pub(crate) outcomes: BTreeMap<&'static str, u64>,
    /// All of them.
    pub(crate) total: u64,
    /// In each of the last minutes, the oldest first.
    pub(crate) minutes: Vec<u64>,
}

/// What is counted of a job in 24 hours.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct JobCounts {
    /// Runs made.
    pub(crate) runs: u64,
    /// Of these, failed for good.
    pub(crate) failed: u64,
}

impl Counts {
    pub(crate) fn endpoint(&self, id: &str) -> EndpointCounts {
        let mut found = EndpointCounts { minutes: vec![0; BARS as usize], ..EndpointCounts::default() };
        for outcome in RequestOutcome::ALL {
            let Some(minutes) = self.by_minute.get(&(id.to_owned(), Kind::Request(outcome))) else {
                continue;
            };
            let total: u64 = minutes.values().sum();
            found.outcomes.insert(outcome.name(), total);
            found.total += total;
            for (minute, count) in minutes.range(self.now - BARS + 1..) {
                let bar = usize::try_from(minute - (self.now - BARS + 1)).unwrap_or(usize::MAX);
                if let Some(bar) = found.minutes.get_mut(bar) {
                    *bar += count;
                }
            }
        }
        found
    }

    pub(crate) fn job(&self, id: &str) -> JobCounts {
        let of = |kind| self.by_minute.get(&(id.to_owned(), kind)).map_or(0, |all| all.values().sum());
        JobCounts { runs: of(Kind::Run), failed: of(Kind::Failure) }
    }

    /// Source, name and number of the events of each kind that happened.
    pub(crate) fn events(&self) -> impl Iterator<Item = (Option<&str>, &str, u64)> {
        let events = self.by_minute.iter().filter(|((_, kind), _)| *kind == Kind::Event);
        events.map(|((of, _), minutes)| {
            let (source, name) = of.split_once('\0').unwrap_or(("", of));
            (Some(source).filter(|source| !source.is_empty()), name, minutes.values().sum())
        })
    }

    /// How many events of a kind happened.
    pub(crate) fn event(&self, source: Option<&str>, name: &str) -> u64 {
        self.by_minute.get(&(kind_of(source, name), Kind::Event)).map_or(0, |all| all.values().sum())
    }

    /// Forgets what is counted anew, and what is too old.
    fn keep_settled(&mut self, now: i64) {
        let (first, settled) = (now - MINUTES, self.settled);
        for ((_, kind), minutes) in &mut self.by_minute {
            let settled = if *kind == Kind::Event { settled - LATE } else { settled };
            minutes.retain(|minute, _| *minute >= first && *minute < settled);
        }
        self.by_minute.retain(|_, minutes| !minutes.is_empty());
        self.now = now;
    }

    async fn add_events(&mut self, store: &dyn Store, from: i64, now: i64) -> Result<(), StoreError> {
        let time = |minute: i64| Timestamp(minute.saturating_mul(MINUTE));
        let mut first = from;
        while first <= now {
            for count in store.count_events(time(first), time(first + SPAN)).await? {
                let EventCount { minute, name, source, count } = count;
                let key = (kind_of(source.as_deref(), &name), Kind::Event);
                *self.by_minute.entry(key).or_default().entry(minute).or_default() += count;
            }
            first += SPAN;
        }
        Ok(())
    }

    async fn add(&mut self, store: &dyn Store, what: Countable, from: i64) -> Result<(), StoreError> {
        let is_failure = what == Countable::Failures;
        let mut after = crate::id::floor(Timestamp(from.saturating_mul(MINUTE)));
        loop {
            let portion = store.count(what.clone(), after, PORTION).await?;
            for count in portion.counts {
                let kind = match count.outcome {
                    Some(outcome) => Kind::Request(outcome),
                    None if is_failure => Kind::Failure,
                    None => Kind::Run,
                };
                let minutes = self.by_minute.entry((count.of, kind)).or_default();
                *minutes.entry(count.minute).or_default() += count.count;
            }
            match portion.next {
                Some(next) => after = next,
                None => return Ok(()),
            }
        }
    }
}

/// What an event is counted under.
fn kind_of(source: Option<&str>, name: &str) -> String {
    format!("{}\0{name}", source.unwrap_or_default())
}

impl Admin {
    /// The counts as of now, or as far as they are known when a page cannot wait.
    pub(crate) async fn counts(self: &Arc<Self>) -> Arc<Counts> {
        if !self.tally.busy.swap(true, Ordering::AcqRel) {
            let admin = Arc::clone(self);
            let counting = tokio::spawn(async move {
                match admin.counted().await {
                    Ok(counts) => {
                        *admin.tally.counts.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(counts);
                    }
                    Err(error) => tracing::warn!(%error, "what is stored was not counted"),
                }
                admin.tally.busy.store(false, Ordering::Release);
            });
            // It goes on also when this page does not wait for it.
            let _ = tokio::time::timeout(PATIENCE, counting).await;
        }
        Arc::clone(&self.tally.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn counted(&self) -> Result<Counts, StoreError> {
        let now = self.app.clock.now().0 / MINUTE;
        let known = Arc::clone(&self.tally.counts.lock().unwrap_or_else(PoisonError::into_inner));
        let mut counts = Counts::clone(&known);
        drop(known);
        counts.keep_settled(now);
        let from = counts.settled.max(now - MINUTES);
        let store = self.app.store.as_ref();
        for endpoint in self.registry.endpoints() {
            counts.add(store, Countable::Deliveries { endpoint: endpoint.id.to_owned() }, from).await?;
        }
        for source in self.app.sources.webhooks() {
            counts.add(store, Countable::Deliveries { endpoint: source.address.clone() }, from).await?;
        }
        counts.add_events(store, (counts.settled - LATE).max(now - MINUTES), now).await?;
        for job in self.registry.jobs() {
            counts.add(store, Countable::Runs { job: job.id.to_owned() }, from).await?;
        }
        counts.add(store, Countable::Traces, from).await?;
        // A run may fail long after it was made, and failures are few: all of them again.
        counts.by_minute.retain(|(_, kind), _| *kind != Kind::Failure);
        counts.add(store, Countable::Failures, now - MINUTES).await?;
        counts.settled = now - UNSETTLED;
        Ok(counts)
    }
}
