//! What the writer is asked to do, and how the one who asked gets the answer.

use super::failure::Failure;
use super::kept::{Aside, Inserts, Statements};
use super::pending::{self, EventRow, MANY, Pending, RunRow};
use super::statements::LIST_ONE_BY_JOB;
use crate::store::StoreError;
use crate::store::listener::Woken;
use crate::time::Timestamp;
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;
use uuid::Uuid;

/// The open transaction of a batch.
///
/// Events and runs that a message adds are pending, until there are enough for a
/// statement of many rows, or something looks at what is stored. So the connection
/// is had by [`Tx::db`], which writes them first.
#[derive(Debug)]
pub(super) struct Tx<'a> {
    connection: &'a Connection,
    kept: Statements<'a>,
    inserts: Inserts<'a>,
    pub(super) aside: Aside<'a>,
    pending: RefCell<Pending>,
    /// The number of the last event, once it was asked for.
    pub(super) last_event: Cell<Option<i64>>,
    /// The time from which on runs that start are not listed, once it was asked for.
    pub(super) unlisted_from: Cell<Option<Timestamp>>,
    /// The time from which on `job_run` may lack runs, once it was asked for.
    pub(super) by_job_from: Cell<Option<Timestamp>>,
    /// How many runs it may lack.
    pub(super) unlisted: Cell<usize>,
    /// This opening of the store; what it runs belongs to it.
    pub(super) owner: i64,
    /// When the message came to its turn.
    pub(super) now: Timestamp,
    /// What it has made of runs, to be told after the commit.
    pub(super) woken: RefCell<Woken>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: &'a Connection, owner: i64, now: Timestamp, unlisted: usize) -> Self {
        Tx {
            connection,
            kept: Statements::new(connection),
            inserts: Inserts::new(connection),
            aside: Aside::new(connection),
            pending: RefCell::default(),
            last_event: Cell::new(None),
            unlisted_from: Cell::new(None),
            by_job_from: Cell::new(None),
            unlisted: Cell::new(unlisted),
            owner,
            now,
            woken: RefCell::default(),
        }
    }

    /// The connection; nothing is pending.
    pub(super) fn db(&self) -> rusqlite::Result<&'a Connection> {
        self.flush()?;
        Ok(self.connection)
    }

    /// Statements that are at hand; nothing is pending.
    pub(super) fn kept(&self) -> rusqlite::Result<&Statements<'a>> {
        self.flush()?;
        Ok(&self.kept)
    }

    /// The connection, for what concerns neither events nor runs.
    pub(super) fn aside(&self) -> &'a Connection {
        self.connection
    }

    pub(super) fn add_event(&self, event: EventRow) -> rusqlite::Result<()> {
        let mut pending = self.pending.borrow_mut();
        pending.events.push(event);
        if pending.events.len() < MANY { Ok(()) } else { self.write_events(&mut pending) }
    }

    pub(super) fn add_run(&self, run: RunRow) -> rusqlite::Result<()> {
        let mut pending = self.pending.borrow_mut();
        pending.runs.push(run);
        if pending.runs.len() < MANY { Ok(()) } else { self.write_runs(&mut pending) }
    }

    /// Writes what is pending. Asked for before a commit, and before the release of a savepoint.
    pub(super) fn flush(&self) -> rusqlite::Result<()> {
        let mut pending = self.pending.borrow_mut();
        self.write_events(&mut pending)?;
        self.write_runs(&mut pending)?;
        for run in pending.by_job.drain(..) {
            self.connection.prepare_cached(LIST_ONE_BY_JOB)?.execute([run.as_bytes()])?;
        }
        Ok(())
    }

    /// Has `job_run` take a run with its row.
    pub(super) fn list_by_job(&self, run: Uuid) {
        self.pending.borrow_mut().by_job.push(run);
    }

    fn write_events(&self, pending: &mut Pending) -> rusqlite::Result<()> {
        pending::write(&mut pending.events, &self.inserts.events)
    }

    fn write_runs(&self, pending: &mut Pending) -> rusqlite::Result<()> {
        // Nobody asks for the order in which runs were stored, and beside each other they are written faster.
        pending.runs.sort_unstable_by_key(|run| run.fence.run);
        pending::write(&mut pending.runs, &self.inserts.runs)
    }

    /// Forgets what it knows of the tables, and what it has not written, because changes were undone.
    pub(super) fn undone(&self) {
        self.last_event.set(None);
        self.unlisted_from.set(None);
        self.by_job_from.set(None);
        self.pending.take();
    }
}

