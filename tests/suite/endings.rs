//! How an execution ends, and what becomes of its run.

use crate::harness::{Board, Call, Watched, memory};
use crate::steps::{run_of, run_with, runs};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use triggerfish::prelude::*;
use triggerfish::run::Level;
use triggerfish::store::RunState;

#[job(id = "endings/always", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn always(State(board): State<Board>, ctx: Context) -> Result<()> {
    board.note(ctx.attempt);
    Err(Error::msg(format!("failure {}", ctx.attempt)))
}

#[tokio::test]
async fn a_run_that_always_fails_ends_at_its_limit_with_its_last_error() {
    let (app, run) = run_of("endings/always").await;
    assert_eq!((run.state, run.attempt, run.failures), (RunState::Failed, 3, 3), "{run:?}");
    assert_eq!(run.error.as_deref(), Some("failure 3"));
    assert!(run.finished_at.is_some());
    assert_eq!(app.board.notes(), ["1", "2", "3"]);
    app.stop().await;
}

#[job(id = "endings/once", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn once() -> Result<()> {
    Err(Error::msg("no"))
}

#[tokio::test]
async fn a_limit_of_one_is_no_retry() {
    let (app, run) = run_of("endings/once").await;
    assert_eq!((run.state, run.attempt), (RunState::Failed, 1), "{run:?}");
    app.stop().await;
}

/// Progress between failures: five failures, never three in a row without a new step.
#[job(id = "endings/progress", version = "1.0.0", trigger = runs, retry(limit = 2, min = "1ms", max = "1ms"))]
async fn progress(io: Io, ctx: Context) -> Result<()> {
    for n in 1..=5 {
        io.run_task(("step", n), || async { done(n) }).await?;
        if ctx.attempt <= n {
            return Err(Error::msg("with progress"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn progress_starts_the_count_of_failures_again() {
    let (app, run) = run_of("endings/progress").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 6), "{run:?}");
    app.stop().await;
}

#[derive(Debug, thiserror::Error)]
#[error("while charging")]
struct Charging(#[source] triggerfish::error::RunError);

async fn refuse() -> Result<()> {
    Err(Error::fatal("card refused"))
}

#[job(id = "endings/fatal-own", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn fatal_own() -> Result<()> {
    refuse().await
}

#[job(id = "endings/fatal-step", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn fatal_step(io: Io) -> Result<()> {
    Ok(io.run_task("charge", refuse).await?)
}

#[job(id = "endings/fatal-anyhow", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn fatal_anyhow(io: Io) -> anyhow::Result<()> {
    use anyhow::Context as _;
    io.run_task("charge", refuse).await.context("while charging").context("in the evening")
}

#[job(id = "endings/fatal-typed", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn fatal_typed(io: Io) -> Result<(), Charging> {
    io.run_task("charge", refuse).await.map_err(Charging)
}

#[tokio::test]
async fn a_fatal_error_is_not_tried_again_however_it_is_wrapped() {
    for job in ["endings/fatal-own", "endings/fatal-step", "endings/fatal-anyhow", "endings/fatal-typed"] {
        let (app, run) = run_of(job).await;
        assert_eq!((run.state, run.attempt), (RunState::Failed, 1), "{job}: {run:?}");
        assert!(run.error.as_ref().unwrap().contains("card refused"), "{job}: {run:?}");
        app.stop().await;
    }
}

#[job(id = "endings/after", version = "1.0.0", trigger = runs, retry(limit = 2, min = "10d", max = "10d"))]
async fn after(ctx: Context, io: Io) -> anyhow::Result<()> {
    io.run_task("later", || async {
        match ctx.attempt {
            1 => Err(Error::retry_after(Duration::from_millis(1), "busy")),
            _ => Ok(()),
        }
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_error_may_choose_when_it_is_tried_again() {
    let (app, run) = run_of("endings/after").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 2), "{run:?}");
    app.stop().await;
}

#[job(id = "endings/at", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn at(ctx: Context) -> Result<()> {
    match ctx.attempt {
        1 => Err(Error::retry_at(ctx.received_at + Duration::from_secs(3600), "closed until then")),
        _ => Ok(()),
    }
}

