//! Calls that start as they are stored, and all that becomes of such runs.

use super::bed::{is_stale, slots};
use super::calling::{open, suspend};
use super::fixture::{HOUR, START, call, delivery, event, step};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::event::{NewEvent, OriginId};
use crate::store::record::{End, Fence, Progress, RunHooks, RunQuery, RunState, Ticket};
use crate::store::slot::Hold;
use std::collections::BTreeSet;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

/// Starts a call.
pub(super) async fn started<E: Engine>(bed: &Bed<E>) -> Outcome<Ticket> {
    let (slots, handed) = slots(1);
    sent(bed, call(bed.clock.now(), slots.reserve()), handed).await
}

async fn sent<E: Engine>(
    bed: &Bed<E>,
    call: NewEvent,
    mut handed: UnboundedReceiver<(Ticket, Hold)>,
) -> Outcome<Ticket> {
    bed.sent(call).await?;
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    Ok(ticket)
}

async fn ids<E: Engine>(bed: &Bed<E>, query: RunQuery) -> Outcome<Vec<Uuid>> {
    Ok(bed.store.runs(query).await?.iter().map(|run| run.id).collect())
}

pub(crate) async fn a_call_that_starts_is_seen_as_a_run<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.clock.advance(HOUR);
    let ticket = started(&bed).await?;
    let id = ticket.fence.run;
    let now = bed.clock.now();
    let run = bed.run(id).await?;
    assert_eq!((run.state, run.attempt, run.origin), (RunState::Running, 1, OriginId::Event(id)));
    assert_eq!((&*run.job, &*run.version, run.failures, run.crashes), ("job", "1.0.0", 0, 0));
    assert_eq!((run.created_at, run.due_at, run.finished_at), (now, now, None));
    let all = RunQuery::default();
    for query in [
        RunQuery { origin: Some(OriginId::Event(id)), ..all.clone() },
        RunQuery { job: Some("job".to_owned()), ..all.clone() },
        RunQuery { state: Some(RunState::Running), ..all.clone() },
        all,
    ] {
        assert_eq!(ids(&bed, query.clone()).await?, [id], "{query:?}");
    }
    assert!(bed.store.claim(10, now).await?.is_empty(), "it is not claimed as well");
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    Ok(())
}

pub(crate) async fn the_end_of_a_call_that_started_is_kept<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    let id = ticket.fence.run;
    bed.clock.advance(HOUR);
    let end = || End::Done { output: Some("[1]".to_owned()) };
    let closed = bed.finish(&ticket, end(), Vec::new()).await?;
    assert_eq!((closed.state, closed.failures), (RunState::Done, 0));
    let run = bed.run(id).await?;
    assert_eq!((run.state, run.attempt, run.origin), (RunState::Done, 1, OriginId::Event(id)));
    assert_eq!((&*run.job, &*run.version, run.failures, run.crashes), ("job", "1.0.0", 0, 0));
    assert_eq!((run.created_at, run.due_at, run.finished_at), (START, START, Some(bed.clock.now())));
    assert_eq!(bed.store.output(id).await?.as_deref(), Some("[1]"));
    assert!(is_stale(&bed.store.finish(ticket.fence, end(), Progress::default()).await), "it ends once");
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty());
    Ok(())
}

pub(crate) async fn steps_of_a_call_that_started_are_kept<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    bed.record(ticket.fence, vec![step("a", 0)]).await?;
    bed.record(ticket.fence, vec![step("b", 1), step("c", 2)]).await?;
    bed.record(ticket.fence, vec![step("a", 3)]).await?;
    assert_eq!(bed.store.steps(ticket.fence.run).await?.len(), 3, "what is recorded stays as it is");
    bed.record(ticket.fence, vec![step("d", 4)]).await?;
    bed.fail(&ticket).await?;
    let again = bed.claim().await?;
    assert_eq!(again.steps.iter().map(|step| step.key.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert_eq!((again.fence.attempt, again.fence.token, again.failures), (2, 2, 1));
    Ok(())
}

pub(crate) async fn a_wrong_fence_ends_no_call_that_started<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    let fence = ticket.fence;
    for wrong in [Fence { attempt: 2, ..fence }, Fence { token: 2, ..fence }] {
        assert!(is_stale(&bed.store.finish(wrong, End::DONE, Progress::default()).await));
        assert!(is_stale(&bed.record(wrong, vec![step("a", 0)]).await));
    }
    assert!(bed.store.steps(fence.run).await?.is_empty());
    assert_eq!(bed.finish(&ticket, End::DONE, Vec::new()).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn a_call_that_started_ends_in_every_way<E: Engine>(bed: Bed<E>) -> Outcome {
    let error = || "no".to_owned();
    for (end, state) in [
        (End::Failed { error: error() }, RunState::Failed),
        (End::InvalidPayload { error: error() }, RunState::InvalidPayload),
        (End::Retry { error: error(), at: START.plus(HOUR), counted: true }, RunState::Queued),
        (End::Parked, RunState::Parked),
    ] {
        let ticket = started(&bed).await?;
        let closed = bed.finish(&ticket, end, Vec::new()).await?;
        assert_eq!((closed.state, bed.run(ticket.fence.run).await?.state), (state, state));
        assert!(is_stale(&bed.store.finish(ticket.fence, End::DONE, Progress::default()).await), "{state:?}");
    }
    Ok(())
}

pub(crate) async fn a_call_that_started_is_cancelled_and_tried_again<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    bed.store.cancel(ticket.fence.run).await?;
    assert!(is_stale(&bed.store.finish(ticket.fence, End::DONE, Progress::default()).await));
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Cancelled);
    bed.store.retry(ticket.fence.run, None).await?;
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.fence.attempt), (ticket.fence.run, 2));
    Ok(())
}

