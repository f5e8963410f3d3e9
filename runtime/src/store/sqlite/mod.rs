//! The embedded store: one SQLite file, one thread that writes it.
//!
//! Everything that is to be written goes to the writer's thread as a message.
//! What comes while it commits and the disk syncs is its next transaction, so
//! that many callers share one sync. A second thread reads, on a connection that
//! cannot write; a third moves the write-ahead log into the file. None of them
//! needs an async runtime.

mod accept;
mod act;
mod batch;
mod browse;
mod browse_events;
mod by_job;
mod calls;
mod checkpoint;
mod claim;
mod config;
mod events;
mod failure;
mod held;
mod kept;
mod lanes;
mod lock;
mod notes;
mod open;
mod pending;
mod plain;
mod prune;
mod reader;
mod rows;
mod runs;
mod schedules;
mod schema;
mod secrets;
mod sources;
mod start;
mod statements;
mod sync;
#[cfg(test)]
mod tests;
mod unreadable;
mod values;
mod version;
mod waits;
mod work;
mod writer;

pub use config::{Durability, SqliteConfig};

use super::browse::{Countable, Counted, Found, Page, RequestQuery, RequestRow, RunSearch};
use super::browse_events::{EventCount, EventSearch};
use super::event::{DueEvent, EventRecord, NewEvent, OriginId, Sent};
use super::flow::{self, LaneLimit};
use super::listener::Listening;
use super::record::{
    Accepted, ClosedRun, Delivery, End, Fence, LogLine, NewDelivery, Progress, Run, RunQuery, Ticket,
};
use super::schedule::{ScheduleRecord, ScheduleTick};
use super::step::Step;
use super::trace::Trace;
use super::{Store, StoreError, StoreFuture};
use crate::time::Timestamp;
use accept::Accept;
use act::{Cancel, Replay, Retry, Set};
use by_job::ListByJob;
use claim::{Claim, NextDue};
use events::{CancelEvent, ReleaseEvents, SendEvents};
use failure::Failure;
use lanes::SqlLanes;
use notes::{Log, Note};
use prune::{DropKeys, DropOld, Kind, Limits};
use reader::Questions;
use runs::{Finish, ForgetFailure, Record, Release};
use rusqlite::{Connection, params};
use schedules::{DropSchedule, NextTimer, PutSchedule, TickSchedule};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use uuid::Uuid;
use values::DropValues;
use work::{Place, Places, Tx, Work};
use writer::Message;

/// The embedded store. Dropped without [`Store::close`], it still writes what
/// is queued, and waits for that.
pub struct SqliteStore {
    messages: Sender<Message>,
    writer: Option<JoinHandle<()>>,
    /// `None` in memory, where only the writer's connection sees the data.
    questions: Option<Questions>,
    listening: Arc<Listening>,
    closed: AtomicBool,
    accepts: Places,
    traces: Places,
    lines: Places,
    next_line: AtomicU64,
    max_traces: usize,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("closed", &self.closed).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the file, brings its tables up to date, and queues again what an
    /// earlier process left running. Refuses, with a text that says what to
    /// do, a file that is in use, that is another program's or a newer
    /// version's, and a SQLite library that may lose data.
    pub fn open(config: SqliteConfig) -> Result<Self, StoreError> {
        // SQLite gives each connection a database of its own under this name.
        let path = config.path.filter(|path| path.as_os_str() != ":memory:");
        let config = SqliteConfig { path: path.clone(), ..config };
        SqliteStore::start(config, sync::take_over).map_err(|error| error.at(path.as_deref()))
    }

    /// Sends work at once, so that a future that is dropped undoes nothing.
    fn write<W: Work>(&self, work: W, place: Option<Place>) -> StoreFuture<'static, W::Output> {
        let (write, answer) = work::call(work, place);
        self.send(Message::Write(write));
        // The writer lets go of what it will not answer any more.
        Box::pin(async move { answer.await.unwrap_or(Err(StoreError::Closed)) })
    }

    fn send(&self, message: Message) {
        if !self.closed.load(Ordering::Acquire) {
            // What cannot be sent is dropped, and its answer says so.
            let _ = self.messages.send(message);
        }
    }

    /// Answers a question for which `job_run` must lack nothing.
    fn read_by_job<T: Send + 'static>(
        &self,
        question: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            // Where nothing can be written any more, what is there is still shown.
            let _ = self.write(ListByJob, None).await;
            self.read(question).await
        })
    }

    /// Answers a question on the reader's thread, or on the writer's in memory.
    fn read<T: Send + 'static>(
        &self,
        question: impl Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> StoreFuture<'static, T> {
        let Some(questions) = &self.questions else { return self.write(Read(question), None) };
        let (answer, receiver) = tokio::sync::oneshot::channel();
        if !self.closed.load(Ordering::Acquire) {
            questions.ask(Box::new(move |connection| {
                // Nobody may wait for the answer any more.
                let _ = answer.send(question(connection).map_err(StoreError::from));
            }));
        }
        Box::pin(async move { receiver.await.unwrap_or(Err(StoreError::Closed)) })
    }
}