#[tokio::test]
async fn a_run_that_waits_for_its_next_attempt_is_due_when_the_error_said() {
    let app = memory(&["runs", "endings/at"]).start().await;
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    let run = crate::harness::until("the first failure", async || {
        app.runs().await.into_iter().find(|run| run.failures == 1)
    })
    .await;
    assert_eq!((run.origin.delivery(), run.state), (Some(delivery), RunState::Queued));
    assert_eq!(run.due_at, run.created_at.plus(Duration::from_secs(3600)).min(run.due_at));
    assert!(run.due_at.since(run.created_at) > Duration::from_secs(3500), "{run:?}");
    app.stop().await;
}

#[job(id = "endings/panics", version = "1.0.0", trigger = runs, retry(limit = 2, min = "1ms", max = "1ms"))]
async fn panics(State(board): State<Board>) {
    board.note("before");
    panic!("a bug in attempt {}", board.count("before"));
}

#[tokio::test]
async fn a_panic_is_a_failed_attempt_and_no_dead_worker() {
    let app = memory(&["runs", "endings/panics"])
        .config(|config| {
            config.worker_threads = 1;
            config.concurrency = 1;
        })
        .start()
        .await;
    for _ in 0..3 {
        let answer = app.send(&Call::post("/hooks/runs", "{}")).await;
        let run = app.ended(answer.delivery()).await;
        assert_eq!((run.state, run.attempt), (RunState::Failed, 2), "{run:?}");
        assert!(run.error.as_ref().unwrap().contains("a bug in attempt"), "{run:?}");
    }
    app.stop().await;
}

#[job(
    id = "endings/slow", version = "1.0.0", trigger = runs, timeout = "50ms",
    retry(limit = 2, min = "1ms", max = "1ms"),
)]
async fn slow(State(board): State<Board>, ctx: Context) {
    board.note(format_args!("attempt {}", ctx.attempt));
    board.pass("never").await;
}

#[tokio::test]
async fn an_execution_over_its_timeout_is_a_failed_attempt() {
    let (app, run) = run_of("endings/slow").await;
    assert_eq!((run.state, run.attempt), (RunState::Failed, 2), "{run:?}");
    assert!(run.error.as_ref().unwrap().contains("timed out after 50ms"), "{run:?}");
    assert_eq!(app.board.notes(), ["attempt 1", "at never", "attempt 2", "at never"]);
    app.stop().await;
}

#[derive(Deserialize)]
struct Order {
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    amount: u32,
}

#[job(id = "endings/order", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn on_order(Json(order): Json<Order>, State(board): State<Board>) {
    board.note(order.lines.iter().map(|line| line.amount).sum::<u32>());
}

