//! How long each page of the dashboard takes with a million requests in the
//! file, and in which query.
//!
//! `pages [--file pages.db] [--requests 1000000] [--days 3] [--times 50] [--most 50]`: makes the file
//! where there is none, and fails where the 99th percentile of a page is above `--most` milliseconds.

mod client;
mod fill;
mod program;
mod queries;

use client::Client;
use fill::Amount;
use program::SELDOM;
use queries::Queries;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use triggerfish::config::{Config, Database};
use triggerfish::runtime::Runtime;
use triggerfish::secret::Secret;
use triggerfish_benches::args::Args;
use triggerfish_benches::histogram::Histogram;
use triggerfish_benches::{Result, processes};

fn main() -> Result<()> {
    let mut args = Args::from_env();
    let file = PathBuf::from(args.get("--file", "pages.db".to_owned())?);
    let amount = Amount { requests: args.get("--requests", 1_000_000)?, days: args.get("--days", 3.0)? };
    let times: usize = args.get("--times", 50)?;
    let most = Duration::from_millis(args.get("--most", 50)?);
    args.finish()?;
    triggerfish_benches::threads::runtime(2)?.block_on(async {
        if !file.exists() {
            // Half a file must not be taken for a whole one.
            let part = file.with_extension("part");
            let _ = std::fs::remove_file(&part);
            fill::fill(&part, amount).await?;
            std::fs::rename(&part, &file)?;
        }
        measure(file, times, most).await
    })
}

/// Says how far it is.
pub(crate) fn tell(text: &str) {
    // Nobody may be watching.
    let _ = writeln!(std::io::stderr(), "{text}");
}

async fn measure(file: PathBuf, times: usize, most: Duration) -> Result<()> {
    let queries = Queries::default();
    tracing::subscriber::set_global_default(queries.clone())?;
    let mut config = Config::default();
    config.database = Database::Sqlite(file);
    config.dev = false;
    let builder =
        Runtime::builder().config(config).secrets(|_: &'static str| Some(Secret::from("the pages' secret")));
    let running = builder.build()?.start().await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let local = running.local_dashboard(listener.local_addr()?).ok_or("there is no dashboard")?;
    let router = running.router().merge(local.router);
    let served = tokio::spawn(async move { axum::serve(listener, router).await });
    let mut client = Client::open(&local.url).await?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| page | first ms | median | p99 | CPU | its longest query, each time |\n|---|---|---|---|---|---|"
    )?;
    let mut slow = Vec::new();
    for (name, path) in paths(&mut client).await? {
        queries.take();
        let (_, first) = client.get(&path).await?;
        let mut all = Histogram::default();
        queries.take();
        let before = processes::cpu_time(None)?;
        for _ in 0..times {
            all.record(client.get(&path).await?.1);
        }
        // Of the program and of whoever asks, and what holds on a busy machine, too.
        let cpu = (processes::cpu_time(None)? - before) / u32::try_from(times)?;
        let spent = queries.take();
        let longest = spent.first().map_or_else(String::new, |(sql, spent)| {
            let sql: String = sql.chars().filter(|char| *char != '|').take(90).collect();
            let each = f64::from(spent.times) / times as f64;
            format!("{:.1} ms in {each:.0} of `{sql}`", spent.took.as_secs_f64() * 1e3 / times as f64)
        });
        let (median, p99) = (all.quantile(0.5), all.quantile(0.99));
        let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1e3);
        writeln!(out, "| {name} | {} | {} | {} | {} | {longest} |", ms(first), ms(median), ms(p99), ms(cpu))?;
        out.flush()?;
        if p99 > most {
            slow.push(name);
        }
    }
    running.begin_shutdown();
    served.abort();
    running.shutdown().await;
    match slow.as_slice() {
        [] => Ok(()),
        slow => Err(format!("above {} ms: {}", most.as_millis(), slow.join(", ")).into()),
    }
}

/// The pages, by what a person looks for.
async fn paths(client: &mut Client) -> Result<Vec<(&'static str, String)>> {
    let list = |path: &str| path.to_owned();
    let deep = id_in(&client.get("/api/v1/requests?until=60h&limit=1").await?.0)?;
    let deep_run = id_in(&client.get("/api/v1/runs?until=60h&limit=1").await?.0)?;
    let request = id_in(&client.get("/api/v1/requests?outcome=accepted&limit=1").await?.0)?;
    let rejected = id_in(&client.get("/api/v1/requests?outcome=rejected&limit=1").await?.0)?;
    let run = id_in(&client.get("/api/v1/runs?state=failed&limit=1").await?.0)?;
    Ok(vec![
        ("Stream", list("")),
        ("Stream, deep", format!("?before={deep}")),
        ("Stream of an endpoint", list("?endpoint=forms")),
        ("Stream of an endpoint, deep", format!("?endpoint=forms&before={deep}")),
        ("Stream of a seldom called endpoint", format!("?endpoint={SELDOM}")),
        ("Stream of filtered", list("?outcome=filtered")),
        ("Stream of filtered of an endpoint", list("?endpoint=mail&outcome=filtered")),
        ("Stream of rejected", list("?outcome=rejected")),
        ("Stream of rejected of a seldom called endpoint", format!("?endpoint={SELDOM}&outcome=rejected")),
        ("Stream of too large, of which there are none", list("?outcome=too_large")),
        ("Stream of two days ago", list("?until=48h")),
        ("Search, found at once", list("?text=alpha")),
        ("Search for one id", list("?text=evt_000000900001")),
        ("Search, nothing found", list("?text=nowhere+to+be+found")),
        ("Search in an endpoint, nothing found", list("?endpoint=shop&text=nowhere+to+be+found")),
        ("Search, nothing found, deep", format!("?text=nowhere+to+be+found&before={deep}")),
        ("Search among rejected, nothing found", list("?outcome=rejected&text=nowhere+to+be+found")),
        ("Endpoints", list("/endpoints")),
        ("Endpoint", list("/endpoints/shop")),
        ("Endpoint, seldom called", format!("/endpoints/{SELDOM}")),
        ("Request", format!("/requests/{request}")),
        ("Request, deep", format!("/requests/{deep}")),
        ("Request, rejected", format!("/requests/{rejected}")),
        ("Runs", list("/runs")),
        ("Runs, deep", format!("/runs?before={deep_run}")),
        ("Runs of a job", list("/runs?job=code%2Fbuild")),
        ("Runs, failed", list("/runs?state=failed")),
        ("Runs, failed, of a job", list("/runs?state=failed&job=seldom%2Flook")),
        ("Runs, cancelled, of which there are none", list("/runs?state=cancelled")),
        ("Runs, waiting, of a job", list("/runs?state=waiting&job=shop%2Fcharge")),
        ("Run", format!("/runs/{run}")),
        ("Map", list("/map")),
        ("Problems", list("/problems")),
        ("Events", list("/events")),
        ("Events of a name", list("/events?name=order.paid")),
        ("Events of a name that there is not", list("/events?name=nothing")),
        ("Events, cancelled, of which there are none", list("/events?state=cancelled")),
        ("Schedules", list("/schedules")),
        ("Sources", list("/sources")),
        ("API: stats", list("/api/v1/stats")),
    ])
}

/// The first id in an answer.
fn id_in(answer: &str) -> Result<String> {
    let at = answer.find(r#""id":""#).ok_or_else(|| format!("no id in {answer}"))?;
    let id: String = answer.chars().skip(at + 6).take_while(|char| *char != '"').collect();
    Ok(id)
}