/// A question that is asked in the writer's transaction.
struct Read<F>(F);

impl<T: Send + 'static, F: Fn(&Connection) -> Result<T, Failure> + Send + 'static> Work for Read<F> {
    type Output = T;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<T, Failure> {
        (self.0)(tx.db()?)
    }
}

/// Takes over limits.
struct SetLimits(Vec<LaneLimit>);

impl Work for SetLimits {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        Ok(flow::set_limits(&mut SqlLanes(tx), &self.0, tx.now)?)
    }
}

/// Nothing; its answer comes when all before it is durable.
struct Flush;

impl Work for Flush {
    type Output = ();

    fn apply(&mut self, _: &Tx<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

impl Store for SqliteStore {
    fn accept(&self, delivery: NewDelivery) -> StoreFuture<'_, Accepted> {
        match self.accepts.take(1) {
            Some(place) => self.write(Accept::new(delivery), Some(place)),
            None => Box::pin(std::future::ready(Err(StoreError::Busy))),
        }
    }

    fn trace(&self, trace: Trace) {
        if let Some(place) = self.traces.take(1) {
            drop(self.write(Note { trace, max: self.max_traces }, Some(place)));
        }
    }

    fn claim(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<Ticket>> {
        self.write(Claim { limit, now }, None)
    }

    fn set_limits(&self, limits: Vec<LaneLimit>) -> StoreFuture<'_, ()> {
        self.write(SetLimits(limits), None)
    }

    fn next_due(&self) -> StoreFuture<'_, Option<Timestamp>> {
        self.write(NextDue, None)
    }

