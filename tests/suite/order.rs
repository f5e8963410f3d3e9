//! Steps at once: they end in one order, in the first execution and in every later one.

use crate::harness::{Board, Call, memory, sqlite};
use crate::steps::runs;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::Deserialize;
use triggerfish::prelude::*;
use triggerfish::store::RunState;

#[derive(Deserialize)]
struct Seed {
    seed: u64,
}

/// Gives way a random number of times, now and then to the machine too, so
/// that what runs at once ends in any order.
async fn wander(random: &mut fastrand::Rng) {
    for _ in 0..random.usize(..6) {
        if random.u8(..4) == 0 {
            tokio::time::sleep(std::time::Duration::from_micros(random.u64(..1500))).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

/// Six steps at once. Each execution goes another way round and gives up
/// somewhere; what it saw end, in order, is written down.
#[job(id = "order/join", version = "1.0.0", trigger = runs, retry(limit = 50, min = "1ms", max = "1ms"))]
async fn joined(Json(seed): Json<Seed>, io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let mut random = fastrand::Rng::with_seed(seed.seed ^ u64::from(ctx.attempt) << 32);
    let stop_after = if ctx.attempt < 4 { random.usize(1..=6) } else { 7 };
    let mut steps: FuturesUnordered<_> = (0..6_u64)
        .map(|n| {
            let (mut random, io, board) = (random.fork(), io.clone(), board.clone());
            async move {
                wander(&mut random).await;
                let made = io.run_task(("step", n), || async {
                    board.note(format_args!("{} ran {n}", seed.seed));
                    wander(&mut random).await;
                    done(n)
                });
                made.await
            }
        })
        .collect();
    let mut seen = Vec::new();
    while let Some(made) = steps.next().await {
        seen.push(made?.to_string());
        if seen.len() == stop_after {
            break;
        }
    }
    board.note(format_args!("{} saw {}", seed.seed, seen.join("")));
    if ctx.attempt < 4 { Err(Error::msg("given up")) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joined_steps_end_in_the_recorded_order_every_time() {
    const RUNS: u64 = 60;
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "order/join"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let calls: Vec<_> =
            (0..RUNS).map(|seed| Call::post("/hooks/runs", format!("{{\"seed\":{seed}}}"))).collect();
        join_all(calls.iter().map(|call| app.send(call))).await;
        let ended = app.all_ended().await;
        assert_eq!(ended.len() as u64, RUNS);
        assert!(ended.iter().all(|run| run.state == RunState::Done && run.attempt == 4), "{ended:#?}");
        let notes = app.board.notes();
        let mut orders = std::collections::HashSet::new();
        for seed in 0..RUNS {
            let saw = format!("{seed} saw ");
            let saw: Vec<_> = notes.iter().filter_map(|note| note.strip_prefix(&saw)).collect();
            assert_eq!(saw.len(), 4, "{saw:?}");
            let last = saw[3];
            assert_eq!(last.len(), 6);
            assert!(saw.iter().all(|earlier| last.starts_with(earlier)), "run {seed} saw {saw:?}");
            orders.insert(last.to_owned());
        }
        println!("{} different orders in {RUNS} runs", orders.len());
        assert!(orders.len() > 5, "the steps do not end in any order, so that nothing is shown: {orders:?}");
        for run in &ended {
            let logs = app.store().logs(run.id).await.unwrap();
            assert!(logs.iter().all(|line| !line.message.contains("recorded order")), "{logs:?}");
            assert_eq!(app.store().steps(run.id).await.unwrap().len(), 6);
        }
        app.stop().await;
    }
}

/// A race of two steps: whoever won goes on, the loser is dropped.
#[job(id = "order/select", version = "1.0.0", trigger = runs, retry(limit = 50, min = "1ms", max = "1ms"))]
async fn selected(Json(seed): Json<Seed>, io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    let mut random = fastrand::Rng::with_seed(seed.seed ^ u64::from(ctx.attempt) << 32);
    let mut winners = String::new();
    for round in 0..3_u32 {
        let (mut one, mut two) = (random.fork(), random.fork());
        // Now and then both end at the same moment, and both are recorded.
        let close = random.bool();
        let left = io.run_task(("left", round), || async {
            if !close {
                wander(&mut one).await;
            }
            done("l".to_owned())
        });
        let right = io.run_task(("right", round), || async {
            if !close {
                wander(&mut two).await;
            }
            done("r".to_owned())
        });
        let winner = tokio::select! {
            winner = left => winner?,
            winner = right => winner?,
        };
        winners.push_str(&winner);
        io.run_task(("after", round), || async { done(winner.clone()) }).await?;
        if ctx.attempt <= round + 1 && random.bool() {
            break;
        }
    }
    board.note(format_args!("{} saw {winners}", seed.seed));
    if ctx.attempt < 4 { Err(Error::msg("given up")) } else { Ok(()) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_of_steps_is_won_by_the_same_one_every_time() {
    const RUNS: u64 = 60;
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "order/select"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let calls: Vec<_> =
            (0..RUNS).map(|seed| Call::post("/hooks/runs", format!("{{\"seed\":{seed}}}"))).collect();
        join_all(calls.iter().map(|call| app.send(call))).await;
        let ended = app.all_ended().await;
        assert!(ended.iter().all(|run| run.state == RunState::Done), "{ended:#?}");
        let notes = app.board.notes();
        let mut wins = std::collections::HashSet::new();
        for seed in 0..RUNS {
            let saw = format!("{seed} saw ");
            let mut saw: Vec<_> = notes.iter().filter_map(|note| note.strip_prefix(&saw)).collect();
            assert_eq!(saw.len(), 4);
            saw.sort_by_key(|seen| seen.len());
            for pair in saw.windows(2) {
                assert!(pair[1].starts_with(pair[0]), "run {seed} saw {saw:?}");
            }
            wins.insert(saw[3].to_owned());
        }
        println!("{} different races in {RUNS} runs", wins.len());
        assert!(wins.len() > 2, "the same one wins always, so that nothing is shown: {wins:?}");
        app.stop().await;
    }
}

/// The code changes between two attempts: the recorded order cannot be followed.
#[job(id = "order/changed", version = "1.0.0", trigger = runs, retry(limit = 2, min = "1ms", max = "1ms"))]
async fn changed(io: Io, ctx: Context, State(board): State<Board>) -> Result<()> {
    if ctx.attempt == 1 {
        io.run_task("old", || async { done(()) }).await?;
        return Err(Error::msg("and then the step is renamed"));
    }
    io.run_task("new", || async { done(()) }).await?;
    board.note("went on");
    Ok(())
}

#[tokio::test]
async fn a_run_whose_code_lost_a_recorded_step_goes_on_with_a_warning() {
    let (app, run) = crate::steps::run_of("order/changed").await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 2), "{run:?}");
    assert_eq!(app.board.notes(), ["went on"]);
    app.store().flush().await.unwrap();
    let logs = app.store().logs(run.id).await.unwrap();
    assert!(
        logs.iter().any(|line| line.message.contains("`new`") && line.message.contains("recorded order")),
        "{logs:?}"
    );
    app.stop().await;
}
