//! Batches of which some cannot be read: those end by themselves, and the others go on.

use super::flowing::{batch, claim, done, ids, state, store, with};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::record::{End, Progress, RunState, Ticket};
use uuid::Uuid;

/// A batch of three that has been claimed, with its runs.
async fn three<E: Engine>(bed: &Bed<E>) -> Outcome<(Ticket, [Uuid; 3])> {
    let mut runs = [Uuid::nil(); 3];
    for run in &mut runs {
        *run = store(bed, with(vec![batch(3)])).await?;
    }
    let ticket = bed.claim().await?;
    let going_along: Vec<_> = ticket.batch.iter().map(|member| member.run).collect();
    assert_eq!((ticket.fence.run, going_along.as_slice()), (runs[0], &runs[1..]));
    Ok((ticket, runs))
}

async fn refuse<E: Engine>(bed: &Bed<E>, ticket: &Ticket, runs: &[Uuid]) -> Outcome<RunState> {
    let runs = runs.iter().map(|run| (*run, format!("{run} is odd"))).collect();
    let closed = bed.store.finish(ticket.fence, End::Unreadable { runs }, Progress::default()).await?;
    Ok(closed.state)
}

async fn assert_refused<E: Engine>(bed: &Bed<E>, id: Uuid) -> Outcome {
    let run = bed.run(id).await?;
    assert_eq!((run.state, run.finished_at), (RunState::InvalidPayload, Some(bed.clock.now())));
    assert_eq!(run.error, Some(format!("{id} is odd")));
    Ok(())
}

pub(crate) async fn a_run_that_cannot_be_read_leaves_its_batch<E: Engine>(bed: Bed<E>) -> Outcome {
    let (ticket, [first, odd, last]) = three(&bed).await?;
    assert_eq!(refuse(&bed, &ticket, &[odd]).await?, RunState::Queued);
    assert_refused(&bed, odd).await?;
    let again = bed.claim().await?;
    let going_along: Vec<_> = again.batch.iter().map(|member| member.run).collect();
    assert_eq!((again.fence.run, going_along), (first, vec![last]));
    done(&bed, &again).await?;
    assert_eq!(state(&bed, last).await?, RunState::Done);
    assert_refused(&bed, odd).await?;
    bed.store.retry(first, None).await?;
    assert_eq!(bed.claim().await?.batch.len(), 1, "it does not come back with the batch");
    bed.store.retry(odd, None).await?;
    let alone = bed.claim().await?;
    assert_eq!((alone.fence.run, alone.batch.len()), (odd, 0));
    Ok(())
}

pub(crate) async fn where_the_first_cannot_be_read_the_next_goes_on_for_the_others<E: Engine>(
    bed: Bed<E>,
) -> Outcome {
    let (ticket, [odd, next, last]) = three(&bed).await?;
    assert_eq!(refuse(&bed, &ticket, &[odd]).await?, RunState::InvalidPayload);
    assert_refused(&bed, odd).await?;
    let again = bed.claim().await?;
    let going_along: Vec<_> = again.batch.iter().map(|member| member.run).collect();
    assert_eq!((again.fence.run, again.fence.attempt, going_along), (next, 1, vec![last]));
    done(&bed, &again).await?;
    assert_eq!([state(&bed, next).await?, state(&bed, last).await?], [RunState::Done; 2]);
    assert!(claim(&bed).await?.is_empty());
    Ok(())
}

pub(crate) async fn where_none_can_be_read_all_end<E: Engine>(bed: Bed<E>) -> Outcome {
    let (ticket, runs) = three(&bed).await?;
    refuse(&bed, &ticket, &runs).await?;
    for run in runs {
        assert_refused(&bed, run).await?;
    }
    assert!(ids(&claim(&bed).await?).is_empty());
    Ok(())
}
