//! What a person looks for in a store: pages of requests and of runs, and counts.
//!
//! Ids sort by time, so an id is the place at which a page goes on. A page
//! looks at a bounded number of rows, however much is stored: where it found
//! little, [`Page::next`] says from where to look further.

use super::record::{Delivery, DeliveryOutcome, RunState};
use super::trace::{Trace, TraceOutcome};
use crate::time::Timestamp;
use memchr::memmem::Finder;
use uuid::Uuid;

/// Some of what was looked for, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// What was found.
    pub rows: Vec<T>,
    /// From where to look further; `None` where that was all.
    pub next: Option<Uuid>,
}

/// Which requests to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// Those to one endpoint.
    pub endpoint: Option<String>,
    /// Those with one of these outcomes; all where it is empty.
    pub outcomes: Vec<RequestOutcome>,
    /// Those received then or later.
    pub since: Option<Timestamp>,
    /// Those received before.
    pub until: Option<Timestamp>,
    /// Those that hold this text: in their id, endpoint, target, provider's id,
    /// reason or body. Upper and lower case differ.
    pub text: Option<String>,
    /// Those before this one, in the order of their ids.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: usize,
}

/// Which runs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSearch {
    /// Those of one job.
    pub job: Option<String>,
    /// Those in one of these states; all where it is empty.
    pub states: Vec<RunState>,
    /// Those made then or later.
    pub since: Option<Timestamp>,
    /// Those made before.
    pub until: Option<Timestamp>,
    /// Those before this one, in the order of their ids.
    pub before: Option<Uuid>,
    /// At most so many.
    pub limit: usize,
}

/// A request in a list: a delivery, or one that became none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id.
    pub id: Uuid,
    /// The endpoint's id.
    pub endpoint: String,
    /// When it was received.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: RequestOutcome,
    /// The status that the sender got, where it was not the usual one.
    pub status: Option<u16>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Why it became no delivery; why no job took it.
    pub reason: Option<String>,
    /// The id that the provider gave to it.
    pub provider_id: Option<String>,
    /// The length of its body.
    pub body_len: usize,
    /// The delivery that it repeats.
    pub repeats: Option<Uuid>,
    /// The request that a person sent again as this one.
    pub replay_of: Option<Uuid>,
}

/// A request with all that is kept of it.
#[derive(Clone, Debug)]
pub enum Found {
    /// It is a delivery.
    Delivery(Box<Delivery>),
    /// It became none.
    Trace(Box<Trace>),
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestOutcome {
    /// It is stored and has runs.
    Accepted,
    /// It is stored, and no job took it.
    Filtered,
    /// It repeats a delivery.
    Duplicate,
    /// It is not verified.
    Rejected,
    /// A handshake was answered.
    Handshake,
    /// Its body is too large.
    TooLarge,
    /// The program had too much to do.
    Overloaded,
    /// Its endpoint is switched off.
    Paused,
}

impl RequestOutcome {
    /// Every outcome.
    pub const ALL: [RequestOutcome; 8] = [
        RequestOutcome::Accepted,
        RequestOutcome::Filtered,
        RequestOutcome::Duplicate,
        RequestOutcome::Rejected,
        RequestOutcome::Handshake,
        RequestOutcome::TooLarge,
        RequestOutcome::Overloaded,
        RequestOutcome::Paused,
    ];

    /// Its name in the store, in the log and in the API.
    pub fn name(self) -> &'static str {
        match self {
            RequestOutcome::Accepted => "accepted",
            RequestOutcome::Filtered => "filtered",
            RequestOutcome::Duplicate => TraceOutcome::Duplicate.name(),
            RequestOutcome::Rejected => TraceOutcome::Rejected.name(),
            RequestOutcome::Handshake => TraceOutcome::Handshake.name(),
            RequestOutcome::TooLarge => TraceOutcome::TooLarge.name(),
            RequestOutcome::Overloaded => TraceOutcome::Overloaded.name(),
            RequestOutcome::Paused => TraceOutcome::Paused.name(),
        }
    }

    /// The outcome of this name.
    pub fn named(name: &str) -> Option<Self> {
        RequestOutcome::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Whether the request is stored as a delivery.
    pub fn is_delivery(self) -> bool {
        matches!(self, RequestOutcome::Accepted | RequestOutcome::Filtered)
    }
}

impl From<DeliveryOutcome> for RequestOutcome {
    fn from(outcome: DeliveryOutcome) -> Self {
        match outcome {
            DeliveryOutcome::Accepted => RequestOutcome::Accepted,
            DeliveryOutcome::Filtered => RequestOutcome::Filtered,
        }
    }
}

impl From<TraceOutcome> for RequestOutcome {
    fn from(outcome: TraceOutcome) -> Self {
        match outcome {
            TraceOutcome::Duplicate => RequestOutcome::Duplicate,
            TraceOutcome::Rejected => RequestOutcome::Rejected,
            TraceOutcome::Handshake => RequestOutcome::Handshake,
            TraceOutcome::TooLarge => RequestOutcome::TooLarge,
            TraceOutcome::Overloaded => RequestOutcome::Overloaded,
            TraceOutcome::Paused => RequestOutcome::Paused,
        }
    }
}

/// What is counted, minute by minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Countable {
    /// The deliveries of an endpoint, by outcome.
    Deliveries {
        /// The endpoint's id.
        endpoint: String,
    },
    /// The requests that became no delivery, by endpoint and outcome.
    Traces,
    /// The runs of a job.
    Runs {
        /// The job's id.
        job: String,
    },
    /// The runs that failed for good, by job.
    Failures,
}

