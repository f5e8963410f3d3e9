//! Steps: what ran stays done, whatever happens to the run after it.

use crate::harness::{App, Board, Call, memory, sqlite};
use std::time::Duration;
use triggerfish::error::RunErrorKind;
use triggerfish::prelude::*;
use triggerfish::store::{RunState, StepState};

/// All jobs of runs hang on one endpoint; a test starts the one it is about.
#[http_endpoint(id = "runs", dedupe = none)]
pub(crate) fn runs() -> Verifier {
    Verifier::none("what is tested comes after verification")
}

/// Starts a run of one job and waits for its end.
pub(crate) async fn run_of(job: &'static str) -> (App, triggerfish::store::Run) {
    run_with(job, "{}").await
}

pub(crate) async fn run_with(job: &'static str, body: &'static str) -> (App, triggerfish::store::Run) {
    let app = memory(&["runs", job]).start().await;
    let answer = app.send(&Call::post("/hooks/runs", body)).await;
    let run = app.ended(answer.delivery()).await;
    (app, run)
}

#[job(id = "steps/memoised", version = "1.0.0", trigger = runs, retry(limit = 4, min = "1ms", max = "1ms"))]
async fn memoised(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    board.note(format_args!("attempt {}", ctx.attempt));
    let mut sum = 0;
    for n in 0..3_u32 {
        sum += io
            .run_task(("add", n), || async {
                board.note(format_args!("step {n}"));
                done(n * 10)
            })
            .await?;
        if ctx.attempt <= n + 1 {
            return Err(Error::msg("not yet"));
        }
    }
    board.note(format_args!("sum {sum}"));
    Ok(())
}

#[tokio::test]
async fn a_step_that_is_done_returns_its_output_and_does_not_run_again() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "steps/memoised"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let answer = app.send(&Call::post("/hooks/runs", "{}")).await;
        let run = app.ended(answer.delivery()).await;
        assert_eq!((run.state, run.attempt), (RunState::Done, 4), "{run:?}");
        assert_eq!(
            app.board.notes(),
            ["attempt 1", "step 0", "attempt 2", "step 1", "attempt 3", "step 2", "attempt 4", "sum 30"]
        );
        let steps = app.store().steps(run.id).await.unwrap();
        let seen: Vec<_> = steps
            .iter()
            .map(|step| (step.seq, step.key.as_str(), step.output.as_str(), step.attempt))
            .collect();
        assert_eq!(seen, [(0, "add:0", "0", 1), (1, "add:1", "10", 2), (2, "add:2", "20", 3)]);
        app.stop().await;
    }
}

#[job(id = "steps/nested", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn nested(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let total: u32 = io
        .run_task("outer", || async {
            board.note("outer");
            let mut total = 0;
            for n in 0..2_u32 {
                total += io
                    .run_task(("inner", n), || async {
                        board.note(format_args!("inner {n}"));
                        done(n + 1)
                    })
                    .await?;
                if ctx.attempt == 1 {
                    return Err(Error::msg("between two inner steps"));
                }
            }
            done(total)
        })
        .await?;
    // The same keys below another step are other steps.
    io.run_task("other", || async {
        io.run_task(("inner", 0), || async {
            board.note("inner of other");
            done(())
        })
        .await
    })
    .await?;
    if ctx.attempt == 2 {
        return Err(Error::msg("when all is done"));
    }
    board.note(format_args!("total {total}"));
    Ok(())
}

#[tokio::test]
async fn steps_within_a_step_are_done_for_themselves() {
    let (app, run) = run_of("steps/nested").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 3), "{run:?}");
    assert_eq!(app.board.notes(), ["outer", "inner 0", "outer", "inner 1", "inner of other", "total 3"]);
    let steps = app.store().steps(run.id).await.unwrap();
    let keys: Vec<_> = steps.iter().map(|step| step.key.as_str()).collect();
    assert_eq!(keys, ["outer/inner:0", "outer/inner:1", "outer", "other/inner:0", "other"]);
    app.stop().await;
}

#[job(id = "steps/twice", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn twice(io: Io) -> Result<()> {
    io.run_task("same", || async { done(1) }).await?;
    io.run_task("same", || async { done(2) }).await?;
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_used_twice_fails_the_run_and_names_both_places() {
    let (app, run) = run_of("steps/twice").await;
    assert_eq!((run.state, run.attempt), (RunState::Failed, 1), "{run:?}");
    let error = run.error.unwrap();
    assert!(error.contains("`same`"), "{error}");
    assert_eq!(error.matches("steps.rs:").count(), 2, "{error}");
    app.stop().await;
}

