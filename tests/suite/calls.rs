//! Runs that call jobs and go on with what those return.

use crate::harness::{App as Served, Board, Call, memory, registry, sqlite, until};
use crate::steps::runs;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use triggerfish::error::RunErrorKind;
use triggerfish::prelude::*;
use triggerfish::store::{RunState, StepKind, StepState};
use triggerfish::testing::App;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Serialize, Deserialize)]
struct Parcel {
    item: String,
    days: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Packed {
    item: String,
    number: u32,
}

fn parcel(item: &str, days: u64) -> Parcel {
    Parcel { item: item.to_owned(), days }
}

/// Fails, panics or takes days, as it is told.
#[job(id = "calls/pack", version = "1.0.0", trigger = invoke, retry(limit = 2, min = "1s", max = "1s"))]
async fn pack(Json(parcel): Json<Parcel>, io: Io, board: State<Board>) -> Result<Packed> {
    board.note(format_args!("packs {}", parcel.item));
    if parcel.days > 0 {
        io.wait("glue", DAY * u32::try_from(parcel.days)?).await?;
    }
    let number = io.run_task("count", async || done(7_u32)).await?;
    match parcel.item.as_str() {
        "bomb" => Err(Error::fatal("a bomb is not taken")),
        "glass" => Err(Error::msg("it broke")),
        _ => Ok(Packed { item: parcel.item, number }),
    }
}

#[job(id = "calls/caller", version = "1.0.0", trigger = runs, retry(limit = 2))]
async fn caller(Json(parcel): Json<Parcel>, io: Io, board: State<Board>) -> Result<u32> {
    board.note("top");
    let packed: Packed = io.invoke_and_wait("pack", pack::call(&parcel)).await?;
    io.run_task("told", async || done(packed.item.clone())).await?;
    Ok(packed.number + 1)
}

async fn app(ids: &[&'static str], board: &Board) -> App {
    App::setup().registry(registry(ids)).state(board.clone()).start().await.unwrap()
}

const CALLER: &[&str] = &["runs", "calls/caller", "calls/pack"];

#[tokio::test]
async fn a_run_goes_on_with_what_the_run_returned_that_it_called() {
    let board = Board::default();
    let mut app = app(CALLER, &board).await;
    app.deliver_json::<runs>(&parcel("tea", 3)).await.unwrap();
    app.settle().await.unwrap();
    let run = app.run_of::<caller>().await.unwrap();
    run.assert_waiting();
    assert_eq!((run.waits[0].key.as_str(), run.waits[0].kind), ("pack", StepKind::Call));
    let child = app.called_by(&run, "pack").await.unwrap();
    child.assert_waiting();
    app.run_until_idle().await.unwrap();
    let run = app.run(run.run.id).await.unwrap();
    run.assert_done().assert_steps(&["pack", "told"]);
    assert_eq!(run.returned::<u32>().unwrap(), 8);
    assert_eq!(run.output::<Packed>("pack").unwrap(), Packed { item: "tea".to_owned(), number: 7 });
    let child = app.called_by(&run, "pack").await.unwrap();
    assert_eq!(child.returned::<Packed>().unwrap().item, "tea");
    assert_eq!((board.count("top"), board.count("packs tea")), (2, 2), "nothing was held meanwhile");
}

#[tokio::test]
async fn the_call_is_made_once_whatever_crashes() {
    let directory = tempfile::tempdir().unwrap();
    for (n, file) in [false, true].into_iter().enumerate() {
        let board = Board::default();
        let setup = App::setup().registry(registry(CALLER)).state(board.clone());
        let setup = if file { setup.file(directory.path().join(format!("{n}.db"))) } else { setup };
        let mut app = setup.start().await.unwrap();
        for (n, step) in (1..).zip(["glue", "count", "pack", "told"]) {
            app.crash_after(step);
            app.deliver_json::<runs>(&parcel("tea", 1)).await.unwrap();
            app.run_until_idle().await.unwrap();
            app.run_of::<caller>().await.unwrap().assert_done();
            assert_eq!(app.crashes(), n, "after `{step}`");
            assert_eq!(app.runs().await.unwrap().len(), 2 * n, "each run, and the one that it called");
        }
    }
}

#[job(id = "calls/judge", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn judge(Json(parcel): Json<Parcel>, io: Io, board: State<Board>) -> Result<()> {
    let call = pack::call(&parcel).timeout(DAY);
    if let Err(error) = io.invoke_and_wait("pack", call).await {
        io.run_task("told", async || done(format!("{:?}", error.kind()))).await?;
        board.note(&error);
        return Err(error.into());
    }
    Ok(())
}

const JUDGE: &[&str] = &["runs", "calls/judge", "calls/pack"];

#[tokio::test]
async fn a_called_run_that_fails_is_an_error_that_says_so_and_is_not_tried_again() {
    for (item, why, tries) in [("bomb", "a bomb is not taken", 1), ("glass", "it broke", 2)] {
        let board = Board::default();
        let mut app = app(JUDGE, &board).await;
        app.deliver_json::<runs>(&parcel(item, 0)).await.unwrap();
        app.run_until_idle().await.unwrap();
        let run = app.run_of::<judge>().await.unwrap();
        let child = app.called_by(&run, "pack").await.unwrap();
        let text = format!("run {} of job `calls/pack` failed: {why}", child.run.id);
        run.assert_failed(&text);
        child.assert_failed(why);
        assert_eq!(run.output::<String>("told").unwrap(), format!("{:?}", RunErrorKind::CalledRunFailed));
        let step = run.step("pack").unwrap();
        assert_eq!((step.state, step.output.as_str()), (StepState::Failed, text.as_str()));
        assert_eq!(run.run.failures, 0, "{:?}", run.run);
        assert_eq!(board.count(&format!("packs {item}")), tries, "by its own policy");
    }
}

#[tokio::test]
async fn a_called_run_that_takes_too_long_is_an_error_and_goes_on() {
    let mut app = app(JUDGE, &Board::default()).await;
    app.deliver_json::<runs>(&parcel("tea", 3)).await.unwrap();
    app.advance(DAY).await.unwrap();
    let run = app.run_of::<judge>().await.unwrap();
    run.assert_failed("did not end in time");
    assert_eq!(run.output::<String>("told").unwrap(), format!("{:?}", RunErrorKind::CallTimedOut));
    app.called_by(&run, "pack").await.unwrap().assert_waiting();
    app.run_until_idle().await.unwrap();
    app.called_by(&run, "pack").await.unwrap().assert_done();
}

#[tokio::test]
async fn a_called_run_that_is_cancelled_is_an_error_that_says_so() {
    let mut app = app(JUDGE, &Board::default()).await;
    app.deliver_json::<runs>(&parcel("tea", 3)).await.unwrap();
    app.settle().await.unwrap();
    let run = app.run_of::<judge>().await.unwrap();
    let child = app.called_by(&run, "pack").await.unwrap();
    app.store().unwrap().cancel(child.run.id).await.unwrap();
    app.settle().await.unwrap();
    let run = app.run(run.run.id).await.unwrap();
    run.assert_failed("was cancelled");
    assert_eq!(run.output::<String>("told").unwrap(), format!("{:?}", RunErrorKind::CalledRunCancelled));
}

#[tokio::test]
async fn a_retry_by_a_person_calls_again() {
    let board = Board::default();
    let mut app = app(JUDGE, &board).await;
    app.deliver_json::<runs>(&parcel("bomb", 0)).await.unwrap();
    app.run_until_idle().await.unwrap();
    let run = app.run_of::<judge>().await.unwrap();
    app.store().unwrap().retry(run.run.id, Some("pack".to_owned())).await.unwrap();
    app.run_until_idle().await.unwrap();
    assert_eq!(board.count("packs bomb"), 2);
    assert_eq!(app.runs().await.unwrap().len(), 3);
}

#[job(id = "calls/many", version = "1.0.0", trigger = runs, retry(limit = 9))]
async fn many(io: Io, board: State<Board>) -> Result<Vec<String>> {
    let (slow, quick) = tokio::join!(
        async {
            let packed = io.invoke_and_wait("slow", pack::call(&parcel("slow", 2))).await?;
            board.note("slow came");
            Ok::<_, Error>(packed)
        },
        async {
            let packed = io.invoke_and_wait("quick", pack::call(&parcel("quick", 1))).await?;
            board.note("quick came");
            Ok::<_, Error>(packed)
        }
    );
    let mut items = vec![slow?.item, quick?.item];
    for n in 0..2 {
        items.push(io.invoke_and_wait(("loop", n), pack::call(&parcel("one", n))).await?.item);
    }
    let lost = tokio::select! {
        packed = io.invoke_and_wait("late", pack::call(&parcel("late", 9))) => Some(packed?.item),
        waited = io.wait("enough", DAY) => { waited?; None }
    };
    items.extend(lost);
    Ok(items)
}

#[tokio::test]
async fn calls_join_and_race_and_loop_in_their_recorded_order() {
    let board = Board::default();
    let mut app = app(&["runs", "calls/many", "calls/pack"], &board).await;
    app.deliver::<runs>("{}").await.unwrap();
    for step in ["quick", "slow", "loop:1", "enough"] {
        app.crash_after(step);
        app.run_until_idle().await.unwrap();
    }
    let run = app.run_of::<many>().await.unwrap();
    run.assert_done().assert_steps(&["quick", "slow", "loop:0", "loop:1", "enough"]);
    assert_eq!(run.returned::<Vec<String>>().unwrap(), ["slow", "quick", "one", "one"]);
    let notes = board.notes();
    let came = notes.iter().filter(|note| note.ends_with("came"));
    let firsts: Vec<_> = came.collect();
    assert!(firsts.windows(2).all(|pair| pair[0] != pair[1] || pair[0] == "quick came"), "{notes:?}");
    assert_eq!(board.count("packs late"), 2, "what was called and lost the race goes on to its end");
}

#[job(id = "calls/within", version = "1.0.0", trigger = runs, retry(limit = 3))]
async fn within(io: Io) -> Result<()> {
    io.run_task("step", async || {
        io.invoke_and_wait("pack", pack::call(&parcel("tea", 0))).await?;
        done(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_call_that_is_waited_for_is_refused_inside_of_a_step() {
    let mut app = app(&["runs", "calls/within", "calls/pack"], &Board::default()).await;
    app.deliver::<runs>("{}").await.unwrap();
    app.run_until_idle().await.unwrap();
    let run = app.run_of::<within>().await.unwrap();
    run.assert_failed("is inside of step `step`");
    assert_eq!((run.run.attempt, app.runs().await.unwrap().len()), (1, 1), "and nothing was called");
}

#[job(id = "calls/large", version = "1.0.0", trigger = runs, retry(limit = 3))]
async fn large() -> Result<String> {
    Ok("x".repeat(2 << 20))
}

#[tokio::test]
async fn an_output_that_is_too_large_fails_the_run_and_says_so() {
    let mut app = app(&["runs", "calls/large"], &Board::default()).await;
    app.deliver::<runs>("{}").await.unwrap();
    app.run_until_idle().await.unwrap();
    let run = app.run_of::<large>().await.unwrap();
    run.assert_failed("is 2049 KiB of JSON, and at most 1024 KiB are kept");
    assert_eq!(run.run.attempt, 1, "the same would come again");
}

#[job(id = "calls/held", version = "1.0.0", trigger = invoke)]
async fn held(board: State<Board>) {
    let _guard = Dropped(board.0.as_ref().clone());
    board.pass("held").await;
}

struct Dropped(Board);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.note("dropped");
    }
}

#[job(id = "calls/holder", version = "1.0.0", trigger = runs)]
async fn holder(io: Io) -> Result<()> {
    io.invoke_and_wait("held", held::call()).await?;
    Ok(())
}

#[tokio::test]
async fn to_cancel_the_caller_ends_the_run_that_executes_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "calls/holder", "calls/held"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app: Served = setup.start().await;
        let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
        let caller = app.in_state(delivery, RunState::Waiting).await;
        app.board.noted("at held").await;
        app.running.runs().cancel(caller.id).await.unwrap();
        app.board.noted("dropped").await;
        until("both are cancelled", async || {
            app.runs().await.iter().all(|run| run.state == RunState::Cancelled).then_some(())
        })
        .await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_called_run_that_kills_the_process_is_an_error_that_says_so() {
    let board = Board::default();
    let mut app = app(&["runs", "calls/holder", "calls/held"], &board).await;
    app.deliver::<runs>("{}").await.unwrap();
    for n in 1..=3 {
        until("an execution", async || (board.count("at held") == n).then_some(())).await;
        app.crash().await.unwrap();
    }
    app.settle().await.unwrap();
    let run = app.run_of::<holder>().await.unwrap();
    run.assert_failed("crashed: the process died 3 times in a row");
}
