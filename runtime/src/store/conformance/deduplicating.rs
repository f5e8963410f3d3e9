//! One key, one delivery, whatever the concurrency.

use super::bed::{delivered, slots};
use super::fixture::{HOUR, START, answer, delivery};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::record::{Accepted, DeliveryOutcome};
use crate::time::Timestamp;
use futures_util::future::join_all;
use std::time::Duration;

pub(crate) async fn a_repeat_names_the_first_and_its_answer<E: Engine>(bed: Bed<E>) -> Outcome {
    let at = Timestamp(START.0 - 5);
    let new = delivery().key("k").runs(1).received_at(at).set(|new| new.answer = Some(answer(202)));
    let first = bed.stored(new.build()).await?;
    let repeat = delivery().key("k").runs(1).set(|new| new.answer = Some(answer(299))).build();
    let repeat_id = repeat.id;
    let accepted = bed.store.accept(repeat).await?;
    assert_eq!(accepted, Accepted::Duplicate { first, at, answer: Some(answer(202)) });
    assert!(bed.store.delivery(repeat_id).await?.is_none());
    assert!(bed.runs_of(repeat_id).await?.is_empty());
    assert_eq!(bed.runs_of(first).await?.len(), 1);
    Ok(())
}

pub(crate) async fn of_a_hundred_at_once_one_is_stored<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(100);
    let all: Vec<_> = (0..100).map(|_| delivery().key("k").starting(slots.reserve()).build()).collect();
    let ids: Vec<_> = all.iter().map(|new| new.id).collect();
    let accepted = join_all(all.into_iter().map(|new| bed.store.accept(new))).await;
    let mut stored = Vec::new();
    let mut firsts = Vec::new();
    for (id, accepted) in ids.into_iter().zip(accepted) {
        match accepted? {
            Accepted::Stored => stored.push(id),
            Accepted::Duplicate { first, at: START, answer: None } => firsts.push(first),
            other => return Err(format!("{other:?}").into()),
        }
    }
    assert_eq!(stored.len(), 1);
    assert_eq!(firsts, vec![*stored.first().ok_or("none")?; 99]);
    assert_eq!(bed.store.deliveries(1000).await?.len(), 1);
    let (ticket, hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!(vec![delivered(&ticket)?.id], stored);
    assert!(handed.try_recv().is_err(), "one run");
    bed.store.flush().await?;
    assert_eq!(slots.free(), 99);
    drop(hold);
    assert_eq!(slots.free(), 100);
    Ok(())
}

pub(crate) async fn two_of_one_batch_are_one<E: Engine>(bed: Bed<E>) -> Outcome {
    // Begun without a pause between them, so that a store that batches has both at once.
    let first = delivery().key("k").runs(1).build();
    let id = first.id;
    let (one, other) = (bed.store.accept(first), bed.store.accept(delivery().key("k").runs(1).build()));
    assert_eq!(one.await?, Accepted::Stored);
    assert_eq!(other.await?, Accepted::Duplicate { first: id, at: START, answer: None });
    Ok(())
}

pub(crate) async fn the_same_key_elsewhere_is_another<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().to("a").key("k").runs(1).build()).await?;
    bed.stored(delivery().to("b").key("k").runs(1).build()).await?;
    bed.stored(delivery().to("a").key("K").runs(1).build()).await?;
    Ok(())
}

pub(crate) async fn without_a_key_all_are_stored<E: Engine>(bed: Bed<E>) -> Outcome {
    for _ in 0..3 {
        bed.stored(delivery().runs(1).body("same").build()).await?;
    }
    assert_eq!(bed.store.deliveries(10).await?.len(), 3);
    Ok(())
}

pub(crate) async fn an_expired_key_is_free<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.stored(delivery().key("k").runs(1).build()).await?;
    bed.clock.advance(HOUR * 2);
    let until = bed.clock.now().plus(HOUR);
    let second = bed.stored(delivery().key_until("k", until).runs(1).build()).await?;
    match bed.store.accept(delivery().key_until("k", until).runs(1).build()).await? {
        Accepted::Duplicate { first, .. } => assert_eq!(first, second),
        other => return Err(format!("{other:?}").into()),
    }
    assert!(bed.store.delivery(first).await?.is_some(), "the key went on, the delivery stays");
    Ok(())
}

