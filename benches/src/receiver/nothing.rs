//! A store that keeps nothing: what is left is the request path alone.

use std::future::ready;
use std::sync::Arc;
use triggerfish::secret::Sealed;
use triggerfish::store::flow::LaneLimit;
use triggerfish::store::{
    Accepted, ClosedRun, Countable, Counted, Delivery, DueEvent, End, EventCount, EventRecord, EventSearch,
    Fence, Found, KeptSecret, Listener, LogLine, NewCall, NewDelivery, NewEvent, NewWait, Page, Progress,
    Put, RequestQuery, RequestRow, Resumed, Run, RunQuery, RunSearch, RunState, ScheduleRecord, ScheduleTick,
    SecretStore, Sent, SourceRow, SourceStore, Step, Store, StoreError, StoreFuture, Ticket, TokenHash,
    Trace, ValueStore, Wait, WaitStore,
};
use triggerfish::time::Timestamp;
use uuid::Uuid;

/// Says that everything is stored, and starts nothing.
#[derive(Debug)]
pub(crate) struct Nothing;

fn done<T: Send + 'static>(value: T) -> StoreFuture<'static, T> {
    Box::pin(ready(Ok(value)))
}

impl SecretStore for Nothing {
    fn keep_secret(&self, _: KeptSecret, _: Timestamp) -> StoreFuture<'_, bool> {
        done(true)
    }

    fn secrets(&self, _: &str) -> StoreFuture<'_, Vec<KeptSecret>> {
        done(Vec::new())
    }

    fn reseal(&self, _: &str, _: u32, _: Sealed) -> StoreFuture<'_, ()> {
        done(())
    }
}

impl SourceStore for Nothing {
    fn keep_source(&self, _: SourceRow) -> StoreFuture<'_, ()> {
        done(())
    }

    fn drop_source(&self, _: &str) -> StoreFuture<'_, ()> {
        done(())
    }

    fn sources(&self) -> StoreFuture<'_, Vec<SourceRow>> {
        done(Vec::new())
    }
}

impl ValueStore for Nothing {
    fn get(&self, _: String, _: String) -> StoreFuture<'_, Option<String>> {
        done(None)
    }

    fn put(&self, _: Put) -> StoreFuture<'_, bool> {
        done(true)
    }
}

impl WaitStore for Nothing {
    fn open_wait(&self, _: Fence, _: NewWait, _: Vec<Step>) -> StoreFuture<'_, bool> {
        done(false)
    }

    fn open_call(&self, _: Fence, _: NewCall, _: Vec<Step>) -> StoreFuture<'_, bool> {
        done(false)
    }

    fn end_wait(&self, _: Fence, _: String, _: u32) -> StoreFuture<'_, Step> {
        Box::pin(ready(Err(StoreError::Stale)))
    }

    fn resume(&self, _: TokenHash, _: String) -> StoreFuture<'_, Resumed> {
        done(Resumed::Unknown)
    }

    fn complete(&self, _: Uuid, _: &str, _: String) -> StoreFuture<'_, Resumed> {
        done(Resumed::Unknown)
    }

    fn ended_by(&self, _: Uuid) -> StoreFuture<'_, Vec<(Uuid, String)>> {
        done(Vec::new())
    }

    fn waits(&self, _: Uuid) -> StoreFuture<'_, Vec<Wait>> {
        done(Vec::new())
    }

    fn listen(&self, _: Arc<dyn Listener>) {}
}

