//! The protocol of claims, fences, steps, calls and lanes against a model of it:
//! two workers that do anything in any order, crashes, and restarts.
//!
//! What must hold after every step: nobody gets a run that another holds; a
//! stale write is refused and changes nothing; a finished step stays as it was
//! recorded; no more runs of a key are held than its limit; of a key in order
//! only the oldest unfinished run is held; a call is made once, has one run, and
//! its caller is told once how that ended, when it has. And in the end: every
//! run ends, and nobody waits.

mod calls;
mod ops;

use super::bed::{self, Bed, Engine, Outcome, is_stale};
use super::calling::new_call;
use super::fixture;
use crate::store::record::{End, Fence, NewRun, Progress, RunState, Ticket};
use crate::store::slot::Slots;
use crate::store::step::Step;
use crate::store::{NewCall, RunQuery, Store, WaitStore};
use crate::time::Timestamp;
use calls::{Called, Heard, Open, Recorded, Woken};
use ops::{How, LIMIT, Lanes, Op, Write, op};
use proptest::collection::vec;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Failures in a row that end a run.
const TRIES: u32 = 3;

/// What is known of a run.
struct Known {
    lanes: Lanes,
    key: u8,
    /// Its place in the order of its key; a run that is tried again has a new one.
    place: usize,
    /// The call that it is for.
    call: Option<Uuid>,
    steps: BTreeMap<String, Recorded>,
    /// The place of the next step.
    next: u32,
    waits: BTreeMap<String, Open>,
    /// How it ended, unless it goes on.
    end: Option<Recorded>,
}

impl Known {
    fn next_seq(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }
}

struct Model<E: Engine> {
    bed: Bed<E>,
    order: Vec<Uuid>,
    runs: HashMap<Uuid, Known>,
    places: usize,
    calls: Vec<Called>,
    /// The call that holds the key of all that have one.
    keyed: Option<Uuid>,
    /// What each of the two workers holds.
    held: [Vec<Ticket>; 2],
    /// Executions that are over.
    gone: Vec<Fence>,
    /// What the store has told, and what it must have.
    heard: Arc<Heard>,
    woken: Woken,
    totals: Totals,
}

#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    claims: usize,
    refused: usize,
    calls: usize,
    told: usize,
}

impl<E: Engine> Model<E> {
    fn new(bed: Bed<E>) -> Self {
        let heard = Arc::new(Heard::default());
        bed.store.listen(Arc::clone(&heard) as _);
        Model {
            bed,
            order: Vec::new(),
            runs: HashMap::new(),
            places: 0,
            calls: Vec::new(),
            keyed: None,
            held: [Vec::new(), Vec::new()],
            gone: Vec::new(),
            heard,
            woken: Woken::default(),
            totals: Totals::default(),
        }
    }

    async fn play(mut self, ops: Vec<Op>) -> Outcome<Totals> {
        for op in ops {
            self = self.step(op).await?;
            self.check();
        }
        self.drain().await?;
        Ok(Totals { calls: self.calls.len(), ..self.totals })
    }

    async fn step(mut self, op: Op) -> Outcome<Self> {
        match op {
            Op::Accept { lanes, key, starts } => self.accept(lanes, key, starts).await?,
            Op::Claim { worker, most } => self.claim(worker.into(), most).await?,
            Op::Record { worker, which, key } => self.record(worker.into(), which, key).await?,
            Op::Call { worker, which, key, call } => self.call(worker.into(), which, key, call).await?,
            Op::Take { worker, which } => self.take(worker.into(), which).await?,
            Op::SendDue { twice } => self.send_due(twice).await?,
            Op::CancelCall { which } => self.cancel_call(which).await?,
            Op::Finish { worker, which, how } => self.finish(worker.into(), which, how).await?,
            Op::Release { worker } => {
                let tickets = std::mem::take(&mut self.held[usize::from(worker)]);
                let fences: Vec<_> = tickets.iter().map(|ticket| ticket.fence).collect();
                self.gone.extend(&fences);
                self.bed.store.release(fences).await?;
            }
            Op::Stale { which, write } => self.stale(which, write).await?,
            Op::Cancel { which } => self.cancel(which).await?,
            Op::Retry { which } => self.retry(which).await?,
            Op::Replay { which } => self.replay(which).await?,
            Op::Advance { seconds } => self.bed.clock.advance(Duration::from_secs(seconds)),
            Op::Restart => return self.restart().await,
        }
        Ok(self)
    }

