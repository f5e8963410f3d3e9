//! What a person does: runs that are queued again or ended, and settings.

use super::bed::is_stale;
use super::fixture::{HOUR, LIMIT, delivery, event, failed_step, run, step};
use super::{Bed, Engine, Outcome};
use crate::store::flow::{Lane, LaneKind, RunFlow};
use crate::store::record::{End, NewRun, RunState, Ticket};
use crate::store::{CancelKey, Listener, Store, WaitStore};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

async fn failed<E: Engine>(bed: &Bed<E>, steps: Vec<crate::store::Step>) -> Outcome<Ticket> {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.finish(&ticket, End::Failed { error: "no".to_owned() }, steps).await?;
    Ok(ticket)
}

fn keys(ticket: &Ticket) -> Vec<&str> {
    ticket.steps.iter().map(|step| step.key.as_str()).collect()
}

pub(crate) async fn a_failed_run_that_is_retried_keeps_its_finished_steps<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = failed(&bed, vec![step("a", 0), failed_step("b", 1), step("c", 2)]).await?;
    bed.clock.advance(HOUR);
    bed.store.retry(first.fence.run, None).await?;
    let run = bed.run(first.fence.run).await?;
    assert_eq!((run.state, run.failures, run.crashes), (RunState::Queued, 0, 0));
    assert_eq!((run.due_at, run.finished_at), (bed.clock.now(), None));
    assert_eq!(run.error.as_deref(), Some("no"), "why it failed before is still known");
    let again = bed.claim().await?;
    assert_eq!(keys(&again), ["a", "c"]);
    assert!(again.fence.attempt > first.fence.attempt && again.fence.token > first.fence.token);
    bed.finish(&again, End::DONE, Vec::new()).await?;
    Ok(())
}

pub(crate) async fn a_run_is_retried_from_a_step<E: Engine>(bed: Bed<E>) -> Outcome {
    let steps = vec![step("a", 0), step("b/in", 1), step("b", 2), step("bc", 3), step("d", 4)];
    let first = failed(&bed, steps).await?;
    assert!(is_stale(&bed.store.retry(first.fence.run, Some("x".to_owned())).await));
    assert_eq!(bed.run(first.fence.run).await?.state, RunState::Failed, "nothing has changed");
    bed.store.retry(first.fence.run, Some("b".to_owned())).await?;
    let again = bed.claim().await?;
    assert_eq!(keys(&again), ["a"]);
    Ok(())
}

pub(crate) async fn only_a_run_that_stands_still_is_retried<E: Engine>(bed: Bed<E>) -> Outcome {
    assert!(is_stale(&bed.store.retry(Uuid::now_v7(), None).await));
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let run = ticket.fence.run;
    assert!(is_stale(&bed.store.retry(run, None).await), "it is running");
    bed.fail(&ticket).await?;
    assert!(is_stale(&bed.store.retry(run, None).await), "it is queued");
    let ticket = bed.claim().await?;
    bed.finish(&ticket, End::Parked, Vec::new()).await?;
    bed.store.retry(run, None).await?;
    let ticket = bed.claim().await?;
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    bed.store.retry(run, None).await?;
    bed.claim().await?;
    Ok(())
}

pub(crate) async fn a_cancelled_run_is_final_and_its_worker_writes_nothing<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.clock.advance(HOUR);
    bed.store.cancel(ticket.fence.run).await?;
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.finished_at), (RunState::Cancelled, Some(bed.clock.now())));
    assert!(is_stale(&bed.record(ticket.fence, vec![step("a", 0)]).await));
    assert!(is_stale(&bed.store.finish(ticket.fence, End::DONE, Vec::new().into()).await));
    assert!(is_stale(&bed.store.cancel(ticket.fence.run).await));
    assert!(bed.store.steps(ticket.fence.run).await?.is_empty());
    Ok(())
}

/// What was told of cancelled runs, in order.
#[derive(Default)]
struct Told(Mutex<Vec<(Uuid, u64)>>);

impl Listener for Told {
    fn due(&self) {}

    fn ended(&self, _: &[Uuid]) {}

    fn cancelled(&self, runs: &[(Uuid, u64)]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(runs);
    }
}

pub(crate) async fn what_executes_a_cancelled_run_is_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let told = Arc::new(Told::default());
    bed.store.listen(Arc::clone(&told) as Arc<dyn Listener>);
    let by_hand = bed.claimed(delivery().runs(1).build()).await?.fence;
    bed.store.cancel(by_hand.run).await?;
    let lane = Lane { kind: LaneKind::Cancel, name: "job".into(), key: "1".to_owned() };
    let flow = Some(Box::new(RunFlow { priority: 0, lanes: vec![lane] }));
    let laned = || delivery().set(|new| new.runs.push(NewRun { flow: flow.clone(), ..run(LIMIT, None) }));
    let by_event = bed.claimed(laned().build()).await?.fence;
    bed.stored(laned().build()).await?;
    let mut new = event("order.cancelled").build();
    new.cancels = vec![CancelKey { lane: "job".to_owned(), key: "1".to_owned() }];
    bed.sent(new).await?;
    bed.store.flush().await?;
    let told = told.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let wanted = [by_hand, by_event].map(|fence| (fence.run, fence.token + 1));
    assert_eq!(told, wanted, "and nothing of the one that was queued");
    Ok(())
}

pub(crate) async fn a_queued_run_that_is_cancelled_is_not_claimed<E: Engine>(bed: Bed<E>) -> Outcome {
    let delivery = bed.stored(delivery().runs(2).build()).await?;
    let runs = bed.runs_of(delivery).await?;
    let first = runs.first().ok_or("no run")?;
    bed.store.cancel(first.id).await?;
    let ticket = bed.claim().await?;
    assert_ne!(ticket.fence.run, first.id);
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    assert_eq!(bed.store.next_due().await?, None);
    assert!(is_stale(&bed.store.cancel(Uuid::now_v7()).await));
    bed.store.retry(first.id, None).await?;
    assert_eq!(bed.claim().await?.fence.run, first.id, "a cancelled run can be taken up again");
    Ok(())
}

pub(crate) async fn a_retried_run_keeps_its_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = failed(&bed, Vec::new()).await?;
    bed.store.retry(ticket.fence.run, None).await?;
    bed.clock.advance(HOUR * 24);
    let now = bed.clock.now();
    assert_eq!(bed.store.prune(now, now).await?, 0);
    bed.claim().await?;
    Ok(())
}

pub(crate) async fn settings_are_kept_and_taken_back<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.store.set("off:job:b", Some(1)).await?;
    bed.store.set("off:job:a", Some(1)).await?;
    bed.store.set("off:job:a", Some(2)).await?;
    bed.store.set("off:endpoint:c", Some(1)).await?;
    let found = bed.store.settings("off:job:").await?;
    assert_eq!(found, [("off:job:a".to_owned(), 2), ("off:job:b".to_owned(), 1)]);
    bed.store.set("off:job:a", None).await?;
    bed.store.set("off:job:a", None).await?;
    assert_eq!(bed.store.settings("off:").await?.len(), 2);
    assert!(bed.store.settings("off:_").await?.is_empty(), "a prefix is no pattern");
    Ok(())
}
