//! Who executes runs: workers on a tokio runtime of their own, handed runs in
//! memory, and a dispatcher that looks into the store only when something is
//! known to wait there.

use super::ended::Ended;
use super::ends::Ends;
use super::execute::{Executed, Setting, execute, report};
use crate::event::enter;
use crate::flow::Flow;
use crate::job::JobSpec;
use crate::store::{End, Fence, Hold, Listener, Progress, RunState, Slot, Slots, Ticket};
use crate::time::Timestamp;
use futures_util::stream::{AbortHandle, Abortable};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// Runs claimed from the store at once.
const MOST_CLAIMED: usize = 1024;

/// How long the dispatcher waits before it asks a store that failed again.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// How long threads may take to end.
const FOR_THREADS: Duration = Duration::from_secs(1);

/// How the workers are set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorkersConfig {
    /// Threads of the runtime that executes jobs.
    pub(crate) threads: usize,
}

/// The workers of this process.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    slots: Slots,
    /// How many there are.
    places: usize,
    running: Mutex<Option<Started>>,
}

struct Started {
    runtime: tokio::runtime::Runtime,
    /// Ends with the runs that were handed over too late to be started.
    dispatcher: JoinHandle<Vec<Fence>>,
}

struct Shared {
    jobs: HashMap<&'static str, &'static JobSpec>,
    setting: Arc<Setting>,
    /// Something is due in the store, as far as is known.
    backlog: AtomicBool,
    /// When the next run in the store is due.
    next_due: AtomicI64,
    wake: Notify,
    /// Nothing more is started.
    stopping: AtomicBool,
    /// Nothing more is handed over.
    closing: AtomicBool,
    executing: Mutex<Executions>,
    ends: Ends<AtEnd>,
    idle: Notify,
}

/// A run that was executed, until its end is durable.
type AtEnd = (&'static JobSpec, Listing, Executed);

/// The runs that execute here.
#[derive(Default)]
struct Executions {
    runs: HashMap<Uuid, Executing>,
    /// Runs that were cancelled between their hand-over and their start, and a
    /// token that is above theirs.
    cancelled: HashMap<Uuid, u64>,
}

/// A run that executes.
struct Executing {
    fence: Fence,
    task: AbortHandle,
    /// Told when a wait of the run has ended in the store.
    ended: Arc<Ended>,
}

impl Workers {
    /// Starts the workers; what the store still holds is claimed at once.
    pub(crate) fn start(
        jobs: impl IntoIterator<Item = &'static JobSpec>,
        setting: Setting,
        config: WorkersConfig,
        (slots, handed): (Slots, mpsc::UnboundedReceiver<(Ticket, Hold)>),
    ) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(config.threads.max(1))
            .thread_name("triggerfish-job")
            .enable_all()
            .build()?;
        let places = slots.free();
        let (ends, waiting) = Ends::new(at_end);
        runtime.spawn(waiting);
        let shared = Arc::new(Shared {
            jobs: jobs
                .into_iter()
                .filter(|job| job.enabled)
                .flat_map(|job| std::iter::once(job).chain(job.hooks.jobs()))
                .map(|job| (job.id, job))
                .collect(),
            setting: Arc::new(setting),
            backlog: AtomicBool::new(true),
            next_due: AtomicI64::new(i64::MAX),
            wake: Notify::new(),
            stopping: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            executing: Mutex::default(),
            ends,
            idle: Notify::new(),
        });
        let told = Arc::new(Told(Arc::downgrade(&shared)));
        shared.setting.store.listen(Arc::clone(&told) as _);
        shared.setting.events.wakes(told);
        let dispatcher = runtime.spawn(dispatch(Arc::clone(&shared), slots.clone(), handed));
        Ok(Workers { shared, slots, places, running: Mutex::new(Some(Started { runtime, dispatcher })) })
    }

    /// Keeps runs from starting until [`Workers::release`]; `None` where some
    /// execute, or are about to.
    pub(crate) fn hold(&self) -> Option<Vec<Slot>> {
        // The end of a run is written after its place is free.
        if self.slots.free() < self.places || !self.shared.executing().runs.is_empty() {
            return None;
        }
        let held: Vec<_> = std::iter::from_fn(|| self.slots.reserve()).collect();
        if held.len() == self.places {
            return Some(held);
        }
        self.release(held);
        None
    }

    /// Lets runs start again, those too that found no place meanwhile.
    pub(crate) fn release(&self, held: Vec<Slot>) {
        drop(held);
        self.left_in_store()();
    }

    /// Ends everything at once and gives nothing back, as the death of the
    /// process does. Nothing of it goes on but jobs that block their thread.
    pub(crate) async fn abandon(&self) {
        let Some(Started { runtime, dispatcher }) = self.running().take() else { return };
        dispatcher.abort();
        self.shared.executing().runs.drain().for_each(|(_, run)| run.task.abort());
        let ended = tokio::task::spawn_blocking(|| runtime.shutdown_timeout(FOR_THREADS));
        // It cannot panic, and nobody cancels it.
        let _ = ended.await;
    }

    /// Runs something beside the jobs, until the workers stop.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(started) = &*self.running() {
            started.runtime.spawn(task);
        }
    }

    fn running(&self) -> MutexGuard<'_, Option<Started>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The places for runs, from which the request path reserves.
    pub(crate) fn slots(&self) -> &Slots {
        &self.slots
    }

    /// Says that a run was stored that found no free place. Called after its commit.
    pub(crate) fn left_in_store(&self) -> impl FnOnce() + Send + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.look_again()
    }

    /// Stops: takes nothing more, lets what executes go on until `enough`, and
    /// gives the rest back to the store. Returns how many were given back.
    pub(crate) async fn stop(&self, enough: impl Future<Output = ()>) -> usize {
        let Some(Started { runtime, dispatcher }) = self.running().take() else { return 0 };
        self.shared.stopping.store(true, Ordering::Release);
        self.slots.close();
        self.shared.wake.notify_one();
        let all_ended = async {
            loop {
                let ended = self.shared.idle.notified();
                if self.shared.executing().runs.is_empty() {
                    return;
                }
                ended.await;
            }
        };
        tokio::select! {
            () = all_ended => {}
            () = enough => {}
        }
        // What was accepted before the slots closed is handed over by now.
        let _ = self.shared.setting.store.flush().await;
        self.shared.closing.store(true, Ordering::Release);
        self.shared.wake.notify_one();
        let mut fences = dispatcher.await.unwrap_or_default();
        let rest: Vec<_> = self.shared.executing().runs.drain().map(|(_, rest)| rest).collect();
        fences.extend(rest.iter().map(|run| run.fence));
        rest.iter().for_each(|run| run.task.abort());
        // Not waited for: a job that blocks its thread must not hold up the end.
        runtime.shutdown_background();
        let count = fences.len();
        if count > 0
            && let Err(error) = self.shared.setting.store.release(fences).await
        {
            tracing::error!(%error, "runs could not be given back; they count a crash at the next start");
        }
        count
    }
}

