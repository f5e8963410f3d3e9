//! What calls are after the death of the process.

use super::bed::{Bed, Engine, Outcome};
use super::calling::{called, how, new_call, open, outcome, suspend};
use super::fixture::{LIMIT, delivery};
use crate::store::record::RunState;
use crate::store::{Store, WaitStore};

pub(crate) async fn a_call_outlives_restarts<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let first = bed.claimed(delivery().runs(1).build()).await?;
    let call = new_call(first.fence.run, None);
    let child = call.runs[0].id;
    open(&bed, first.fence, call).await?;
    bed = bed.restart().await?;
    let mut tickets = bed.store.claim(10, bed.clock.now()).await?;
    assert_eq!(tickets.len(), 2, "the caller, and what it called");
    tickets.retain(|ticket| ticket.fence.run == first.fence.run);
    let caller = tickets.pop().ok_or("no caller")?;
    assert_eq!(caller.waits.len(), 1, "the call that was made is known");
    suspend(&bed, &caller).await?;
    bed = bed.restart().await?;
    assert_eq!(bed.run(caller.fence.run).await?.state, RunState::Waiting);
    let again = bed.claim().await?;
    assert_eq!(again.fence.run, child);
    Ok(())
}

pub(crate) async fn a_called_run_that_crashes_for_good_is_told<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let (caller, child) = called(&bed).await?;
    for _ in 1..LIMIT {
        bed = bed.restart().await?;
        assert_eq!(bed.claim().await?.fence.run, child.fence.run);
    }
    bed = bed.restart().await?;
    assert_eq!(bed.run(child.fence.run).await?.state, RunState::Crashed);
    let told = how(&outcome(&bed, &caller).await?)?;
    assert!(told.contains("crashed: the process died 3 times in a row"), "{told}");
    Ok(())
}

pub(crate) async fn a_caller_that_crashes_for_good_waits_for_nothing<E: Engine>(mut bed: Bed<E>) -> Outcome {
    let caller = bed.claimed(delivery().runs(1).build()).await?;
    open(&bed, caller.fence, new_call(caller.fence.run, None)).await?;
    for _ in 1..LIMIT {
        bed = bed.restart().await?;
        bed.store.claim(10, bed.clock.now()).await?;
    }
    bed = bed.restart().await?;
    assert_eq!(bed.run(caller.fence.run).await?.state, RunState::Crashed);
    assert_eq!(bed.store.waits(caller.fence.run).await?, []);
    Ok(())
}
