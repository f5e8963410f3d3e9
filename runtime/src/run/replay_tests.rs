//! The order of steps under `join!`, `select!`, nesting and failures.

use super::*;
use crate::store::StepKind;
use crate::time::Timestamp;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A store of steps, and how often each function was called.
#[derive(Default)]
struct World {
    recorded: Mutex<Vec<Step>>,
    calls: Mutex<HashMap<String, usize>>,
}

impl World {
    fn execution(&self) -> Arc<Replay> {
        Arc::new(Replay::new(self.recorded.lock().unwrap().clone(), Vec::new(), Duration::from_millis(50)))
    }

    fn calls(&self, key: &str) -> usize {
        self.calls.lock().unwrap().get(key).copied().unwrap_or(0)
    }

    fn keys(&self) -> Vec<String> {
        self.recorded.lock().unwrap().iter().map(|step| step.key.clone()).collect()
    }

    /// A step as `run_task` does it: `turns` yields, and then an outcome.
    #[track_caller]
    fn step<'w>(
        &'w self,
        replay: &Arc<Replay>,
        key: &str,
        turns: usize,
        fails: bool,
    ) -> impl Future<Output = Result<(), String>> + use<'w> {
        let begun = replay.begin(key.to_owned(), Location::caller());
        async move {
            let mut begun = begun.map_err(|error| error.to_string())?;
            let key = begun.key().to_owned();
            if let (Some(step), _) = begun.recorded().await {
                return if step.state == StepState::Done { Ok(()) } else { Err(step.output) };
            }
            *self.calls.lock().unwrap().entry(key.clone()).or_default() += 1;
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            if fails {
                let failed = begun.fail(|seq| outcome(&key, seq, StepState::Failed));
                begun.released(Some(failed)).await;
                return Err(key);
            }
            let steps = begun.end(|seq| outcome(&key, seq, StepState::Done));
            // With the store's writer at once, and answered after the commit.
            self.record(steps);
            tokio::task::yield_now().await;
            begun.released(None).await;
            Ok(())
        }
    }

    fn record(&self, steps: Vec<Step>) {
        let mut recorded = self.recorded.lock().unwrap();
        recorded.extend(steps);
        recorded.sort_by_key(|step| step.seq);
    }
}

