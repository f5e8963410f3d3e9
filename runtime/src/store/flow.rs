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

/// Puts a new run into its lanes.
pub(super) fn enter<L: Lanes>(
    lanes: &mut L,
    run: Uuid,
    flow: &RunFlow,
    now: Timestamp,
) -> Result<Placement, L::Error> {
    let mut due_at = now;
    let mut is_blocked = false;
    for lane in &flow.lanes {
        let mut row = lanes.lane(lane)?;
        let hold = match lane.kind {
            LaneKind::Debounce { wait, max } => {
                match row.leader {
                    Some(earlier) => {
                        lanes.supersede(earlier, run, now)?;
                        depart(lanes, earlier, Departure::Ended, now)?;
                        // Its departure may have dropped the lane.
                        let since = row.since;
                        row = LaneRow { since, ..lanes.lane(lane)? };
                    }
                    None => row.since = now,
                }
                row.leader = Some(run);
                due_at = now.plus(wait);
                if let Some(max) = max {
                    due_at = due_at.min(row.since.plus(max));
                }
                lanes.save(&row)?;
                Hold::Holds
            }
            LaneKind::Batch { size, wait } => {
                row.held += 1;
                if let Some(leader) = row.leader {
                    if row.held >= i64::from(size) {
                        row.leader = None;
                        row.held = 0;
                        lanes.hasten(leader, now)?;
                    }
                    lanes.save(&row)?;
                    return Ok(Placement::Joined(leader));
                }
                row.leader = Some(run);
                due_at = now.plus(wait);
                lanes.save(&row)?;
                Hold::Holds
            }
            LaneKind::Fifo if row.leader.is_none() => {
                row.leader = Some(run);
                lanes.save(&row)?;
                Hold::Holds
            }
            LaneKind::Fifo => Hold::Blocked,
            // Where others wait already there is no place. One that is put off asks when it is due.
            LaneKind::Concurrency { .. } | LaneKind::Rate { .. }
                if !is_blocked && due_at <= now && lanes.first_blocked(row.id)?.is_some() =>
            {
                Hold::Blocked
            }
            LaneKind::Concurrency { .. } | LaneKind::Rate { .. } => Hold::Wants,
            LaneKind::Cancel => Hold::Holds,
        };
        let rank = if lane.kind == LaneKind::Fifo { 0 } else { flow.priority };
        is_blocked |= hold == Hold::Blocked;
        lanes.enter(row.id, run, rank, hold)?;
    }
    Ok(if is_blocked { Placement::Blocked(due_at) } else { Placement::Queued(due_at) })
}

/// Takes a place in each lane of a queued run that is to be claimed. False where
/// one has none: the run is blocked there then.
pub(super) fn admit<L: Lanes>(lanes: &mut L, run: Uuid, now: Timestamp) -> Result<bool, L::Error> {
    let entries = lanes.entries(run)?;
    for Entry { lane, hold } in &entries {
        if *hold != Hold::Wants {
            continue;
        }
        let has_place = match lane.sort {
            Sort::Concurrency => lane.held < i64::from(lane.most),
            Sort::Rate => match next_start(lanes, lane)? {
                Some(at) if at > now => {
                    lanes.save(&LaneRow { opens_at: Some(at), ..lane.clone() })?;
                    false
                }
                _ => true,
            },
            Sort::Debounce | Sort::Batch | Sort::Fifo | Sort::Cancel => true,
        };
        if !has_place {
            lanes.set_hold(lane.id, run, Hold::Blocked)?;
            lanes.block(run)?;
            // What it holds elsewhere is of no use to it now.
            for entry in entries.iter().filter(|entry| entry.hold == Hold::Holds) {
                give_back(lanes, entry, run)?;
            }
            return Ok(false);
        }
    }
    for Entry { mut lane, hold } in entries {
        match (lane.sort, hold) {
            (Sort::Concurrency, Hold::Wants) => {
                lane.held += 1;
                lanes.save(&lane)?;
                lanes.set_hold(lane.id, run, Hold::Holds)?;
            }
            (Sort::Rate, Hold::Wants) => {
                lane.held += 1;
                lanes.note_start(lane.id, lane.held, now, lane.most)?;
                lanes.save(&lane)?;
                lanes.set_hold(lane.id, run, Hold::Holds)?;
            }
            (Sort::Debounce | Sort::Batch, _) => close(lanes, lane, run)?,
            _ => {}
        }
    }
    Ok(true)
}

