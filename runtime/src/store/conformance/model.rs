//! The protocol of claims, fences, steps and lanes against a model of it: two
//! workers that do anything in any order, crashes, and restarts.
//!
//! What must hold after every step: nobody gets a run that another holds; a
//! stale write is refused and changes nothing; a finished step stays as it was
//! recorded; no more runs of a key are held than its limit; of a key in order
//! only the oldest unfinished run is held. And in the end: every run ends.

use super::bed::{self, Bed, Engine, Outcome, is_stale};
use super::fixture;
use crate::store::flow::{Lane, LaneKind, RunFlow};
use crate::store::record::{End, Fence, NewRun, Progress, RunState, Ticket};
use crate::store::slot::Slots;
use crate::store::step::Step;
use crate::store::{RunQuery, Store};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;
use uuid::Uuid;

const LIMIT: u32 = 2;
/// Failures in a row that end a run.
const TRIES: u32 = 3;

/// What may happen. Numbers choose among what there is, so that every part of
/// a sequence is a sequence.
#[derive(Clone, Debug)]
enum Op {
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
        finish: bool,
    },
    Cancel {
        which: usize,
    },
    Retry {
        which: usize,
    },
    Advance {
        seconds: u64,
    },
    /// The process dies, and another opens the store.
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Lanes {
    None,
    Fifo,
    Concurrency,
    Both,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Done,
    Failed,
    Retry,
    Suspended,
    Parked,
}

fn op() -> impl Strategy<Value = Op> {
    let lanes =
        prop_oneof![Just(Lanes::None), Just(Lanes::Fifo), Just(Lanes::Concurrency), Just(Lanes::Both)];
    let how = prop_oneof![
        4 => Just(How::Done),
        1 => Just(How::Failed),
        2 => Just(How::Retry),
        1 => Just(How::Suspended),
        1 => Just(How::Parked),
    ];
    let index = any::<usize>();
    prop_oneof![
        6 => (lanes, 0..2_u8, any::<bool>()).prop_map(|(lanes, key, starts)| Op::Accept { lanes, key, starts }),
        6 => (any::<bool>(), 1..4_usize).prop_map(|(worker, most)| Op::Claim { worker, most }),
        3 => (any::<bool>(), index, 0..4_u8).prop_map(|(worker, which, key)| Op::Record { worker, which, key }),
        6 => (any::<bool>(), any::<usize>(), how).prop_map(|(worker, which, how)| Op::Finish { worker, which, how }),
        1 => any::<bool>().prop_map(|worker| Op::Release { worker }),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(which, finish)| Op::Stale { which, finish }),
        1 => any::<usize>().prop_map(|which| Op::Cancel { which }),
        1 => any::<usize>().prop_map(|which| Op::Retry { which }),
        2 => (1..90_u64).prop_map(|seconds| Op::Advance { seconds }),
        1 => Just(Op::Restart),
    ]
}

/// What is known of a run.
struct Known {
    lanes: Lanes,
    key: u8,
    /// Its place in the order of its key; a run that is tried again has a new one.
    place: usize,
    steps: BTreeMap<String, String>,
    over: bool,
}

struct Model<E: Engine> {
    bed: Bed<E>,
    restarts: bool,
    order: Vec<Uuid>,
    runs: HashMap<Uuid, Known>,
    places: usize,
    /// What each of the two workers holds.
    held: [Vec<Ticket>; 2],
    /// Executions that are over.
    gone: Vec<Fence>,
    claims: usize,
    refused: usize,
}

impl<E: Engine> Model<E> {
    async fn play(mut self, ops: Vec<Op>) -> Outcome<(usize, usize)> {
        for op in ops {
            self = self.step(op).await?;
            self.check();
        }
        self.drain().await?;
        Ok((self.claims, self.refused))
    }

    async fn step(mut self, op: Op) -> Outcome<Self> {
        match op {
            Op::Accept { lanes, key, starts } => self.accept(lanes, key, starts).await?,
            Op::Claim { worker, most } => self.claim(worker.into(), most).await?,
            Op::Record { worker, which, key } => self.record(worker.into(), which, key).await?,
            Op::Finish { worker, which, how } => self.finish(worker.into(), which, how).await?,
            Op::Release { worker } => {
                let tickets = std::mem::take(&mut self.held[usize::from(worker)]);
                let fences: Vec<_> = tickets.iter().map(|ticket| ticket.fence).collect();
                self.gone.extend(&fences);
                self.bed.store.release(fences).await?;
            }
            Op::Stale { which, finish } => self.stale(which, finish).await?,
            Op::Cancel { which } => self.cancel(which).await?,
            Op::Retry { which } => self.retry(which).await?,
            Op::Advance { seconds } => self.bed.clock.advance(Duration::from_secs(seconds)),
            Op::Restart if self.restarts => return self.restart().await,
            Op::Restart => {}
        }
        Ok(self)
    }

