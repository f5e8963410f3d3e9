//! Ends of runs, from their way to the store until they are durable.
//!
//! One task waits for all of them. A commit answers many at once, from a thread of
//! the store: the first answer wakes the task, where tasks of their own would each
//! be woken by that thread.

use crate::BoxFuture;
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::panic::AssertUnwindSafe;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Where what is to be done at the end of a run waits until it is durable.
pub(super) struct Ends(UnboundedSender<BoxFuture<'static, ()>>);

impl Ends {
    /// And the task that waits, to be spawned.
    pub(super) fn new() -> (Self, impl Future<Output = ()> + Send) {
        let (to, from) = unbounded_channel();
        (Ends(to), wait(from))
    }

    /// Lets the task wait. Where it is gone, the runtime ends.
    pub(super) fn add(&self, end: impl Future<Output = ()> + Send + 'static) {
        let _ = self.0.send(Box::pin(end));
    }
}

async fn wait(mut new: UnboundedReceiver<BoxFuture<'static, ()>>) {
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            // A panic, of a subscriber to the log, ends no other run's end.
            Some(end) = new.recv() => open.push(AssertUnwindSafe(end).catch_unwind()),
            Some(_) = open.next() => {}
            else => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn an_end_that_panics_leaves_the_others() {
        let (ends, waiting) = Ends::new();
        tokio::spawn(waiting);
        let (first, second) = (oneshot::channel(), oneshot::channel());
        ends.add(async { panic!("a subscriber to the log") });
        ends.add(async { first.0.send(()).unwrap() });
        first.1.await.unwrap();
        ends.add(async { second.0.send(()).unwrap() });
        second.1.await.unwrap();
    }
}
