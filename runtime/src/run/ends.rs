//! Ends of runs, from their way to the store until they are durable.
//!
//! One task waits for all of them. A commit answers many at once, from a thread of
//! the store: the first answer wakes the task, where tasks of their own would each
//! be woken by that thread.

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::panic::AssertUnwindSafe;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where what is to be done at the end of a run waits until it is durable.
pub(super) struct Ends<T>(UnboundedSender<T>);

impl<T: Send> Ends<T> {
    /// And the task that waits, to be spawned. `end` is what it does for each.
    pub(super) fn new<F>(end: impl Fn(T) -> F + Send) -> (Self, impl Future<Output = ()> + Send)
    where
        F: Future<Output = ()> + Send,
    {
        let (to, from) = unbounded_channel();
        (Ends(to), wait(from, end))
    }

    /// Lets the task wait. Where it is gone, the runtime ends.
    pub(super) fn add(&self, ended: T) {
        let _ = self.0.send(ended);
    }
}

async fn wait<T, F: Future<Output = ()>>(mut new: UnboundedReceiver<T>, end: impl Fn(T) -> F) {
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            // A panic, of a subscriber to the log, ends no other run's end.
            Some(ended) = new.recv() => open.push(AssertUnwindSafe(end(ended)).catch_unwind()),
            Some(_) = open.next() => {}
            else => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoxFuture;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn an_end_that_panics_leaves_the_others() {
        let (ends, waiting) = Ends::new(|end: BoxFuture<'static, ()>| end);
        tokio::spawn(waiting);
        let (first, second) = (oneshot::channel(), oneshot::channel());
        ends.add(Box::pin(async { panic!("a subscriber to the log") }));
        ends.add(Box::pin(async { first.0.send(()).unwrap() }));
        first.1.await.unwrap();
        ends.add(Box::pin(async { second.0.send(()).unwrap() }));
        second.1.await.unwrap();
    }
}
