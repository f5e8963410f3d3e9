//! An event is stored once for its key, and sets off its runs once, when it is due.

use super::bed::{is_stale, slots};
use super::fixture::{HOUR, START, delivery, due_event, event, line, run, step};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::event::{EventState, OriginId, Sent};
use crate::store::record::{End, Fence, Progress, RunState};
use bytes::Bytes;
use futures_util::future::join_all;
use std::time::Duration;
use uuid::Uuid;

pub(crate) async fn an_event_is_stored_whole<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("user.created").key("k").set(|event| {
        event.source = Some("stripe.com".into());
        event.job = Some("report".into());
        event.payload = Bytes::from_static(b"{\"a\": \"\xc3\xa9\" }");
        event.context = Some("{\"by\":1}".to_owned());
        event.properties = Some("[]".to_owned());
        event.at = START.minus(HOUR);
        event.delivery = Some(Uuid::now_v7());
        event.sender = Some(Uuid::now_v7());
        event.test = true;
    });
    let new = new.build();
    let written = (*new.event).clone();
    assert_eq!(bed.sent(new).await?, Sent::Stored);
    let read = bed.store.event(written.id).await?.ok_or("not stored")?;
    assert_eq!(*read, written);
    Ok(())
}

pub(crate) async fn an_event_starts_its_runs<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let new = event("a").starting(slots.reserve()).runs(1).build();
    let written = new.event.clone();
    bed.sent(new).await?;
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!(ticket.origin.event(), Some(&written));
    assert_eq!((ticket.fence.attempt, ticket.fence.token, ticket.failures), (1, 1, 0));
    let runs = bed.runs_of_event(written.id).await?;
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run.origin == OriginId::Event(written.id)));
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Running);
    assert!(bed.runs_of(written.id).await?.is_empty(), "no delivery has the event's id");
    Ok(())
}

pub(crate) async fn a_run_of_an_event_is_claimed_with_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").runs(1).build();
    let written = new.event.clone();
    bed.sent(new).await?;
    let ticket = bed.claim().await?;
    assert_eq!(ticket.origin.event(), Some(&written));
    assert_eq!(ticket.origin.payload(), &written.payload);
    bed.finish(&ticket, End::DONE, vec![step("a", 0)]).await?;
    assert_eq!(bed.run(ticket.fence.run).await?.state, RunState::Done);
    Ok(())
}

pub(crate) async fn events_of_one_key_are_one_event<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").key("k").runs(1).build();
    let first = new.event.id;
    assert_eq!(bed.sent(new).await?, Sent::Stored);
    let repeat = event("a").key("k").runs(1).build();
    let id = repeat.event.id;
    assert_eq!(bed.sent(repeat).await?, Sent::Duplicate { first });
    assert!(bed.store.event(id).await?.is_none() && bed.runs_of_event(id).await?.is_empty());
    assert_eq!(bed.store.runs(Default::default()).await?.len(), 1);
    Ok(())
}

pub(crate) async fn keys_of_other_names_and_sources_are_other_keys<E: Engine>(bed: Bed<E>) -> Outcome {
    for (name, source) in [("a", None), ("b", None), ("a", Some("x")), ("a", Some("y"))] {
        let new = event(name).key("k").set(|event| event.source = source.map(Into::into)).build();
        assert_eq!(bed.sent(new).await?, Sent::Stored, "{name} {source:?}");
    }
    assert_eq!(bed.sent(event("a").build()).await?, Sent::Stored);
    assert_eq!(bed.sent(event("a").build()).await?, Sent::Stored, "without a key there is no repeat");
    Ok(())
}

pub(crate) async fn a_repeat_in_one_call_is_one_event<E: Engine>(bed: Bed<E>) -> Outcome {
    let both = [(); 2].map(|()| event("a").key("k").runs(1).build());
    let first = both[0].event.id;
    let sent = bed.store.send_events(both.into()).await?;
    assert_eq!(sent, [Sent::Stored, Sent::Duplicate { first }]);
    assert_eq!(bed.store.runs(Default::default()).await?.len(), 1);
    Ok(())
}

pub(crate) async fn a_repeat_gives_its_place_back<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(2);
    bed.sent(event("a").key("k").build()).await?;
    let both = vec![
        event("a").key("k").starting(slots.reserve()).build(),
        event("b").starting(slots.reserve()).build(),
    ];
    let started = both.get(1).and_then(|new| new.runs.first()).ok_or("no run")?.id;
    bed.store.send_events(both).await?;
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!(ticket.fence.run, started);
    bed.store.flush().await?;
    assert!(handed.try_recv().is_err(), "the repeat starts nothing");
    assert_eq!(slots.free(), 1);
    Ok(())
}

