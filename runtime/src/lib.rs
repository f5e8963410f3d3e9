//! Receive webhooks and run durable jobs from them, inside your own binary.
