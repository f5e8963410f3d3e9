//! Whom a store tells of what it alone knows: that something is due, or that a
//! run which executes need not wait any longer.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// Told after a commit.
pub trait Listener: Send + Sync {
    /// Runs are due that were not handed over.
    fn due(&self);

    /// Waits of runs that execute have ended.
    fn ended(&self, runs: &[Uuid]);
}

/// The listener of a store, once there is one.
#[derive(Default)]
pub(super) struct Listening(RwLock<Option<Arc<dyn Listener>>>);

impl Listening {
    pub(super) fn set(&self, listener: Arc<dyn Listener>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}
