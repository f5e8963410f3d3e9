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

    /// Runs were cancelled while they executed, each with the first token that
    /// a later execution of it could have: what executes them is of no use.
    fn cancelled(&self, runs: &[(Uuid, u64)]);
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
    /// Runs that executed and were cancelled, and a token that is above theirs.
    pub(super) cancelled: Vec<(Uuid, u64)>,
}

impl Listening {
    /// Tells what came of a transaction, after its commit.
    pub(super) fn tell(&self, woken: &Woken) {
        let Woken { due, ended, cancelled } = woken;
        if !due && ended.is_empty() && cancelled.is_empty() {
            return;
        }
        let listener = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(listener) = listener else { return };
        if !cancelled.is_empty() {
            listener.cancelled(cancelled);
        }
        if *due {
            listener.due();
        }
        if !ended.is_empty() {
            listener.ended(ended);
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
