//! Writes results down: tables in markdown, and every single figure as JSON.

use crate::plan::Plan;
use crate::rounds::{Case, Measured, Results};
use serde_json::{Value, json};
use std::fmt::Write;
use triggerfish_benches::load::Report;
use triggerfish_benches::stats::Spread;

/// Under what circumstances the tables below it came about.
pub(crate) fn setting(plan: &Plan, file_system: &str, load_average: f64) -> String {
    let Plan { rounds, server_cores, load_cores, threads, nice, .. } = plan;
    let seconds = plan.measure.as_secs_f64();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let threads = if *threads == 0 { "one thread".to_owned() } else { format!("{threads} worker threads") };
    format!(
        "{cores} cores; server on {server_cores} ({threads} in Rust), load on {load_cores}, priority {nice}; \
         {rounds} interleaved rounds of {seconds} s; stores on {file_system}; \
         load average at the start {load_average:.2}.\n"
    )
}

/// The table of a case.
pub(crate) fn results(case: &Case<'_>, results: &Results) -> String {
    let mut text = String::new();
    let (name, bytes, connections) = (case.body.name, case.body.bytes.len(), case.connections);
    let syncs = Spread::of(results.syncs_per_second.iter().copied());
    let all = || results.rivals.iter().flat_map(|(_, measured)| measured);
    let generator = all().map(|measured| measured.report.generator_cores).fold(0.0, f64::max);
    let Some((reference, base)) = results.rivals.first() else { return text };
    // Writing to a string does not fail.
    let _ = writeln!(text, "#### {name} body ({bytes} B), {connections} connections\n");
    let _ = writeln!(
        text,
        "| server | requests/s | p50 µs | p99 µs | CPU µs/request | x {} [quartiles] | server cores | others' cores | backlog ms |",
        reference.name()
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|---|");
    for (rival, measured) in &results.rivals {
        let median = |of: fn(&Report) -> f64| Spread::of(measured.iter().map(|one| of(&one.report))).median;
        let ratio = ratios(measured, base);
        let settled = Spread::of(measured.iter().map(|one| one.settled.as_secs_f64() * 1e3)).median;
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} | {:.1} | {:.2} [{:.2} {:.2}] | {:.2} | {:.2} | {settled:.0} |",
            rival.name(),
            median(|report| report.per_second),
            median(|report| report.p50_us),
            median(|report| report.p99_us),
            median(|report| report.server_us),
            ratio.median,
            ratio.q1,
            ratio.q3,
            median(|report| report.server_cores),
            median(|report| report.other_cores),
        );
    }
    let _ = writeln!(
        text,
        "\nfdatasync/s: median {:.0} [{:.0} {:.0}]; the generator was busy for at most {generator:.2} of its core.",
        syncs.median, syncs.q1, syncs.q3
    );
    for (rival, measured) in &results.rivals {
        let bad: u64 = measured.iter().map(|one| one.report.not_ok).sum();
        let broken: u64 = measured.iter().map(|one| one.report.reconnected).sum();
        if bad + broken > 0 {
            let status = measured.iter().find_map(|one| one.report.last_bad_status).unwrap_or_default();
            let name = rival.name();
            let _ = writeln!(
                text,
                "{name}: {bad} answers were not 2xx (last {status}), {broken} connections broke."
            );
        }
        if rival.syncs() {
            // No more than one request of each connection can share a sync.
            let shares = measured.iter().zip(&results.syncs_per_second);
            let share =
                Spread::of(shares.map(|(one, syncs)| one.report.per_second / (syncs * connections as f64)));
            let _ = writeln!(
                text,
                "{}: {:.2} of connections x fdatasync/s [{:.2} {:.2}].",
                rival.name(),
                share.median,
                share.q1,
                share.q3
            );
        }
    }
    text
}

/// How much faster than `base`, of the same round.
fn ratios(measured: &[Measured], base: &[Measured]) -> Spread {
    Spread::of(measured.iter().zip(base).map(|(one, base)| one.report.per_second / base.report.per_second))
}

/// Every figure of a case.
pub(crate) fn record(case: &Case<'_>, results: &Results) -> Value {
    let rivals = results.rivals.iter().map(|(rival, measured)| {
        let reports: Vec<_> = measured.iter().map(|one| &one.report).collect();
        json!({ "server": rival.name(), "rounds": reports })
    });
    json!({
        "body": case.body.name,
        "connections": case.connections,
        "syncs_per_second": results.syncs_per_second,
        "servers": rivals.collect::<Vec<_>>(),
    })
}
