//! Where the embedded store keeps its data, and how safely.

pub use crate::config::Durability;
use crate::time::Clock;
use std::path::PathBuf;

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