    fn send_events(&self, events: Vec<NewEvent>) -> StoreFuture<'_, Vec<Sent>> {
        self.write(SendEvents { events, tickets: Vec::new() }, None)
    }

    fn due_events(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<Arc<EventRecord>>> {
        let limit = rows::integer(limit);
        self.write(
            Read(move |db: &Connection| list(db, statements::DUE_EVENTS, (now.0, limit), rows::event)),
            None,
        )
    }

    fn release_events(&self, events: Vec<DueEvent>) -> StoreFuture<'_, ()> {
        self.write(ReleaseEvents { events, tickets: Vec::new() }, None)
    }

    fn cancel_event(&self, id: Uuid) -> StoreFuture<'_, bool> {
        self.write(CancelEvent(id), None)
    }

    fn next_timer(&self) -> StoreFuture<'_, Option<Timestamp>> {
        self.write(NextTimer, None)
    }

    fn schedules(&self) -> StoreFuture<'_, Vec<ScheduleRecord>> {
        self.write(Read(|db: &Connection| list(db, statements::SCHEDULES, [], rows::schedule)), None)
    }

    fn put_schedule(&self, schedule: ScheduleRecord) -> StoreFuture<'_, ()> {
        self.write(PutSchedule(schedule), None)
    }

    fn drop_schedule(&self, dynamic: bool, id: String) -> StoreFuture<'_, bool> {
        self.write(DropSchedule { dynamic, id }, None)
    }

    fn due_schedules(&self, limit: usize, now: Timestamp) -> StoreFuture<'_, Vec<ScheduleRecord>> {
        let limit = rows::integer(limit);
        self.write(
            Read(move |db: &Connection| list(db, statements::DUE_SCHEDULES, (now.0, limit), rows::schedule)),
            None,
        )
    }

    fn tick(&self, tick: ScheduleTick) -> StoreFuture<'_, bool> {
        self.write(TickSchedule { tick, tickets: Vec::new() }, None)
    }

    fn record(&self, fence: Fence, progress: Progress) -> StoreFuture<'_, ()> {
        self.write(Record { fence, progress, tickets: Vec::new() }, None)
    }

    fn forget_failure(&self, fence: Fence, key: String) -> StoreFuture<'_, ()> {
        self.write(ForgetFailure { fence, key }, None)
    }

    fn finish(&self, fence: Fence, end: End, progress: Progress) -> StoreFuture<'static, ClosedRun> {
        self.write(Finish { fence, end, progress, tickets: Vec::new() }, None)
    }

    fn release(&self, fences: Vec<Fence>) -> StoreFuture<'_, ()> {
        self.write(Release(fences), None)
    }

    fn log(&self, lines: Vec<LogLine>) {
        let Some(place) = self.lines.take(lines.len()) else {
            tracing::warn!(lines = lines.len(), "log lines are lost: the store cannot keep up");
            return;
        };
        let first = self.next_line.fetch_add(lines.len() as u64, Ordering::Relaxed);
        drop(self.write(Log { lines, first }, Some(place)));
    }

    fn prune(&self, before: Timestamp, now: Timestamp) -> StoreFuture<'_, usize> {
        Box::pin(async move {
            let limits = Limits { before, now };
            let mut dropped = 0;
            for kind in Kind::ALL {
                let mut place = prune::FIRST;
                loop {
                    let places = self.read(move |db| prune::old(db, kind, &place, limits)).await?;
                    let Some(last) = places.last() else { break };
                    place = last.clone();
                    dropped += self.write(DropOld { kind, places, limits }, None).await?;
                }
            }
            let mut last = prune::Key::default();
            loop {
                let after = last.clone();
                let keys = self.read(move |db| prune::expired_keys(db, &after, now)).await?;
                let Some(key) = keys.last() else { break };
                last.clone_from(key);
                self.write(DropKeys { keys, now }, None).await?;
            }
            while self.write(DropValues { now, most: prune::PORTION }, None).await? {}
            Ok(dropped)
        })
    }

    fn output(&self, run: Uuid) -> StoreFuture<'_, Option<String>> {
        self.read(move |db| {
            Ok(list(db, statements::OUTPUT_OF_RUN, [run.as_bytes()], |row| row.get(0)).map(first)?.flatten())
        })
    }

    fn delivery(&self, id: Uuid) -> StoreFuture<'_, Option<Delivery>> {
        self.read(move |db| list(db, statements::DELIVERY_BY_ID, [id.as_bytes()], rows::delivery).map(first))
    }

    fn deliveries(&self, limit: usize) -> StoreFuture<'_, Vec<Delivery>> {
        let limit = rows::integer(limit);
        self.read(move |db| list(db, statements::NEWEST_DELIVERIES, [limit], rows::delivery))
    }

    fn event(&self, id: Uuid) -> StoreFuture<'_, Option<Arc<EventRecord>>> {
        self.read(move |db| list(db, statements::EVENT_BY_ID, [id.as_bytes()], rows::event).map(first))
    }

    fn events_of(&self, delivery: Uuid, limit: usize) -> StoreFuture<'_, Vec<Arc<EventRecord>>> {
        let limit = rows::integer(limit);
        self.read(move |db| {
            list(db, statements::EVENTS_OF_DELIVERY, params![delivery.as_bytes(), limit], rows::event)
        })
    }

    fn last_use(&self, endpoint: &str, secret_index: u8) -> StoreFuture<'_, Option<Timestamp>> {
        let endpoint = endpoint.to_owned();
        self.read(move |db| {
            let mut last = db.prepare_cached(statements::LAST_USE)?;
            let at: Option<i64> = last.query_row(params![endpoint, secret_index], |row| row.get(0))?;
            Ok(at.map(Timestamp))
        })
    }

    fn runs(&self, query: RunQuery) -> StoreFuture<'_, Vec<Run>> {
        self.read(move |db| {
            let statement = match (query.id, query.origin) {
                (Some(_), _) => statements::RUNS_BY_ID,
                (None, Some(OriginId::Delivery(_))) => statements::RUNS_BY_DELIVERY,
                (None, Some(OriginId::Event(_))) => statements::RUNS_BY_EVENT,
                (None, None) => statements::NEWEST_RUNS,
            };
            let id = query.id.as_ref().map(Uuid::as_bytes);
            let (delivery, event) =
                (query.origin.and_then(OriginId::delivery), query.origin.and_then(OriginId::event));
            let (delivery, event) =
                (delivery.as_ref().map(Uuid::as_bytes), event.as_ref().map(Uuid::as_bytes));
            let state = query.state.map(super::RunState::name);
            let limit = rows::integer(query.limit);
            list(db, statement, params![id, delivery, event, query.job, state, limit], rows::run)
        })
    }

    fn steps(&self, run: Uuid) -> StoreFuture<'_, Vec<Step>> {
        self.read(move |db| {
            let steps = list(db, statements::STEPS_OF_RUN, [run.as_bytes()], rows::step)?;
            Ok(steps.into_iter().map(Step::shown).collect())
        })
    }

    fn logs(&self, run: Uuid) -> StoreFuture<'_, Vec<LogLine>> {
        self.read(move |db| list(db, statements::LOGS_OF_RUN, [run.as_bytes()], rows::log_line))
    }

    fn traces(&self, limit: usize) -> StoreFuture<'_, Vec<Trace>> {
        let limit = rows::integer(limit);
        self.read(move |db| list(db, statements::NEWEST_TRACES, [limit], rows::trace))
    }

    fn browse(&self, query: RequestQuery) -> StoreFuture<'_, Page<RequestRow>> {
        self.read(move |db| browse::requests(db, &query))
    }

    fn find(&self, id: Uuid) -> StoreFuture<'_, Option<Found>> {
        self.read(move |db| {
            let delivery =
                list(db, statements::DELIVERY_BY_ID, [id.as_bytes()], rows::delivery).map(first)?;
            if let Some(delivery) = delivery {
                return Ok(Some(Found::Delivery(Box::new(delivery))));
            }
            let trace = list(db, statements::TRACE_BY_ID, [id.as_bytes()], rows::trace).map(first)?;
            Ok(trace.map(|trace| Found::Trace(Box::new(trace))))
        })
    }

    fn browse_events(&self, search: EventSearch) -> StoreFuture<'_, Page<Arc<EventRecord>>> {
        self.read_by_job(move |db| browse_events::page(db, &search))
    }

    fn count_events(&self, from: Timestamp, to: Timestamp) -> StoreFuture<'_, Vec<EventCount>> {
        self.read_by_job(move |db| browse_events::count(db, from, to))
    }

    fn browse_runs(&self, search: RunSearch) -> StoreFuture<'_, Page<Run>> {
        match search.job {
            Some(_) => self.read_by_job(move |db| browse::runs(db, &search)),
            None => self.read(move |db| browse::runs(db, &search)),
        }
    }

    fn count(&self, what: Countable, after: Uuid, until: Uuid, limit: usize) -> StoreFuture<'_, Counted> {
        let is_by_job = matches!(what, Countable::Runs { .. });
        let count = move |db: &Connection| browse::count(db, &what, (after, until), limit);
        if is_by_job { self.read_by_job(count) } else { self.read(count) }
    }

    fn retry(&self, run: Uuid, from: Option<String>) -> StoreFuture<'_, ()> {
        self.write(Retry { run, from }, None)
    }

    fn cancel(&self, run: Uuid) -> StoreFuture<'_, ()> {
        self.write(Cancel(run), None)
    }

    fn replay(&self, run: Uuid) -> StoreFuture<'_, Uuid> {
        self.write(Replay(run), None)
    }

    fn set(&self, name: &str, value: Option<i64>) -> StoreFuture<'_, ()> {
        self.write(Set { name: name.to_owned(), value }, None)
    }

    fn settings(&self, prefix: &str) -> StoreFuture<'_, Vec<(String, i64)>> {
        let prefix = prefix.to_owned();
        self.read(move |db| list(db, statements::SETTINGS, [&prefix], |row| Ok((row.get(0)?, row.get(1)?))))
    }

    fn flush(&self) -> StoreFuture<'_, ()> {
        self.write(Flush, None)
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        let (message, answer) = writer::close();
        if !self.closed.swap(true, Ordering::AcqRel) {
            let _ = self.messages.send(message);
        }
        Box::pin(async move { answer.await.unwrap_or(Err(StoreError::Closed)) })
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.close());
        if let Some(thread) = self.writer.take() {
            let _ = thread.join();
        }
    }
}

fn list<T>(
    connection: &Connection,
    statement: &str,
    params: impl rusqlite::Params,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Failure> {
    Ok(connection.prepare_cached(statement)?.query_map(params, read)?.collect::<Result<_, _>>()?)
}

fn first<T>(all: Vec<T>) -> Option<T> {
    all.into_iter().next()
}