    async fn accept(&mut self, lanes: Lanes, key: u8, starts: bool) -> Outcome {
        let flow = lanes.flow(key);
        let (slots, mut handed) = Slots::new(1);
        let starts_at_once = starts && flow.lanes.is_empty();
        let slot = if starts_at_once { slots.reserve() } else { None };
        let mut new = fixture::delivery().build();
        let run = NewRun { flow: Some(flow), ..fixture::run(TRIES, slot) };
        let id = run.id;
        new.runs.push(run);
        self.bed.stored(new).await?;
        self.add(id, (lanes, key), None);
        if starts_at_once {
            // Handed over after the answer.
            let (ticket, _) = handed.recv().await.ok_or("it was not handed over")?;
            self.taken(0, ticket);
        }
        Ok(())
    }

    /// A run is stored.
    fn add(&mut self, id: Uuid, (lanes, key): (Lanes, u8), call: Option<Uuid>) {
        self.places += 1;
        let (steps, waits) = (BTreeMap::new(), BTreeMap::new());
        self.runs
            .insert(id, Known { lanes, key, place: self.places, call, steps, next: 0, waits, end: None });
        self.order.push(id);
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
        self.totals.claims += 1;
        let run = ticket.fence.run;
        self.settle(&ticket);
        let known =
            self.runs.get_mut(&run).unwrap_or_else(|| panic!("run {run} has no call, and no delivery"));
        assert_eq!(known.end, None, "a run that has ended was claimed");
        assert!(self.held.iter().flatten().all(|other| other.fence.run != run), "two workers hold one run");
        assert!(!self.gone.contains(&ticket.fence), "a fence was used twice");
        let steps: BTreeMap<_, _> =
            ticket.steps.iter().map(|step| (step.key.clone(), Recorded::of(step))).collect();
        assert_eq!(steps, known.steps, "the recorded steps are those that were recorded");
        known.next = ticket.steps.iter().map(|step| step.seq + 1).max().unwrap_or(0);
        self.held[worker].push(ticket);
    }

    /// One of the runs that a worker has.
    fn fence(&self, worker: usize, which: usize) -> Option<Fence> {
        let held = &self.held[worker];
        which.checked_rem(held.len()).map(|at| held[at].fence)
    }

    async fn record(&mut self, worker: usize, which: usize, key: u8) -> Outcome {
        let Some(fence) = self.fence(worker, which) else { return Ok(()) };
        let known = self.runs.get_mut(&fence.run).ok_or("an unknown run")?;
        let (key, output) = (key.to_string(), self.totals.claims.to_string());
        let step = Step { output: output.clone(), ..fixture::step(&key, known.next_seq()) };
        self.bed.store.record(fence, vec![step].into()).await?;
        // Recorded already, it stays as it is.
        known.steps.entry(key).or_insert(Recorded::done(output));
        Ok(())
    }

    async fn finish(&mut self, worker: usize, which: usize, how: How) -> Outcome {
        let Some(fence) = self.fence(worker, which) else { return Ok(()) };
        let (run, now) = (fence.run, self.bed.clock.now());
        let known = self.runs.get_mut(&run).ok_or("an unknown run")?;
        let text = self.totals.claims.to_string();
        if let How::Withdrawn = how {
            known.waits.clear();
        }
        let end = match how {
            How::Done => End::Done { output: Some(text.clone()) },
            How::Failed => End::Failed { error: text.clone() },
            How::Retry => {
                End::Retry { error: text.clone(), at: now.plus(Duration::from_secs(30)), counted: true }
            }
            How::Suspended | How::Withdrawn => End::Suspended { open: known.waits.keys().cloned().collect() },
            How::Parked => End::Parked,
        };
        let closed = self.bed.store.finish(fence, end, Progress::default()).await?;
        if let How::Suspended | How::Withdrawn = how {
            let waits = !known.waits.is_empty() && !known.waits.values().any(|wait| wait.is_over(now));
            assert_eq!(
                closed.state == RunState::Waiting,
                waits,
                "it waits while all that it waits for is open"
            );
        }
        self.lose(|ticket| ticket.fence == fence);
        match closed.state {
            RunState::Done => self.ended(run, &Recorded::done(text)),
            state if state.is_final() => self.ended(run, &Recorded::not_well(run, state, &text)),
            _ => {}
        }
        Ok(())
    }

