//! How much there was in each minute of the last day. Counted once from the
//! store, portion by portion, and after that only what is new; a page that
//! cannot wait shows what is counted so far. Where much is new, it is counted
//! less often: it takes a small part of the reader's time, however much arrives.

use super::Admin;
use super::wait::{begin, wait};
use crate::store::{Countable, EventCount, RequestOutcome, Store, StoreError};
use crate::time::Timestamp;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

const MINUTE: i64 = 60_000_000;
const DAY: Duration = Duration::from_secs(24 * 3600);
/// A request may be stored after a later one: by as much as its body may take
/// to arrive, and so much more. What came since is counted anew each time.
const UNSETTLED: Duration = Duration::from_secs(5);
/// Events that happened since so long are counted anew each time: their providers tell them late.
const LATE: Duration = Duration::from_secs(3600);
/// Events of so long a time are counted before others may ask the store.
const SPAN: Duration = Duration::from_secs(1800);
/// A count that took longer than this is followed by a rest of so many times its own time.
const SHORT: Duration = Duration::from_millis(5);
const REST: u32 = 100;
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
    next: Mutex<Next>,
}

/// When the next count may begin.
#[derive(Default)]
enum Next {
    #[default]
    Now,
    Then(Instant),
    /// When the one that is under way is over.
    UnderWay,
}

/// What a count is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Request(RequestOutcome),
    Run,
    Failure,
    Event,
}

/// The counts of something of one kind.
#[derive(Clone, Debug)]
struct Series {
    of: String,
    kind: Kind,
    /// By minute, in order.
    minutes: Vec<(i64, u64)>,
}

/// Counts by minute, in order of what they are of, and of their kind.
#[derive(Clone, Debug, Default)]
struct Minutes(Vec<Series>);

/// What is counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// What is counted for good.
    settled: Minutes,
    /// All before this time is.
    settled_until: Timestamp,
    /// The same of events, by when they happened.
    events_until: Timestamp,
    /// What is counted anew each time.
    latest: Minutes,
    /// The minute of the last count.
    now: i64,
}

