//! Flow control: how many runs of a job execute at once, in which order, how
//! often, and which deliveries share a run. Declared in `#[job(...)]`, decided
//! by the store.

mod check;
mod key;

pub(crate) use check::problems;
pub(crate) use key::Given;
pub use key::{PathPart, ValuePath};

use crate::job::JobSpec;
use crate::store::flow::{Lane, LaneKind, LaneLimit, RunFlow};
use crate::store::{CancelKey, NewRun, RunHooks, Slots};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// How the runs of a job flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// How many execute at once.
    pub concurrency: &'static [Concurrency],
    /// Whether they run one after the other, in the order in which they came.
    pub fifo: Option<Fifo>,
    /// How many start within a time.
    pub rate: &'static [Rate],
    /// Whether the last of several that come shortly after each other runs alone.
    pub debounce: Option<Debounce>,
    /// Whether one run takes several.
    pub batch: Option<Batch>,
    /// Which of them start first where places are few.
    pub priority: Priority,
}

/// `concurrency(limit, key, name)`: at most so many execute at once. A run that
/// waits, or is to be tried again, takes no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// So many.
    pub limit: u32,
    /// For each value here; without one, in all.
    pub key: Option<ValuePath>,
    /// Counted together with other jobs whose limit has this name.
    pub name: Option<&'static str>,
}

/// `fifo(key)`: one after the other. The next one starts when the one before it
/// has ended for good, its further attempts included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fifo {
    /// For each value here; without one, all of the job.
    pub key: Option<ValuePath>,
}

/// `rate(limit, per, key, name)`: at most so many executions start within any
/// time of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub limit: u32,
    /// The length of the time.
    pub per: Duration,
    /// For each value here; without one, in all.
    pub key: Option<ValuePath>,
    /// Counted together with other jobs whose rate has this name.
    pub name: Option<&'static str>,
}

/// `debounce(wait, key, max)`: a run starts when nothing more came for a while.
/// The last one runs; those before it are recorded as superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Debounce {
    /// How long nothing may come.
    pub wait: Duration,
    /// How long the first may be put off by later ones.
    pub max: Option<Duration>,
    /// For each value here; without one, all of the job.
    pub key: Option<ValuePath>,
}

/// `batch(size, wait, key)`: one run for several deliveries or events, which
/// the job takes as a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// It starts when there are so many.
    pub size: u32,
    /// It starts so long after its first.
    pub wait: Duration,
    /// Those with the same value here; without one, all of the job.
    pub key: Option<ValuePath>,
}

/// Which runs start first where places are few: those with more. From -100 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The same for all runs of the job.
    Fixed(i32),
    /// What stands here; 0 where it is no number, and the nearer bound beyond them.
    At(ValuePath),
}

/// The least and the greatest priority.
pub(crate) const PRIORITIES: (i32, i32) = (-100, 100);

/// A limit of either kind, as start-up looks at it.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    what: &'static str,
    limit: u32,
    per: Duration,
    key: Option<ValuePath>,
    name: Option<&'static str>,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a limit of {}", self.limit)?;
        if self.per.is_zero() { Ok(()) } else { write!(f, " per {:?}", self.per) }
    }
}

impl Limit {
    fn kind(self) -> LaneKind {
        let Limit { limit, per, .. } = self;
        if per.is_zero() { LaneKind::Concurrency { limit } } else { LaneKind::Rate { limit, per } }
    }

    /// Whose lanes it counts in. A name must not meet a job's id.
    fn lane(self, job: &'static str) -> Cow<'static, str> {
        self.name.map_or(Cow::Borrowed(job), |name| Cow::Owned(format!("={name}")))
    }
}

impl Flow {
    /// No limit, and the middle priority.
    pub const NONE: Flow = Flow {
        concurrency: &[],
        fifo: None,
        rate: &[],
        debounce: None,
        batch: None,
        priority: Priority::Fixed(0),
    };

