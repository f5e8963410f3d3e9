//! Receive webhooks and run durable jobs from them, inside your own binary.

pub mod request;
pub mod secret;
pub mod store;
pub mod time;
pub mod verify;