/// Dropped without a stop: what executes counts a crash at the next start.
impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(started) = self.running().take() {
            started.runtime.shutdown_background();
        }
    }
}

/// What the store tells of what only it can know. It outlives the workers.
struct Told(Weak<Shared>);

impl Listener for Told {
    fn due(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.look_again();
        }
    }

    fn ended(&self, runs: &[Uuid]) {
        if let Some(shared) = self.0.upgrade() {
            let executing = shared.executing();
            for run in runs.iter().filter_map(|run| executing.runs.get(run)) {
                run.ended.tell();
            }
        }
    }

    fn cancelled(&self, runs: &[(Uuid, u64)]) {
        let Some(shared) = self.0.upgrade() else { return };
        let mut executing = shared.executing();
        for (run, token) in runs {
            match executing.runs.get(run) {
                Some(executing) if executing.fence.token < *token => executing.task.abort(),
                Some(_) => {}
                None => {
                    executing.cancelled.insert(*run, *token);
                }
            }
        }
    }
}

impl Shared {
    fn executing(&self) -> MutexGuard<'_, Executions> {
        // Only whole entries are ever added or removed.
        self.executing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something is due in the store.
    fn look_again(&self) {
        self.backlog.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    fn due_by(&self, at: Timestamp) {
        if self.next_due.fetch_min(at.0, Ordering::AcqRel) > at.0 {
            self.wake.notify_one();
        }
    }
}

/// Starts what is handed over, and claims what waits in the store when it is due
/// and a place is free.
async fn dispatch(
    shared: Arc<Shared>,
    slots: Slots,
    mut handed: mpsc::UnboundedReceiver<(Ticket, Hold)>,
) -> Vec<Fence> {
    let mut not_started = Vec::new();
    loop {
        let stopping = shared.stopping.load(Ordering::Acquire);
        let now = shared.setting.clock.now();
        let due = Timestamp(shared.next_due.load(Ordering::Acquire));
        if !stopping && (shared.backlog.load(Ordering::Acquire) || due <= now) {
            claim(&shared, &slots, now).await;
        }
        let due = Timestamp(shared.next_due.load(Ordering::Acquire));
        tokio::select! {
            biased;
            Some(first) = handed.recv() => {
                // All that is there, before the store is asked for more.
                let rest = std::iter::from_fn(|| handed.try_recv().ok());
                for (ticket, hold) in std::iter::once(first).chain(rest) {
                    if shared.stopping.load(Ordering::Acquire) {
                        not_started.push(ticket.fence);
                    } else {
                        start(&shared, ticket, hold);
                    }
                }
            }
            () = shared.wake.notified() => {}
            () = shared.setting.clock.sleep_until(due), if !stopping && due.0 != i64::MAX => {}
        }
        if shared.closing.load(Ordering::Acquire) {
            handed.close();
            while let Ok((ticket, _)) = handed.try_recv() {
                not_started.push(ticket.fence);
            }
            return not_started;
        }
    }
}

async fn claim(shared: &Arc<Shared>, slots: &Slots, now: Timestamp) {
    // Noted before the places are counted: the end of an execution wakes the dispatcher.
    shared.backlog.swap(true, Ordering::SeqCst);
    shared.next_due.store(i64::MAX, Ordering::Release);
    let mut free: Vec<_> = std::iter::from_fn(|| slots.reserve()).take(MOST_CLAIMED).collect();
    if free.is_empty() {
        return;
    }
    // Cleared before the look, so that a run stored during it is not overlooked.
    shared.backlog.store(false, Ordering::Release);
    let store = &shared.setting.store;
    let asked = free.len();
    match store.claim(asked, now).await {
        Ok(tickets) => {
            let all = tickets.len() < asked;
            for ticket in tickets {
                if let Some(slot) = free.pop() {
                    slot.hand_over(ticket);
                }
            }
            if !all {
                shared.backlog.store(true, Ordering::Release);
                return;
            }
            match store.next_due().await {
                Ok(Some(at)) => shared.due_by(at),
                Ok(None) => {}
                Err(error) => retry_later(shared, &error),
            }
        }
        Err(error) => retry_later(shared, &error),
    }
}

fn retry_later(shared: &Shared, error: &crate::store::StoreError) {
    if !shared.stopping.load(Ordering::Acquire) {
        tracing::error!(%error, "the store was asked for runs and failed; again in {AFTER_ERROR:?}");
    }
    shared.due_by(shared.setting.clock.now().plus(AFTER_ERROR));
}

fn start(shared: &Arc<Shared>, ticket: Ticket, hold: Hold) {
    let fence = ticket.fence;
    let ended = Arc::<Ended>::default();
    let (task, aborted) = AbortHandle::new_pair();
    let mut executing = shared.executing();
    if !executing.cancelled.is_empty()
        && executing.cancelled.remove(&fence.run).is_some_and(|token| fence.token < token)
    {
        return;
    }
    executing.runs.insert(fence.run, Executing { fence, task, ended: Arc::clone(&ended) });
    drop(executing);
    // Made here: a task that is dropped before it begins must leave too.
    let listing = Listing { shared: Arc::clone(shared), fence };
    let place = Place { shared: Arc::clone(shared), hold: Some(hold) };
    // Not in place: what is spawned is moved several times.
    tokio::spawn(Abortable::new(Box::pin(one(listing, place, ticket, ended)), aborted));
}

/// A run on the list of those that execute, until its end is written.
struct Listing {
    shared: Arc<Shared>,
    fence: Fence,
}

impl Drop for Listing {
    fn drop(&mut self) {
        let mut executing = self.shared.executing();
        // Another execution of the run may have begun by now.
        if executing.runs.get(&self.fence.run).is_some_and(|run| run.fence == self.fence) {
            executing.runs.remove(&self.fence.run);
        }
        drop(executing);
        if self.shared.stopping.load(Ordering::Acquire) {
            self.shared.idle.notify_waiters();
        }
    }
}

/// The place of a run that executes. It is free for another when the job's
/// function has ended, however it did: the write of the end takes none.
pub(super) struct Place {
    shared: Arc<Shared>,
    hold: Option<Hold>,
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.hold.take());
        if self.shared.backlog.load(Ordering::SeqCst) {
            self.shared.wake.notify_one();
        }
    }
}

