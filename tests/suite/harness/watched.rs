//! A store that a test watches: it counts what it is asked for, and holds answers back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;
use triggerfish::secret::Sealed;
use triggerfish::store::flow::LaneLimit;
use triggerfish::store::memory::MemoryStore;
use triggerfish::store::{
    Accepted, ClosedRun, Countable, Counted, Delivery, DueEvent, End, EventCount, EventRecord, EventSearch,
    Fence, Found, KeptSecret, Listener, LogLine, NewCall, NewDelivery, NewEvent, NewWait, Page, Progress,
    Put, RequestQuery, RequestRow, Resumed, Run, RunQuery, RunSearch, ScheduleRecord, ScheduleTick,
    SecretStore, Sent, SourceRow, SourceStore, Step, Store, StoreFuture, Ticket, TokenHash, Trace,
    ValueStore, Wait, WaitStore,
};
use triggerfish::time::Timestamp;
use uuid::Uuid;

/// A store in memory.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    inner: MemoryStore,
    ends_are_held: watch::Sender<bool>,
    ends_answered: Arc<AtomicUsize>,
    outputs: AtomicUsize,
}

impl Watched {
    /// Whether ends of runs, which are written, are answered later.
    pub(crate) fn hold_ends(&self, held: bool) {
        self.ends_are_held.send_replace(held);
    }

    /// How many ends of runs were answered.
    pub(crate) fn ends_answered(&self) -> usize {
        self.ends_answered.load(Ordering::SeqCst)
    }

    /// How often it was asked what a run returned.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs.load(Ordering::SeqCst)
    }
}

macro_rules! pass_on {
    ($($name:ident($($argument:ident: $type:ty),*) -> $output:ty;)*) => {
        $(fn $name(&self, $($argument: $type),*) -> StoreFuture<'_, $output> {
            self.inner.$name($($argument),*)
        })*
    };
}

impl Store for Watched {
    fn finish(&self, fence: Fence, end: End, progress: Progress) -> StoreFuture<'static, ClosedRun> {
        let written = self.inner.finish(fence, end, progress);
        let (mut held, answered) = (self.ends_are_held.subscribe(), Arc::clone(&self.ends_answered));
        Box::pin(async move {
            let closed = written.await;
            // Where the store is gone, nobody holds anything.
            let _ = held.wait_for(|held| !held).await;
            answered.fetch_add(1, Ordering::SeqCst);
            closed
        })
    }

    fn output(&self, run: Uuid) -> StoreFuture<'_, Option<String>> {
        self.outputs.fetch_add(1, Ordering::SeqCst);
        self.inner.output(run)
    }

    fn trace(&self, trace: Trace) {
        self.inner.trace(trace);
    }

    fn log(&self, lines: Vec<LogLine>) {
        self.inner.log(lines);
    }

    pass_on! {
        accept(delivery: NewDelivery) -> Accepted;
        claim(limit: usize, now: Timestamp) -> Vec<Ticket>;
        set_limits(limits: Vec<LaneLimit>) -> ();
        next_due() -> Option<Timestamp>;
        send_events(events: Vec<NewEvent>) -> Vec<Sent>;
        due_events(limit: usize, now: Timestamp) -> Vec<Arc<EventRecord>>;
        release_events(events: Vec<DueEvent>) -> ();
        cancel_event(id: Uuid) -> bool;
        next_timer() -> Option<Timestamp>;
        schedules() -> Vec<ScheduleRecord>;
        put_schedule(schedule: ScheduleRecord) -> ();
        drop_schedule(dynamic: bool, id: String) -> bool;
        due_schedules(limit: usize, now: Timestamp) -> Vec<ScheduleRecord>;
        tick(tick: ScheduleTick) -> bool;
        record(fence: Fence, progress: Progress) -> ();
        forget_failure(fence: Fence, key: String) -> ();
        release(fences: Vec<Fence>) -> ();
        prune(before: Timestamp, now: Timestamp) -> usize;
        delivery(id: Uuid) -> Option<Delivery>;
        deliveries(limit: usize) -> Vec<Delivery>;
        event(id: Uuid) -> Option<Arc<EventRecord>>;
        events_of(delivery: Uuid, limit: usize) -> Vec<Arc<EventRecord>>;
        last_use(endpoint: &str, secret_index: u8) -> Option<Timestamp>;
        runs(query: RunQuery) -> Vec<Run>;
        steps(run: Uuid) -> Vec<Step>;
        logs(run: Uuid) -> Vec<LogLine>;
        traces(limit: usize) -> Vec<Trace>;
        browse(query: RequestQuery) -> Page<RequestRow>;
        find(id: Uuid) -> Option<Found>;
        browse_runs(search: RunSearch) -> Page<Run>;
        browse_events(search: EventSearch) -> Page<Arc<EventRecord>>;
        count_events(from: Timestamp, to: Timestamp) -> Vec<EventCount>;
        count(what: Countable, after: Uuid, until: Uuid, limit: usize) -> Counted;
        retry(run: Uuid, from: Option<String>) -> ();
        cancel(run: Uuid) -> ();
        replay(run: Uuid) -> Uuid;
        set(name: &str, value: Option<i64>) -> ();
        settings(prefix: &str) -> Vec<(String, i64)>;
        flush() -> ();
        close() -> ();
    }
}

impl WaitStore for Watched {
    fn listen(&self, listener: Arc<dyn Listener>) {
        self.inner.listen(listener);
    }

    pass_on! {
        open_wait(fence: Fence, wait: NewWait, past: Vec<Step>) -> bool;
        open_call(fence: Fence, call: NewCall, past: Vec<Step>) -> bool;
        end_wait(fence: Fence, key: String, seq: u32) -> Step;
        resume(token: TokenHash, body: String) -> Resumed;
        complete(run: Uuid, key: &str, output: String) -> Resumed;
        ended_by(event: Uuid) -> Vec<(Uuid, String)>;
        waits(run: Uuid) -> Vec<Wait>;
    }
}

impl ValueStore for Watched {
    pass_on! {
        get(scope: String, key: String) -> Option<String>;
        put(put: Put) -> bool;
    }
}

impl SecretStore for Watched {
    pass_on! {
        keep_secret(secret: KeptSecret, old_until: Timestamp) -> bool;
        secrets(owner: &str) -> Vec<KeptSecret>;
        reseal(owner: &str, version: u32, sealed: Sealed) -> ();
    }
}

impl SourceStore for Watched {
    pass_on! {
        keep_source(row: SourceRow) -> ();
        drop_source(address: &str) -> ();
        sources() -> Vec<SourceRow>;
    }
}
