//! Answers are made on threads of their own, where they may wait for the store:
//! by plain functions, which are a part of the machine code that futures are.
//! Few look at a dashboard at a time, and what takes requests waits for none of it.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::runtime::Handle;
use tokio::sync::oneshot::{self, Receiver};

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
    async fn it_goes_on_for_one_who_is_gone_and_ends_where_it_panics() {
        let (tell, told) = oneshot::channel();
        drop(begin(move || tell.send(())));
        assert!(told.await.is_ok());
        assert!(begin(|| panic!("expected")).await.is_err());
    }
}