    async fn accept(&mut self, lanes: Lanes, key: u8, starts: bool) -> Outcome {
        let lane = |kind| Lane { kind, name: Cow::Borrowed("job"), key: key.to_string() };
        let kinds: &[LaneKind] = match lanes {
            Lanes::None => &[],
            Lanes::Fifo => &[LaneKind::Fifo],
            Lanes::Concurrency => &[LaneKind::Concurrency { limit: LIMIT }],
            Lanes::Both => &[LaneKind::Fifo, LaneKind::Concurrency { limit: LIMIT }],
        };
        let flow = RunFlow { priority: 0, lanes: kinds.iter().copied().map(lane).collect() };
        let (slots, mut handed) = Slots::new(1);
        let starts_at_once = starts && flow.lanes.is_empty();
        let slot = if starts_at_once { slots.reserve() } else { None };
        let mut new = fixture::delivery().build();
        let run = NewRun { flow: Some(Box::new(flow)), ..fixture::run(TRIES, slot) };
        let id = run.id;
        new.runs.push(run);
        self.bed.stored(new).await?;
        self.places += 1;
        self.runs.insert(id, Known { lanes, key, place: self.places, steps: BTreeMap::new(), over: false });
        self.order.push(id);
        if starts_at_once {
            // Handed over after the answer.
            let (ticket, _) = handed.recv().await.ok_or("it was not handed over")?;
            self.taken(0, ticket);
        }
        Ok(())
    }

    async fn claim(&mut self, worker: usize, most: usize) -> Outcome {
        let tickets = self.bed.store.claim(most, self.bed.clock.now()).await?;
        assert!(tickets.len() <= most);
        for ticket in tickets {
            self.taken(worker, ticket);
        }
        Ok(())
    }

    /// A worker has a run from now on.
    fn taken(&mut self, worker: usize, ticket: Ticket) {
        self.claims += 1;
        let run = ticket.fence.run;
        let known = &self.runs[&run];
        assert!(!known.over, "a run that has ended was claimed");
        assert!(self.held.iter().flatten().all(|other| other.fence.run != run), "two workers hold one run");
        assert!(!self.gone.contains(&ticket.fence), "a fence was used twice");
        let steps: BTreeMap<_, _> =
            ticket.steps.iter().map(|step| (step.key.clone(), step.output.clone())).collect();
        assert_eq!(steps, known.steps, "the recorded steps are those that were recorded");
        self.held[worker].push(ticket);
    }

    fn pick(&mut self, worker: usize, which: usize) -> Option<Ticket> {
        let held = &mut self.held[worker];
        (!held.is_empty()).then(|| held.remove(which % held.len()))
    }

    async fn record(&mut self, worker: usize, which: usize, key: u8) -> Outcome {
        let Some(ticket) = self.pick(worker, which) else { return Ok(()) };
        let known = self.runs.get_mut(&ticket.fence.run).ok_or("an unknown run")?;
        let (key, output) = (key.to_string(), self.claims.to_string());
        let seq = u32::try_from(known.steps.len())?;
        let step = Step { key: key.clone(), output: output.clone(), ..fixture::step(&key, seq) };
        self.bed.store.record(ticket.fence, vec![step].into()).await?;
        // Recorded already, it stays as it is.
        known.steps.entry(key).or_insert(output);
        self.held[worker].push(ticket);
        Ok(())
    }

    async fn finish(&mut self, worker: usize, which: usize, how: How) -> Outcome {
        let Some(ticket) = self.pick(worker, which) else { return Ok(()) };
        let error = "no".to_owned();
        let end = match how {
            How::Done => End::DONE,
            How::Failed => End::Failed { error },
            How::Retry => {
                End::Retry { error, at: self.bed.clock.now().plus(Duration::from_secs(30)), counted: true }
            }
            How::Suspended => End::Suspended { open: Vec::new() },
            How::Parked => End::Parked,
        };
        let closed = self.bed.store.finish(ticket.fence, end, Progress::default()).await?;
        self.gone.push(ticket.fence);
        if let Some(known) = self.runs.get_mut(&ticket.fence.run) {
            known.over = closed.state.is_final();
        }
        Ok(())
    }

    async fn stale(&mut self, which: usize, finish: bool) -> Outcome {
        if self.gone.is_empty() {
            return Ok(());
        }
        let fence = self.gone[which % self.gone.len()];
        let before = (self.bed.run(fence.run).await?, self.bed.store.steps(fence.run).await?);
        let refused = if finish {
            is_stale(&self.bed.store.finish(fence, End::DONE, Progress::default()).await)
        } else {
            is_stale(&self.bed.store.record(fence, vec![fixture::step("stale", 99)].into()).await)
        };
        assert!(refused, "a write of an execution that is over was taken");
        let after = (self.bed.run(fence.run).await?, self.bed.store.steps(fence.run).await?);
        assert_eq!(before, after, "a stale write changes nothing");
        self.refused += 1;
        Ok(())
    }

    async fn cancel(&mut self, which: usize) -> Outcome {
        let Some(run) = which.checked_rem(self.order.len()).map(|at| self.order[at]) else { return Ok(()) };
        let known = self.runs.get_mut(&run).ok_or("an unknown run")?;
        let cancelled = self.bed.store.cancel(run).await;
        assert_eq!(is_stale(&cancelled), known.over, "what has ended cannot be cancelled, and all else can");
        known.over = true;
        self.lose(|ticket| ticket.fence.run == run);
        Ok(())
    }

