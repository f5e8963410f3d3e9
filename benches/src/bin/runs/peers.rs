//! Other queues, as programs of their own.

use serde::Deserialize;
use std::path::Path;
use std::process::{Command, Stdio};
use triggerfish_benches::Result;

/// What a peer prints.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    pub(crate) peer: String,
    /// Queued jobs that it ran a second.
    pub(crate) drain: f64,
    /// Jobs a second from 64 producers.
    pub(crate) per_second: f64,
    /// Microseconds from a call to the begin of its job, the median.
    pub(crate) p50: f64,
    /// The same, what 99 of 100 stay within.
    pub(crate) p99: f64,
}

/// The peers, in the order in which they run.
const PEERS: [(&str, &str); 3] = [("graphile.mjs", ""), ("graphile.mjs", "1"), ("bullmq.mjs", "")];

/// Runs all of them once, beside services of their own.
pub(crate) fn run(directory: &Path, jobs: u32, producers: usize, seconds: f64) -> Result<Vec<Figures>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    if !home.join("node_modules").exists() {
        return Err("the peers are not installed: (cd benches/peers && npm install)".into());
    }
    PEERS
        .iter()
        .map(|(script, batched)| {
            let output = Command::new(home.join("services.sh"))
                .args([directory, Path::new("node"), &home.join(script)])
                .env("BATCHED", batched)
                .env("JOBS", jobs.to_string())
                .env("PRODUCERS", producers.to_string())
                .env("SECONDS", seconds.to_string())
                .stdin(Stdio::null())
                .stderr(Stdio::inherit())
                .output()?;
            if !output.status.success() {
                return Err(format!("{script} ended with {}", output.status).into());
            }
            Ok(serde_json::from_slice(&output.stdout)?)
        })
        .collect()
}
