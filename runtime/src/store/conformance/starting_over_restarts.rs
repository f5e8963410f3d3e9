//! What calls that started are after the death of the process.

use super::bed::{Bed, Engine, Outcome, is_stale};
use super::fixture::{HOUR, LIMIT, START, step};
use super::starting::started;
use crate::store::Store;
use crate::store::event::OriginId;
use crate::store::record::{End, Progress, RunState};

pub(crate) async fn a_call_that_started_outlives_the_process<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let first = started(&bed).await?;
    let done = started(&bed).await?;
    bed.record(first.fence, vec![step("a", 0)]).await?;
    bed.finish(&done, End::DONE, Vec::new()).await?;
    bed.clock.advance(HOUR);
    bed = bed.restart().await?;
    let run = bed.run(first.fence.run).await?;
    assert_eq!((run.state, run.attempt, run.crashes), (RunState::Queued, 1, 1));
    assert_eq!((&*run.job, &*run.version, run.created_at), ("job", "1.0.0", START));
    assert_eq!(run.origin, OriginId::Event(first.fence.run));
    assert!(is_stale(&bed.store.finish(first.fence, End::DONE, Progress::default()).await));
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.fence.attempt), (first.fence.run, 2));
    assert_eq!(again.steps.len(), 1);
    assert_eq!(again.origin.event(), first.origin.event());
    assert_eq!(bed.run(done.fence.run).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn a_call_that_kills_its_process_ends_at_its_limit<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let ticket = started(&bed).await?;
    for _ in 1..LIMIT {
        bed = bed.restart().await?;
        assert_eq!(bed.claim().await?.fence.run, ticket.fence.run);
    }
    bed = bed.restart().await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Crashed);
    Ok(())
}
