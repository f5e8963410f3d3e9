//! Runs over the life of programs: shutdown, restart, crash, a job that is gone.

use crate::harness::{Board, Call, Server, sqlite, until};
use crate::steps::runs;
use std::time::Duration;
use triggerfish::prelude::*;
use triggerfish::store::sqlite::{SqliteConfig, SqliteStore};
use triggerfish::store::{RunQuery, RunState, Store};

/// With a limit of one, so that anything that counts as an attempt would end it.
#[job(id = "runs/held", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn held(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    io.run_task("first", || async {
        board.note("first");
        done(())
    })
    .await?;
    io.run_task("second", || async {
        board.note("second");
        board.pass(&format!("gate {}", ctx.attempt)).await;
        done(())
    })
    .await?;
    board.note("ended");
    Ok(())
}

const HELD: &[&str] = &["runs", "runs/held"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_lets_end_what_ends_in_time() {
    let directory = tempfile::tempdir().unwrap();
    let app = sqlite(directory.path(), HELD).start().await;
    app.send(&Call::post("/hooks/runs", "{}")).await;
    app.board.noted("at gate 1").await;
    let board = app.board.clone();
    let running = app.stop_serving().await;
    let stopped = tokio::spawn(running.shutdown());
    assert!(!stopped.is_finished());
    board.open("gate 1");
    stopped.await.unwrap();
    assert_eq!(board.notes(), ["first", "second", "at gate 1", "ended"]);
    let app = sqlite(directory.path(), HELD).start().await;
    let runs = app.runs().await;
    assert_eq!((runs[0].state, runs[0].attempt), (RunState::Done, 1));
    app.stop().await;
}

#[tokio::test]
async fn what_does_not_end_in_time_goes_on_at_the_next_start_and_no_attempt_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let start =
        || sqlite(directory.path(), HELD).config(|config| config.shutdown_grace = Duration::from_millis(1));
    let app = start().start().await;
    let board = app.board.clone();
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    board.noted("at gate 1").await;
    app.stop().await;
    // Given back more often than the limit allows failures.
    for attempt in 2..=3 {
        let app = start().board(&board).start().await;
        board.noted(&format!("at gate {attempt}")).await;
        let run = app.in_state(delivery, RunState::Running).await;
        assert_eq!((run.failures, run.crashes), (0, 0), "{run:?}");
        app.stop().await;
    }
    board.open("gate 4");
    let app = start().board(&board).start().await;
    let run = app.ended(delivery).await;
    assert_eq!((run.state, run.failures, run.crashes), (RunState::Done, 0, 0), "{run:?}");
    assert_eq!(board.count("first"), 1, "what is done is done");
    assert_eq!(board.count("second"), 4);
    app.stop().await;
}

#[tokio::test]
async fn a_program_that_ends_without_a_shutdown_leaves_runs_that_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "runs/crashed"];
    let app = sqlite(directory.path(), ids).start().await;
    let board = app.board.clone();
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    board.noted("at gate 1").await;
    let running = app.stop_serving().await;
    drop(running);
    board.open("gate 2");
    // The thread that writes may still hold the file for a moment.
    let app =
        until("the file", async || sqlite(directory.path(), ids).board(&board).try_start().await.ok()).await;
    let run = app.ended(delivery).await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 2), "{run:?}");
    app.stop().await;
}

#[job(id = "runs/crashed", version = "1.0.0", trigger = runs, retry(limit = 3))]
async fn crashed(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    held(io, ctx, State(board)).await
}

#[job(id = "runs/other", version = "1.0.0", trigger = runs, filter = { method: ["PUT"] })]
async fn other() {}

