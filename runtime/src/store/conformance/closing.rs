//! Flushing, and the end of a store.

use super::bed::slots;
use super::fixture::{delivery, event, line, trace};
use super::{Bed, Engine, Outcome};
use crate::store::record::{Accepted, End, Progress};
use crate::store::{Store, StoreError};
use futures_util::future::join_all;
use uuid::Uuid;

pub(crate) async fn a_flush_covers_what_was_sent_before<E: Engine>(bed: Bed<E>) -> Outcome {
    let run = bed.claimed(delivery().runs(1).build()).await?.fence.run;
    let accepted = bed.store.accept(delivery().build());
    bed.store.log(vec![line(run, "x")]);
    bed.store.trace(trace("x"));
    bed.store.flush().await?;
    assert_eq!(bed.store.logs(run).await?.len(), 1);
    assert_eq!(bed.store.traces(10).await?.len(), 1);
    assert_eq!(bed.store.deliveries(10).await?.len(), 2);
    assert_eq!(accepted.await?, Accepted::Stored);
    Ok(())
}

pub(crate) async fn a_closed_store_refuses_everything<E: Engine>(bed: Bed<E>) -> Outcome {
    fn refused<T>(result: &Result<T, StoreError>) -> bool {
        matches!(result, Err(StoreError::Closed))
    }
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let (fence, now) = (ticket.fence, bed.clock.now());
    let (slots, mut handed) = slots(1);
    let store = &bed.store;
    store.close().await?;
    assert!(refused(&store.accept(delivery().starting(slots.reserve()).build()).await));
    assert_eq!(slots.free(), 1);
    assert!(handed.try_recv().is_err());
    store.trace(trace("x"));
    store.log(vec![line(fence.run, "x")]);
    assert!(refused(&store.claim(1, now).await));
    assert!(refused(&store.next_due().await));
    assert!(refused(&store.record(fence, Progress::default()).await));
    assert!(refused(&store.finish(fence, End::DONE, Progress::default()).await));
    assert!(refused(&store.send_events(vec![event("a").starting(slots.reserve()).build()]).await));
    assert_eq!(slots.free(), 1, "its place is free again");
    assert!(refused(&store.due_events(1, now).await));
    assert!(refused(&store.release_events(Vec::new()).await));
    assert!(refused(&store.cancel_event(Uuid::now_v7()).await));
    assert!(refused(&store.next_timer().await));
    assert!(refused(&store.schedules().await));
    assert!(refused(&store.due_schedules(1, now).await));
    assert!(refused(&store.event(Uuid::now_v7()).await));
    assert!(refused(&store.events_of(Uuid::now_v7(), 1).await));
    assert!(refused(&store.release(vec![fence]).await));
    assert!(refused(&store.prune(now, now).await));
    assert!(refused(&store.delivery(Uuid::now_v7()).await));
    assert!(refused(&store.deliveries(1).await));
    assert!(refused(&store.runs(Default::default()).await));
    assert!(refused(&store.steps(fence.run).await));
    assert!(refused(&store.logs(fence.run).await));
    assert!(refused(&store.traces(1).await));
    assert!(refused(&store.flush().await));
    assert!(refused(&store.close().await));
    Ok(())
}

pub(crate) async fn closing_writes_what_is_queued<E: Engine>(bed: Bed<E>) -> Outcome {
    let accepts: Vec<_> = (0..200).map(|_| bed.store.accept(delivery().runs(1).build())).collect();
    let closed = bed.store.close();
    for accepted in join_all(accepts).await {
        assert_eq!(accepted?, Accepted::Stored);
    }
    closed.await?;
    Ok(())
}
