//! Tells whoever looks on what becomes of requests. While nobody does, it costs
//! the look at one number.

use crate::store::RequestRow;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use uuid::Uuid;

/// So many may wait for one who looks on slowly; that one misses the oldest.
const MOST_WAITING: usize = 256;

/// Of so many it is remembered how long they took.
const MOST_REMEMBERED: usize = 4096;

/// A request, told when it is answered.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) row: RequestRow,
    /// How long it was in work.
    pub(crate) took: Duration,
    /// The jobs that it runs.
    pub(crate) jobs: Vec<&'static str>,
}

/// Where requests are told.
pub(crate) struct Feed {
    listeners: Arc<AtomicUsize>,
    /// `None` when the program ends.
    to: Mutex<Option<broadcast::Sender<Arc<Told>>>>,
    took: Mutex<VecDeque<(Uuid, Duration)>>,
}

/// One who looks on, until it is dropped.
pub(crate) struct Listener {
    from: Option<broadcast::Receiver<Arc<Told>>>,
    listeners: Arc<AtomicUsize>,
}

impl Default for Feed {
    fn default() -> Self {
        let (to, _) = broadcast::channel(MOST_WAITING);
        Feed { listeners: Arc::default(), to: Mutex::new(Some(to)), took: Mutex::default() }
    }
}

impl Feed {
    /// Whether anybody looks on.
    pub(crate) fn is_heard(&self) -> bool {
        self.listeners.load(Ordering::Relaxed) > 0
    }

    /// Tells of a request; asked for only where [`Feed::is_heard`].
    pub(crate) fn tell(&self, told: Told) {
        let mut took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
        if took.len() >= MOST_REMEMBERED {
            took.pop_front();
        }
        took.push_back((told.row.id, told.took));
        drop(took);
        if let Some(to) = &*self.to() {
            // The last one may have left in this moment.
            let _ = to.send(Arc::new(told));
        }
    }

    /// Looks on from now on.
    pub(crate) fn listen(&self) -> Listener {
        self.listeners.fetch_add(1, Ordering::Relaxed);
        let from = self.to().as_ref().map(broadcast::Sender::subscribe);
        Listener { from, listeners: Arc::clone(&self.listeners) }
    }

    /// Tells nothing more: who looks on is let go, so that the program can end.
    pub(crate) fn close(&self) {
        self.to().take();
    }

    fn to(&self) -> MutexGuard<'_, Option<broadcast::Sender<Arc<Told>>>> {
        self.to.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a request took that was told lately.
    pub(crate) fn took(&self, id: Uuid) -> Option<Duration> {
        let took = self.took.lock().unwrap_or_else(PoisonError::into_inner);
        took.iter().rev().find(|(told, _)| *told == id).map(|(_, took)| *took)
    }
}

impl Listener {
    /// The next request; `None` when there will be none.
    pub(crate) async fn next(&mut self) -> Option<Arc<Told>> {
        loop {
            match self.from.as_mut()?.recv().await {
                Ok(told) => return Some(told),
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}