/// Executes a run.
#[expect(clippy::manual_async_fn, reason = "a block has what it takes once, an async function twice")]
fn one(listing: Listing, place: Place, ticket: Ticket, ended: Arc<Ended>) -> impl Future<Output = ()> + Send {
    async move {
        let Shared { jobs, setting, ends, .. } = &*Arc::clone(&listing.shared);
        let Some(job) = jobs.get(&*ticket.job) else {
            drop(place);
            return park(setting, ticket.fence, &ticket.job).await;
        };
        let execution = execute(job, ticket, Arc::clone(setting), place, ended);
        let executed = enter(setting.events.clone(), execution).await;
        ends.add((job, listing, executed));
    }
}

/// Puts a run aside whose job is not there.
async fn park(setting: &Setting, fence: Fence, job: &str) {
    match setting.store.finish(fence, End::Parked, Progress::default()).await {
        Ok(_) => {
            tracing::warn!(job, run = %fence.run, "no such job in this program, or it is switched off; the run waits");
        }
        Err(error) => {
            tracing::error!(job, run = %fence.run, %error, "the run could not be put aside");
        }
    }
}

/// What the end of a run leads to, when it is durable.
async fn at_end((job, listing, mut executed): AtEnd) {
    let Listing { shared, fence } = &listing;
    let Some(closed) = executed.written(job, *fence).await else { return };
    let Executed { end, due_at, .. } = executed;
    if job.flow != Flow::NONE || closed.state.is_final() && job.hooks.jobs().next().is_some() {
        // A place is free in its lanes, or its hook waits.
        shared.look_again();
    }
    report(job, *fence, closed, &end, shared.setting.clock.now());
    if let Some(at) = due_at.filter(|_| !closed.state.is_final()) {
        shared.due_by(at);
    }
    if matches!(end, End::Suspended { .. }) && closed.state == RunState::Queued {
        // One of its waits ended while it was put away.
        shared.look_again();
    }
}
