//! Flow control: how many runs of a job execute at once, in which order, how
//! often, and which deliveries share a run. Declared in `#[job(...)]`, decided
//! by the store.

mod check;
mod key;

pub(crate) use check::problems;
pub use key::{PathPart, ValuePath};

use crate::store::Origin;
use crate::store::flow::{Lane, LaneKind, RunFlow};
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

    /// Whether every run may start at once.
    fn is_free(&self) -> bool {
        self.concurrency.is_empty()
            && self.fifo.is_none()
            && self.rate.is_empty()
            && self.debounce.is_none()
            && self.batch.is_none()
    }

    /// What the flow of one run of `job` depends on: its lanes and its priority.
    /// `None` where it may start at once and has the middle priority.
    pub(crate) fn of_run(&self, job: &'static str, origin: &Origin) -> Option<Box<RunFlow>> {
        if *self == Flow::NONE {
            return None;
        }
        let mut paths: Vec<ValuePath> = Vec::new();
        let keys = self.concurrency.iter().map(|limit| limit.key).chain(self.rate.iter().map(|rate| rate.key));
        paths.extend(keys.flatten());
        paths.extend(self.fifo.and_then(|fifo| fifo.key));
        paths.extend(self.debounce.and_then(|debounce| debounce.key));
        paths.extend(self.batch.and_then(|batch| batch.key));
        if let Priority::At(path) = self.priority {
            paths.push(path);
        }
        let values = key::values(origin, &paths);
        let value = |path: ValuePath| {
            let found = paths.iter().zip(&values).find(|(other, _)| **other == path);
            found.and_then(|(_, value)| value.as_ref())
        };
        let key = |path: Option<ValuePath>| path.map_or_else(String::new, |path| key::text(value(path)));
        let priority = match self.priority {
            Priority::Fixed(fixed) => fixed,
            Priority::At(path) => key::number(value(path)),
        };
        let priority = priority.clamp(PRIORITIES.0, PRIORITIES.1);
        let mut lanes = Vec::new();
        if !self.is_free() {
            let mut add = |kind, name: Option<&'static str>, path| {
                // A name of its own must not meet a job's id.
                let name = name.map_or_else(|| job.into(), |name| format!("={name}").into());
                lanes.push(Lane { kind, name, key: key(path) });
            };
            // In the order in which they hold a run back.
            if let Some(Debounce { wait, max, key }) = self.debounce {
                add(LaneKind::Debounce { wait, max }, None, key);
            }
            if let Some(Batch { size, wait, key }) = self.batch {
                add(LaneKind::Batch { size, wait }, None, key);
            }
            if let Some(Fifo { key }) = self.fifo {
                add(LaneKind::Fifo, None, key);
            }
            for Concurrency { limit, key, name } in self.concurrency {
                add(LaneKind::Concurrency { limit: *limit }, *name, *key);
            }
            for Rate { limit, per, key, name } in self.rate {
                add(LaneKind::Rate { limit: *limit, per: *per }, *name, *key);
            }
        }
        Some(Box::new(RunFlow { priority, lanes }))
    }
}
