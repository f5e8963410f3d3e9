//! What is measured of a program that runs.

use crate::app::{App, Job};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use triggerfish_benches::histogram::Histogram;
use triggerfish_benches::{Result, processes};

/// How long calls took.
#[derive(Default)]
pub(crate) struct Latencies {
    /// From the call to its acknowledgement, which is durable.
    pub(crate) durable: Histogram,
    /// From the call to the begin of its job.
    pub(crate) begun: Histogram,
    /// From the acknowledgement to the begin; zero where the job was faster than the news.
    pub(crate) pickup: Histogram,
}

/// One round of a closed loop.
pub(crate) struct Closed {
    /// Runs a second, counted until the end of the last one is stored.
    pub(crate) per_second: f64,
    /// CPU time of the whole program for each run.
    pub(crate) cpu: Duration,
    pub(crate) latencies: Latencies,
}

/// `producers` call a job, each the next time when the last call is durable.
pub(crate) async fn closed(
    app: &Arc<App>,
    file: &Path,
    job: Job,
    producers: usize,
    time: Duration,
) -> Result<Closed> {
    let before = app.board.count();
    app.board.take();
    let next = Arc::new(AtomicU64::new(0));
    let (begun, cpu) = (Instant::now(), processes::cpu_time(None)?);
    let loops: Vec<_> = (0..producers)
        .map(|_| {
            let (app, next) = (Arc::clone(app), Arc::clone(&next));
            tokio::spawn(async move {
                let mut calls = Vec::new();
                while begun.elapsed() < time {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let called = app.board.now();
                    let run = app.call(job, number).await?;
                    calls.push((run, (number, called, app.board.now())));
                }
                Ok::<_, triggerfish_benches::Error>(calls)
            })
        })
        .collect();
    let mut calls = Vec::new();
    for one in loops {
        calls.extend(one.await??);
    }
    app.begun(before + calls.len() as u64).await;
    let cpu = processes::cpu_time(None)? - cpu;
    let (runs, calls): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
    let ended = app.ended(file, &runs).await?;
    let count = u32::try_from(calls.len())?.max(1);
    Ok(Closed {
        per_second: f64::from(count) / (ended - begun).as_secs_f64(),
        cpu: cpu / count,
        latencies: latencies(calls, app.board.take()),
    })
}

/// One call at a time, with a pause between them: how long a job waits for its begin.
pub(crate) async fn idle(app: &App, file: &Path, count: u64, pause: Duration) -> Result<Latencies> {
    let before = app.board.count();
    app.board.take();
    let mut calls = Vec::new();
    for number in 0..count {
        let called = app.board.now();
        let run = app.call(Job::Noop, number).await?;
        calls.push((number, called, app.board.now()));
        tokio::time::sleep(pause).await;
        app.left(file, run).await?;
    }
    app.begun(before + count).await;
    Ok(latencies(calls, app.board.take()))
}

/// Queued runs that were worked off.
pub(crate) struct Drained {
    /// Runs a second, until the end of the last one is stored, the start included.
    pub(crate) per_second: f64,
    /// CPU time of the whole program for each run.
    pub(crate) cpu: Duration,
}

/// Queued runs that execute at once, as suits many that do nothing; the batched peer has a queue of 500.
const AT_ONCE: usize = 1024;

/// Starts the program on a file with `count` queued runs.
pub(crate) async fn drain(file: &Path, count: u32) -> Result<Drained> {
    let (begun, cpu) = (Instant::now(), processes::cpu_time(None)?);
    let app = App::start_with(file, AT_ONCE).await?;
    app.begun(count.into()).await;
    app.idle(file).await?;
    let per_second = f64::from(count) / begun.elapsed().as_secs_f64();
    let cpu = (processes::cpu_time(None)? - cpu) / count.max(1);
    app.stop().await;
    Ok(Drained { per_second, cpu })
}

/// Which share of a core the program takes while there is nothing to do.
pub(crate) async fn resting(time: Duration) -> Result<f64> {
    let cpu = processes::cpu_time(None)?;
    tokio::time::sleep(time).await;
    Ok((processes::cpu_time(None)? - cpu).as_secs_f64() / time.as_secs_f64())
}

fn latencies(mut calls: Vec<(u64, u64, u64)>, mut began: Vec<(u64, u64)>) -> Latencies {
    calls.sort_unstable();
    began.sort_unstable();
    let mut all = Latencies::default();
    for ((_, called, durable), (_, begun)) in calls.into_iter().zip(began) {
        all.durable.record(Duration::from_nanos(durable.saturating_sub(called)));
        all.begun.record(Duration::from_nanos(begun.saturating_sub(called)));
        all.pickup.record(Duration::from_nanos(begun.saturating_sub(durable)));
    }
    all
}
