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

/// What a transaction has made of runs.
#[derive(Debug, Default)]
pub(super) struct Woken {
    /// Runs became due.
    pub(super) due: bool,
    /// Runs that execute, whose waits have ended.
    pub(super) ended: Vec<Uuid>,
}

impl Listening {
    /// Tells what came of a transaction, after its commit.
    pub(super) fn tell(&self, woken: &Woken) {
        if !woken.due && woken.ended.is_empty() {
            return;
        }
        let listener = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(listener) = listener else { return };
        if woken.due {
            listener.due();
        }
        if !woken.ended.is_empty() {
            listener.ended(&woken.ended);
        }
    }

    pub(super) fn set(&self, listener: Arc<dyn Listener>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}