/// How many there were in one minute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count {
    /// The minute, counting from the Unix epoch.
    pub minute: i64,
    /// The endpoint's id, or the job's.
    pub of: String,
    /// The outcome; `None` for runs.
    pub outcome: Option<RequestOutcome>,
    /// How many.
    pub count: u64,
}

/// A part of what was to be counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// What was counted; a minute may stand in it more than once.
    pub counts: Vec<Count>,
    /// After which id to count on; `None` where that was all.
    pub next: Option<Uuid>,
}

/// The ids between two points in time, as the rows of a page are bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The first that counts.
    pub(super) from: Uuid,
    /// The first that does not count any more.
    pub(super) to: Uuid,
}

impl Span {
    pub(super) fn new(since: Option<Timestamp>, until: Option<Timestamp>, before: Option<Uuid>) -> Self {
        let end = until.map_or(Uuid::max(), crate::id::floor);
        Span {
            from: since.map_or(Uuid::nil(), crate::id::floor),
            to: before.map_or(end, |before| before.min(end)),
        }
    }
}

impl RequestQuery {
    pub(super) fn span(&self) -> Span {
        Span::new(self.since, self.until, self.before)
    }

    pub(super) fn wants(&self, outcome: RequestOutcome) -> bool {
        self.outcomes.is_empty() || self.outcomes.contains(&outcome)
    }

    #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
    pub(super) fn wants_deliveries(&self) -> bool {
        self.outcomes.is_empty() || self.outcomes.iter().any(|outcome| outcome.is_delivery())
    }

    #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
    pub(super) fn wants_traces(&self) -> bool {
        self.outcomes.is_empty() || self.outcomes.iter().any(|outcome| !outcome.is_delivery())
    }

    /// The outcome that is asked for, where it is one alone.
    #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
    pub(super) fn only_outcome(&self) -> Option<RequestOutcome> {
        match self.outcomes.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// What decides on each row.
    pub(super) fn search(&self) -> Search<'_> {
        Search { query: self, text: self.text.as_deref().map(Finder::new) }
    }
}

/// A query at work.
pub(super) struct Search<'q> {
    query: &'q RequestQuery,
    text: Option<Finder<'q>>,
}

/// What a query looks at in a row, which is made only where it is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'r> {
    pub(super) id: Uuid,
    pub(super) endpoint: &'r str,
    pub(super) outcome: RequestOutcome,
    pub(super) target: &'r str,
    pub(super) reason: Option<&'r str>,
    pub(super) provider_id: Option<&'r str>,
    /// Needed where a text is looked for.
    pub(super) body: &'r [u8],
}

impl Search<'_> {
    /// Whether a row is wanted.
    pub(super) fn selects(&self, look: &Look<'_>) -> bool {
        self.query.wants(look.outcome)
            && self.query.endpoint.as_ref().is_none_or(|endpoint| endpoint == look.endpoint)
            && self.text.as_ref().is_none_or(|text| holds(look, text))
    }
}

fn holds(look: &Look<'_>, text: &Finder<'_>) -> bool {
    let in_text = |field: &str| text.find(field.as_bytes()).is_some();
    in_text(look.endpoint)
        || in_text(look.target)
        || look.reason.is_some_and(in_text)
        || look.provider_id.is_some_and(in_text)
        || text.find(look.body).is_some()
        || look.id.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes().starts_with(text.needle())
}

impl RequestRow {
    /// What a query looks at, with the body.
    pub(super) fn look<'r>(&'r self, body: &'r [u8]) -> Look<'r> {
        Look {
            id: self.id,
            endpoint: &self.endpoint,
            outcome: self.outcome,
            target: &self.target,
            reason: self.reason.as_deref(),
            provider_id: self.provider_id.as_deref(),
            body,
        }
    }
}

impl RunSearch {
    pub(super) fn span(&self) -> Span {
        Span::new(self.since, self.until, self.before)
    }

    pub(super) fn selects(&self, job: &str, state: RunState) -> bool {
        (self.states.is_empty() || self.states.contains(&state))
            && self.job.as_ref().is_none_or(|wanted| wanted == job)
    }
}

/// What one table had for a page.
#[derive(Debug)]
pub(super) struct Part<T> {
    pub(super) rows: Vec<T>,
    /// The last row that was looked at, where there may be more.
    pub(super) reached: Option<Uuid>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Part { rows: Vec::new(), reached: None }
    }
}

/// One page of two tables, in one order.
pub(super) fn merge(
    deliveries: Part<RequestRow>,
    traces: Part<RequestRow>,
    limit: usize,
) -> Page<RequestRow> {
    // Below the place that one of them reached, rows of that one may be missing.
    let reached = deliveries.reached.max(traces.reached);
    let mut rows = deliveries.rows;
    rows.extend(traces.rows);
    rows.retain(|row| reached.is_none_or(|reached| row.id >= reached));
    rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
    let next = if rows.len() > limit {
        limit.checked_sub(1).and_then(|n| rows.get(n)).map(|row| row.id)
    } else {
        reached
    };
    rows.truncate(limit);
    Page { rows, next }
}

/// The minute in which an id was made.
pub(super) fn minute_of(id: Uuid) -> i64 {
    let (high, _) = id.as_u64_pair();
    i64::try_from((high >> 16) / 60_000).unwrap_or_default()
}
