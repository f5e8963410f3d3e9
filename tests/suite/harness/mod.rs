//! What all tests stand on: an app on a real socket, a client, a board that jobs write on, a server process.

mod app;
mod board;
mod browser;
mod http;
mod logs;
mod process;
mod provider;
mod watched;

pub(crate) use app::{App, Setup, memory, registry, secret, sqlite};
pub(crate) use board::Board;
pub(crate) use browser::{Browser, Looks};
pub(crate) use http::{Answer, Call, exchange, read_answer};
pub(crate) use logs::{lines, lines_with};
pub(crate) use process::Server;
pub(crate) use provider::{PUBLIC_URL, base, based_at, now, path_of};
pub(crate) use watched::Watched;

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Nothing is expected to
/// come near it: a loaded machine must not fail a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "waited for {PATIENCE:?} and it did not come: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
