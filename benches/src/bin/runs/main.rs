//! What runs cost: from the call of a job to the stored end of its run, how
//! fast queued ones are worked off, and how long one waits for its begin; with
//! an empty file and with one that holds millions, beside the loop that one
//! writes first, and beside other queues. Everything once a round, so that
//! whatever else the machine does disturbs all alike. Prints markdown.

mod app;
mod bare;
mod history;
mod measure;
mod naive;
mod peers;
mod table;

use app::{App, Job};
use bare::OneTable;
use history::Copies;
use measure::Latencies;
use naive::Naive;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use table::Table;
use triggerfish_benches::args::Args;
use triggerfish_benches::{Result, disk, processes, threads};

/// What is to be measured.
struct Plan {
    rounds: usize,
    time: Duration,
    producers: Vec<usize>,
    queued: u32,
    history: u32,
    peers: bool,
    /// Which of the parts "naive", "bare", "calls", "idle" and "drain".
    parts: Vec<String>,
    directory: PathBuf,
}

impl Plan {
    fn has(&self, part: &str) -> bool {
        self.parts.iter().any(|wanted| wanted == part)
    }

    /// For so long the same is done before, unmeasured. A new log grows, which makes a sync
    /// dearer, until it starts again at its beginning; and peers have worked off a queue by then.
    fn warm(&self) -> Duration {
        self.time / 2
    }
}

fn main() -> Result<()> {
    let mut args = Args::from_env();
    let plan = Plan {
        rounds: args.get("--rounds", 5)?,
        time: Duration::from_secs_f64(args.get("--seconds", 1.0)?),
        producers: args.list("--producers", "1,64,256")?,
        queued: args.get("--queued", 100_000)?,
        history: args.get("--history", 1_000_000)?,
        peers: args.flag("--peers"),
        parts: args.list("--parts", "naive,bare,calls,idle,drain")?,
        directory: args.get("--dir", std::env::temp_dir().display().to_string())?.into(),
    };
    args.finish()?;
    threads::runtime(2)?.block_on(measure(&plan))
}

async fn measure(plan: &Plan) -> Result<()> {
    let home = tempfile::Builder::new().prefix("runs").tempdir_in(&plan.directory)?;
    let (empty, full) = (home.path().join("empty.db"), home.path().join("full.db"));
    let mut out = std::io::stdout();
    let mut table = Table::default();
    writeln!(
        out,
        "{} rounds of {:?}; files on {}; load average at the start {:.2}.\n",
        plan.rounds,
        plan.time,
        disk::file_system(home.path())?,
        processes::load_average()?
    )?;
    if plan.history > 0 {
        history::add(&full, Copies::Finished, plan.history).await?;
        history::add(&full, Copies::Waiting, plan.history).await?;
        let begun = Instant::now();
        App::start(&full).await?.stop().await;
        table.note("start and stop with a full file, ms", begun.elapsed().as_secs_f64() * 1e3);
    }
    for round in 0..plan.rounds {
        table.note("fdatasync/s", disk::syncs_per_second(home.path(), Duration::from_millis(200))?);
        if plan.has("naive") {
            naive_loop(plan, &home.path().join(format!("naive-{round}.db")), &mut table).await?;
        }
        if plan.has("bare") {
            for producers in &plan.producers {
                let file = |name| home.path().join(format!("{name}-{round}-{producers}.db"));
                let one = OneTable::new(&file("one"))?;
                let rate = bare::closed(one, *producers, plan.warm(), plan.time).await?;
                table.note(format!("bare writer, one table: {producers} producers, runs/s"), rate);
                let ours = Naive::new(&file("ours")).await?;
                let rate = bare::closed(ours, *producers, plan.warm(), plan.time).await?;
                table.note(format!("bare writer, these tables: {producers} producers, runs/s"), rate);
            }
        }
        let empty = App::start(&empty).await.map(|app| ("", Arc::new(app), empty.as_path()))?;
        let mut apps = vec![empty];
        if plan.history > 0 {
            apps.push((", full file", Arc::new(App::start(&full).await?), full.as_path()));
        }
        if round % 2 == 1 {
            // Who follows whom must not decide.
            apps.reverse();
        }
        for (name, app, file) in &apps {
            one(plan, name, app, file, &mut table).await?;
        }
        if plan.has("idle") {
            table.note("share of a core at rest", measure::resting(Duration::from_secs(2)).await?);
        }
        for (_, app, _) in apps {
            if let Some(app) = Arc::into_inner(app) {
                app.stop().await;
            }
        }
        if plan.has("drain") {
            let queued = home.path().join(format!("queued-{round}.db"));
            history::add(&queued, Copies::Queued, plan.queued).await?;
            let drained = measure::drain(&queued, plan.queued + 1).await?;
            table.note("drain, runs/s", drained.per_second);
            table.note("drain, CPU µs", drained.cpu.as_secs_f64() * 1e6);
        }
        if plan.peers {
            for peer in peers::run(&plan.directory, plan.queued.min(20_000), 64, plan.time.as_secs_f64())? {
                table.note(format!("{}: 64 producers, runs/s", peer.peer), peer.per_second);
                table.note(format!("{}: drain, runs/s", peer.peer), peer.drain);
                table.note(format!("{}: call to begin p50, µs", peer.peer), peer.p50);
                table.note(format!("{}: call to begin p99, µs", peer.peer), peer.p99);
            }
        }
        writeln!(std::io::stderr(), "round {} of {} is done", round + 1, plan.rounds)?;
    }
    writeln!(out, "{}", table.text())?;
    ratios(&table, &mut out)
}