/// One message to the writer.
///
/// A batch whose transaction fails is tried again message by message, so
/// `apply` may be called twice. `committed` is called once, and only after the
/// commit that covers it.
pub(super) trait Work: Send + 'static {
    type Output: Send + 'static;

    /// Does the work. [`Failure::Stale`] must come before the first change.
    fn apply(&mut self, tx: &Tx<'_>) -> Result<Self::Output, Failure>;

    /// What is to be done when it is durable, before any message of the commit is answered.
    fn committed(self)
    where
        Self: Sized,
    {
    }

    /// About how many bytes it writes, to know when the log is to be recycled.
    fn size(&self) -> usize {
        0
    }
}

/// A [`Work`] of any kind, with the one who waits for it.
pub(super) trait Write: Send {
    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure>;
    fn committed(&mut self);
    fn answer(self: Box<Self>, outcome: Result<(), StoreError>);
    fn size(&self) -> usize;
}

struct Call<W: Work> {
    /// Until it is done with.
    work: Option<W>,
    output: Option<W::Output>,
    answer: oneshot::Sender<Result<W::Output, StoreError>>,
    _place: Option<Place>,
}

/// Where an answer arrives.
pub(super) type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

/// A message to the writer, and where its answer arrives. It keeps its place
/// in the queue until it is settled.
pub(super) fn call<W: Work>(work: W, place: Option<Place>) -> (Box<dyn Write>, Answer<W::Output>) {
    let (answer, receiver) = oneshot::channel();
    (Box::new(Call { work: Some(work), output: None, answer, _place: place }), receiver)
}

impl<W: Work> Write for Call<W> {
    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        self.output = self.work.as_mut().map(|work| work.apply(tx)).transpose()?;
        Ok(())
    }

    fn committed(&mut self) {
        if let Some(work) = self.work.take() {
            work.committed();
        }
    }

    fn answer(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Call { output, answer, .. } = *self;
        // Nobody may wait any more: the write is done all the same.
        let _ = answer.send(outcome.and_then(|()| output.ok_or(StoreError::Closed)));
    }

    fn size(&self) -> usize {
        self.work.as_ref().map_or(0, Work::size)
    }
}

/// Bounds how many messages of a kind may wait.
#[derive(Debug)]
pub(super) struct Places {
    taken: Arc<AtomicUsize>,
    all: usize,
}

/// A place in the queue, free again when the message is settled.
#[derive(Debug)]
pub(super) struct Place {
    taken: Arc<AtomicUsize>,
    size: usize,
}

impl Places {
    pub(super) fn new(all: usize) -> Self {
        Places { taken: Arc::default(), all }
    }

    /// Takes `size` places, where so many are free.
    pub(super) fn take(&self, size: usize) -> Option<Place> {
        let before = self.taken.fetch_add(size, Ordering::Relaxed);
        // Made first, so that a refusal gives back what was just taken.
        let place = Place { taken: Arc::clone(&self.taken), size };
        (before.saturating_add(size) <= self.all).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.size, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_refused_or_dropped_is_free_again() {
        let places = Places::new(2);
        let first = places.take(1);
        assert!(first.is_some());
        assert!(places.take(2).is_none());
        assert!(places.take(1).is_some(), "dropped at once");
        drop(first);
        assert!(places.take(2).is_some());
    }
}