#[tokio::test]
async fn a_payload_that_does_not_decode_is_not_tried_again_and_its_place_is_named() {
    let (app, run) = run_with("endings/order", r#"{"lines":[{"amount":1},{"amount":-5}]}"#).await;
    assert_eq!((run.state, run.attempt), (RunState::InvalidPayload, 1), "{run:?}");
    let error = run.error.unwrap();
    assert!(error.contains("`lines[1].amount`") && error.contains("-5"), "{error}");
    app.stop().await;
    let (app, run) = run_with("endings/order", r#"{"lines":[{"amount":1},{"amount":5}]}"#).await;
    assert_eq!(run.state, RunState::Done);
    assert_eq!(app.board.notes(), ["6"]);
    app.stop().await;
}

#[job(id = "endings/logs", version = "1.0.0", trigger = runs)]
async fn logs(io: Io) {
    let logger = io.logger();
    logger.log("a log", ());
    logger.error("an error", serde_json::json!({ "code": 7 }));
    logger.warn("a warning", [1, 2]);
    logger.info("an information", "text");
    logger.debug("a detail", ());
}

#[job(id = "endings/logs-warn", version = "1.0.0", trigger = runs, log_level = "warn")]
async fn logs_warn(io: Io) {
    logs(io).await;
}

#[tokio::test]
async fn a_log_keeps_what_is_at_least_as_important_as_its_level() {
    let all = ["a log", "an error", "a warning", "an information", "a detail"];
    let levels = [(Level::Log, 1), (Level::Error, 2), (Level::Warn, 3), (Level::Info, 4), (Level::Debug, 5)];
    let jobs = levels.map(|(level, kept)| ("endings/logs", level, kept));
    for (job, level, kept) in jobs.into_iter().chain([("endings/logs-warn", Level::Debug, 3)]) {
        let app = memory(&["runs", job]).config(|config| config.job_log_level = level).start().await;
        let answer = app.send(&Call::post("/hooks/runs", "{}")).await;
        let run = app.ended(answer.delivery()).await;
        app.store().flush().await.unwrap();
        let lines = app.store().logs(run.id).await.unwrap();
        let messages: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(messages, all[..kept], "{job} at {level:?}");
        assert!(lines.iter().all(|line| line.attempt == 1));
        let data: Vec<_> = lines.iter().map(|line| line.data.as_deref()).collect();
        assert_eq!(data, [None, Some("{\"code\":7}"), Some("[1,2]"), Some("\"text\""), None][..kept]);
        app.stop().await;
    }
}

#[job(id = "endings/blocks", version = "1.0.0", trigger = runs)]
async fn blocks(State(board): State<Board>) {
    board.note("blocks");
    while board.count("go on") == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[tokio::test]
async fn a_job_that_blocks_its_thread_stalls_no_acknowledgement() {
    let app = memory(&["runs", "endings/blocks"]).config(|config| config.worker_threads = 1).start().await;
    for _ in 0..3 {
        app.send(&Call::post("/hooks/runs", "{}")).await;
    }
    app.board.noted("blocks").await;
    assert_eq!(app.send(&Call::post("/hooks/runs", "{}")).await.status, 200);
    app.board.note("go on");
    assert_eq!(app.all_ended().await.len(), 4);
    app.stop().await;
}

#[job(id = "endings/crowd", version = "1.0.0", trigger = runs)]
async fn crowd(State(board): State<Board>, ctx: Context) {
    board.pass("crowd").await;
    board.note(ctx.run_id);
}

#[tokio::test]
async fn runs_beyond_the_places_wait_in_the_store_and_lose_none() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "endings/crowd"];
    for setup in [memory(ids), crate::harness::sqlite(directory.path(), ids)] {
        let app = setup.config(|config| config.concurrency = 2).start().await;
        for _ in 0..20 {
            assert_eq!(app.send(&Call::post("/hooks/runs", "{}")).await.status, 200);
        }
        crate::harness::until("both places taken", async || (app.board.count("at crowd") == 2).then_some(()))
            .await;
        let waiting = app.runs().await.iter().filter(|run| run.state == RunState::Queued).count();
        assert_eq!(waiting, 18);
        app.board.open("crowd");
        let runs = app.all_ended().await;
        assert!(runs.iter().all(|run| run.state == RunState::Done && run.attempt == 1), "{runs:?}");
        assert_eq!(app.board.notes().iter().filter(|note| *note != "at crowd").count(), 20);
        app.stop().await;
    }
}

#[job(id = "endings/place", version = "1.0.0", trigger = runs)]
async fn place(State(board): State<Board>, ctx: Context) {
    board.pass(&format!("run {}", ctx.delivery_id.unwrap())).await;
}

#[tokio::test]
async fn a_place_is_free_before_the_end_of_its_run_is_durable() {
    let store = Arc::new(Watched::default());
    let given = Arc::clone(&store);
    let app = memory(&["runs", "endings/place"])
        .config(|config| config.concurrency = 1)
        .builder(move |builder| builder.store(given))
        .start()
        .await;
    store.hold_ends(true);
    let mut deliveries = Vec::new();
    for _ in 0..3 {
        deliveries.push(app.send(&Call::post("/hooks/runs", "{}")).await.delivery());
    }
    // Each waited for a place in the store, but the first.
    for delivery in &deliveries {
        let gate = format!("run {delivery}");
        app.board.noted(&format!("at {gate}")).await;
        assert_eq!(store.ends_answered(), 0);
        app.board.open(&gate);
    }
    app.all_ended().await;
    assert_eq!(store.ends_answered(), 0);
    store.hold_ends(false);
    crate::harness::until("the answers", async || (store.ends_answered() == 3).then_some(())).await;
    app.stop().await;
}