pub(crate) async fn a_call_that_started_is_given_back<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    bed.store.release(vec![ticket.fence]).await?;
    assert!(is_stale(&bed.store.finish(ticket.fence, End::DONE, Progress::default()).await));
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.fence.attempt), (ticket.fence.run, 2));
    assert_eq!((again.failures, bed.run(ticket.fence.run).await?.crashes), (0, 0));
    Ok(())
}

pub(crate) async fn a_call_that_started_calls_and_waits<E: Engine>(bed: Bed<E>) -> Outcome {
    let caller = started(&bed).await?;
    let (slots, mut handed) = slots(1);
    assert!(!open(&bed, caller.fence, call(START, slots.reserve())).await?);
    let (child, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!(suspend(&bed, &caller).await?, RunState::Waiting);
    bed.finish(&child, End::Done { output: Some("1".to_owned()) }, Vec::new()).await?;
    let again = bed.claim().await?;
    assert_eq!(again.fence.run, caller.fence.run);
    assert_eq!(again.steps.iter().map(|step| step.output.as_str()).collect::<Vec<_>>(), ["1"]);
    Ok(())
}

pub(crate) async fn the_hook_of_a_call_that_started_is_queued<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, handed) = slots(1);
    let mut new = call(START, slots.reserve());
    new.runs.iter_mut().for_each(|run| run.hooks = RunHooks { success: true, failure: false });
    let ticket = sent(&bed, new, handed).await?;
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    let hook = bed.claim().await?;
    assert_eq!(hook.parent, Some(ticket.fence.run));
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn what_a_call_that_started_sends_is_sent_with_its_end<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    let new = event("order.paid").runs(1).build();
    let id = new.event.id;
    let progress = Progress { steps: Vec::new(), events: vec![new] };
    bed.store.finish(ticket.fence, End::DONE, progress).await?;
    assert_eq!(bed.claim().await?.origin.id(), OriginId::Event(id));
    Ok(())
}

pub(crate) async fn many_calls_start_and_end_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(100);
    let sent: Vec<_> = (0..100).map(|_| bed.store.send_events(vec![call(START, slots.reserve())])).collect();
    futures_util::future::try_join_all(sent).await?;
    let mut tickets = Vec::new();
    for _ in 0..100 {
        let (ticket, _hold) = handed.recv().await.ok_or("too few")?;
        tickets.push(ticket);
    }
    let delivered = bed.store.accept(delivery().runs(1).build());
    let ends: Vec<_> = tickets
        .iter()
        .rev()
        .enumerate()
        .map(|(n, ticket)| {
            let end = if n % 10 == 3 { End::Failed { error: "no".to_owned() } } else { End::DONE };
            bed.store.finish(ticket.fence, end, Progress::default())
        })
        .collect();
    delivered.await?;
    futures_util::future::try_join_all(ends).await?;
    let in_state = async |state| -> Outcome<BTreeSet<Uuid>> {
        let query = RunQuery { state: Some(state), limit: 200, ..RunQuery::default() };
        Ok(ids(&bed, query).await?.into_iter().collect())
    };
    assert_eq!(in_state(RunState::Done).await?.len(), 90);
    assert_eq!(in_state(RunState::Failed).await?.len(), 10);
    assert_eq!(in_state(RunState::Running).await?, BTreeSet::new());
    Ok(())
}