#[tokio::test]
async fn a_run_whose_job_is_gone_waits_for_a_program_that_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let grace = |config: &mut triggerfish::runtime::Config| config.shutdown_grace = Duration::from_millis(1);
    let app = sqlite(directory.path(), HELD).config(grace).start().await;
    let board = app.board.clone();
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    board.noted("at gate 1").await;
    app.stop().await;

    for _ in 0..2 {
        let app = sqlite(directory.path(), &["runs", "runs/other"]).board(&board).start().await;
        let run = app.in_state(delivery, RunState::Parked).await;
        assert_eq!((run.failures, run.crashes), (0, 0), "{run:?}");
        app.stop().await;
    }
    assert_eq!(board.count("second"), 1);

    let app = sqlite(directory.path(), HELD).board(&board).start().await;
    let second = until("its second execution", async || {
        board.notes().into_iter().filter(|note| note.starts_with("at gate")).nth(1)
    })
    .await;
    board.open(second.strip_prefix("at ").unwrap());
    let run = app.ended(delivery).await;
    assert_eq!((run.state, run.failures, run.crashes), (RunState::Done, 0, 0), "{run:?}");
    assert_eq!(board.count("first"), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_ends_its_process_stops_at_its_limit() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::spawn(directory.path());
    let call = Call::post("/hooks/abort", "{}")
        .sign(Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET")));
    let address = server.address().unwrap();
    // Whether the answer comes before the end does not matter here.
    let _ = crate::harness::exchange(address, &call.bytes()).await;
    assert!(!server.wait().success());
    // At each start the run is taken up at once, and ends the process again.
    for _ in 2..=3 {
        assert!(!Server::spawn(directory.path()).wait().success());
    }
    let server = Server::spawn(directory.path());
    assert!(server.address().is_some(), "the run is given up, and the program stays");
    assert!(server.terminate().success());
    let effects = std::fs::read_to_string(directory.path().join("effects")).unwrap();
    assert_eq!(effects.lines().collect::<Vec<_>>(), ["aborts 1 -", "aborts 2 -", "aborts 3 -"]);
    let path = Some(directory.path().join("app.db"));
    let store = SqliteStore::open(SqliteConfig { path, ..SqliteConfig::default() }).unwrap();
    let run = store.runs(RunQuery::default()).await.unwrap().pop().unwrap();
    assert_eq!((run.state, run.crashes), (RunState::Crashed, 3), "{run:?}");
    assert!(run.error.as_ref().unwrap().contains("3 times"), "{run:?}");
    store.close().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_twice_stops_at_once_and_its_run_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::spawn(directory.path());
    let verifier = || Verifier::hmac_sha256().header("X-Sig").secret(env("KILL_SECRET"));
    let body = "{\"id\":\"held\",\"hang\":\"inside two\"}";
    let address = server.address().unwrap();
    let answer = Call::post("/hooks/kill", body).sign(verifier()).send(address).await;
    assert_eq!(answer.status, 200);
    let effects = || std::fs::read_to_string(directory.path().join("effects")).unwrap_or_default();
    until("the run", async || effects().contains("hangs held").then_some(())).await;

    server.tell_to_stop();
    assert!(server.says("stopping"));
    // It may need to be told again: how often it listens is its business.
    let status = until("its end, long before its grace", async || {
        server.tell_to_stop();
        server.ended()
    })
    .await;
    assert!(status.success(), "{status}");

    let server = Server::spawn(directory.path());
    server.address().unwrap();
    until("the end of the run", async || effects().contains("ended held").then_some(())).await;
    assert!(server.terminate().success());
    let seen = effects();
    assert_eq!(seen.matches("ran held one").count(), 1, "{seen}");
    assert_eq!(seen.matches("ran held two").count(), 2, "{seen}");
    let path = Some(directory.path().join("app.db"));
    let store = SqliteStore::open(SqliteConfig { path, ..SqliteConfig::default() }).unwrap();
    let run = store.runs(RunQuery::default()).await.unwrap().pop().unwrap();
    assert_eq!((run.state, run.attempt, run.failures, run.crashes), (RunState::Done, 2, 0, 0), "{run:?}");
    store.close().await.unwrap();
}
