//! How a committed run reaches a worker in memory, without a look at the store.

use super::record::Ticket;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// The places for runs that execute at once. A run is handed over only when a
/// place was free before it was stored, so that what counts as started starts.
#[derive(Clone, Debug)]
pub struct Slots {
    free: Arc<Semaphore>,
    to: mpsc::UnboundedSender<(Ticket, Hold)>,
}

/// A place that is reserved for one run. Dropped unused, it is free again.
#[derive(Debug)]
pub struct Slot {
    permit: OwnedSemaphorePermit,
    to: mpsc::UnboundedSender<(Ticket, Hold)>,
}

/// A place that is taken, until it is dropped at the end of the execution.
#[derive(Debug)]
pub struct Hold(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl Slots {
    /// `places` places, and the receiver of what is handed over.
    pub fn new(places: usize) -> (Self, mpsc::UnboundedReceiver<(Ticket, Hold)>) {
        let (to, from) = mpsc::unbounded_channel();
        (Slots { free: Arc::new(Semaphore::new(places)), to }, from)
    }

    /// Reserves a place, where one is free.
    pub fn reserve(&self) -> Option<Slot> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(Slot { permit, to: self.to.clone() })
    }

    /// How many places are free.
    pub fn free(&self) -> usize {
        self.free.available_permits()
    }

    /// Reserves no more: from now on every run is left to the store.
    pub fn close(&self) {
        self.free.close();
    }
}

impl Slot {
    /// Hands a run to the workers. It is lost to this process when they are
    /// gone; the store still has it.
    pub fn hand_over(self, ticket: Ticket) {
        // The receiver is gone only when the process stops, and then the run
        // is found in the store at the next start.
        let _ = self.to.send((ticket, Hold(self.permit)));
    }
}
