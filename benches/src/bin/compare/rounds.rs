//! Interleaves the rivals, round by round.

use crate::plan::{Body, Plan};
use crate::server::{Rival, SECRET, Server, headers, sibling};
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;
use triggerfish_benches::load::Report;
use triggerfish_benches::{Result, disk};

/// One table: all rivals with one body and one number of connections.
pub(crate) struct Case<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) body: &'a Body,
    pub(crate) connections: usize,
}

/// What was measured in a case.
pub(crate) struct Results {
    pub(crate) rivals: Vec<(Rival, Vec<Measured>)>,
    /// What the disk could do in each round.
    pub(crate) syncs_per_second: Vec<f64>,
}

/// One rival in one round.
pub(crate) struct Measured {
    pub(crate) report: Report,
    /// How long the server worked on after the load had ended.
    pub(crate) settled: Duration,
}

/// Starts all rivals, and loads one at a time.
pub(crate) fn measure(case: &Case<'_>) -> Result<Results> {
    let plan = case.plan;
    let servers = plan.rivals.iter().map(|rival| Server::start(*rival, plan, &case.body.bytes));
    let servers = servers.collect::<Result<Vec<_>>>()?;
    let mut results = Results {
        rivals: plan.rivals.iter().map(|rival| (*rival, Vec::new())).collect(),
        syncs_per_second: Vec::new(),
    };
    for round in 0..plan.rounds {
        results.syncs_per_second.push(disk::syncs_per_second(&plan.directory, Duration::from_millis(200))?);
        let mut order: Vec<usize> = (0..servers.len()).collect();
        if round % 2 == 1 {
            // Who follows whom must not decide.
            order.reverse();
        }
        for index in order {
            let (Some(server), Some((_, measured))) = (servers.get(index), results.rivals.get_mut(index))
            else {
                continue;
            };
            let report = load(case, server)?;
            tell(case, round, server, &report);
            measured.push(Measured { report, settled: server.settle()? });
        }
    }
    Ok(results)
}

fn load(case: &Case<'_>, server: &Server) -> Result<Report> {
    let plan = case.plan;
    let mut command = plan.command(sibling("load")?, &plan.load_cores);
    command.arg(server.address.to_string());
    command.args(["--path", server.path(), "--secret", SECRET]).arg("--body").arg(&case.body.file);
    headers().iter().for_each(|header| {
        command.args(["--header", header]);
    });
    command.args(["--conns", &case.connections.to_string(), "--server", &server.pid().to_string()]);
    command.args(["--warm", &plan.warm.as_secs_f64().to_string()]);
    command.args(["--seconds", &plan.measure.as_secs_f64().to_string()]);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the load on {} ended with {}", server.rival.name(), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Shows that something goes on; the result is the table.
fn tell(case: &Case<'_>, round: usize, server: &Server, report: &Report) {
    let (name, rate) = (server.rival.name(), report.per_second);
    let (body, connections) = (case.body.name, case.connections);
    // Nobody may be watching.
    let _ = writeln!(
        std::io::stderr(),
        "{body} {connections} connections, round {}: {name} {rate:.0}/s",
        round + 1
    );
}
