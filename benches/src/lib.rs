//! A load generator for signed webhooks, and what a fair comparison of
//! receivers needs: CPU time per request, the disk's speed, medians of ratios.

pub mod args;
pub mod disk;
pub mod histogram;
pub mod load;
pub mod message;
pub mod processes;
pub mod response;
pub mod stats;
pub mod threads;

/// Any error; a benchmark that cannot go on stops with its text.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The result of a step of a benchmark.
pub type Result<T, E = Error> = std::result::Result<T, E>;