    fn limits(&self) -> impl Iterator<Item = Limit> + use<> {
        let concurrency = self.concurrency.iter().map(|Concurrency { limit, key, name }| Limit {
            what: "concurrency",
            limit: *limit,
            per: Duration::ZERO,
            key: *key,
            name: *name,
        });
        let rate = self.rate.iter().map(|Rate { limit, per, key, name }| Limit {
            what: "rate",
            limit: *limit,
            per: *per,
            key: *key,
            name: *name,
        });
        concurrency.chain(rate)
    }
}

/// Every limit that jobs declare, as the store takes it.
pub(crate) fn limits(jobs: &[&'static JobSpec]) -> Vec<LaneLimit> {
    let limits = jobs.iter().flat_map(|job| job.flow.limits().map(|limit| (job.id, limit)));
    limits.map(|(job, limit)| LaneLimit { kind: limit.kind(), name: limit.lane(job) }).collect()
}

/// A run of a job, that is to be stored with what starts it. It reserves a
/// place with the workers where nothing but them can hold it back.
pub(crate) fn new_run(job: &'static JobSpec, given: Given<'_>, at: Timestamp, slots: &Slots) -> NewRun {
    let flow = of_run(job, given);
    let starts = flow.as_ref().is_none_or(|flow| flow.lanes.is_empty());
    NewRun {
        id: crate::id::new(at),
        job: job.id,
        version: job.version,
        limit: job.retry.limit.max(1),
        slot: if starts { slots.reserve() } else { None },
        flow,
        hooks: RunHooks { success: job.hooks.on_success.is_some(), failure: job.hooks.on_failure.is_some() },
    }
}

/// What the flow of one run depends on; `None` where it may start at once and has the middle priority.
fn of_run(job: &'static JobSpec, given: Given<'_>) -> Option<Box<RunFlow>> {
    let Flow { fifo, debounce, batch, priority, .. } = job.flow;
    if job.flow == Flow::NONE && job.hooks.cancel_on.is_empty() {
        return None;
    }
    // In the order in which they hold the run back.
    let mut wanted: Vec<(LaneKind, Cow<'static, str>, Option<ValuePath>)> = Vec::new();
    for (n, cancel) in job.hooks.cancel_on.iter().enumerate() {
        wanted.push((LaneKind::Cancel, cancel_lane(job.id, n).into(), Some(cancel.ours)));
    }
    if let Some(Debounce { wait, max, key }) = debounce {
        wanted.push((LaneKind::Debounce { wait, max }, job.id.into(), key));
    }
    if let Some(Batch { size, wait, key }) = batch {
        wanted.push((LaneKind::Batch { size, wait }, job.id.into(), key));
    }
    if let Some(Fifo { key }) = fifo {
        wanted.push((LaneKind::Fifo, job.id.into(), key));
    }
    wanted.extend(job.flow.limits().map(|limit| (limit.kind(), limit.lane(job.id), limit.key)));

    let mut paths: Vec<ValuePath> = wanted.iter().filter_map(|(_, _, key)| *key).collect();
    if let Priority::At(path) = priority {
        paths.push(path);
    }
    let values = key::values(given, &paths);
    let value = |path: ValuePath| {
        let found = paths.iter().zip(&values).find(|(other, _)| **other == path);
        found.and_then(|(_, value)| value.as_ref())
    };
    let priority = match priority {
        Priority::Fixed(fixed) => fixed,
        Priority::At(path) => key::number(value(path)),
    };
    let lanes = wanted.into_iter().filter_map(|(kind, name, path)| {
        let value = path.map(value);
        // An event cannot have the value that is not there.
        if kind == LaneKind::Cancel && value == Some(None) {
            return None;
        }
        Some(Lane { kind, name, key: value.map_or_else(String::new, key::text) })
    });
    Some(Box::new(RunFlow { priority: priority.clamp(PRIORITIES.0, PRIORITIES.1), lanes: lanes.collect() }))
}

/// Which runs an event cancels, by the `cancel_on` of all jobs.
pub(crate) fn cancels(
    jobs: impl Iterator<Item = &'static JobSpec>,
    event: &str,
    payload: &[u8],
) -> Vec<CancelKey> {
    let of_job = |job: &'static JobSpec| {
        let all = job.hooks.cancel_on.iter().enumerate();
        let of_event = all.filter(|(_, cancel)| cancel.event == event);
        let found = of_event.filter_map(|(n, cancel)| {
            let value = key::value_in(payload, cancel.theirs)?;
            Some(CancelKey { lane: cancel_lane(job.id, n), key: key::text(Some(&value)) })
        });
        found.collect::<Vec<_>>()
    };
    jobs.flat_map(of_job).collect()
}

/// The lanes in which a job's `n`-th `cancel_on` finds its runs.
pub(crate) fn cancel_lane(job: &str, n: usize) -> String {
    format!("{job}:{n}")
}