    async fn stale(&mut self, which: usize, write: Write) -> Outcome {
        let Some(at) = which.checked_rem(self.gone.len()) else { return Ok(()) };
        let fence = self.gone[at];
        let before = self.stored(fence.run).await?;
        let refused = match write {
            Write::End => is_stale(&self.bed.store.finish(fence, End::DONE, Progress::default()).await),
            Write::Step => {
                is_stale(&self.bed.store.record(fence, vec![fixture::step("stale", 99)].into()).await)
            }
            Write::Call => {
                let call = new_call(fence.run, None);
                let id = call.event.id;
                let call = NewCall { key: "stale".to_owned(), due_at: Timestamp::NEVER, call };
                let refused = is_stale(&self.bed.store.open_call(fence, call, Vec::new()).await);
                refused && self.bed.store.event(id).await?.is_none()
            }
        };
        assert!(refused, "a write of an execution that is over was taken");
        assert_eq!(before, self.stored(fence.run).await?, "a stale write changes nothing");
        self.totals.refused += 1;
        Ok(())
    }

    /// All that is stored of a run.
    async fn stored(&self, run: Uuid) -> Outcome<impl PartialEq + std::fmt::Debug + use<E>> {
        let store = &self.bed.store;
        Ok((self.bed.run(run).await?, store.steps(run).await?, store.waits(run).await?))
    }

    /// One of all runs.
    fn any(&self, which: usize) -> Option<Uuid> {
        which.checked_rem(self.order.len()).map(|at| self.order[at])
    }

    async fn cancel(&mut self, which: usize) -> Outcome {
        let Some(run) = self.any(which) else { return Ok(()) };
        let cancelled = self.bed.store.cancel(run).await;
        let is_over = self.runs[&run].end.is_some();
        assert_eq!(is_stale(&cancelled), is_over, "what has ended cannot be cancelled, and all else can");
        if !is_over {
            self.cancelled(run);
        }
        Ok(())
    }

    async fn retry(&mut self, which: usize) -> Outcome {
        let Some(run) = self.any(which) else { return Ok(()) };
        let parked = self.bed.run(run).await?.state == RunState::Parked;
        let retried = self.bed.store.retry(run, None).await;
        assert_eq!(is_stale(&retried), self.runs[&run].end.is_none() && !parked);
        if retried.is_ok() {
            self.again(run);
        }
        Ok(())
    }

    /// A run is tried again.
    fn again(&mut self, run: Uuid) {
        self.places += 1;
        let Some(known) = self.runs.get_mut(&run) else { return };
        (known.place, known.end) = (self.places, None);
        known.steps.retain(|_, step| step.is_kept());
    }

    /// A run of the same job beside another: nobody waits for it.
    async fn replay(&mut self, which: usize) -> Outcome {
        let Some(run) = self.any(which) else { return Ok(()) };
        let id = self.bed.store.replay(run).await?;
        let known = &self.runs[&run];
        self.add(id, (known.lanes, known.key), None);
        Ok(())
    }

    /// Executions whose worker is gone; whether there are any.
    fn lose(&mut self, is_lost: impl Fn(&Ticket) -> bool) -> bool {
        let before = self.gone.len();
        for held in &mut self.held {
            self.gone.extend(held.extract_if(.., |ticket| is_lost(ticket)).map(|ticket| ticket.fence));
        }
        self.gone.len() > before
    }