    async fn retry(&mut self, which: usize) -> Outcome {
        let Some(run) = which.checked_rem(self.order.len()).map(|at| self.order[at]) else { return Ok(()) };
        let parked = self.bed.run(run).await?.state == RunState::Parked;
        let known = self.runs.get_mut(&run).ok_or("an unknown run")?;
        let retried = self.bed.store.retry(run, None).await;
        assert_eq!(is_stale(&retried), !known.over && !parked);
        if retried.is_ok() {
            self.places += 1;
            (known.place, known.over) = (self.places, false);
        }
        Ok(())
    }

    /// Executions whose worker is gone.
    fn lose(&mut self, is_lost: impl Fn(&Ticket) -> bool) {
        for held in &mut self.held {
            let (lost, kept): (Vec<_>, Vec<_>) = std::mem::take(held).into_iter().partition(&is_lost);
            self.gone.extend(lost.iter().map(|ticket| ticket.fence));
            *held = kept;
        }
    }

    async fn restart(mut self) -> Outcome<Self> {
        self.lose(|_| true);
        self.bed = self.bed.restart().await?;
        for (run, known) in &mut self.runs {
            // One that died too often ends with the restart.
            known.over = self.bed.run(*run).await?.state.is_final();
        }
        Ok(self)
    }

    fn check(&self) {
        let held: HashSet<_> = self.held.iter().flatten().map(|ticket| ticket.fence.run).collect();
        for key in 0..2 {
            let of = |wanted: fn(&Lanes) -> bool| {
                self.runs.iter().filter(move |(_, known)| known.key == key && wanted(&known.lanes))
            };
            let counted = of(|lanes| matches!(lanes, Lanes::Concurrency | Lanes::Both));
            let executing = counted.filter(|(run, _)| held.contains(*run)).count();
            assert!(executing <= LIMIT as usize, "{executing} of key {key} execute at once");
            let mut in_order: Vec<_> = of(|lanes| matches!(lanes, Lanes::Fifo | Lanes::Both))
                .filter(|(_, known)| !known.over)
                .collect();
            in_order.sort_by_key(|(_, known)| known.place);
            let later = in_order.iter().skip(1).find(|(run, _)| held.contains(*run));
            assert!(later.is_none(), "a run of key {key} went past an older one that has not ended");
        }
    }

    /// Two workers that do their work: everything ends.
    async fn drain(&mut self) -> Outcome {
        for run in self.order.clone() {
            if self.bed.run(run).await?.state == RunState::Parked {
                self.bed.store.retry(run, None).await?;
                self.places += 1;
                let known = self.runs.get_mut(&run).ok_or("an unknown run")?;
                known.place = self.places;
            }
        }
        loop {
            for worker in [0, 1] {
                while !self.held[worker].is_empty() {
                    self.finish(worker, 0, How::Done).await?;
                    self.check();
                }
            }
            self.claim(0, 3).await?;
            self.claim(1, 3).await?;
            self.check();
            if self.held.iter().all(Vec::is_empty) {
                let Some(due) = self.bed.store.next_due().await? else { break };
                let now = self.bed.clock.now();
                assert!(due > now, "something is due, and no claim takes it");
                self.bed.clock.advance(due.since(now));
            }
        }
        let all = RunQuery { limit: usize::MAX >> 1, ..RunQuery::default() };
        let left: Vec<_> =
            self.bed.store.runs(all).await?.into_iter().filter(|run| !run.state.is_final()).collect();
        assert!(left.is_empty(), "runs that nobody will execute: {left:#?}");
        Ok(())
    }
}

/// Plays sequences against new stores; what fails is made as short as it can be.
fn holds<E: Engine>(cases: u32, restarts: bool) -> Outcome {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let totals = std::cell::Cell::new((0, 0));
    let result = runner.run(&vec(op(), 1..80), |ops| {
        let case = async |bed: Bed<E>| {
            let model = Model {
                bed,
                restarts,
                order: Vec::new(),
                runs: HashMap::new(),
                places: 0,
                held: [Vec::new(), Vec::new()],
                gone: Vec::new(),
                claims: 0,
                refused: 0,
            };
            let (claims, refused) = model.play(ops).await?;
            let (all_claims, all_refused) = totals.get();
            totals.set((all_claims + claims, all_refused + refused));
            Ok(())
        };
        bed::run::<E, _>(case).map_err(|error| TestCaseError::fail(error.to_string()))
    });
    let (claims, refused) = totals.get();
    println!("{cases} sequences: {claims} claims, {refused} stale writes refused");
    Ok(result.map_err(|error| error.to_string())?)
}

#[test]
fn two_workers_over_memory() -> Outcome {
    holds::<bed::Memory>(400, false)
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
#[test]
fn two_workers_over_sqlite_in_memory() -> Outcome {
    holds::<bed::SqliteMemory>(150, false)
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
#[test]
fn two_workers_and_restarts_over_a_file() -> Outcome {
    holds::<bed::SqliteFile>(40, true)
}
