//! Receive webhooks and run durable jobs from them, inside your own binary.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod config;
pub mod endpoint;
pub mod error;
pub mod job;
pub mod registry;
pub mod request;
pub mod run;
pub mod secret;
pub mod store;
pub mod time;
pub mod verify;

use std::future::Future;
use std::pin::Pin;

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
