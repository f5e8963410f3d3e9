//! Values beside the steps, and what differs each time it is asked for.

use crate::harness::Board;
use crate::kit::both;
use crate::steps::runs;
use std::time::{Duration, SystemTime};
use triggerfish::job::RetryPolicy;
use triggerfish::prelude::*;

#[job(id = "values/kept", version = "1.0.0", trigger = runs)]
async fn kept(io: Io, ctx: Context) -> Result<()> {
    io.run_task("count", || async {
        for values in [io.store().run(), io.store().job(), io.store().app()] {
            let old: Option<u32> = values.get("n").await?;
            assert!(values.compare_and_set("n", old.as_ref(), &(old.unwrap_or(0) + 1)).await?);
            assert!(!values.compare_and_set("n", Some(&1000), &1).await?);
        }
        let short = io.store().app().expire_after(Duration::from_secs(60));
        short.set("soon gone", &ctx.run_id).await?;
        done(())
    })
    .await?;
    io.wait("two minutes", Duration::from_secs(120)).await?;
    io.run_task("read", || async {
        let mut all = Vec::new();
        for values in [io.store().run(), io.store().job(), io.store().app()] {
            all.push(values.get::<u32>("n").await?);
        }
        let gone: Option<uuid::Uuid> = io.store().app().get("soon gone").await?;
        assert_eq!(gone, None);
        io.store().run().remove("n").await?;
        all.push(io.store().run().get("n").await?);
        let error = io.store().run().set("n", &"x".repeat(300_000)).await.unwrap_err();
        assert!(error.to_string().contains("262144"), "{error}");
        done(all)
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn values_belong_to_a_run_a_job_or_the_program() {
    for (setup, _directory) in both(&["runs", "values/kept"]) {
        let mut app = setup.start().await.unwrap();
        for n in 1..=2_u32 {
            app.deliver::<runs>("{}").await.unwrap();
            app.run_until_idle().await.unwrap();
            let run = app.run_of::<kept>().await.unwrap();
            run.assert_done();
            let read: Vec<Option<u32>> = run.output("read").unwrap();
            assert_eq!(read, [Some(1), Some(n), Some(n), None]);
        }
        app.stop().await;
    }
}

#[job(id = "values/asked", version = "1.0.0", trigger = runs, retry(limit = 2))]
async fn asked(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let (number, at, id) = (io.random("number").await?, io.now("at").await?, io.uuid("id").await?);
    assert!((0.0..1.0).contains(&number));
    let created = ctx.created_at.duration_since(SystemTime::UNIX_EPOCH)?.as_micros();
    board.note(format_args!("{number} {:?} {id} {created}", at.duration_since(SystemTime::UNIX_EPOCH)?));
    assert!(ctx.started_at >= at && at >= ctx.created_at);
    if ctx.failures == 0 && ctx.attempt == 1 { Err(Error::msg("again")) } else { Ok(()) }
}

#[tokio::test]
async fn a_number_a_time_and_an_id_are_the_same_in_every_execution() {
    for (setup, _directory) in both(&["runs", "values/asked"]) {
        let board = Board::default();
        let mut app = setup.state(board.clone()).start().await.unwrap();
        app.deliver::<runs>("{}").await.unwrap();
        app.run_until_idle().await.unwrap();
        let run = app.run_of::<asked>().await.unwrap();
        run.assert_done().assert_steps(&["number", "at", "id"]);
        let notes = board.notes();
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0], notes[1]);
        let created = format!(" {}", run.run.created_at.0);
        assert!(notes[0].ends_with(&created), "{notes:?} at{created}");
        app.stop().await;
    }
}

#[job(id = "values/policy", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn own_policy(io: Io, State(board): State<Board>) -> Result<()> {
    let limit = RetryPolicy { min: Duration::ZERO, ..RetryPolicy::attempts(3) };
    io.task("stubborn")
        .name("Stubborn")
        .params(serde_json::json!({ "card": 4242, "order": 7 }))
        .redact(["/card"])
        .property("Order", 7)
        .retry(limit)
        .run(|| async {
            board.note("try");
            Err::<(), _>(Error::msg("no"))
        })
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_step_with_a_policy_of_its_own_is_tried_as_often_as_that_says() {
    for (setup, _directory) in both(&["runs", "values/policy"]) {
        let board = Board::default();
        let mut app = setup.state(board.clone()).start().await.unwrap();
        app.deliver::<runs>("{}").await.unwrap();
        app.run_until_idle().await.unwrap();
        let run = app.run_of::<own_policy>().await.unwrap();
        run.assert_failed("step `stubborn` failed: no");
        assert_eq!(board.count("try"), 3, "the job's own limit is one");
        let step = run.step("stubborn").unwrap();
        assert_eq!((step.state, step.failures), (triggerfish::store::StepState::Failing, 3));
        let about = step.about.as_deref().unwrap();
        assert_eq!(about.params, Some(serde_json::json!({ "card": "***", "order": 7 })));
        assert_eq!((about.name.as_deref(), about.properties.len()), (Some("Stubborn"), 1));

        app.store().unwrap().retry(run.run.id, None).await.unwrap();
        app.run_until_idle().await.unwrap();
        assert_eq!(board.count("try"), 6, "a retry by hand counts from zero");
        app.stop().await;
    }
}

#[job(id = "values/timeout", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn too_slow(io: Io, State(board): State<Board>) -> Result<()> {
    let slow = io.task("slow").timeout(Duration::from_secs(30));
    slow.run(|| async {
        board.note("began");
        std::future::pending::<Result<()>>().await
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_step_that_takes_too_long_fails() {
    for (setup, _directory) in both(&["runs", "values/timeout"]) {
        let board = Board::default();
        let mut app = setup.patience(Duration::from_millis(50)).state(board.clone()).start().await.unwrap();
        app.deliver::<runs>("{}").await.unwrap();
        crate::harness::until("the step", async || (board.count("began") == 1).then_some(())).await;
        app.advance(Duration::from_secs(29)).await.unwrap_err();
        app.advance(Duration::from_secs(1)).await.unwrap();
        app.run_of::<too_slow>().await.unwrap().assert_failed("timed out after 30s");
        app.stop().await;
    }
}