pub(crate) async fn a_key_expires_at_its_time_and_not_before<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().key("k").runs(1).build()).await?;
    bed.clock.advance(HOUR - Duration::from_micros(1));
    let repeat = bed.store.accept(delivery().key("k").runs(1).build()).await?;
    assert!(matches!(repeat, Accepted::Duplicate { .. }), "{repeat:?}");
    bed.clock.advance(Duration::from_micros(1));
    bed.stored(delivery().key_until("k", bed.clock.now().plus(HOUR)).runs(1).build()).await?;
    Ok(())
}

pub(crate) async fn a_repeat_of_a_filtered_one_is_matched_again<E: Engine>(bed: Bed<E>) -> Outcome {
    let first =
        bed.stored(delivery().key("k").set(|new| new.verdicts = Some("1".to_owned())).build()).await?;
    let repeat = delivery().key("k").runs(2).set(|new| new.verdicts = Some("2".to_owned())).build();
    assert_eq!(bed.store.accept(repeat).await?, Accepted::Rematched { first, at: START });
    let found = bed.store.delivery(first).await?.ok_or("not found")?;
    assert_eq!(found.outcome, DeliveryOutcome::Accepted);
    assert_eq!(found.verdicts.as_deref(), Some("2"));
    assert_eq!(bed.runs_of(first).await?.len(), 2);
    assert_eq!(bed.store.deliveries(10).await?.len(), 1);
    let again = bed.store.accept(delivery().key("k").runs(1).build()).await?;
    assert_eq!(again, Accepted::Duplicate { first, at: START, answer: None });
    Ok(())
}

pub(crate) async fn a_repeat_that_matches_nothing_again_changes_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let first =
        bed.stored(delivery().key("k").set(|new| new.verdicts = Some("1".to_owned())).build()).await?;
    let repeat = delivery().key("k").set(|new| new.verdicts = Some("2".to_owned())).build();
    assert_eq!(bed.store.accept(repeat).await?, Accepted::Rematched { first, at: START });
    let found = bed.store.delivery(first).await?.ok_or("not found")?;
    assert_eq!(found.outcome, DeliveryOutcome::Filtered);
    assert_eq!(found.verdicts.as_deref(), Some("1"));
    Ok(())
}

pub(crate) async fn a_rematched_run_gets_the_first_request<E: Engine>(bed: Bed<E>) -> Outcome {
    let provider = |id: &str| Some(id.to_owned());
    let new = delivery().key("k").body("first").set(|new| new.provider_id = provider("1"));
    let first = bed.stored(new.build()).await?;
    let repeat = delivery().key("k").body("repeat").runs(1).set(|new| new.provider_id = provider("2"));
    bed.store.accept(repeat.build()).await?;
    let ticket = bed.claim().await?;
    let of = delivered(&ticket)?;
    assert_eq!((of.id, of.request.body().as_ref()), (first, &b"first"[..]));
    assert_eq!(of.provider_id.as_deref(), Some("1"));
    Ok(())
}

pub(crate) async fn a_rematch_says_what_later_repeats_are_told<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = bed.stored(delivery().key("k").set(|new| new.answer = Some(answer(400))).build()).await?;
    bed.store.accept(delivery().key("k").runs(1).set(|new| new.answer = Some(answer(202))).build()).await?;
    let repeat = bed.store.accept(delivery().key("k").runs(1).build()).await?;
    assert_eq!(repeat, Accepted::Duplicate { first, at: START, answer: Some(answer(202)) });
    Ok(())
}

pub(crate) async fn a_rematch_holds_the_key_longer<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.stored(delivery().key("k").build()).await?;
    let until = START.plus(HOUR * 3);
    bed.store.accept(delivery().key_until("k", until).runs(1).build()).await?;
    bed.clock.advance(HOUR * 2);
    let repeat = bed.store.accept(delivery().key_until("k", until).runs(1).build()).await?;
    assert!(matches!(repeat, Accepted::Duplicate { .. }), "{repeat:?}");
    Ok(())
}