/// The baseline, on a file of its own.
async fn naive_loop(plan: &Plan, file: &Path, table: &mut Table) -> Result<()> {
    let naive = Naive::new(file).await?;
    table.note("naive loop, runs/s", naive.closed(Job::Noop, plan.time)?);
    table.note("naive loop, one step, runs/s", naive.closed(Job::OneStep, plan.time)?);
    table.note("naive loop: drain, runs/s", naive.drain(2_000)?);
    Ok(())
}

/// Everything that is measured of the program while it runs.
async fn one(plan: &Plan, name: &str, app: &Arc<App>, file: &Path, table: &mut Table) -> Result<()> {
    if plan.has("calls") {
        measure::closed(app, file, Job::Noop, 64, plan.warm()).await?;
    }
    for producers in plan.producers.iter().filter(|_| plan.has("calls")) {
        for (job, step) in [(Job::Noop, ""), (Job::OneStep, ", one step")] {
            let closed = measure::closed(app, file, job, *producers, plan.time).await?;
            let what = format!("{producers} producers{step}{name}");
            table.note(format!("{what}, runs/s"), closed.per_second);
            table.note(format!("{what}, CPU µs"), closed.cpu.as_secs_f64() * 1e6);
            latencies(&what, &closed.latencies, table);
        }
    }
    if plan.has("idle") {
        let idle = measure::idle(app, file, 200, Duration::from_millis(5)).await?;
        latencies(&format!("idle{name}"), &idle, table);
    }
    Ok(())
}

fn latencies(what: &str, latencies: &Latencies, table: &mut Table) {
    let Latencies { durable, begun, pickup } = latencies;
    for (to, histogram) in
        [("call to durable", durable), ("call to begin", begun), ("durable to begin", pickup)]
    {
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            table.note(format!("{what}: {to} {name}, µs"), histogram.quantile(share).as_secs_f64() * 1e6);
        }
    }
}

/// What the figures are for.
fn ratios(table: &Table, out: &mut impl Write) -> Result<()> {
    let wanted = [
        ("64 producers, runs/s", "naive loop, runs/s"),
        ("64 producers, runs/s", "bare writer, one table: 64 producers, runs/s"),
        ("64 producers, runs/s", "bare writer, these tables: 64 producers, runs/s"),
        ("bare writer, one table: 64 producers, runs/s", "BullMQ: 64 producers, runs/s"),
        ("bare writer, these tables: 64 producers, runs/s", "BullMQ: 64 producers, runs/s"),
        ("64 producers, one step, runs/s", "naive loop, one step, runs/s"),
        ("drain, runs/s", "naive loop: drain, runs/s"),
        ("64 producers, runs/s", "graphile-worker: 64 producers, runs/s"),
        ("64 producers, runs/s", "graphile-worker, batched: 64 producers, runs/s"),
        ("64 producers, runs/s", "BullMQ: 64 producers, runs/s"),
        ("drain, runs/s", "graphile-worker, batched: drain, runs/s"),
        ("drain, runs/s", "BullMQ: drain, runs/s"),
        ("64 producers, full file, runs/s", "64 producers, runs/s"),
        ("idle, full file: call to begin p50, µs", "idle: call to begin p50, µs"),
        ("idle, full file: call to begin p99, µs", "idle: call to begin p99, µs"),
    ];
    writeln!(out, "| | to | ratio [quartiles] |\n|---|---|---|")?;
    for (of, to) in wanted {
        if let Some(ratio) = table.ratio(of, to) {
            writeln!(out, "| {of} | {to} | {:.2} [{:.2} {:.2}] |", ratio.median, ratio.q1, ratio.q3)?;
        }
    }
    Ok(())
}
