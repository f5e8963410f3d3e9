//! Every command as a process, against a program that runs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails where it cannot go on")]

mod acting;
mod app;
mod following;
mod listing;
mod refused;
mod waiting;
