//! What goes wrong, when it is asked for.

use std::sync::Mutex;
use tokio::sync::Notify;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// This status in place of an answer, with `Retry-After` in seconds.
    Status(u16, Option<u64>),
    /// The connection breaks in the middle of the answer.
    Cut(When),
    /// The connection breaks before there is any answer.
    Drop(When),
    /// There is no answer, for ever.
    Hang(When),
    /// It is done, and the answer comes when the test says so.
    Slow,
}

/// Whether the request was done before it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

#[derive(Default)]
pub(crate) struct Faults {
    planned: Mutex<Vec<Planned>>,
    hangs: Notify,
    goes_on: Notify,
}

struct Planned {
    method: &'static str,
    path: &'static str,
    times: usize,
    fault: Fault,
}

impl Faults {
    pub(super) fn add(&self, method: &'static str, path: &'static str, times: usize, fault: Fault) {
        self.planned.lock().unwrap().push(Planned { method, path, times, fault });
    }

    pub(super) fn clear(&self) {
        self.planned.lock().unwrap().clear();
    }

    /// The fault of this request, which is then used up.
    pub(super) fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut planned = self.planned.lock().unwrap();
        let found = planned.iter_mut().find(|planned| {
            planned.times > 0 && planned.method == method && path.starts_with(planned.path)
        })?;
        found.times -= 1;
        Some(found.fault)
    }

    pub(super) async fn hangs(&self) {
        self.hangs.notified().await;
    }

    pub(super) fn go_on(&self) {
        self.goes_on.notify_one();
    }

    pub(super) async fn wait(&self) {
        self.hangs.notify_one();
        self.goes_on.notified().await;
    }

    pub(super) async fn hang(&self) -> ! {
        self.hangs.notify_one();
        std::future::pending().await
    }
}
