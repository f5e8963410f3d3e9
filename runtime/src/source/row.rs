//! What is registered of a webhook, as requests and runs see it.

use crate::store::{SourceNote, SourceRow};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

/// What is registered of a webhook; nothing before the first registration.
#[derive(Debug, Default)]
pub(crate) struct LiveRow {
    row: watch::Sender<Option<Arc<SourceRow>>>,
    /// Whether its deliveries leave something for each other.
    notes: AtomicBool,
    turn: Arc<Mutex<()>>,
}

/// The right to be the next delivery that leaves something.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl LiveRow {
    /// What is registered now.
    pub(crate) fn row(&self) -> Option<Arc<SourceRow>> {
        self.row.borrow().clone()
    }

    /// What is registered, as soon as something is.
    pub(crate) async fn known(&self) -> Option<Arc<SourceRow>> {
        let mut row = self.row.subscribe();
        row.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// Takes what the store has.
    pub(crate) fn set(&self, row: Option<SourceRow>) {
        if row.as_ref().is_some_and(|row| row.revision > 0) {
            self.take_turns();
        }
        self.row.send_replace(row.map(Arc::new));
    }

    /// Takes a new registration, of which the note stays, as in the store.
    pub(crate) fn renew(&self, mut row: SourceRow) {
        self.row.send_modify(|known| {
            if let Some(known) = known {
                (row.metadata, row.revision) = (known.metadata.clone(), known.revision);
            }
            *known = Some(Arc::new(row));
        });
    }

    /// Takes what a stored delivery has left.
    pub(crate) fn noted(&self, SourceNote { seen, metadata, .. }: SourceNote) {
        self.newer(seen.saturating_add(1), Some(metadata));
    }

    /// Takes the note of the store, where it is newer than the one that is known.
    pub(crate) fn catch_up(&self, stored: SourceRow) {
        self.newer(stored.revision, stored.metadata);
    }

    fn newer(&self, revision: u64, metadata: Option<String>) {
        self.row.send_if_modified(|known| {
            let Some(known) = known.as_mut().filter(|known| known.revision < revision) else { return false };
            let row = Arc::make_mut(known);
            (row.revision, row.metadata) = (revision, metadata);
            true
        });
    }

    /// Lets deliveries wait for each other from now on.
    pub(crate) fn take_turns(&self) {
        self.notes.store(true, Ordering::Relaxed);
    }

    /// Waits for the deliveries before this one, where they leave something for it.
    pub(crate) async fn turn(&self) -> Option<Turn> {
        if !self.notes.load(Ordering::Relaxed) {
            return None;
        }
        Some(Arc::clone(&self.turn).lock_owned().await)
    }
}
