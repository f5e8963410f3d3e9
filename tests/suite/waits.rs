//! Waits by time: what executes around them, and what survives.

use crate::harness::{App, Board, Call, Setup, memory, sqlite, until};
use crate::steps::runs;
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::store::{Run, RunQuery, RunState, StepKind};
use triggerfish::time::Clock;

const HOUR: Duration = Duration::from_secs(3600);

fn clock() -> Clock {
    Clock::manual(SystemTime::now().into())
}

fn at(clock: &Clock, setup: Setup) -> Setup {
    let clock = clock.clone();
    setup.builder(move |builder| builder.clock(clock))
}

async fn started(app: &App) -> uuid::Uuid {
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    app.runs().await.into_iter().find(|run| run.origin.delivery() == Some(delivery)).unwrap().id
}

async fn run(app: &App, id: uuid::Uuid) -> Run {
    app.store().runs(RunQuery { id: Some(id), ..RunQuery::default() }).await.unwrap().remove(0)
}

async fn in_state(app: &App, id: uuid::Uuid, state: RunState) -> Run {
    until(&format!("state {state:?}"), async || {
        let run = run(app, id).await;
        (run.state == state).then_some(run)
    })
    .await
}

#[job(id = "waits/long", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn long(io: Io, State(board): State<Board>) -> Result<()> {
    board.note("top");
    for day in 1..=3_u32 {
        // Ignored on purpose: user code cannot swallow a suspension.
        let _ = io.wait(("day", day), HOUR * 24).await;
        board.note(format_args!("day {day}"));
        io.run_task(("mail", day), || async {
            board.note(format_args!("mail {day}"));
            done(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_long_wait_holds_nothing_and_counts_as_no_attempt() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "waits/long"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let clock = clock();
        let app = at(&clock, setup).start().await;
        let id = started(&app).await;
        for day in 1..=3_u32 {
            let waiting = in_state(&app, id, RunState::Waiting).await;
            assert_eq!((waiting.failures, waiting.crashes), (0, 0));
            assert_eq!(waiting.due_at, clock.now().plus(HOUR * 24));
            assert_eq!(app.board.count(&format!("day {day}")), 0);
            clock.advance(HOUR * 24);
            until("the day", async || (app.board.count(&format!("mail {day}")) == 1).then_some(())).await;
        }
        let ended = in_state(&app, id, RunState::Done).await;
        assert_eq!((app.board.count("top"), ended.attempt, ended.failures), (4, 4, 0));
        let steps = app.store().steps(id).await.unwrap();
        let seen: Vec<_> = steps.iter().map(|step| (step.key.as_str(), step.kind)).collect();
        let (wait, task) = (StepKind::Wait, StepKind::Task);
        assert_eq!(
            seen,
            [
                ("day:1", wait),
                ("mail:1", task),
                ("day:2", wait),
                ("mail:2", task),
                ("day:3", wait),
                ("mail:3", task)
            ]
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn a_wait_survives_restarts_and_keeps_its_time() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "waits/long"];
    let clock = clock();
    let app = at(&clock, sqlite(directory.path(), ids)).start().await;
    let board = app.board.clone();
    let id = started(&app).await;
    let due_at = in_state(&app, id, RunState::Waiting).await.due_at;
    app.stop().await;
    clock.advance(HOUR * 23);
    let app = at(&clock, sqlite(directory.path(), ids)).board(&board).start().await;
    let waiting = run(&app, id).await;
    assert_eq!((waiting.state, waiting.due_at), (RunState::Waiting, due_at));
    assert_eq!(board.count("top"), 1, "nothing is executed before its time");
    clock.advance(HOUR);
    until("the first mail", async || (board.count("mail 1") == 1).then_some(())).await;
    app.stop().await;
}

#[job(id = "waits/short", version = "1.0.0", trigger = runs)]
async fn short(io: Io, State(board): State<Board>) -> Result<()> {
    board.note("top");
    io.wait("short", Duration::from_secs(1)).await?;
    io.wait_until("past", SystemTime::UNIX_EPOCH).await?;
    Ok(())
}

#[tokio::test]
async fn a_short_wait_stays_in_memory_and_is_recorded() {
    let clock = clock();
    let app = at(&clock, memory(&["runs", "waits/short"])).start().await;
    let id = started(&app).await;
    until("the wait", async || {
        let waits = app.store().waits(id).await.unwrap();
        (waits.len() == 1 && waits[0].due_at == clock.now().plus(Duration::from_secs(1))).then_some(())
    })
    .await;
    assert_eq!(run(&app, id).await.state, RunState::Running);
    clock.advance(Duration::from_secs(1));
    let ended = in_state(&app, id, RunState::Done).await;
    assert_eq!((app.board.count("top"), ended.attempt), (1, 1));
    assert_eq!(app.store().steps(id).await.unwrap().len(), 2);
    assert!(app.store().waits(id).await.unwrap().is_empty());
    app.stop().await;
}

#[job(id = "waits/join", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn joined(io: Io, State(board): State<Board>) -> Result<()> {
    let (waited, stepped) = tokio::join!(
        io.wait("hour", HOUR),
        io.run_task("step", || async {
            board.pass("step").await;
            done(7)
        })
    );
    waited?;
    board.note(format_args!("joined {}", stepped?));
    Ok(())
}

#[tokio::test]
async fn a_step_under_way_is_not_cut_off_by_a_wait_beside_it() {
    let clock = clock();
    let app = at(&clock, memory(&["runs", "waits/join"])).start().await;
    let id = started(&app).await;
    until("the step", async || (app.board.count("at step") == 1).then_some(())).await;
    assert_eq!(run(&app, id).await.state, RunState::Running);
    app.board.open("step");
    in_state(&app, id, RunState::Waiting).await;
    clock.advance(HOUR);
    in_state(&app, id, RunState::Done).await;
    assert_eq!(app.board.notes(), ["at step", "joined 7"]);
    app.stop().await;
}

#[job(id = "waits/select", version = "1.0.0", trigger = runs, retry(limit = 9, min = "1ms", max = "1ms"))]
async fn selected(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let first = tokio::select! {
        waited = io.wait("late", HOUR * 2) => waited.map(|()| "late"),
        waited = io.wait("soon", HOUR) => waited.map(|()| "soon"),
    }?;
    let second = tokio::select! {
        waited = io.wait("lost", HOUR * 1000) => waited.map(|()| "lost"),
        made = io.run_task("quick", || async { done("quick".to_owned()) }) => made.map(|_| "quick"),
    }?;
    board.note(format_args!("{first} {second}"));
    // Suspended with this one alone: the others were dropped.
    io.wait("last", HOUR).await?;
    board.note(format_args!("{first} {second} last"));
    if ctx.attempt < 6 { Err(Error::msg("again")) } else { Ok(()) }
}

#[tokio::test]
async fn a_race_of_waits_and_steps_ends_the_same_way_in_every_execution() {
    let clock = clock();
    let app = at(&clock, memory(&["runs", "waits/select"])).start().await;
    let id = started(&app).await;
    in_state(&app, id, RunState::Waiting).await;
    clock.advance(HOUR);
    until("the last wait", async || {
        let waits = app.store().waits(id).await.unwrap();
        (run(&app, id).await.state == RunState::Waiting && waits.len() == 1 && waits[0].key == "last")
            .then_some(())
    })
    .await;
    until("the end", async || {
        clock.advance(HOUR * 5);
        run(&app, id).await.state.is_final().then_some(())
    })
    .await;
    assert_eq!(run(&app, id).await.state, RunState::Done);
    let notes = app.board.notes();
    assert!(notes.iter().all(|note| note.starts_with("soon quick")), "{notes:?}");
    assert_eq!(app.board.count("soon quick last"), 4, "{notes:?}");
    app.stop().await;
}

#[job(id = "waits/in-step", version = "1.0.0", trigger = runs)]
async fn in_step(io: Io) -> Result<()> {
    io.run_task("outer", || async { io.wait("inner", HOUR).await }).await?;
    Ok(())
}

#[tokio::test]
async fn a_wait_inside_of_a_step_is_refused_for_good() {
    let app = at(&clock(), memory(&["runs", "waits/in-step"])).start().await;
    let id = started(&app).await;
    let failed = in_state(&app, id, RunState::Failed).await;
    let error = failed.error.unwrap();
    assert!(error.contains("the wait `inner`") && error.contains("inside of step `outer`"), "{error}");
    app.stop().await;
}

#[job(id = "waits/kept", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1s", max = "1s"))]
async fn kept(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let failing = async {
        io.run_task("fails", || async { if ctx.attempt < 3 { Err(Error::msg("no")) } else { done(()) } })
            .await
    };
    tokio::try_join!(io.wait("hour", HOUR), failing)?;
    board.note("through");
    Ok(())
}

#[tokio::test]
async fn a_wait_keeps_its_time_through_failed_executions() {
    let clock = clock();
    let begun = clock.now();
    let app = at(&clock, memory(&["runs", "waits/kept"])).start().await;
    let id = started(&app).await;
    until("the first failure", async || (run(&app, id).await.failures == 1).then_some(())).await;
    let waiting = until("the wait", async || {
        clock.advance(Duration::from_millis(100));
        let run = run(&app, id).await;
        (run.state == RunState::Waiting).then_some(run)
    })
    .await;
    assert_eq!(waiting.due_at, begun.plus(HOUR), "counted from when it was first reached");
    assert_eq!(waiting.attempt, 3);
    app.stop().await;
}
