//! Tells whoever looks on what becomes of requests. While nobody does, it costs
//! the look at one number.

use crate::store::RequestRow;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use uuid::Uuid;

/// So many may wait for one who looks on slowly; that one misses others.
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

/// What was told since it was last asked for.
#[derive(Debug, Default)]
pub(crate) struct Burst {
    pub(crate) told: Vec<Arc<Told>>,
    /// How many more there were: too many came at once to tell each.
    pub(crate) missed: u64,
}

/// Where requests are told.
pub(crate) struct Feed {
    room: Arc<Room>,
    /// `None` when the program ends.
    to: Mutex<Option<broadcast::Sender<Arc<Told>>>>,
    took: Mutex<VecDeque<(Uuid, Duration)>>,
}

/// How much may be told. Whoever looks on makes room by taking what was told,
/// so that a flood of requests costs no more than the first of it.
#[derive(Default)]
struct Room {
    listeners: AtomicUsize,
    left: AtomicUsize,
    missed: AtomicU64,
}

/// One who looks on, until it is dropped.
pub(crate) struct Listener {
    from: Option<broadcast::Receiver<Arc<Told>>>,
    room: Arc<Room>,
    /// How many were missed when it last looked.
    missed: u64,
}

impl Default for Feed {
    fn default() -> Self {
        let (to, _) = broadcast::channel(MOST_WAITING);
        Feed { room: Arc::default(), to: Mutex::new(Some(to)), took: Mutex::default() }
    }
}

impl Feed {
    /// Tells of a request, where somebody looks on.
    pub(crate) fn tell(&self, told: impl FnOnce() -> Told) {
        if self.room.listeners.load(Ordering::Relaxed) == 0 {
            return;
        }
        if !self.room.take() {
            self.room.missed.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let told = told();
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
        self.room.make();
        self.room.listeners.fetch_add(1, Ordering::Relaxed);
        let from = self.to().as_ref().map(broadcast::Sender::subscribe);
        Listener { from, missed: self.room.missed.load(Ordering::Relaxed), room: Arc::clone(&self.room) }
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

impl Room {
    fn take(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    fn make(&self) {
        self.left.store(MOST_WAITING, Ordering::Relaxed);
    }

    fn missed_since(&self, seen: &mut u64) -> u64 {
        let missed = self.missed.load(Ordering::Relaxed);
        missed - std::mem::replace(seen, missed)
    }
}

impl Listener {
    /// What was told since the last time, as soon as there is something; `None`
    /// when there will be nothing more.
    pub(crate) async fn next(&mut self) -> Option<Burst> {
        let from = self.from.as_mut()?;
        let mut burst = Burst { told: Vec::new(), missed: self.room.missed_since(&mut self.missed) };
        if burst.missed == 0 {
            match from.recv().await {
                Ok(told) => burst.told.push(told),
                Err(RecvError::Lagged(missed)) => burst.missed += missed,
                Err(RecvError::Closed) => return None,
            }
        }
        loop {
            match from.try_recv() {
                Ok(told) => burst.told.push(told),
                Err(TryRecvError::Lagged(missed)) => burst.missed += missed,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        self.room.make();
        burst.missed += self.room.missed_since(&mut self.missed);
        Some(burst)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.room.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RequestOutcome;
    use crate::time::Timestamp;

    fn told(n: usize) -> Told {
        let row = RequestRow {
            id: crate::id::new(Timestamp(0)),
            endpoint: n.to_string(),
            at: Timestamp(0),
            outcome: RequestOutcome::Filtered,
            status: None,
            method: "POST".to_owned(),
            target: "/".to_owned(),
            reason: None,
            provider_id: None,
            body_len: 0,
            repeats: None,
            replay_of: None,
        };
        Told { row, took: Duration::ZERO, jobs: Vec::new() }
    }

    #[tokio::test]
    async fn a_flood_is_told_in_part_and_the_rest_is_counted() {
        let feed = Feed::default();
        feed.tell(|| panic!("nobody looks on"));
        let mut listener = feed.listen();
        for n in 0..1000 {
            feed.tell(|| told(n));
        }
        let burst = listener.next().await.unwrap();
        assert_eq!((burst.told.len(), burst.missed), (MOST_WAITING, 1000 - MOST_WAITING as u64));
        feed.tell(|| told(1000));
        let burst = listener.next().await.unwrap();
        assert_eq!((burst.told.len(), burst.missed), (1, 0), "there is room again");
        drop(listener);
        feed.tell(|| panic!("nobody looks on any more"));
    }

    #[tokio::test]
    async fn what_is_missed_at_the_end_of_a_flood_is_told_without_another_request() {
        let feed = Feed::default();
        let mut listener = feed.listen();
        (0..300).for_each(|n| feed.tell(|| told(n)));
        listener.next().await.unwrap();
        (0..300).for_each(|n| feed.tell(|| told(n)));
        let from = listener.from.as_mut().unwrap();
        while from.try_recv().is_ok() {}
        assert_eq!(listener.next().await.unwrap().missed, 300 - MOST_WAITING as u64);
        feed.close();
        assert!(listener.next().await.is_none());
    }
}
