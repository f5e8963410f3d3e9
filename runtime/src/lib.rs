//! Receive webhooks and run durable jobs from them, inside your own binary.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod config;
pub mod endpoint;
pub mod error;
pub mod job;
pub mod prelude;
pub mod registry;
pub mod request;
pub mod run;
pub mod runtime;
pub mod secret;
mod serve;
pub mod store;
pub mod time;
pub mod verify;

pub use triggerfish_macros::{http_endpoint, job};

use std::future::Future;
use std::pin::Pin;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Ends the block of a step that uses `?`: says that its error is the prelude's.
///
/// ```
/// # use triggerfish::prelude::*;
/// # async fn f(io: &Io) -> Result<()> {
/// let number: u32 = io.run_task("parse", || async { done("15".parse()?) }).await?;
/// # Ok(()) }
/// ```
pub fn done<T>(value: T) -> error::Result<T> {
    Ok(value)
}
