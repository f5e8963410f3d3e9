//! How a committed run reaches a worker in memory, without a look at the store.

use super::record::Ticket;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};

/// The places for runs that execute at once. A run is handed over only when a
/// place was free before it was stored, so that what counts as started starts.
#[derive(Clone, Debug)]
pub struct Slots(Arc<Places>);

#[derive(Debug)]
struct Places {
    free: Semaphore,
    to: mpsc::UnboundedSender<(Ticket, Hold)>,
}

/// A place that is reserved for one run. Dropped unused, it is free again.
#[derive(Debug)]
pub struct Slot(Hold);

/// A place that is taken, until it is dropped at the end of the execution.
#[derive(Debug)]
pub struct Hold(Arc<Places>);

impl Slots {
    /// `places` places, and the receiver of what is handed over.
    pub fn new(places: usize) -> (Self, mpsc::UnboundedReceiver<(Ticket, Hold)>) {
        let (to, from) = mpsc::unbounded_channel();
        (Slots(Arc::new(Places { free: Semaphore::new(places), to })), from)
    }

    /// Reserves a place, where one is free.
    pub fn reserve(&self) -> Option<Slot> {
        // Given back by the drop of the hold.
        self.0.free.try_acquire().ok()?.forget();
        Some(Slot(Hold(Arc::clone(&self.0))))
    }

    /// How many places are free.
    pub fn free(&self) -> usize {
        self.0.free.available_permits()
    }

    /// Reserves no more: from now on every run is left to the store.
    pub fn close(&self) {
        self.0.free.close();
    }
}

impl Slot {
    /// Hands a run to the workers. It is lost to this process when they are
    /// gone; the store still has it.
    pub fn hand_over(self, ticket: Ticket) {
        let Slot(hold) = self;
        let places = Arc::clone(&hold.0);
        // The receiver is gone only when the process stops, and then the run
        // is found in the store at the next start.
        let _ = places.to.send((ticket, hold));
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.free.add_permits(1);
    }
}
