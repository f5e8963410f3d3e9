//! Waits: when they are due, what ends them, what a run gets of them.

use super::bed::is_stale;
use super::fixture::{HOUR, START, delivery, failed_step, step};
use super::{Bed, Engine, Outcome};
use crate::store::record::{End, Progress, RunState, Ticket};
use crate::store::{Awaited, NewWait, StepKind, StepState, Store, WaitStore};
use crate::time::Timestamp;
use std::time::Duration;

fn timer(key: &str, due_at: Timestamp) -> NewWait {
    NewWait { key: key.to_owned(), awaited: Awaited::Time, due_at }
}

fn suspended(open: &[&str]) -> End {
    End::Suspended { open: open.iter().map(|key| (*key).to_owned()).collect() }
}

/// A run that has opened timers and is suspended over them.
async fn asleep<E: Engine>(bed: &Bed<E>, timers: &[(&str, Timestamp)]) -> Outcome<Ticket> {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let mut keys = Vec::new();
    for (key, due_at) in timers {
        assert!(!bed.store.open_wait(ticket.fence, timer(key, *due_at), Vec::new()).await?);
        keys.push(*key);
    }
    let closed = bed.finish(&ticket, suspended(&keys), Vec::new()).await?;
    assert_eq!((closed.state, closed.failures), (RunState::Waiting, 0));
    Ok(ticket)
}

pub(crate) async fn a_suspended_run_is_due_with_its_earliest_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = asleep(&bed, &[("late", START.plus(HOUR * 2)), ("soon", START.plus(HOUR))]).await?;
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.due_at, run.finished_at), (RunState::Waiting, START.plus(HOUR), None));
    assert_eq!(bed.store.next_due().await?, Some(START.plus(HOUR)));
    bed.clock.advance(HOUR - Duration::from_micros(1));
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    bed.clock.advance(Duration::from_micros(1));
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.failures), (ticket.fence.run, 0));
    Ok(())
}

pub(crate) async fn a_claim_turns_waits_that_are_due_into_steps_in_their_order<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.record(ticket.fence, vec![step("first", 0)].into()).await?;
    for (key, hours) in [("c", 9), ("b", 1), ("a", 2)] {
        let wait = timer(key, START.plus(HOUR * hours));
        bed.store.open_wait(ticket.fence, wait, Vec::new()).await?;
    }
    bed.finish(&ticket, suspended(&["a", "b", "c"]), Vec::new()).await?;
    bed.clock.advance(HOUR * 3);
    let again = bed.claim().await?;
    let seen: Vec<_> = again.steps.iter().map(|step| (step.seq, step.key.as_str(), step.kind)).collect();
    assert_eq!(
        seen,
        [(0, "first", StepKind::Task), (1, "b", StepKind::Wait), (2, "a", StepKind::Wait)],
        "in the order in which they were due"
    );
    assert!(again.steps.iter().skip(1).all(|step| step.state == StepState::Done && step.output == "null"));
    assert_eq!(again.steps.last().ok_or("none")?.started_at, START, "when the run reached it");
    let open: Vec<_> = again.waits.iter().map(|wait| (wait.key.as_str(), wait.due_at)).collect();
    assert_eq!(open, [("c", START.plus(HOUR * 9))]);
    assert_eq!(bed.store.waits(ticket.fence.run).await?, again.waits);
    Ok(())
}

pub(crate) async fn a_wait_that_is_not_among_the_open_ones_is_withdrawn<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    for key in ["lost", "kept"] {
        bed.store.open_wait(ticket.fence, timer(key, START.plus(HOUR)), Vec::new()).await?;
    }
    bed.finish(&ticket, suspended(&["kept"]), Vec::new()).await?;
    let open = bed.store.waits(ticket.fence.run).await?;
    assert_eq!(open.iter().map(|wait| wait.key.as_str()).collect::<Vec<_>>(), ["kept"]);
    Ok(())
}

pub(crate) async fn a_wait_that_is_opened_again_counts_anew<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR)), Vec::new()).await?;
    bed.clock.advance(HOUR / 2);
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR * 2)), Vec::new()).await?;
    let open = bed.store.waits(ticket.fence.run).await?;
    let seen: Vec<_> = open.iter().map(|wait| (wait.due_at, wait.opened_at)).collect();
    assert_eq!(seen, [(START.plus(HOUR * 2), START.plus(HOUR / 2))]);
    Ok(())
}

pub(crate) async fn a_wait_that_ends_in_memory_is_recorded_in_its_place<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.fail(&ticket).await?;
    let ticket = bed.claim().await?;
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR)), Vec::new()).await?;
    assert_eq!(bed.run(ticket.fence.run).await?.failures, 1, "to reach a wait is no progress");
    bed.clock.advance(HOUR);
    let ended = bed.store.end_wait(ticket.fence, "a".to_owned(), 7).await?;
    assert_eq!((ended.seq, ended.kind, ended.state), (7, StepKind::Wait, StepState::Done));
    assert_eq!((ended.started_at, ended.finished_at, ended.attempt), (START, START.plus(HOUR), 2));
    assert_eq!(bed.store.steps(ticket.fence.run).await?, [ended]);
    assert!(bed.store.waits(ticket.fence.run).await?.is_empty());
    assert_eq!(bed.run(ticket.fence.run).await?.failures, 0, "its end is progress");
    Ok(())
}

