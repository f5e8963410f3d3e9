//! Where the embedded store keeps its data, and how safely.

use crate::time::Clock;
use std::path::PathBuf;

/// What an acknowledgement survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The loss of power: each commit is synced to the disk.
    #[default]
    Full,
    /// The death of the process, but not that of the machine: the last commits
    /// may be lost with it.
    Normal,
}

/// Where a [`SqliteStore`](super::SqliteStore) keeps its data, and how.
#[derive(Clone, Debug)]
pub struct SqliteConfig {
    /// The file, made where there is none. `None`, or `:memory:`, keeps the data
    /// in memory until the store is closed. `triggerfish.db` by default.
    pub path: Option<PathBuf>,
    /// What an acknowledgement survives.
    pub durability: Durability,
    /// How many deliveries may wait to be written before [`StoreError::Busy`](crate::store::StoreError::Busy).
    /// 4 096 by default.
    pub queue: usize,
    /// How many traces are kept. 10 000 by default.
    pub max_traces: usize,
    /// Tells when keys expire and runs end.
    pub clock: Clock,
}

impl Default for SqliteConfig {
    fn default() -> Self {
        SqliteConfig {
            path: Some(PathBuf::from("triggerfish.db")),
            durability: Durability::Full,
            queue: 4096,
            max_traces: 10_000,
            clock: Clock::System,
        }
    }
}
