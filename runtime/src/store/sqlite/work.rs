//! What the writer is asked to do, and how the one who asked gets the answer.

use super::failure::Failure;
use super::kept::Statements;
use crate::store::StoreError;
use crate::store::listener::Woken;
use crate::time::Timestamp;
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

/// The open transaction of a batch.
#[derive(Debug)]
pub(super) struct Tx<'a> {
    pub(super) connection: &'a Connection,
    pub(super) kept: Statements<'a>,
    /// The number of the last event, once it was asked for.
    pub(super) last_event: Cell<Option<i64>>,
    /// This opening of the store; what it runs belongs to it.
    pub(super) owner: i64,
    /// When the message came to its turn.
    pub(super) now: Timestamp,
    /// What it has made of runs, to be told after the commit.
    pub(super) woken: RefCell<Woken>,
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: &'a Connection, owner: i64, now: Timestamp) -> Self {
        Tx {
            connection,
            kept: Statements::new(connection),
            last_event: Cell::new(None),
            owner,
            now,
            woken: RefCell::default(),
        }
    }

    /// Forgets what it knows of the tables, because changes were undone.
    pub(super) fn undone(&self) {
        self.last_event.set(None);
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

    /// What is to be done when it is durable, after the answer.
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
    fn settle(self: Box<Self>, outcome: Result<(), StoreError>);
    fn size(&self) -> usize;
}

struct Call<W: Work> {
    work: W,
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
    (Box::new(Call { work, output: None, answer, _place: place }), receiver)
}

impl<W: Work> Write for Call<W> {
    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        self.output = Some(self.work.apply(tx)?);
        Ok(())
    }

    fn settle(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Call { work, output, answer, _place } = *self;
        match outcome {
            Ok(()) => {
                // Nobody may wait any more: the write is done all the same.
                let _ = answer.send(output.ok_or(StoreError::Closed));
                work.committed();
            }
            Err(error) => {
                let _ = answer.send(Err(error));
            }
        }
    }

    fn size(&self) -> usize {
        self.work.size()
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