impl Store for Nothing {
    fn accept(&self, delivery: NewDelivery) -> StoreFuture<'_, Accepted> {
        drop(delivery);
        done(Accepted::Stored)
    }

    fn trace(&self, _: Trace) {}

    fn claim(&self, _: usize, _: Timestamp) -> StoreFuture<'_, Vec<Ticket>> {
        done(Vec::new())
    }

    fn set_limits(&self, _: Vec<LaneLimit>) -> StoreFuture<'_, ()> {
        done(())
    }

    fn next_due(&self) -> StoreFuture<'_, Option<Timestamp>> {
        done(None)
    }

    fn send_events(&self, _: Vec<NewEvent>) -> StoreFuture<'_, Vec<Sent>> {
        done(Vec::new())
    }

    fn due_events(&self, _: usize, _: Timestamp) -> StoreFuture<'_, Vec<Arc<EventRecord>>> {
        done(Vec::new())
    }

    fn release_events(&self, _: Vec<DueEvent>) -> StoreFuture<'_, ()> {
        done(())
    }

    fn cancel_event(&self, _: Uuid) -> StoreFuture<'_, bool> {
        done(false)
    }

    fn next_timer(&self) -> StoreFuture<'_, Option<Timestamp>> {
        done(None)
    }

    fn schedules(&self) -> StoreFuture<'_, Vec<ScheduleRecord>> {
        done(Vec::new())
    }

    fn put_schedule(&self, _: ScheduleRecord) -> StoreFuture<'_, ()> {
        done(())
    }

    fn drop_schedule(&self, _: bool, _: String) -> StoreFuture<'_, bool> {
        done(false)
    }

    fn due_schedules(&self, _: usize, _: Timestamp) -> StoreFuture<'_, Vec<ScheduleRecord>> {
        done(Vec::new())
    }

    fn tick(&self, _: ScheduleTick) -> StoreFuture<'_, bool> {
        done(false)
    }

    fn record(&self, _: Fence, _: Progress) -> StoreFuture<'_, ()> {
        done(())
    }

    fn forget_failure(&self, _: Fence, _: String) -> StoreFuture<'_, ()> {
        done(())
    }

    fn finish(&self, _: Fence, _: End, _: Progress) -> StoreFuture<'static, ClosedRun> {
        done(ClosedRun { state: RunState::Done, failures: 0 })
    }

    fn release(&self, _: Vec<Fence>) -> StoreFuture<'_, ()> {
        done(())
    }

    fn log(&self, _: Vec<LogLine>) {}

    fn prune(&self, _: Timestamp, _: Timestamp) -> StoreFuture<'_, usize> {
        done(0)
    }

    fn output(&self, _: Uuid) -> StoreFuture<'_, Option<String>> {
        done(None)
    }

    fn delivery(&self, _: Uuid) -> StoreFuture<'_, Option<Delivery>> {
        done(None)
    }

    fn deliveries(&self, _: usize) -> StoreFuture<'_, Vec<Delivery>> {
        done(Vec::new())
    }

    fn event(&self, _: Uuid) -> StoreFuture<'_, Option<Arc<EventRecord>>> {
        done(None)
    }

    fn events_of(&self, _: Uuid, _: usize) -> StoreFuture<'_, Vec<Arc<EventRecord>>> {
        done(Vec::new())
    }

    fn last_use(&self, _: &str, _: u8) -> StoreFuture<'_, Option<Timestamp>> {
        done(None)
    }

    fn runs(&self, _: RunQuery) -> StoreFuture<'_, Vec<Run>> {
        done(Vec::new())
    }

    fn steps(&self, _: Uuid) -> StoreFuture<'_, Vec<Step>> {
        done(Vec::new())
    }

    fn logs(&self, _: Uuid) -> StoreFuture<'_, Vec<LogLine>> {
        done(Vec::new())
    }

    fn traces(&self, _: usize) -> StoreFuture<'_, Vec<Trace>> {
        done(Vec::new())
    }

    fn browse(&self, _: RequestQuery) -> StoreFuture<'_, Page<RequestRow>> {
        done(Page { rows: Vec::new(), next: None })
    }

    fn find(&self, _: Uuid) -> StoreFuture<'_, Option<Found>> {
        done(None)
    }

    fn browse_events(&self, _: EventSearch) -> StoreFuture<'_, Page<Arc<EventRecord>>> {
        done(Page { rows: Vec::new(), next: None })
    }

    fn count_events(&self, _: Timestamp, _: Timestamp) -> StoreFuture<'_, Vec<EventCount>> {
        done(Vec::new())
    }

    fn browse_runs(&self, _: RunSearch) -> StoreFuture<'_, Page<Run>> {
        done(Page { rows: Vec::new(), next: None })
    }

    fn count(&self, _: Countable, _: Uuid, _: Uuid, _: usize) -> StoreFuture<'_, Counted> {
        done(Counted::default())
    }

    fn retry(&self, _: Uuid, _: Option<String>) -> StoreFuture<'_, ()> {
        Box::pin(ready(Err(StoreError::Stale)))
    }

    fn replay(&self, _: Uuid) -> StoreFuture<'_, Uuid> {
        Box::pin(ready(Err(StoreError::Stale)))
    }

    fn cancel(&self, _: Uuid) -> StoreFuture<'_, ()> {
        Box::pin(ready(Err(StoreError::Stale)))
    }

    fn set(&self, _: &str, _: Option<i64>) -> StoreFuture<'_, ()> {
        done(())
    }

    fn settings(&self, _: &str) -> StoreFuture<'_, Vec<(String, i64)>> {
        done(Vec::new())
    }

    fn flush(&self) -> StoreFuture<'_, ()> {
        done(())
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        done(())
    }
}
