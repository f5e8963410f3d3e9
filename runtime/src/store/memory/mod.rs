//! A store in memory: nothing survives the process.

mod act;
mod browse;
mod browse_events;
mod calls;
mod due;
mod events;
mod lanes;
mod retention;
mod rows;
mod schedules;
mod secrets;
mod sources;
mod state;
mod unreadable;
mod values;
mod waits;

use super::browse::{Countable, Counted, Found, Page, RequestQuery, RequestRow, RunSearch};
use super::browse_events::{EventCount, EventSearch};
use super::event::{DueEvent, EventRecord, NewEvent, Sent};
use super::flow::{self, LaneLimit};
use super::listener::Listening;
use super::record::{
    Accepted, ClosedRun, Delivery, End, Fence, LogLine, NewDelivery, Progress, Run, RunQuery, Ticket,
};
use super::schedule::{ScheduleRecord, ScheduleTick};
use super::step::Step;
use super::trace::Trace;
use super::{Store, StoreError, StoreFuture};
use crate::time::{Clock, Timestamp};
use state::{Started, State};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// A store in memory, for tests, for benchmarks, and for programs that can do
/// without durability. It keeps every unfinished run, and the newest finished
/// deliveries and events up to a number; what goes takes its dedupe key along.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    listening: Listening,
    clock: Clock,
}

/// How much a [`MemoryStore`] keeps.
#[derive(Clone, Debug)]
pub struct MemoryConfig {
    /// How many finished deliveries and events are kept. 10 000 by default.
    pub max_finished: usize,
    /// How many traces are kept. 10 000 by default.
    pub max_traces: usize,
    /// Tells when keys expire and runs end.
    pub clock: Clock,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        MemoryConfig { max_finished: 10_000, max_traces: 10_000, clock: Clock::System }
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new(config: MemoryConfig) -> Self {
        let MemoryConfig { max_finished, max_traces, clock } = config;
        MemoryStore {
            state: Mutex::new(State::new(max_finished, max_traces)),
            listening: Listening::default(),
            clock,
        }
    }

    /// Opens it again after it was closed, as when its process had died: what
    /// was running is queued, and counts a crash.
    pub(crate) fn reopen(&self) {
        let now = self.clock.now();
        self.lock().reopen(now);
    }

    /// Does `work` on the state at once, so that a future that is dropped undoes nothing.
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State, Timestamp) -> Result<T, StoreError>,
    ) -> StoreFuture<'static, T> {
        let now = self.clock.now();
        let mut state = self.lock();
        let result = if state.closed { Err(StoreError::Closed) } else { work(&mut state, now) };
        let woken = std::mem::take(&mut state.woken);
        drop(state);
        self.listening.tell(&woken);
        Box::pin(std::future::ready(result))
    }

    /// As [`MemoryStore::with`], and hands over the runs that start.
    fn starting<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State, Timestamp, &mut Started) -> Result<T, StoreError>,
    ) -> StoreFuture<'static, T> {
        let mut started = Vec::new();
        let result = self.with(|state, now| work(state, now, &mut started));
        for (slot, ticket) in started {
            slot.hand_over(ticket);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is complete before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        MemoryStore::new(MemoryConfig::default())
    }
}

