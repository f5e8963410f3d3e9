//! Providers as their API references describe them, on loopback.

pub(crate) mod acme;
pub(crate) mod form;
pub(crate) mod github;
pub(crate) mod stripe;
