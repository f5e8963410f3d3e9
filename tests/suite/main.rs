//! End to end: over real sockets, with real stores, in real processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::needless_pass_by_value,
    reason = "a test says what it expects and what it found, and makes its arguments where it passes them"
)]

mod fakes;
mod harness;

mod admin;
mod answers;
mod browser;
mod calls;
mod cancels;
mod catalogue;
mod connections;
mod cron;
mod endings;
mod events;
mod flow;
mod fuzzed;
mod github;
mod guide;
mod hostile;
mod invoke;
mod kills;
mod kit;
mod managed;
mod mounting;
mod order;
mod repeats;
mod requests;
mod respond;
mod runs;
mod secrets;
mod soak;
mod sources;
mod sources_killed;
mod startup;
mod steps;
mod stripe;
mod stripe_trouble;
mod syncs;
mod values;
mod vectors;
mod verdicts;
mod waits;