fn outcome(key: &str, seq: u32, state: StepState) -> Step {
    let at = Timestamp(0);
    Step {
        key: key.into(),
        kind: StepKind::Task,
        seq,
        state,
        output: key.into(),
        attempt: 1,
        failures: 0,
        started_at: at,
        finished_at: at,
        event: None,
        about: None,
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn select_over_steps_ends_the_same_way_in_every_execution() {
    for round in 0..200 {
        run(async {
            let world = World::default();
            let mut winners = Vec::new();
            for _ in 0..4 {
                let replay = world.execution();
                let winner = tokio::select! {
                    _ = world.step(&replay, "a", round % 5, false) => "a",
                    _ = world.step(&replay, "b", round % 3, false) => "b",
                    _ = world.step(&replay, "c", round % 7, false) => "c",
                };
                world.step(&replay, &format!("after {winner}"), 0, false).await.unwrap();
                winners.push(winner);
            }
            winners.dedup();
            assert_eq!(winners.len(), 1, "round {round}: {winners:?}, recorded {:?}", world.keys());
            assert_eq!(world.calls(&format!("after {}", winners[0])), 1);
        });
    }
}

#[test]
fn join_over_steps_runs_each_once_and_keeps_their_order() {
    for round in 0..100 {
        run(async {
            let world = World::default();
            let order = Mutex::new(Vec::new());
            for _ in 0..3 {
                let replay = world.execution();
                let seen = Mutex::new(Vec::new());
                let note = |key: &'static str, turns| {
                    let step = world.step(&replay, key, turns, false);
                    let seen = &seen;
                    async move {
                        step.await.unwrap();
                        seen.lock().unwrap().push(key);
                    }
                };
                tokio::join!(note("a", round % 4), note("b", round % 3), note("c", round % 5));
                order.lock().unwrap().push(seen.into_inner().unwrap());
            }
            let order = order.into_inner().unwrap();
            assert!(order.windows(2).all(|pair| pair[0] == pair[1]), "round {round}: {order:?}");
            assert!(["a", "b", "c"].iter().all(|key| world.calls(key) == 1));
        });
    }
}

#[test]
fn a_step_without_a_record_waits_for_those_that_have_one() {
    run(async {
        let world = World::default();
        let replay = world.execution();
        world.step(&replay, "a", 0, false).await.unwrap();
        let replay = world.execution();
        let started = AtomicUsize::new(0);
        let new = async {
            world.step(&replay, "new", 0, false).await.unwrap();
            assert_eq!(started.load(Ordering::Relaxed), 1, "it started before `a` was released");
        };
        let a = async {
            tokio::task::yield_now().await;
            world.step(&replay, "a", 0, false).await.unwrap();
            started.fetch_add(1, Ordering::Relaxed);
        };
        tokio::join!(biased; new, a);
    });
}

#[test]
fn the_same_key_twice_names_both_places() {
    run(async {
        let world = World::default();
        let replay = world.execution();
        world.step(&replay, "a", 0, false).await.unwrap();
        let error = world.step(&replay, "a", 0, false).await.unwrap_err();
        assert_eq!(error.matches("replay_tests.rs:").count(), 2, "{error}");
        assert!(error.contains("`a`"), "{error}");
    });
}

#[test]
fn a_failure_is_recorded_only_once_the_run_went_past_it() {
    run(async {
        let world = World::default();
        let replay = world.execution();
        world.step(&replay, "fails", 0, true).await.unwrap_err();
        assert!(world.keys().is_empty(), "the run may still end with it");
        world.step(&replay, "next", 0, false).await.unwrap();
        assert_eq!(world.keys(), ["fails", "next"]);

        let replay = world.execution();
        assert_eq!(world.step(&replay, "fails", 0, false).await, Err("fails".to_owned()));
        assert_eq!(world.calls("fails"), 1, "a failure that was handled stays one");
    });
}

#[test]
fn a_failure_beside_a_step_that_was_under_way_is_tried_again() {
    run(async {
        let world = World::default();
        let replay = world.execution();
        let (failed, done) =
            tokio::join!(world.step(&replay, "fails", 0, true), world.step(&replay, "slow", 5, false));
        assert!(failed.is_err() && done.is_ok());
        assert_eq!(world.keys(), ["slow"], "nobody has gone past the failure");

        let replay = world.execution();
        let (again, slow) =
            tokio::join!(world.step(&replay, "fails", 0, false), world.step(&replay, "slow", 5, false));
        assert!(again.is_ok() && slow.is_ok());
        assert_eq!((world.calls("fails"), world.calls("slow")), (2, 1));
    });
}

#[test]
fn a_step_inside_a_finished_one_is_not_waited_for() {
    run(async {
        let world = World::default();
        world.record(vec![
            outcome("out/in", 0, StepState::Done),
            outcome("out", 1, StepState::Done),
            outcome("next", 2, StepState::Done),
        ]);
        let replay = world.execution();
        world.step(&replay, "out", 0, false).await.unwrap();
        world.step(&replay, "next", 0, false).await.unwrap();
        world.step(&replay, "new", 0, false).await.unwrap();
        assert_eq!(world.calls("out") + world.calls("next"), 0);
    });
}

#[test]
fn a_step_that_was_cut_off_starts_again_with_what_is_done_inside_it() {
    run(async {
        let world = World::default();
        world.record(vec![outcome("a", 0, StepState::Done), outcome("out/in", 1, StepState::Done)]);
        let replay = world.execution();
        let mut out = replay.begin("out".into(), Location::caller()).unwrap();
        let out = async {
            assert!(out.recorded().await.0.is_none());
            world.step(&replay, "out/in", 0, false).await.unwrap();
        };
        let a = world.step(&replay, "a", 0, false);
        let (a, ()) = tokio::join!(biased; a, out);
        a.unwrap();
        assert_eq!(world.calls("out/in") + world.calls("a"), 0);
    });
}

#[test]
fn an_order_that_the_code_no_longer_follows_is_given_up() {
    run(async {
        let world = World::default();
        world.record(vec![outcome("removed", 0, StepState::Done), outcome("kept", 1, StepState::Done)]);
        let replay = world.execution();
        world.step(&replay, "kept", 0, false).await.unwrap();
        world.step(&replay, "new", 0, false).await.unwrap();
        assert!(replay.lock().given_up);
        assert_eq!((world.calls("kept"), world.calls("new")), (0, 1));
    });
}

#[test]
fn a_step_that_was_dropped_after_its_end_is_not_run_again() {
    run(async {
        let world = World::default();
        let replay = world.execution();
        {
            let mut step = pin!(world.step(&replay, "a", 0, false));
            // Its output is with the store, but not yet acknowledged.
            assert_eq!(futures_util::FutureExt::now_or_never(step.as_mut()), None);
        }
        world.step(&replay, "a", 0, false).await.unwrap();
        assert_eq!(world.calls("a"), 1);
    });
}
