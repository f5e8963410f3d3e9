//! What lanes and hooks are after the death of the process.

use super::bed::{Bed, Engine, Outcome};
use super::flowing::{claim, concurrency, done, hooked, ids, lane, state, store, with};
use crate::store::flow::LaneKind;
use crate::store::record::{RunHooks, RunState};

pub(crate) async fn limits_and_order_hold_over_a_restart<E: Engine>(bed: Bed<E>) -> Outcome {
    let lanes = || vec![lane(LaneKind::Fifo, "k"), concurrency(1, "")];
    let first = store(&bed, with(lanes())).await?;
    let second = store(&bed, with(lanes())).await?;
    let other = store(&bed, with(vec![concurrency(1, "")])).await?;
    assert_eq!(ids(&claim(&bed).await?), [first]);
    let bed = bed.restart().await?;
    let tickets = claim(&bed).await?;
    assert_eq!(tickets.len(), 1, "the place of the one that died is free, and only that");
    assert!(ids(&tickets) != [second], "the first of its key comes first");
    done(&bed, &tickets[0]).await?;
    let next = claim(&bed).await?;
    done(&bed, &next[0]).await?;
    let last = claim(&bed).await?;
    assert_eq!(ids(&last), [second]);
    assert_eq!(state(&bed, other).await?, RunState::Done);
    Ok(())
}

pub(crate) async fn a_run_that_crashes_for_good_queues_its_hook<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = store(&bed, hooked(RunHooks { success: false, failure: true })).await?;
    bed.claim().await?;
    let bed = bed.restart().await?;
    assert_eq!(state(&bed, run).await?, RunState::Crashed);
    let hook = bed.claim().await?;
    assert_eq!((&*hook.job, hook.parent), ("job:on_failure", Some(run)));
    Ok(())
}
