//! Lanes: what lets a run start, or holds it back. The same for every store.
//!
//! A run with flow control has an entry in each of its lanes. A run that a
//! lane holds back is [`RunState::Blocked`](super::RunState::Blocked): no claim
//! looks at it. When a place in that lane becomes free, the first of those
//! that wait for it gets the place and is queued again. So each claim and each
//! end costs the same however many runs wait.
//!
//! What must hold: where an entry is blocked in a lane, the lane has no free
//! place, or a time is set at which it is looked at again.

mod rules;

pub(super) use rules::{admit, cancelled_by, depart, enter, open_due, set_limits};

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;
use uuid::Uuid;

/// What the flow of a run depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFlow {
    /// Runs with more are claimed first.
    pub priority: i32,
    /// Its lanes, in the order in which they hold it back.
    pub lanes: Vec<Lane>,
}

impl RunFlow {
    /// What holds for a run that is tried again: it is not put off, and collects no more.
    pub(super) fn again(mut self) -> Self {
        let stays = |lane: &Lane| !matches!(lane.kind, LaneKind::Debounce { .. } | LaneKind::Batch { .. });
        self.lanes.retain(stays);
        self
    }
}

/// One lane: what is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Lane {
    /// What it does.
    pub kind: LaneKind,
    /// Whose it is: a job's id, or a name that jobs share.
    pub name: Cow<'static, str>,
    /// The value of its key.
    pub key: String,
}

/// What a lane does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LaneKind {
    /// The last run that comes replaces those before it.
    Debounce {
        /// How long nothing may come.
        wait: Duration,
        /// How long the first may be put off.
        max: Option<Duration>,
    },
    /// Several runs become one.
    Batch {
        /// How many.
        size: u32,
        /// How long the first waits.
        wait: Duration,
    },
    /// One after the other, until each has ended for good.
    Fifo,
    /// So many execute at once.
    Concurrency {
        /// So many.
        limit: u32,
    },
    /// So many start within a time.
    Rate {
        /// So many.
        limit: u32,
        /// The time.
        per: Duration,
    },
    /// Holds nothing back: an event with the key cancels its runs.
    Cancel,
}

/// A limit as the program declares it now, for all keys of its lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneLimit {
    /// What the lanes do, with the limit that holds from now on.
    pub kind: LaneKind,
    /// Whose they are.
    pub name: Cow<'static, str>,
}

impl LaneKind {
    /// How many places it has, where it counts.
    pub(super) fn most(self) -> u32 {
        match self {
            LaneKind::Batch { size, .. } => size,
            LaneKind::Concurrency { limit } | LaneKind::Rate { limit, .. } => limit,
            LaneKind::Fifo => 1,
            LaneKind::Debounce { .. } | LaneKind::Cancel => 0,
        }
    }

    /// The time that belongs to it.
    pub(super) fn span(self) -> Duration {
        match self {
            LaneKind::Debounce { wait, .. } | LaneKind::Batch { wait, .. } => wait,
            LaneKind::Rate { per, .. } => per,
            LaneKind::Fifo | LaneKind::Concurrency { .. } | LaneKind::Cancel => Duration::ZERO,
        }
    }
}

/// What a stored lane is, without the numbers that may change with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Sort {
    Debounce,
    Batch,
    Fifo,
    Concurrency,
    Rate,
    Cancel,
}

impl Sort {
    #[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
    pub(super) const ALL: [(Sort, &'static str); 6] = [
        (Sort::Debounce, "debounce"),
        (Sort::Batch, "batch"),
        (Sort::Fifo, "fifo"),
        (Sort::Concurrency, "concurrency"),
        (Sort::Rate, "rate"),
        (Sort::Cancel, "cancel"),
    ];

    pub(super) fn of(kind: LaneKind) -> Self {
        match kind {
            LaneKind::Debounce { .. } => Sort::Debounce,
            LaneKind::Batch { .. } => Sort::Batch,
            LaneKind::Fifo => Sort::Fifo,
            LaneKind::Concurrency { .. } => Sort::Concurrency,
            LaneKind::Rate { .. } => Sort::Rate,
            LaneKind::Cancel => Sort::Cancel,
        }
    }
}

/// A stored lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LaneRow {
    pub(super) id: i64,
    pub(super) sort: Sort,
    pub(super) most: u32,
    pub(super) span: Duration,
    /// Places that are taken; the members of the open batch; all starts so far.
    pub(super) held: i64,
    /// The run that is put off, that collects, or that is first.
    pub(super) leader: Option<Uuid>,
    /// When the first of those that were put off came.
    pub(super) since: Timestamp,
    /// When the lane is looked at again.
    pub(super) opens_at: Option<Timestamp>,
}