pub(crate) async fn of_a_hundred_at_once_with_one_key_one_is_stored<E: Engine>(bed: Bed<E>) -> Outcome {
    let all: Vec<_> = (0..100).map(|_| event("a").key("k").runs(1).build()).collect();
    let sends = all.into_iter().map(|new| bed.store.send_events(vec![new]));
    let mut stored = 0;
    for sent in join_all(sends).await {
        stored += sent?.iter().filter(|sent| **sent == Sent::Stored).count();
    }
    assert_eq!(stored, 1);
    assert_eq!(bed.events().await?.len(), 1);
    assert_eq!(bed.store.runs(Default::default()).await?.len(), 1);
    Ok(())
}

pub(crate) async fn many_events_are_answered_in_their_order<E: Engine>(bed: Bed<E>) -> Outcome {
    let first = event("a").key("3").build();
    let id = first.event.id;
    bed.sent(first).await?;
    let all = (0..5).map(|n| event("a").key(&n.to_string()).build()).collect();
    let sent = bed.store.send_events(all).await?;
    let expected: Vec<_> =
        (0..5).map(|n| if n == 3 { Sent::Duplicate { first: id } } else { Sent::Stored }).collect();
    assert_eq!(sent, expected);
    assert!(bed.store.send_events(Vec::new()).await?.is_empty());
    Ok(())
}

pub(crate) async fn an_event_that_is_due_later_waits<E: Engine>(bed: Bed<E>) -> Outcome {
    let (soon, late) = (START.plus(Duration::from_secs(1)), START.plus(HOUR));
    let all = [late, soon, soon].map(|at| event("a").due(at).build());
    let [last, first, second] = [0, 1, 2].map(|n: usize| all.get(n).map(|new| new.event.id));
    bed.store.send_events(all.into()).await?;
    assert!(bed.store.due_events(10, START).await?.is_empty());
    let due = |limit, now| {
        let due = bed.store.due_events(limit, now);
        async move { due.await.map(|all| all.iter().map(|event| Some(event.id)).collect::<Vec<_>>()) }
    };
    assert_eq!(due(10, soon).await?, [first, second]);
    assert_eq!(due(1, soon).await?, [first], "the limit holds");
    assert_eq!(due(10, late).await?, [first, second, last]);
    assert!(bed.store.claim(10, late).await?.is_empty(), "nothing runs before it is released");
    Ok(())
}

pub(crate) async fn a_pending_event_says_when_something_is_due<E: Engine>(bed: Bed<E>) -> Outcome {
    assert_eq!(bed.store.next_timer().await?, None);
    let at = START.plus(HOUR);
    let new = event("a").due(at).build();
    let id = new.event.id;
    bed.sent(new).await?;
    assert_eq!(bed.store.next_timer().await?, Some(at));
    assert_eq!(bed.store.next_due().await?, None, "no run is due");
    bed.store.cancel_event(id).await?;
    assert_eq!(bed.store.next_timer().await?, None);
    Ok(())
}

pub(crate) async fn a_released_event_starts_its_runs_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(2);
    let new = event("a").due(START).build();
    let id = new.event.id;
    bed.sent(new).await?;
    let releases = [(); 2].map(|()| bed.store.release_events(vec![due_event(id, run(3, slots.reserve()))]));
    for release in releases {
        release.await?;
    }
    let (ticket, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    let seen = ticket.origin.event().ok_or("no event")?;
    assert_eq!((seen.id, seen.state), (id, EventState::Sent));
    bed.store.flush().await?;
    assert!(handed.try_recv().is_err());
    assert_eq!((slots.free(), bed.runs_of_event(id).await?.len()), (1, 1));
    assert!(bed.store.due_events(10, START).await?.is_empty());
    Ok(())
}

pub(crate) async fn a_cancelled_event_is_not_sent<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").due(START).build();
    let id = new.event.id;
    bed.sent(new).await?;
    assert!(bed.store.cancel_event(id).await?);
    assert!(!bed.store.cancel_event(id).await?, "it is cancelled already");
    assert!(bed.store.due_events(10, START).await?.is_empty());
    bed.store.release_events(vec![due_event(id, run(3, None))]).await?;
    assert!(bed.runs_of_event(id).await?.is_empty());
    let kept = bed.store.event(id).await?.ok_or("gone")?;
    assert_eq!(kept.state, EventState::Cancelled);
    Ok(())
}

pub(crate) async fn an_event_that_was_sent_cannot_be_cancelled<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").runs(1).build();
    let id = new.event.id;
    bed.sent(new).await?;
    assert!(!bed.store.cancel_event(id).await?);
    assert!(!bed.store.cancel_event(Uuid::now_v7()).await?);
    assert_eq!(bed.claim().await?.origin.id(), OriginId::Event(id));
    Ok(())
}

