//! Providers as their API references describe them, on loopback.

pub(crate) mod form;
pub(crate) mod stripe;
