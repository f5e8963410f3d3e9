//! What may happen to a store in the model. Numbers choose among what there is,
//! so that every part of a sequence is a sequence.

use crate::store::flow::{Lane, LaneKind, RunFlow};
use proptest::prelude::*;
use std::borrow::Cow;

/// How many runs of a key execute at once.
pub(super) const LIMIT: u32 = 2;

#[derive(Clone, Debug)]
pub(super) enum Op {
    /// A delivery with one run.
    Accept {
        lanes: Lanes,
        key: u8,
        starts: bool,
    },
    Claim {
        worker: bool,
        most: usize,
    },
    Record {
        worker: bool,
        which: usize,
        key: u8,
    },
    /// A run calls a job.
    Call {
        worker: bool,
        which: usize,
        key: u8,
        call: Call,
    },
    /// A run that executes takes the outcome of a call that it waits for.
    Take {
        worker: bool,
        which: usize,
    },
    /// Sends the calls that are due, the second time by another who noticed.
    SendDue {
        twice: bool,
    },
    /// Cancels a call, which it can only before it is sent.
    CancelCall {
        which: usize,
    },
    Finish {
        worker: bool,
        which: usize,
        how: How,
    },
    Release {
        worker: bool,
    },
    /// A write of an execution that is over.
    Stale {
        which: usize,
        write: Write,
    },
    Cancel {
        which: usize,
    },
    Retry {
        which: usize,
    },
    Replay {
        which: usize,
    },
    Advance {
        seconds: u64,
    },
    /// The process dies, and another opens the store.
    Restart,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Lanes {
    None,
    Fifo,
    Concurrency,
    Both,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Done,
    Failed,
    Retry,
    /// It waits for all that it waits for.
    Suspended,
    /// It waits for nothing any more.
    Withdrawn,
    Parked,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Write {
    End,
    Step,
    Call,
}

/// A call of a job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) waits: Waits,
    /// Whether others who call with this key get the run of the first.
    pub(super) keyed: bool,
    /// Whether it is sent later.
    pub(super) later: bool,
    /// Whether a place is free for its run.
    pub(super) starts: bool,
    /// Which runs share its limit, where it has one.
    pub(super) lane: Option<u8>,
    /// Failures, or crashes, in a row that end its run.
    pub(super) tries: u32,
}

/// Until when the caller waits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waits {
    Not,
    Soon,
    Forever,
}

impl Lanes {
    pub(super) fn flow(self, key: u8) -> Box<RunFlow> {
        let lane = |kind| Lane { kind, name: Cow::Borrowed("job"), key: key.to_string() };
        let kinds: &[LaneKind] = match self {
            Lanes::None => &[],
            Lanes::Fifo => &[LaneKind::Fifo],
            Lanes::Concurrency => &[LaneKind::Concurrency { limit: LIMIT }],
            Lanes::Both => &[LaneKind::Fifo, LaneKind::Concurrency { limit: LIMIT }],
        };
        Box::new(RunFlow { priority: 0, lanes: kinds.iter().copied().map(lane).collect() })
    }
}

fn call() -> impl Strategy<Value = Call> {
    let waits = prop_oneof![1 => Just(Waits::Not), 1 => Just(Waits::Soon), 4 => Just(Waits::Forever)];
    let rarely = || proptest::bool::weighted(0.35);
    let lane = prop_oneof![2 => Just(None), 1 => (0..2_u8).prop_map(Some)];
    (waits, rarely(), rarely(), any::<bool>(), lane, 1..4_u32).prop_map(
        |(waits, keyed, later, starts, lane, tries)| Call { waits, keyed, later, starts, lane, tries },
    )
}

/// Of what happens to a store that outlives its process, some is the death of that.
pub(super) fn op(restarts: bool) -> BoxedStrategy<Op> {
    let other = other_op();
    if restarts { prop_oneof![12 => other, 1 => Just(Op::Restart)].boxed() } else { other.boxed() }
}

fn other_op() -> impl Strategy<Value = Op> {
    let lanes =
        prop_oneof![Just(Lanes::None), Just(Lanes::Fifo), Just(Lanes::Concurrency), Just(Lanes::Both)];
    let how = prop_oneof![
        4 => Just(How::Done),
        1 => Just(How::Failed),
        2 => Just(How::Retry),
        3 => Just(How::Suspended),
        1 => Just(How::Withdrawn),
        1 => Just(How::Parked),
    ];
    let write = prop_oneof![Just(Write::End), Just(Write::Step), Just(Write::Call)];
    let worker = any::<bool>;
    let index = any::<usize>;
    prop_oneof![
        6 => (lanes, 0..2_u8, any::<bool>()).prop_map(|(lanes, key, starts)| Op::Accept { lanes, key, starts }),
        8 => (worker(), 1..4_usize).prop_map(|(worker, most)| Op::Claim { worker, most }),
        3 => (worker(), index(), 0..4_u8).prop_map(|(worker, which, key)| Op::Record { worker, which, key }),
        7 => (worker(), index(), 0..3_u8, call())
            .prop_map(|(worker, which, key, call)| Op::Call { worker, which, key, call }),
        2 => (worker(), index()).prop_map(|(worker, which)| Op::Take { worker, which }),
        1 => any::<bool>().prop_map(|twice| Op::SendDue { twice }),
        1 => index().prop_map(|which| Op::CancelCall { which }),
        6 => (worker(), index(), how).prop_map(|(worker, which, how)| Op::Finish { worker, which, how }),
        1 => worker().prop_map(|worker| Op::Release { worker }),
        2 => (index(), write).prop_map(|(which, write)| Op::Stale { which, write }),
        1 => index().prop_map(|which| Op::Cancel { which }),
        1 => index().prop_map(|which| Op::Retry { which }),
        1 => index().prop_map(|which| Op::Replay { which }),
        2 => (1..90_u64).prop_map(|seconds| Op::Advance { seconds }),
    ]
}