pub(crate) async fn a_wait_ends_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR)), Vec::new()).await?;
    let first = bed.store.end_wait(ticket.fence, "a".to_owned(), 0).await?;
    let second = bed.store.end_wait(ticket.fence, "a".to_owned(), 1).await?;
    assert_eq!(first, second, "what is recorded stays as it is");
    Ok(())
}

pub(crate) async fn failures_that_a_run_went_past_are_recorded_with_the_wait<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let wait = timer("a", START.plus(HOUR));
    bed.store.open_wait(ticket.fence, wait, vec![failed_step("no", 0)]).await?;
    assert_eq!(bed.store.steps(ticket.fence.run).await?, [failed_step("no", 0)]);
    Ok(())
}

pub(crate) async fn waits_outlive_a_failed_execution_and_a_release<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR)), Vec::new()).await?;
    bed.fail(&ticket).await?;
    let again = bed.claim().await?;
    assert_eq!(again.waits.len(), 1);
    bed.store.release(vec![again.fence]).await?;
    bed.clock.advance(HOUR);
    let third = bed.claim().await?;
    assert!(third.waits.is_empty());
    assert_eq!(third.steps.iter().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["a"]);
    Ok(())
}

pub(crate) async fn a_suspension_over_a_wait_that_is_due_is_claimed_at_once<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, timer("a", START), Vec::new()).await?;
    let closed = bed.finish(&ticket, suspended(&["a"]), Vec::new()).await?;
    assert_eq!(closed.state, RunState::Queued);
    assert_eq!(bed.claim().await?.steps.len(), 1);
    Ok(())
}

pub(crate) async fn a_suspension_over_nothing_is_claimed_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let closed = bed.finish(&ticket, suspended(&["never opened"]), Vec::new()).await?;
    assert_eq!(closed.state, RunState::Queued, "a run must not wait for nothing");
    bed.claim().await?;
    Ok(())
}

pub(crate) async fn a_suspension_counts_as_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ticket = bed.claimed(delivery().run_with_limit(1).build()).await?;
    for n in 1..=5_u32 {
        let key = format!("wait {n}");
        let wait = timer(&key, bed.clock.now().plus(HOUR));
        bed.store.open_wait(ticket.fence, wait, Vec::new()).await?;
        let closed = bed.finish(&ticket, suspended(&[&key]), Vec::new()).await?;
        assert_eq!((closed.state, closed.failures), (RunState::Waiting, 0));
        bed.clock.advance(HOUR);
        ticket = bed.claim().await?;
    }
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.failures, run.crashes, run.attempt), (0, 0, 6));
    Ok(())
}

pub(crate) async fn a_suspension_records_steps_in_the_same_write<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR)), Vec::new()).await?;
    bed.finish(&ticket, suspended(&["a"]), vec![failed_step("no", 0)]).await?;
    bed.clock.advance(HOUR);
    let again = bed.claim().await?;
    let seen: Vec<_> = again.steps.iter().map(|step| (step.seq, step.key.as_str())).collect();
    assert_eq!(seen, [(0, "no"), (1, "a")]);
    Ok(())
}

pub(crate) async fn a_stale_fence_opens_and_ends_no_wait<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = asleep(&bed, &[("a", START.plus(HOUR))]).await?;
    let before = bed.store.waits(ticket.fence.run).await?;
    let wait = timer("b", START);
    assert!(is_stale(&bed.store.open_wait(ticket.fence, wait, Vec::new()).await));
    assert!(is_stale(&bed.store.end_wait(ticket.fence, "a".to_owned(), 0).await));
    assert!(is_stale(&bed.store.finish(ticket.fence, suspended(&[]), Progress::default()).await));
    assert_eq!(bed.store.waits(ticket.fence.run).await?, before);
    assert!(bed.store.steps(ticket.fence.run).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_run_that_ends_has_no_waits<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.store.open_wait(ticket.fence, timer("a", START.plus(HOUR)), Vec::new()).await?;
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    assert!(bed.store.waits(ticket.fence.run).await?.is_empty());
    assert_eq!(bed.store.next_due().await?, None);
    Ok(())
}

pub(crate) async fn waits_of_another_run_are_not_touched<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = asleep(&bed, &[("a", START.plus(HOUR))]).await?;
    let second = asleep(&bed, &[("a", START.plus(HOUR * 2))]).await?;
    bed.clock.advance(HOUR);
    let again = bed.claim().await?;
    assert_eq!(again.fence.run, first.fence.run);
    bed.finish(&again, End::DONE, Vec::new()).await?;
    assert_eq!(bed.store.waits(second.fence.run).await?.len(), 1);
    Ok(())
}

pub(crate) async fn an_unfinished_wait_keeps_its_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = asleep(&bed, &[("a", START.plus(HOUR * 10_000))]).await?;
    bed.clock.advance(HOUR * 9_000);
    let now = bed.clock.now();
    assert_eq!(bed.store.prune(now, now).await?, 0);
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Waiting);
    Ok(())
}