    async fn restart(mut self) -> Outcome<Self> {
        self.lose(|_| true);
        self.bed = self.bed.restart().await?;
        self.bed.store.listen(Arc::clone(&self.heard) as _);
        for id in self.order.clone() {
            // One that died too often ends with the restart.
            let run = self.bed.run(id).await?;
            if run.state.is_final() && self.runs[&id].end.is_none() {
                let error = run.error.unwrap_or_default();
                self.ended(id, &Recorded::not_well(id, run.state, &error));
            }
        }
        Ok(self)
    }

    fn check(&mut self) {
        self.check_heard();
        let held: HashSet<_> = self.held.iter().flatten().map(|ticket| ticket.fence.run).collect();
        for key in 0..2 {
            let of = |wanted: fn(&Lanes) -> bool| {
                self.runs.iter().filter(move |(_, known)| known.key == key && wanted(&known.lanes))
            };
            let counted = of(|lanes| matches!(lanes, Lanes::Concurrency | Lanes::Both));
            let executing = counted.filter(|(run, _)| held.contains(*run)).count();
            assert!(executing <= LIMIT as usize, "{executing} of key {key} execute at once");
            let mut in_order: Vec<_> = of(|lanes| matches!(lanes, Lanes::Fifo | Lanes::Both))
                .filter(|(_, known)| known.end.is_none())
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
                self.again(run);
            }
        }
        loop {
            for worker in [0, 1] {
                while let Some(fence) = self.fence(worker, 0) {
                    let waits = !self.runs[&fence.run].waits.is_empty();
                    self.finish(worker, 0, if waits { How::Suspended } else { How::Done }).await?;
                    self.check();
                }
            }
            self.send_due(false).await?;
            self.claim(0, 3).await?;
            self.claim(1, 3).await?;
            self.check();
            if self.held.iter().all(Vec::is_empty) {
                let due =
                    self.bed.store.next_due().await?.into_iter().chain(self.bed.store.next_timer().await?);
                let Some(due) = due.min().filter(|due| *due != Timestamp::NEVER) else { break };
                let now = self.bed.clock.now();
                assert!(due > now, "something is due, and no claim takes it");
                self.bed.clock.advance(due.since(now));
            }
        }
        let all = RunQuery { limit: usize::MAX >> 1, ..RunQuery::default() };
        let left: Vec<_> =
            self.bed.store.runs(all).await?.into_iter().filter(|run| !run.state.is_final()).collect();
        assert!(left.is_empty(), "runs that nobody will execute: {left:#?}");
        for run in &self.order {
            assert_eq!(self.bed.store.waits(*run).await?, [], "a run that has ended waits for nothing");
        }
        Ok(())
    }
}

/// Plays sequences against new stores; what fails is made as short as it can be.
fn holds<E: Engine>(cases: u32, restarts: bool) -> Outcome {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let totals = std::cell::Cell::new(Totals::default());
    let result = runner.run(&vec(op(restarts), 1..80), |ops| {
        let case = async |bed: Bed<E>| {
            let played = Model::new(bed).play(ops).await?;
            totals.set(totals.get().plus(played));
            Ok(())
        };
        bed::run::<E, _>(case).map_err(|error| TestCaseError::fail(error.to_string()))
    });
    let Totals { claims, refused, calls, told } = totals.get();
    println!(
        "{cases} sequences: {claims} claims, {calls} calls, {told} ends told, {refused} stale writes refused"
    );
    Ok(result.map_err(|error| error.to_string())?)
}

impl Totals {
    fn plus(self, other: Self) -> Self {
        Totals {
            claims: self.claims + other.claims,
            refused: self.refused + other.refused,
            calls: self.calls + other.calls,
            told: self.told + other.told,
        }
    }
}

#[test]
fn two_workers_over_memory() -> Outcome {
    holds::<bed::Memory>(1000, false)
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
#[test]
fn two_workers_over_sqlite_in_memory() -> Outcome {
    holds::<bed::SqliteMemory>(300, false)
}

#[cfg(any(feature = "sqlite", feature = "sqlite-system"))]
#[test]
fn two_workers_and_restarts_over_a_file() -> Outcome {
    holds::<bed::SqliteFile>(60, true)
}