/// What a run has in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Nothing yet: it asks when it is claimed.
    Wants,
    /// A place.
    Holds,
    /// It waits for a place, and is not claimed.
    Blocked,
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
impl Hold {
    pub(super) const ALL: [Hold; 3] = [Hold::Wants, Hold::Holds, Hold::Blocked];

    pub(super) fn number(self) -> i64 {
        match self {
            Hold::Wants => 0,
            Hold::Holds => 1,
            Hold::Blocked => 2,
        }
    }
}

/// A run's entry in a lane.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) lane: LaneRow,
    pub(super) hold: Hold,
}

/// How a new run is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placement {
    /// It can be claimed from then on.
    Queued(Timestamp),
    /// A lane holds it back.
    Blocked(Timestamp),
    /// It goes along with the run that collects the batch.
    Joined(Uuid),
}

/// How an execution ended, as far as lanes are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Departure {
    /// For good.
    Ended,
    /// It is tried again, which counts as another start.
    Retried,
    /// It goes on later.
    Paused,
}

/// The tables behind lanes.
pub(super) trait Lanes {
    type Error;

    /// The lane, made where there is none; its limits are those of `lane`.
    fn lane(&mut self, lane: &Lane) -> Result<LaneRow, Self::Error>;
    /// The lane, where there is one.
    fn find(&mut self, sort: Sort, name: &str, key: &str) -> Result<Option<LaneRow>, Self::Error>;
    fn save(&mut self, lane: &LaneRow) -> Result<(), Self::Error>;
    /// Deletes the lane, unless a run has an entry in it.
    fn drop_if_empty(&mut self, lane: i64) -> Result<(), Self::Error>;
    /// Gives all lanes of a limit its new numbers; returns those that differed.
    fn set_limit(&mut self, limit: &LaneLimit) -> Result<Vec<LaneRow>, Self::Error>;
    /// Lanes that are to be looked at by now.
    fn opening(&mut self, now: Timestamp) -> Result<Vec<LaneRow>, Self::Error>;

    /// Adds an entry after all others of its rank.
    fn enter(&mut self, lane: i64, run: Uuid, rank: i32, hold: Hold) -> Result<(), Self::Error>;
    /// The entries of a run, in the order in which they were made.
    fn entries(&mut self, run: Uuid) -> Result<Vec<Entry>, Self::Error>;
    fn set_hold(&mut self, lane: i64, run: Uuid, hold: Hold) -> Result<(), Self::Error>;
    fn leave(&mut self, lane: i64, run: Uuid) -> Result<(), Self::Error>;
    /// The first of those that a lane holds back: by rank, then as they came.
    fn first_blocked(&mut self, lane: i64) -> Result<Option<Uuid>, Self::Error>;
    /// The runs with an entry in the lane.
    fn runs_in(&mut self, lane: i64) -> Result<Vec<Uuid>, Self::Error>;

    /// Notes start `n` of a lane, and forgets those up to `n - keep`.
    fn note_start(&mut self, lane: i64, n: i64, at: Timestamp, keep: u32) -> Result<(), Self::Error>;
    /// When start `n` was.
    fn start(&mut self, lane: i64, n: i64) -> Result<Option<Timestamp>, Self::Error>;

    /// A queued run is not claimed any more.
    fn block(&mut self, run: Uuid) -> Result<(), Self::Error>;
    /// A blocked run is queued again.
    fn unblock(&mut self, run: Uuid) -> Result<(), Self::Error>;
    /// A run that collected is complete: it is due now, if later before.
    fn hasten(&mut self, run: Uuid, now: Timestamp) -> Result<(), Self::Error>;
    /// A run is replaced by a later one.
    fn supersede(&mut self, run: Uuid, by: Uuid, now: Timestamp) -> Result<(), Self::Error>;
}
