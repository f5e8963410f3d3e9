//! A run that is due is claimed once, in its turn.

use super::fixture::{HOUR, START, delivery, event, failed_step, step};
use super::{Bed, Engine, Outcome};
use crate::store::record::{End, Progress, RunQuery, RunState, Ticket};
use crate::store::{Store, StoreError};
use futures_util::future::join_all;
use std::collections::HashSet;
use std::time::Duration;
use uuid::Uuid;

fn ids(tickets: &[Ticket]) -> Vec<Uuid> {
    tickets.iter().map(|ticket| ticket.fence.run).collect()
}

pub(crate) async fn the_longest_due_comes_first_then_the_oldest<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.clock.advance(HOUR);
    let late = delivery().runs(1).build();
    let late_id = late.runs.first().ok_or("no run")?.id;
    bed.stored(late).await?;
    let ticket = bed.claim().await?;
    assert_eq!(ticket.fence.run, late_id);
    // Due again before all others, though its delivery is not the oldest.
    let mut expected = vec![late_id];
    let end = End::Retry { error: String::new(), at: START, counted: true };
    bed.finish(&ticket, end, Vec::new()).await?;
    for _ in 0..3 {
        let new = delivery().runs(2).build();
        expected.extend(new.runs.iter().map(|run| run.id));
        bed.stored(new).await?;
    }
    assert_eq!(ids(&bed.store.claim(10, bed.clock.now()).await?), expected);
    Ok(())
}

pub(crate) async fn no_more_than_the_limit<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().runs(5).build()).await?;
    assert_eq!(bed.store.claim(0, bed.clock.now()).await?.len(), 0);
    assert_eq!(bed.store.claim(3, bed.clock.now()).await?.len(), 3);
    assert_eq!(bed.store.claim(3, bed.clock.now()).await?.len(), 2);
    assert_eq!(bed.store.claim(3, bed.clock.now()).await?.len(), 0);
    Ok(())
}

pub(crate) async fn nothing_before_its_time<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let at = START.plus(HOUR);
    bed.finish(&ticket, End::Retry { error: String::new(), at, counted: true }, Vec::new()).await?;
    bed.clock.advance(HOUR - Duration::from_micros(1));
    assert!(bed.store.claim(1, bed.clock.now()).await?.is_empty());
    bed.clock.advance(Duration::from_micros(1));
    assert_eq!(bed.claim().await?.fence.run, ticket.fence.run);
    Ok(())
}

pub(crate) async fn many_at_once_are_the_longest_due_and_each_has_its_fence<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let mut expected = Vec::new();
    for later in [false, true] {
        // All that a call stores is due at one time.
        let new = delivery().runs(20).build();
        expected.extend(new.runs.iter().map(|run| run.id));
        bed.stored(new).await?;
        let sent = event("order.paid").runs(20).build();
        expected.extend(sent.runs.iter().map(|run| run.id));
        bed.sent(sent).await?;
        if !later {
            bed.clock.advance(HOUR);
        }
    }
    let mut claimed = Vec::new();
    for most in [30, 30, 30] {
        claimed.extend(bed.store.claim(most, bed.clock.now()).await?);
        let running = RunQuery { state: Some(RunState::Running), limit: 100, ..RunQuery::default() };
        assert_eq!(bed.store.runs(running).await?.len(), claimed.len());
    }
    let (earlier, later) = expected.split_at(40);
    let sorted = |ids: &[Uuid]| {
        let mut ids = ids.to_vec();
        ids.sort();
        ids
    };
    // Those of one time are in the order of their ids.
    assert_eq!(ids(&claimed), [sorted(earlier), sorted(later)].concat());
    for ticket in &claimed {
        assert_eq!((ticket.fence.attempt, ticket.fence.token), (1, 1));
        let closed = bed.finish(ticket, End::DONE, Vec::new()).await?;
        assert_eq!(closed.state, RunState::Done);
        let again = bed.store.finish(ticket.fence, End::DONE, Progress::default()).await;
        assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
    }
    Ok(())
}

pub(crate) async fn no_run_is_claimed_twice<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().runs(50).build()).await?;
    let claims = (0..20).map(|_| bed.store.claim(7, bed.clock.now()));
    let mut seen = HashSet::new();
    for claimed in join_all(claims).await {
        for run in ids(&claimed?) {
            assert!(seen.insert(run), "claimed twice");
        }
    }
    assert_eq!(seen.len(), 50);
    Ok(())
}

pub(crate) async fn a_claim_raises_attempt_and_token<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().runs(1).build()).await?;
    assert_eq!(first.fence.attempt, 1);
    bed.fail(&first).await?;
    let second = bed.claim().await?;
    assert_eq!(second.fence.attempt, 2);
    assert!(second.fence.token > first.fence.token);
    let run = bed.run(first.fence.run).await?;
    assert_eq!((run.state, run.attempt), (RunState::Running, 2));
    Ok(())
}

pub(crate) async fn a_claim_returns_steps_and_failures<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().runs(1).build()).await?;
    assert!(first.steps.is_empty());
    let (a, b) = (step("a", 0), failed_step("a/b", 1));
    bed.record(first.fence, vec![a.clone(), b.clone()]).await?;
    bed.fail(&first).await?;
    let second = bed.claim().await?;
    assert_eq!(second.steps, [a, b]);
    assert_eq!(second.failures, 1);
    Ok(())
}

pub(crate) async fn the_next_due_is_the_earliest_queued<E: Engine>(bed: Bed<E>) -> Outcome {
    assert_eq!(bed.store.next_due().await?, None);
    bed.stored(delivery().runs(2).build()).await?;
    assert_eq!(bed.store.next_due().await?, Some(START));
    let tickets = bed.store.claim(2, bed.clock.now()).await?;
    assert_eq!(bed.store.next_due().await?, None, "running runs are not due");
    for (ticket, hours) in tickets.iter().zip([2, 1]) {
        let at = START.plus(HOUR * hours);
        bed.finish(ticket, End::Retry { error: String::new(), at, counted: true }, Vec::new()).await?;
    }
    assert_eq!(bed.store.next_due().await?, Some(START.plus(HOUR)));
    Ok(())
}
