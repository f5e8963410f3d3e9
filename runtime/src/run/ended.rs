//! How an execution hears that waits of its run have ended in the store.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// Counts how often the execution was told.
#[derive(Debug, Default)]
pub(super) struct Ended {
    count: AtomicU64,
    moved: Notify,
}

impl Ended {
    /// Waits of the run have ended.
    pub(super) fn tell(&self) {
        self.count.fetch_add(1, Ordering::Release);
        self.moved.notify_waiters();
    }

    /// Resolves when the execution was told more often than has been `seen`, and notes that.
    pub(super) async fn told(&self, seen: &mut u64) {
        loop {
            // Told from here on, it wakes.
            let moved = self.moved.notified();
            let count = self.count.load(Ordering::Acquire);
            if count != *seen {
                *seen = count;
                return;
            }
            moved.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::pin::pin;

    #[test]
    fn what_was_told_before_and_while_it_waits_is_heard_once() {
        let (ended, mut seen) = (Ended::default(), 0);
        ended.tell();
        ended.tell();
        assert_eq!(ended.told(&mut seen).now_or_never(), Some(()));
        let mut told = pin!(ended.told(&mut seen));
        assert_eq!(told.as_mut().now_or_never(), None);
        ended.tell();
        assert_eq!(told.now_or_never(), Some(()));
    }
}