pub(crate) async fn a_key_holds_while_its_event_is_pending<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").key("k").due(START.plus(HOUR)).build();
    let first = new.event.id;
    bed.sent(new).await?;
    assert_eq!(bed.sent(event("a").key("k").runs(1).build()).await?, Sent::Duplicate { first });
    bed.store.cancel_event(first).await?;
    assert_eq!(
        bed.sent(event("a").key("k").build()).await?,
        Sent::Duplicate { first },
        "what was cancelled stays cancelled"
    );
    Ok(())
}

pub(crate) async fn events_are_recorded_with_the_step_that_sent_them<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(1);
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let new = event("a").starting(slots.reserve()).build();
    let id = new.event.id;
    let progress = Progress { steps: vec![step("s", 0)], events: vec![new] };
    bed.store.record(ticket.fence, progress).await?;
    let (started, _hold) = handed.recv().await.ok_or("nothing handed over")?;
    assert_eq!(started.origin.id(), OriginId::Event(id));
    assert_eq!(bed.store.steps(ticket.fence.run).await?, [step("s", 0)]);
    Ok(())
}

pub(crate) async fn a_stale_record_sends_nothing<E: Engine>(bed: Bed<E>) -> Outcome {
    let (slots, mut handed) = slots(2);
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let stale = Fence { token: ticket.fence.token + 1, ..ticket.fence };
    let progress = || {
        let events = vec![event("a").starting(slots.reserve()).build()];
        Progress { steps: vec![step("s", 0)], events }
    };
    assert!(is_stale(&bed.store.record(stale, progress()).await));
    assert!(is_stale(&bed.store.finish(stale, End::DONE, progress()).await));
    bed.store.flush().await?;
    assert!(handed.try_recv().is_err());
    assert_eq!(slots.free(), 2);
    assert!(bed.events().await?.is_empty());
    Ok(())
}

pub(crate) async fn the_end_of_a_run_sends_its_events<E: Engine>(bed: Bed<E>) -> Outcome {
    let ticket = bed.claimed(delivery().runs(1).build()).await?;
    let progress = Progress { steps: Vec::new(), events: vec![event("a").runs(1).build()] };
    bed.store.finish(ticket.fence, End::DONE, progress).await?;
    assert!(bed.claim().await?.origin.event().is_some());
    Ok(())
}

pub(crate) async fn a_run_of_an_event_retries_with_it<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").runs(1).build();
    let written = new.event.clone();
    bed.sent(new).await?;
    let first = bed.claim().await?;
    bed.fail(&first).await?;
    let second = bed.claim().await?;
    assert_eq!((second.fence.attempt, second.origin.event()), (2, Some(&written)));
    bed.store.release(vec![second.fence]).await?;
    assert_eq!(bed.claim().await?.origin.event(), Some(&written));
    Ok(())
}

pub(crate) async fn an_unknown_event_is_none<E: Engine>(bed: Bed<E>) -> Outcome {
    assert!(bed.store.event(Uuid::now_v7()).await?.is_none());
    Ok(())
}

pub(crate) async fn an_old_event_goes_with_all_it_has<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").runs(1).build();
    let id = new.event.id;
    bed.sent(new).await?;
    let ticket = bed.claim().await?;
    let run = ticket.fence.run;
    bed.store.log(vec![line(run, "x")]);
    bed.finish(&ticket, End::DONE, vec![step("a", 0)]).await?;
    bed.sent(event("nobody listens").build()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(START, bed.clock.now()).await?, 0, "not old yet");
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 2);
    assert!(bed.store.event(id).await?.is_none() && bed.run(run).await.is_err());
    assert!(bed.store.steps(run).await?.is_empty() && bed.store.logs(run).await?.is_empty());
    Ok(())
}

pub(crate) async fn an_unfinished_run_keeps_its_event<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").runs(2).build();
    let id = new.event.id;
    bed.sent(new).await?;
    let done = bed.store.claim(1, bed.clock.now()).await?.pop().ok_or("nothing due")?;
    bed.finish(&done, End::DONE, Vec::new()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0);
    assert!(bed.store.event(id).await?.is_some());
    Ok(())
}

pub(crate) async fn a_pending_event_is_never_pruned<E: Engine>(bed: Bed<E>) -> Outcome {
    let new = event("a").due(START.plus(Duration::from_secs(1))).build();
    let id = new.event.id;
    bed.sent(new).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0);
    bed.store.cancel_event(id).await?;
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1);
    Ok(())
}

pub(crate) async fn the_key_of_an_event_that_went_is_free<E: Engine>(bed: Bed<E>) -> Outcome {
    bed.sent(event("a").key("k").build()).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1);
    assert_eq!(bed.sent(event("a").key("k").build()).await?, Sent::Stored);
    Ok(())
}
