//! Answers are made on threads of their own, where they may wait for the store:
//! by plain functions, which are a part of the machine code that futures are.
//! Few look at a dashboard at a time, and what takes requests waits for none of it.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::sync::oneshot::{self, Receiver};

/// The turns of those who want an answer: so many have a thread at once, and the
/// others wait for one.
pub(super) struct Turns(Arc<Semaphore>);

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        Turns(Arc::new(Semaphore::new(at_once)))
    }

    /// Does some work on a thread, when it is its turn. The turn is over when the
    /// work is, also for one who is gone by then. `None` where it does not end well.
    pub(super) async fn take<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        // Nobody closes it.
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let done = begin(move || {
            let _turn = turn;
            work()
        });
        done.await.ok()
    }
}

/// Begins some work on a thread of its own, where it may wait, and goes on with
/// it whether or not its end is waited for. There is no end to wait for where
/// it panics, or the system has no thread for it.
pub(super) fn begin<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (tell, told) = oneshot::channel();
    // Whoever asked may be gone.
    spawn(Box::new(move || drop(tell.send(work()))));
    told
}

fn spawn(work: Box<dyn FnOnce() + Send>) {
    let runtime = Handle::current();
    let thread = thread::Builder::new().name("triggerfish-pages".to_owned()).spawn(move || {
        let _entered = runtime.enter();
        work();
    });
    if let Err(error) = thread {
        tracing::error!(%error, "there is no thread for the dashboard");
    }
}

/// Waits on a thread of its own.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unparks(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(told) => return told,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unparks(Thread);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_thread_waits_for_what_comes_later_and_may_use_the_runtime() {
        let (send, come) = oneshot::channel();
        let work = begin(|| {
            let told = tokio::spawn(async { 1 });
            wait(async { come.await.unwrap_or(0) + told.await.unwrap_or(0) })
        });
        send.send(2).unwrap();
        assert_eq!(work.await, Ok(3));
    }

    #[tokio::test]
    async fn who_leaves_gives_no_turn_away_before_the_work_is_done() {
        let turns = Turns::new(1);
        let (begin, begun) = oneshot::channel();
        let (go_on, may) = oneshot::channel::<()>();
        let first = turns.take(move || {
            begin.send(()).unwrap();
            wait(may)
        });
        tokio::select! {
            _ = first => panic!("it ended before it was told to"),
            told = begun => told.unwrap(),
        }
        assert_eq!(turns.0.available_permits(), 0, "its thread is at work");
        go_on.send(()).unwrap();
        assert_eq!(turns.take(|| 2).await, Some(2));
        assert_eq!(turns.take(|| -> u8 { panic!("expected") }).await, None);
        assert_eq!(turns.take(|| 4).await, Some(4));
    }

    #[tokio::test]
    async fn it_goes_on_for_one_who_is_gone_and_ends_where_it_panics() {
        let (tell, told) = oneshot::channel();
        drop(begin(move || tell.send(())));
        assert!(told.await.is_ok());
        assert!(begin(|| panic!("expected")).await.is_err());
    }
}
