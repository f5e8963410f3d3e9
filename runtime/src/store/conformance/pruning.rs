//! What is old goes, what is needed stays.

use super::bed::delivered;
use super::fixture::{HOUR, START, call, delivery, line, step};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::record::{Accepted, End, NewDelivery};
use uuid::Uuid;

/// Stores a delivery with one run, and lets that end.
async fn finished<E: Engine>(bed: &Bed<E>, new: NewDelivery) -> Outcome<(Uuid, Uuid)> {
    let ticket = bed.claimed(new).await?;
    bed.store.log(vec![line(ticket.fence.run, "x")]);
    bed.finish(&ticket, End::DONE, vec![step("a", 0)]).await?;
    Ok((delivered(&ticket)?.id, ticket.fence.run))
}

async fn is_there<E: Engine>(bed: &Bed<E>, delivery: Uuid) -> Outcome<bool> {
    Ok(bed.store.delivery(delivery).await?.is_some())
}

pub(crate) async fn an_old_finished_delivery_goes_with_all_it_has<E: Engine>(bed: Bed<E>) -> Outcome {
    let (old, run) = finished(&bed, delivery().runs(1).build()).await?;
    let filtered = bed.stored(delivery().build()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 2);
    assert!(!is_there(&bed, old).await? && !is_there(&bed, filtered).await?);
    assert!(bed.run(run).await.is_err());
    assert!(bed.store.steps(run).await?.is_empty());
    assert!(bed.store.logs(run).await?.is_empty());
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0);
    Ok(())
}

pub(crate) async fn an_unfinished_run_keeps_its_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    let two = bed.stored(delivery().runs(2).build()).await?;
    let ticket = bed.store.claim(1, bed.clock.now()).await?.pop().ok_or("nothing due")?;
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    let running = bed.claim().await?;
    let parked = bed.claimed(delivery().runs(1).build()).await?;
    bed.finish(&parked, End::Parked, Vec::new()).await?;
    let queued = bed.stored(delivery().runs(1).build()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0);
    for id in [two, delivered(&parked)?.id, queued] {
        assert!(is_there(&bed, id).await?);
    }
    assert_eq!(bed.runs_of(two).await?.len(), 2);
    bed.finish(&running, End::DONE, Vec::new()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1);
    Ok(())
}

pub(crate) async fn a_call_goes_with_the_run_that_has_its_id<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = call(START, None);
    let id = new.event.id;
    bed.sent(new).await?;
    let ticket = bed.claim().await?;
    bed.store.log(vec![line(id, "x")]);
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0, "it executes");
    bed.finish(&ticket, End::DONE, vec![step("a", 0)]).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1);
    assert_eq!(bed.store.event(id).await?, None);
    assert!(bed.run(id).await.is_err());
    assert!(bed.store.steps(id).await?.is_empty() && bed.store.logs(id).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_young_delivery_stays<E: Engine>(bed: Bed<E>) -> Outcome {
    let (old, _) = finished(&bed, delivery().runs(1).build()).await?;
    bed.clock.advance(HOUR);
    let limit = bed.clock.now();
    let young = bed.stored(delivery().received_at(limit).build()).await?;
    // One that overtook it.
    let late = bed.stored(delivery().received_at(START).build()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(limit, bed.clock.now()).await?, 2);
    assert!(!is_there(&bed, old).await? && !is_there(&bed, late).await?);
    assert!(is_there(&bed, young).await?, "as old as the limit is not older");
    Ok(())
}

pub(crate) async fn a_run_that_ended_lately_keeps_its_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    bed.clock.advance(HOUR);
    let limit = bed.clock.now();
    bed.finish(&ticket, End::DONE, Vec::new()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(limit, bed.clock.now()).await?, 0);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1);
    Ok(())
}

pub(crate) async fn a_key_that_still_holds_keeps_its_delivery<E: Engine>(bed: Bed<E>) -> Outcome {
    let until = START.plus(HOUR * 3);
    let (held, _) = finished(&bed, delivery().key_until("k", until).runs(1).build()).await?;
    let filtered = bed.stored(delivery().key_until("f", until).build()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0);
    let repeat = bed.store.accept(delivery().key_until("k", until).runs(1).build()).await?;
    assert_eq!(repeat, Accepted::Duplicate { first: held, at: START, answer: None });
    let repeat = bed.store.accept(delivery().key_until("f", until).build()).await?;
    assert_eq!(repeat, Accepted::Rematched { first: filtered, at: START });
    Ok(())
}

pub(crate) async fn an_expired_key_goes<E: Engine>(bed: Bed<E>) -> Outcome {
    let (old, _) = finished(&bed, delivery().key("k").runs(1).build()).await?;
    let (young, _) =
        finished(&bed, delivery().key("young").received_at(START.plus(HOUR)).runs(1).build()).await?;
    bed.clock.advance(HOUR * 2);
    assert_eq!(bed.store.prune(START.plus(HOUR), bed.clock.now()).await?, 1);
    assert!(!is_there(&bed, old).await? && is_there(&bed, young).await?);
    let until = bed.clock.now().plus(HOUR);
    for key in ["k", "young"] {
        bed.stored(delivery().key_until(key, until).runs(1).build()).await?;
    }
    Ok(())
}

pub(crate) async fn many_go_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let all = (0..1001).map(|n| bed.store.accept(delivery().key(&format!("{n}")).build()));
    for accepted in futures_util::future::join_all(all).await {
        assert_eq!(accepted?, Accepted::Stored);
    }
    bed.clock.advance(HOUR * 2);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1001);
    assert!(bed.store.deliveries(10).await?.is_empty());
    Ok(())
}
