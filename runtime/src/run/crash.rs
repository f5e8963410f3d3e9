//! Where a test lets the process die.

use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// A step after whose record nothing more happens, as when the process dies there.
#[derive(Debug)]
pub(crate) struct CrashPoint {
    step: Mutex<Option<String>>,
    reached: watch::Sender<bool>,
}

impl Default for CrashPoint {
    fn default() -> Self {
        CrashPoint { step: Mutex::default(), reached: watch::Sender::new(false) }
    }
}

impl CrashPoint {
    /// Lets the process die when the step `key` is recorded next.
    pub(crate) fn set(&self, key: String) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    /// Whether it has been reached since it was asked last.
    pub(crate) fn take(&self) -> bool {
        self.reached.send_replace(false)
    }

    /// Goes no further at the step that is waited for.
    pub(super) async fn pass(&self, key: &str) {
        let here = {
            let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
            step.take_if(|step| step == key).is_some()
        };
        if here {
            self.reached.send_replace(true);
            std::future::pending::<()>().await;
        }
    }
}