#[job(id = "steps/retyped", version = "1.0.0", trigger = runs, retry(limit = 5, min = "1ms", max = "1ms"))]
async fn retyped(io: Io, ctx: Context) -> Result<()> {
    if ctx.attempt == 1 {
        io.run_task("id", || async { done(7_u32) }).await?;
        return Err(Error::msg("and then the code is changed"));
    }
    let error = io.run_task("id", || async { done("seven".to_owned()) }).await.unwrap_err();
    assert_eq!(error.kind(), RunErrorKind::Output);
    Err(error.into())
}

#[tokio::test]
async fn an_output_of_another_type_fails_the_run_and_names_the_step() {
    let (app, run) = run_of("steps/retyped").await;
    assert_eq!((run.state, run.attempt), (RunState::Failed, 2), "{run:?}");
    let error = run.error.unwrap();
    assert!(error.contains("`id`") && error.contains("String") && error.contains("another key"), "{error}");
    app.stop().await;
}

#[job(id = "steps/swallowed", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn swallowed(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let first = io
        .run_task("first", || async {
            board.note("first");
            // Would succeed later: the other way must not be taken then.
            if ctx.attempt == 1 { Err(Error::msg("card refused")) } else { done(()) }
        })
        .await;
    let way = match &first {
        Ok(()) => "paid",
        Err(error) => {
            assert_eq!(error.kind(), RunErrorKind::StepFailed);
            assert!(error.to_string().contains("card refused"), "{error}");
            "unpaid"
        }
    };
    io.run_task(way, || async {
        board.note(way);
        done(())
    })
    .await?;
    if ctx.attempt < 3 {
        return Err(Error::msg("after it"));
    }
    Ok(())
}

#[tokio::test]
async fn a_failed_step_that_the_job_went_past_stays_failed() {
    let (app, run) = run_of("steps/swallowed").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 3), "{run:?}");
    assert_eq!(app.board.notes(), ["first", "unpaid"]);
    let steps = app.store().steps(run.id).await.unwrap();
    let seen: Vec<_> = steps.iter().map(|step| (step.key.as_str(), step.state)).collect();
    assert_eq!(seen, [("first", StepState::Failed), ("unpaid", StepState::Done)]);
    app.stop().await;
}

#[job(id = "steps/failed", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn failed(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    io.run_task("before", || async {
        board.note("before");
        done(())
    })
    .await?;
    io.run_task("flaky", || async {
        board.note(format_args!("flaky {}", ctx.attempt));
        if ctx.attempt < 3 { Err(Error::msg("not yet")) } else { done(()) }
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_failed_step_that_ended_its_run_is_tried_again_with_the_run() {
    let (app, run) = run_of("steps/failed").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 3), "{run:?}");
    assert_eq!(app.board.notes(), ["before", "flaky 1", "flaky 2", "flaky 3"]);
    app.stop().await;
}

#[job(id = "steps/panics-inside", version = "1.0.0", trigger = runs, retry(limit = 2, min = "1ms", max = "1ms"))]
async fn panics_inside(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let attempt = ctx.attempt;
    io.run_task("shaky", || async {
        board.note(format_args!("shaky {attempt}"));
        assert!(attempt > 1, "the first time is hard");
        done(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_panic_inside_a_step_leaves_no_record_of_it() {
    let (app, run) = run_of("steps/panics-inside").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 2), "{run:?}");
    assert_eq!(app.board.notes(), ["shaky 1", "shaky 2"]);
    app.stop().await;
}

#[job(id = "steps/large", version = "1.0.0", trigger = runs, retry(limit = 2, min = "1ms", max = "1ms"))]
async fn large(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let text = io.run_task("a/b%", || async { done("é\u{0}\"".repeat(100_000)) }).await?;
    io.run_task("pause", || async {
        tokio::time::sleep(Duration::ZERO).await;
        done(())
    })
    .await?;
    board.note(text == "é\u{0}\"".repeat(100_000));
    if ctx.attempt == 1 { Err(Error::msg("again")) } else { Ok(()) }
}

#[tokio::test]
async fn an_output_comes_back_as_it_was_whatever_is_in_it() {
    let (app, run) = run_of("steps/large").await;
    assert_eq!(run.state, RunState::Done, "{run:?}");
    assert_eq!(app.board.notes(), ["true", "true"]);
    app.stop().await;
}
