//! `derive(Payload)` and serde say the same of a type: for many types, values are made that the schema takes
//! and values that it refuses, and serde has to agree about each.

#![allow(
    clippy::expect_used,
    clippy::infallible_try_from,
    reason = "a test says what it expects; serde's attribute asks for `TryFrom`, whether it can fail or not"
)]

mod agree;
mod asserting;
mod filters;
mod generate;
mod names;
mod shapes;
mod types;
