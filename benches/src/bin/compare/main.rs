//! Compares receivers of webhooks: all run at once, a core for the server and
//! one for the load, the rounds interleaved, so that whatever else the machine
//! does disturbs all of them alike. Prints tables in markdown.

mod plan;
mod rounds;
mod server;
mod table;

use plan::Plan;
use rounds::{Case, measure};
use std::io::Write;
use triggerfish_benches::args::Args;
use triggerfish_benches::{Result, disk, processes};

fn main() -> Result<()> {
    let plan = Plan::read(Args::from_env())?;
    let holder = disk::file_system(&plan.directory)?;
    if holder == "tmpfs" || holder == "ramfs" {
        let directory = plan.directory.display();
        return Err(format!("{directory} is in memory: give a directory on a disk with `--dir`").into());
    }
    if plan.nice != 0 {
        // Where Linux shares the cores among sessions first, a process's own
        // priority counts only within its session. Not every kernel has this.
        let _ = std::fs::write("/proc/self/autogroup", plan.nice.to_string());
    }
    let mut out = std::io::stdout();
    writeln!(out, "{}", table::setting(&plan, &holder, processes::load_average()?))?;
    let mut records = Vec::new();
    for body in &plan.bodies {
        for connections in &plan.connections {
            let case = Case { plan: &plan, body, connections: *connections };
            let results = measure(&case)?;
            writeln!(out, "{}", table::results(&case, &results))?;
            out.flush()?;
            records.push(table::record(&case, &results));
        }
    }
    if let Some(file) = &plan.json {
        std::fs::write(file, serde_json::to_vec(&records)?)?;
    }
    Ok(())
}