impl Store for MemoryStore {
    fn accept(&self, delivery: NewDelivery) -> StoreFuture<'_, Accepted> {
        self.starting(|state, now, started| state.accept(delivery, now, started))
    }

    fn trace(&self, trace: Trace) {
        self.lock().trace(trace);
    }

    fn claim(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<Ticket>> {
        self.with(|state, _| Ok(state.claim(limit, now)))
    }

    fn set_limits(&self, limits: Vec<LaneLimit>) -> StoreFuture<'_, ()> {
        self.with(|state, now| {
            let Ok(()) = flow::set_limits(state, &limits, now);
            Ok(())
        })
    }

    fn next_due(&self) -> StoreFuture<'_, Option<Timestamp>> {
        self.with(|state, _| Ok(state.next_due()))
    }

    fn send_events(&self, events: Vec<NewEvent>) -> StoreFuture<'_, Vec<Sent>> {
        self.starting(|state, now, started| Ok(state.send(events, now, started)))
    }

    fn due_events(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<Arc<EventRecord>>> {
        self.with(|state, _| Ok(state.events.due(limit, now)))
    }

    fn release_events(&self, events: Vec<DueEvent>) -> StoreFuture<'_, ()> {
        self.starting(|state, now, started| {
            state.release_events(events, now, started);
            Ok(())
        })
    }

    fn cancel_event(&self, id: Uuid) -> StoreFuture<'_, bool> {
        self.with(|state, now| Ok(state.cancel_event(id, now)))
    }

    fn next_timer(&self) -> StoreFuture<'_, Option<Timestamp>> {
        self.with(|state, _| Ok(state.next_timer()))
    }

    fn schedules(&self) -> StoreFuture<'_, Vec<ScheduleRecord>> {
        self.with(|state, _| Ok(state.schedules.values().cloned().collect()))
    }

    fn put_schedule(&self, schedule: ScheduleRecord) -> StoreFuture<'_, ()> {
        self.with(|state, _| {
            state.put_schedule(schedule);
            Ok(())
        })
    }

    fn drop_schedule(&self, dynamic: bool, id: String) -> StoreFuture<'_, bool> {
        self.with(move |state, _| Ok(state.schedules.remove(&(dynamic, id)).is_some()))
    }

    fn due_schedules(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<ScheduleRecord>> {
        self.with(|state, _| Ok(state.due_schedules(limit, now)))
    }

    fn tick(&self, tick: ScheduleTick) -> StoreFuture<'_, bool> {
        self.starting(|state, now, started| Ok(state.tick(tick, now, started)))
    }

    fn record(&self, fence: Fence, progress: Progress) -> StoreFuture<'_, ()> {
        self.starting(|state, now, started| state.record(fence, progress, now, started))
    }

    fn forget_failure(&self, fence: Fence, key: String) -> StoreFuture<'_, ()> {
        self.with(|state, _| state.forget_failure(fence, &key))
    }

    fn finish(&self, fence: Fence, end: End, progress: Progress) -> StoreFuture<'static, ClosedRun> {
        self.starting(|state, now, started| state.finish(fence, &end, progress, now, started))
    }

    fn release(&self, fences: Vec<Fence>) -> StoreFuture<'_, ()> {
        self.with(|state, now| {
            state.release(&fences, now);
            Ok(())
        })
    }

    fn log(&self, lines: Vec<LogLine>) {
        self.lock().log(lines);
    }

    fn prune(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, usize> {
        self.with(|state, _| Ok(state.prune(before, now)))
    }

    fn output(&self, run: Uuid) -> StoreFuture<'_, Option<String>> {
        self.with(|state, _| Ok(state.output(run)))
    }

    fn delivery(&self, id: Uuid) -> StoreFuture<'_, Option<Delivery>> {
        self.with(|state, _| Ok(state.delivery(id)))
    }

    fn deliveries(&self, limit: usize) -> StoreFuture<'_, Vec<Delivery>> {
        self.with(|state, _| Ok(state.deliveries(limit)))
    }

    fn event(&self, id: Uuid) -> StoreFuture<'_, Option<Arc<EventRecord>>> {
        self.with(|state, _| Ok(state.events.get(id)))
    }

    fn events_of(&self, delivery: Uuid, limit: usize) -> StoreFuture<'_, Vec<Arc<EventRecord>>> {
        self.with(move |state, _| Ok(state.events.of(delivery, limit)))
    }

    fn last_use(&self, endpoint: &str, secret_index: u8) -> StoreFuture<'_, Option<Timestamp>> {
        let endpoint = endpoint.to_owned();
        self.with(move |state, _| Ok(state.last_use(&endpoint, secret_index)))
    }

    fn runs(&self, query: RunQuery) -> StoreFuture<'_, Vec<Run>> {
        self.with(|state, _| Ok(state.runs(&query)))
    }

    fn steps(&self, run: Uuid) -> StoreFuture<'_, Vec<Step>> {
        self.with(|state, _| Ok(state.steps(run)))
    }

    fn logs(&self, run: Uuid) -> StoreFuture<'_, Vec<LogLine>> {
        self.with(|state, _| Ok(state.logs(run)))
    }

    fn traces(&self, limit: usize) -> StoreFuture<'_, Vec<Trace>> {
        self.with(|state, _| Ok(state.traces(limit)))
    }

    fn browse(&self, query: RequestQuery) -> StoreFuture<'_, Page<RequestRow>> {
        self.with(move |state, _| Ok(state.browse(&query)))
    }

    fn find(&self, id: Uuid) -> StoreFuture<'_, Option<Found>> {
        self.with(move |state, _| Ok(state.find(id)))
    }

    fn browse_events(&self, search: EventSearch) -> StoreFuture<'_, Page<Arc<EventRecord>>> {
        self.with(move |state, _| Ok(state.events.browse(&search)))
    }

    fn count_events(&self, from: Timestamp, to: Timestamp) -> StoreFuture<'_, Vec<EventCount>> {
        self.with(|state, _| Ok(state.events.count(from, to)))
    }

    fn browse_runs(&self, search: RunSearch) -> StoreFuture<'_, Page<Run>> {
        self.with(move |state, _| Ok(state.browse_runs(&search)))
    }

    fn count(&self, what: Countable, after: Uuid, until: Uuid, limit: usize) -> StoreFuture<'_, Counted> {
        self.with(move |state, _| Ok(state.count(&what, (after, until), limit)))
    }

    fn retry(&self, run: Uuid, from: Option<String>) -> StoreFuture<'_, ()> {
        self.with(move |state, now| state.retry(run, from.as_deref(), now))
    }

    fn cancel(&self, run: Uuid) -> StoreFuture<'_, ()> {
        self.with(move |state, now| state.cancel(run, now))
    }

    fn replay(&self, run: Uuid) -> StoreFuture<'_, Uuid> {
        self.with(|state, now| state.replay(run, now))
    }

    fn set(&self, name: &str, value: Option<i64>) -> StoreFuture<'_, ()> {
        let name = name.to_owned();
        self.with(move |state, _| {
            state.set(name, value);
            Ok(())
        })
    }

    fn settings(&self, prefix: &str) -> StoreFuture<'_, Vec<(String, i64)>> {
        let prefix = prefix.to_owned();
        self.with(move |state, _| Ok(state.settings_below(&prefix)))
    }

    fn flush(&self) -> StoreFuture<'_, ()> {
        self.with(|_, _| Ok(()))
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        self.with(|state, _| {
            state.closed = true;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::fixture;
    use crate::store::record::RunState;

    #[tokio::test]
    async fn only_the_newest_finished_deliveries_are_kept() -> Result<(), StoreError> {
        let store = MemoryStore::new(MemoryConfig { max_finished: 3, ..MemoryConfig::default() });
        let open = fixture::delivery().key("open").runs(1).build();
        let open_id = open.id;
        store.accept(open).await?;
        for n in 0..10 {
            store.accept(fixture::delivery().key(&n.to_string()).build()).await?;
        }
        assert_eq!(store.deliveries(100).await?.len(), 4);
        assert!(store.delivery(open_id).await?.is_some(), "an unfinished one stays");
        let repeat = store.accept(fixture::delivery().key("0").build()).await?;
        assert_eq!(repeat, Accepted::Stored, "the key of one that went is free");
        Ok(())
    }

    #[tokio::test]
    async fn the_crashes_of_a_run_that_is_tried_again_count_from_zero() -> Result<(), StoreError> {
        let store = MemoryStore::default();
        let delivery = fixture::delivery().run_with_limit(2).build();
        let run = delivery.runs[0].id;
        store.accept(delivery).await?;
        for state in [RunState::Queued, RunState::Crashed, RunState::Queued] {
            if store.claim(1, Timestamp::NEVER).await?.is_empty() {
                store.retry(run, None).await?;
                store.claim(1, Timestamp::NEVER).await?;
            }
            store.reopen();
            assert_eq!(store.runs(RunQuery::default()).await?[0].state, state);
        }
        Ok(())
    }
}
