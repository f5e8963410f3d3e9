//! The queued runs of the store in memory, in the order in which they are claimed.

use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Runs by priority, the highest first, and then by when they are due.
#[derive(Debug, Default)]
pub(super) struct Due(BTreeMap<Reverse<i32>, BTreeSet<(Timestamp, Uuid)>>);

impl Due {
    pub(super) fn insert(&mut self, priority: i32, at: Timestamp, run: Uuid) {
        self.0.entry(Reverse(priority)).or_default().insert((at, run));
    }

    pub(super) fn remove(&mut self, priority: i32, at: Timestamp, run: Uuid) {
        if let Some(runs) = self.0.get_mut(&Reverse(priority)) {
            runs.remove(&(at, run));
            if runs.is_empty() {
                self.0.remove(&Reverse(priority));
            }
        }
    }

    /// The first run that is due.
    pub(super) fn first(&self, now: Timestamp) -> Option<Uuid> {
        let firsts = self.0.values().filter_map(BTreeSet::first);
        firsts.filter(|(at, _)| *at <= now).map(|(_, run)| *run).next()
    }

    /// When the next run is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.values().filter_map(BTreeSet::first).map(|(at, _)| *at).min()
    }
}
