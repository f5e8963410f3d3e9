//! A run with a slot reaches the workers in memory, once, after the commit.

use super::bed::{delivered, slots};
use super::fixture::{START, delivery, header_list};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::event::OriginId;
use crate::store::record::{Accepted, RunState, Ticket};
use futures_util::future::join_all;
use std::collections::HashSet;

pub(crate) async fn a_run_with_a_slot_starts_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let new =
        delivery().body("x").starting(slots.reserve()).set(|new| new.provider_id = Some("p".to_owned()));
    let id = bed.stored(new.build()).await?;
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    let of = delivered(&ticket)?;
    assert_eq!((of.id, of.endpoint.as_ref(), ticket.job.as_ref()), (id, "a", "job"));
    assert_eq!((ticket.fence.attempt, ticket.fence.token, ticket.failures), (1, 1, 0));
    assert_eq!((of.request.body().as_ref(), of.provider_id.as_deref()), (&b"x"[..], Some("p")));
    assert!(ticket.steps.is_empty());
    let run = bed.run(ticket.fence.run).await?;
    assert_eq!((run.state, run.attempt, run.origin), (RunState::Running, 1, OriginId::Delivery(id)));
    assert_eq!((run.created_at, run.due_at, run.finished_at), (START, START, None));
    assert!(bed.store.claim(10, bed.clock.now()).await?.is_empty(), "it is not claimed as well");
    bed.record(ticket.fence, Vec::new()).await?;
    Ok(())
}

pub(crate) async fn a_run_without_a_slot_is_queued<E: Engine>(bed: Bed<E>) -> Outcome {
    let id = bed.stored(delivery().runs(1).build()).await?;
    let runs = bed.runs_of(id).await?;
    let run = runs.first().ok_or("no run")?;
    assert_eq!((run.state, run.attempt, run.due_at), (RunState::Queued, 0, START));
    assert_eq!((run.failures, run.crashes, run.error.as_deref()), (0, 0, None));
    Ok(())
}

pub(crate) async fn a_mixed_delivery_starts_what_it_can<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let new = delivery().runs(1).starting(slots.reserve()).runs(1).build();
    let started = new.runs.get(1).ok_or("no run")?.id;
    bed.stored(new).await?;
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!(ticket.fence.run, started);
    let claimed = bed.store.claim(10, bed.clock.now()).await?;
    assert_eq!(claimed.len(), 2);
    assert!(claimed.iter().all(|ticket| ticket.fence.run != started));
    Ok(())
}

pub(crate) async fn each_of_many_is_handed_over_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(200);
    let all: Vec<_> = (0..200).map(|_| delivery().starting(slots.reserve()).build()).collect();
    for accepted in join_all(all.into_iter().map(|new| bed.store.accept(new))).await {
        assert_eq!(accepted?, Accepted::Stored);
    }
    let mut seen = HashSet::new();
    let mut holds = Vec::new();
    for _ in 0..200 {
        let (ticket, hold) = handed.recv().await.ok_or("too few")?;
        holds.push(hold);
        assert!(seen.insert(ticket.fence.run));
    }
    assert!(handed.try_recv().is_err());
    assert_eq!(slots.free(), 0);
    Ok(())
}

pub(crate) async fn nobody_needs_to_wait_for_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    drop(bed.store.accept(delivery().starting(slots.reserve()).build()));
    assert!(handed.recv().await.is_some());
    Ok(())
}

pub(crate) async fn the_slots_of_a_duplicate_are_free_again<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(2);
    bed.stored(delivery().key("k").runs(1).build()).await?;
    let repeat = delivery().key("k").starting(slots.reserve()).starting(slots.reserve()).build();
    bed.store.accept(repeat).await?;
    bed.store.flush().await?;
    assert_eq!(slots.free(), 2);
    assert!(handed.try_recv().is_err());
    Ok(())
}

pub(crate) async fn the_slots_of_a_failed_write_are_free_again<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let taken = bed.stored(delivery().build()).await?;
    let again = delivery().starting(slots.reserve()).set(|new| new.id = taken).build();
    assert!(bed.store.accept(again).await.is_err());
    bed.store.flush().await?;
    assert_eq!(slots.free(), 1);
    assert!(handed.try_recv().is_err());
    Ok(())
}

pub(crate) async fn a_rematched_run_starts_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let first = bed.stored(delivery().key("k").body("first").build()).await?;
    let repeat = delivery().key("k").body("repeat").starting(slots.reserve()).build();
    assert!(matches!(bed.store.accept(repeat).await?, Accepted::Rematched { .. }));
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    let of = delivered(&ticket)?;
    assert_eq!((of.id, of.request.body().as_ref()), (first, &b"first"[..]));
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Running);
    Ok(())
}

pub(crate) async fn a_run_whose_workers_left_is_still_stored<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, handed) = slots(1);
    drop(handed);
    let id = bed.stored(delivery().starting(slots.reserve()).build()).await?;
    bed.store.flush().await?;
    let runs = bed.runs_of(id).await?;
    assert_eq!(runs.first().map(|run| run.state), Some(RunState::Running));
    assert_eq!(slots.free(), 1);
    Ok(())
}

pub(crate) async fn what_is_handed_over_is_what_a_claim_returns<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let headers: [(&'static str, &[u8]); 2] = [("authorization", b"hunter2"), ("x-a", b"1")];
    let new = delivery().headers(&headers).body("x").starting(slots.reserve()).parts(|parts| {
        parts.uri = http::Uri::from_static("/hooks/a?x=1");
        parts.public_url = Some("https://hooks.example.com".into());
    });
    bed.stored(new.build()).await?;
    let (handed, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    bed.store.release(vec![handed.fence]).await?;
    let claimed = bed.claim().await?;
    let seen = |ticket: &Ticket| -> Outcome<_> {
        let of = delivered(ticket)?;
        Ok((
            header_list(&of.request),
            of.request.body().clone(),
            of.request.public_url().map(|url| url.to_string()),
            of.request.received_at(),
            (ticket.job.clone(), of.endpoint.clone(), of.provider_id.clone(), of.id),
        ))
    };
    assert_eq!(seen(&handed)?, seen(&claimed)?);
    Ok(())
}