/// Gives back the places of a run whose execution ended, or that will have none.
pub(super) fn depart<L: Lanes>(
    lanes: &mut L,
    run: Uuid,
    how: Departure,
    now: Timestamp,
) -> Result<(), L::Error> {
    for entry in lanes.entries(run)? {
        if how == Departure::Ended {
            lanes.leave(entry.lane.id, run)?;
        }
        match (entry.lane.sort, how) {
            (Sort::Concurrency, _) if entry.hold == Hold::Holds => give_back(lanes, &entry, run)?,
            (Sort::Rate, Departure::Retried) => lanes.set_hold(entry.lane.id, run, Hold::Wants)?,
            (Sort::Fifo, Departure::Ended) if entry.lane.leader == Some(run) => {
                let next = lanes.first_blocked(entry.lane.id)?;
                lanes.save(&LaneRow { leader: next, ..entry.lane.clone() })?;
                if let Some(next) = next {
                    lanes.set_hold(entry.lane.id, next, Hold::Holds)?;
                    lanes.unblock(next)?;
                }
            }
            (Sort::Debounce | Sort::Batch, Departure::Ended) => close(lanes, entry.lane.clone(), run)?,
            _ => {}
        }
        match (entry.lane.sort, how) {
            // What it has counted holds until its time is over.
            (Sort::Rate, Departure::Ended) if entry.lane.opens_at.is_none() => {
                refill(lanes, entry.lane, now)?;
            }
            (Sort::Concurrency | Sort::Fifo | Sort::Cancel, Departure::Ended) => {
                lanes.drop_if_empty(entry.lane.id)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Lets runs go on whose lanes open with time.
pub(super) fn open_due<L: Lanes>(lanes: &mut L, now: Timestamp) -> Result<(), L::Error> {
    for lane in lanes.opening(now)? {
        refill(lanes, lane, now)?;
    }
    Ok(())
}

/// Takes over the limits that the program declares now.
pub(super) fn set_limits<L: Lanes>(
    lanes: &mut L,
    limits: &[LaneLimit],
    now: Timestamp,
) -> Result<(), L::Error> {
    for limit in limits {
        for lane in lanes.set_limit(limit)? {
            refill(lanes, lane, now)?;
        }
    }
    Ok(())
}

/// The runs that an event with this key cancels.
pub(super) fn cancelled_by<L: Lanes>(lanes: &mut L, name: &str, key: &str) -> Result<Vec<Uuid>, L::Error> {
    match lanes.find(Sort::Cancel, name, key)? {
        Some(lane) => lanes.runs_in(lane.id),
        None => Ok(Vec::new()),
    }
}

/// When a rate next lets a run start; `None` for at once.
fn next_start<L: Lanes>(lanes: &mut L, lane: &LaneRow) -> Result<Option<Timestamp>, L::Error> {
    let oldest = lane.held + 1 - i64::from(lane.most);
    let at = if oldest > 0 { lanes.start(lane.id, oldest)? } else { None };
    Ok(at.map(|at| at.plus(lane.span)))
}

/// Gives back a place that is counted, to the first who waits for it.
fn give_back<L: Lanes>(lanes: &mut L, entry: &Entry, run: Uuid) -> Result<(), L::Error> {
    if entry.lane.sort != Sort::Concurrency {
        return Ok(());
    }
    let mut lane = entry.lane.clone();
    lanes.set_hold(lane.id, run, Hold::Wants)?;
    lane.held -= 1;
    hand_on(lanes, &mut lane)?;
    lanes.save(&lane)
}

/// Gives free places to those that wait, the first first.
fn hand_on<L: Lanes>(lanes: &mut L, lane: &mut LaneRow) -> Result<(), L::Error> {
    while lane.held < i64::from(lane.most) {
        let Some(next) = lanes.first_blocked(lane.id)? else { break };
        lanes.set_hold(lane.id, next, Hold::Holds)?;
        lane.held += 1;
        lanes.unblock(next)?;
    }
    Ok(())
}

/// Looks at a lane whose time has come, or whose limit has changed.
fn refill<L: Lanes>(lanes: &mut L, mut lane: LaneRow, now: Timestamp) -> Result<(), L::Error> {
    match lane.sort {
        Sort::Concurrency => {
            hand_on(lanes, &mut lane)?;
            lanes.save(&lane)
        }
        Sort::Rate => {
            lane.opens_at = let_start(lanes, &lane, now)?;
            lanes.save(&lane)?;
            if lane.opens_at.is_none() { lanes.drop_if_empty(lane.id) } else { Ok(()) }
        }
        Sort::Debounce | Sort::Batch | Sort::Fifo | Sort::Cancel => Ok(()),
    }
}

/// Queues as many as may start now; returns when to look again. They are counted when they start: where
/// another lane holds them back their places are free again at the next look.
fn let_start<L: Lanes>(lanes: &mut L, lane: &LaneRow, now: Timestamp) -> Result<Option<Timestamp>, L::Error> {
    let mut then = lane.clone();
    while let Some(next) = lanes.first_blocked(lane.id)? {
        let at = next_start(lanes, &then)?.unwrap_or(now);
        if at > now {
            return Ok(Some(at));
        }
        if then.held - lane.held >= i64::from(lane.most) {
            return Ok(Some(now.plus(lane.span)));
        }
        lanes.set_hold(lane.id, next, Hold::Wants)?;
        lanes.unblock(next)?;
        then.held += 1;
    }
    // Its starts are forgotten when they count no more.
    let idle_at = lanes.start(lane.id, lane.held)?.map(|at| at.plus(lane.span));
    Ok(idle_at.filter(|at| *at > now))
}

/// The run starts, or never will: what comes now is put off, or collected, anew.
fn close<L: Lanes>(lanes: &mut L, mut lane: LaneRow, run: Uuid) -> Result<(), L::Error> {
    lanes.leave(lane.id, run)?;
    if lane.leader == Some(run) {
        lane.leader = None;
        lane.held = 0;
        lanes.save(&lane)?;
    }
    lanes.drop_if_empty(lane.id)
}