/// What is counted of an endpoint.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct EndpointCounts {
    /// By outcome, in 24 hours; those that came at all.
    #[serde(serialize_with = "super::view::as_object")]
    pub(crate) outcomes: Vec<(&'static str, u64)>,
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

impl EndpointCounts {
    /// How many were rejected.
    pub(crate) fn rejected(&self) -> u64 {
        let rejected = |(name, _): &&(&str, u64)| *name == RequestOutcome::Rejected.name();
        self.outcomes.iter().find(rejected).map_or(0, |(_, count)| *count)
    }
}

impl Minutes {
    /// Where a series is, or where it belongs.
    fn place(&self, of: &str, kind: Kind) -> Result<usize, usize> {
        self.0.binary_search_by(|series| (&*series.of, series.kind).cmp(&(of, kind)))
    }

    fn of(&self, of: &str, kind: Kind) -> &[(i64, u64)] {
        let series = self.place(of, kind).ok().and_then(|index| self.0.get(index));
        series.map(|series| series.minutes.as_slice()).unwrap_or_default()
    }

    fn note(&mut self, of: String, kind: Kind, minute: i64, count: u64) {
        let index = self.place(&of, kind).unwrap_or_else(|index| {
            self.0.insert(index, Series { of, kind, minutes: Vec::new() });
            index
        });
        let Some(Series { minutes, .. }) = self.0.get_mut(index) else { return };
        match minutes.binary_search_by_key(&minute, |(minute, _)| *minute) {
            Ok(known) => minutes.get_mut(known).into_iter().for_each(|(_, known)| *known += count),
            Err(index) => minutes.insert(index, (minute, count)),
        }
    }

    /// Adds what there is of something between two points in time.
    fn add(
        &mut self,
        store: &dyn Store,
        what: &Countable,
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let is_failure = *what == Countable::Failures;
        let until = until.map_or(Uuid::max(), crate::id::floor);
        let mut after = crate::id::floor(from);
        loop {
            let portion = wait(store.count(what.clone(), after, until, PORTION))?;
            for count in portion.counts {
                let kind = match count.outcome {
                    Some(outcome) => Kind::Request(outcome),
                    None if is_failure => Kind::Failure,
                    None => Kind::Run,
                };
                self.note(count.of, kind, count.minute, count.count);
            }
            match portion.next {
                Some(next) => after = next,
                None => return Ok(()),
            }
        }
    }

    /// Adds the events that happened between two points in time.
    fn add_events(
        &mut self,
        store: &dyn Store,
        mut from: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        while from < until {
            let next = from.plus(SPAN).min(until);
            for count in wait(store.count_events(from, next))? {
                let EventCount { minute, name, source, count } = count;
                self.note(kind_of(source.as_deref(), &name), Kind::Event, minute, count);
            }
            from = next;
        }
        Ok(())
    }

    fn forget_before(&mut self, first: i64) {
        self.0.retain_mut(|series| {
            series.minutes.retain(|(minute, _)| *minute >= first);
            !series.minutes.is_empty()
        });
    }
}

impl Counts {
    /// The counts by minute; one minute may be there twice.
    fn of(&self, of: &str, kind: Kind) -> impl Iterator<Item = (i64, u64)> {
        self.settled.of(of, kind).iter().chain(self.latest.of(of, kind)).copied()
    }

    fn total(&self, of: &str, kind: Kind) -> u64 {
        self.of(of, kind).map(|(_, count)| count).sum()
    }

    pub(crate) fn endpoint(&self, id: &str) -> EndpointCounts {
        let mut found = EndpointCounts { minutes: vec![0; BARS as usize], ..EndpointCounts::default() };
        for outcome in RequestOutcome::ALL {
            let mut total = 0;
            for (minute, count) in self.of(id, Kind::Request(outcome)) {
                total += count;
                let bar = usize::try_from(minute - (self.now - BARS + 1)).unwrap_or(usize::MAX);
                if let Some(bar) = found.minutes.get_mut(bar) {
                    *bar += count;
                }
            }
            if total > 0 {
                found.outcomes.push((outcome.name(), total));
                found.total += total;
            }
        }
        found
    }

    pub(crate) fn job(&self, id: &str) -> JobCounts {
        JobCounts { runs: self.total(id, Kind::Run), failed: self.total(id, Kind::Failure) }
    }

    /// Source, name and number of the events of each kind that happened.
    pub(crate) fn events(&self) -> impl Iterator<Item = (Option<&str>, &str, u64)> {
        let mut events: Vec<(&str, u64)> = Vec::new();
        for series in self.settled.0.iter().chain(&self.latest.0).filter(|series| series.kind == Kind::Event)
        {
            let count = series.minutes.iter().map(|(_, count)| count).sum::<u64>();
            match events.binary_search_by_key(&&*series.of, |(of, _)| of) {
                Ok(known) => events.get_mut(known).into_iter().for_each(|(_, known)| *known += count),
                Err(index) => events.insert(index, (&series.of, count)),
            }
        }
        events.into_iter().map(|(of, count)| {
            let (source, name) = of.split_once('\0').unwrap_or(("", of));
            (Some(source).filter(|source| !source.is_empty()), name, count)
        })
    }

    /// How many events of a kind happened.
    pub(crate) fn event(&self, source: Option<&str>, name: &str) -> u64 {
        self.total(&kind_of(source, name), Kind::Event)
    }
}

/// What an event is counted under.
fn kind_of(source: Option<&str>, name: &str) -> String {
    format!("{}\0{name}", source.unwrap_or_default())
}

impl Tally {
    /// Whether a count may begin now, which is then under way.
    fn begins(&self) -> bool {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let may = match &*next {
            Next::Now => true,
            Next::Then(at) => *at <= Instant::now(),
            Next::UnderWay => false,
        };
        if may {
            *next = Next::UnderWay;
        }
        may
    }

    fn ended(&self, took: Duration) {
        let next = if took > SHORT { Next::Then(Instant::now() + took * REST) } else { Next::Now };
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
    }

    fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Admin {
    /// The counts as of now, or as far as they are known when a page cannot wait.
    pub(crate) fn counts(self: &Arc<Self>) -> Arc<Counts> {
        if self.tally.begins() {
            let admin = Arc::clone(self);
            let counting = begin(move || {
                let begun = Instant::now();
                match admin.counted() {
                    Ok(counts) => {
                        *admin.tally.counts.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(counts);
                    }
                    Err(error) => tracing::warn!(%error, "what is stored was not counted"),
                }
                admin.tally.ended(begun.elapsed());
            });
            // It goes on also when this page does not wait for it.
            if let Ok(Err(_)) = wait(tokio::time::timeout(PATIENCE, counting)) {
                self.tally.ended(Duration::ZERO);
            }
        }
        self.tally.counts()
    }

    fn counted(&self) -> Result<Counts, StoreError> {
        let now = self.app.clock.now();
        let day_ago = now.minus(DAY);
        let mut counts = Counts::clone(&self.tally.counts());
        counts.now = now.0 / MINUTE;
        let from = counts.settled_until.max(day_ago);
        let until = now.minus(self.app.body_timeout + UNSETTLED).max(from);
        counts.settled.forget_before(day_ago.0 / MINUTE);
        counts.latest = Minutes::default();
        let store = self.app.store.as_ref();
        for what in self.countable() {
            counts.settled.add(store, &what, from, Some(until))?;
            counts.latest.add(store, &what, until, None)?;
        }
        counts.settled_until = until;
        let from = counts.events_until.max(day_ago);
        let until = now.minus(LATE).max(from);
        counts.settled.add_events(store, from, until)?;
        counts.latest.add_events(store, until, now.plus(SPAN))?;
        counts.events_until = until;
        // A run may fail long after it was made, and failures are few: all of them again.
        counts.latest.add(store, &Countable::Failures, day_ago, None)?;
        Ok(counts)
    }

    /// What is counted of requests and runs.
    fn countable(&self) -> Vec<Countable> {
        let mut all = vec![Countable::Traces];
        let endpoints = self.registry.endpoints().iter().map(|endpoint| endpoint.id);
        let webhooks = self.app.sources.webhooks().iter().map(|webhook| webhook.address.as_str());
        for endpoint in endpoints.chain(webhooks) {
            all.push(Countable::Deliveries { endpoint: endpoint.to_owned() });
        }
        for job in self.registry.jobs() {
            all.push(Countable::Runs { job: job.id.to_owned() });
        }
        all
    }
}
