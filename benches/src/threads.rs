//! The tokio runtime that every Rust server here runs on.

use tokio::runtime::{Builder, Runtime};

/// A runtime with `threads` workers; with none, everything runs on the calling
/// thread, which disturbs a measurement on one core the least.
///
/// # Errors
///
/// The threads cannot be started.
pub fn runtime(threads: usize) -> std::io::Result<Runtime> {
    match threads {
        0 => Builder::new_current_thread().enable_all().build(),
        _ => Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}
