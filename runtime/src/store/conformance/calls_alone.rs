//! Calls as most are: which job, with what, and nothing else. A store may keep them
//! otherwise than events, and nobody may see it.

use super::fixture::{HOUR, START, call, event, step};
use super::flowing::batch;
use super::{Bed, Engine, Outcome};
use crate::event::INVOKE;
use crate::store::event::{EventRecord, NewEvent, OriginId};
use crate::store::flow::RunFlow;
use crate::store::record::{End, RunHooks};
use crate::store::{EventSearch, EventState, Store};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);

fn changed(mut call: NewEvent, change: impl FnOnce(&mut EventRecord)) -> NewEvent {
    if let Some(event) = Arc::get_mut(&mut call.event) {
        change(event);
    }
    call
}

/// Calls that say something more, each another thing.
fn various() -> Vec<NewEvent> {
    let changes: Vec<fn(&mut EventRecord)> = vec![
        |_| {},
        |call| call.payload = Bytes::new(),
        |call| call.payload = Bytes::from_static(b"\0\xff"),
        |call| call.payload = vec![b'1'; 1024].into(),
        |call| call.payload = vec![b'1'; 1025].into(),
        |call| call.payload = vec![b'1'; 300_000].into(),
        |call| call.name = "triggerfish.tick".into(),
        |call| call.source = Some("stripe.com".into()),
        |call| call.source = Some("".into()),
        |call| call.key = Some("k".to_owned()),
        |call| call.context = Some("{}".to_owned()),
        |call| call.properties = Some("[]".to_owned()),
        |call| call.at = call.at.plus(Duration::from_micros(1)),
        |call| call.at = call.at.minus(HOUR),
        |call| call.delivery = Some(Uuid::now_v7()),
        |call| call.sender = Some(Uuid::now_v7()),
        |call| call.test = true,
        |call| call.job = Some("another".into()),
        |call| call.job = None,
        |call| call.id = Uuid::now_v7(),
    ];
    let mut various: Vec<_> = changes
        .into_iter()
        .zip(0..)
        .map(|(change, n)| changed(call(START.plus(Duration::from_micros(n * 1000 + 7 * n)), None), change))
        .collect();
    let mut other_run = call(START, None);
    other_run.runs.iter_mut().for_each(|run| run.id = Uuid::now_v7());
    let mut two_runs = call(START, None);
    two_runs.runs.extend(call(START, None).runs);
    let mut no_run = call(START, None);
    no_run.runs.clear();
    various.extend([other_run, two_runs, no_run]);
    various
}

pub(crate) async fn a_call_is_stored_whole_whatever_it_says<E: Engine>(bed: Bed<E>) -> Outcome {
    let all = various();
    let written: Vec<_> =
        all.iter().map(|new| (Arc::clone(&new.event), new.runs.iter().map(|run| run.id).collect())).collect();
    for new in all {
        bed.sent(new).await?;
    }
    for (event, runs) in &written {
        let mut runs: Vec<_> = Vec::clone(runs);
        runs.sort_unstable();
        assert_eq!(bed.store.event(event.id).await?.as_ref(), Some(event));
        let found = bed.runs_of_event(event.id).await?;
        assert_eq!(found.iter().map(|run| run.id).collect::<Vec<_>>(), runs, "{event:?}");
    }
    assert_eq!(bed.events().await?.len(), written.len());
    let tickets = bed.store.claim(100, bed.clock.now()).await?;
    assert_eq!(tickets.len(), written.iter().flat_map(|(_, runs)| runs).count());
    for ticket in tickets {
        let event = written.iter().find(|(_, runs)| runs.contains(&ticket.fence.run)).map(|(event, _)| event);
        assert_eq!(ticket.origin.event(), event);
    }
    Ok(())
}

pub(crate) async fn the_hook_and_the_replay_of_a_call_get_the_call<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut new = changed(call(START, None), |call| call.payload = Bytes::from_static(b"[7]"));
    new.runs.iter_mut().for_each(|run| run.hooks = RunHooks { success: true, failure: false });
    let written = Arc::clone(&new.event);
    bed.sent(new).await?;
    let first = bed.claim().await?;
    assert_eq!((first.fence.run, first.origin.event()), (written.id, Some(&written)));
    bed.finish(&first, End::Done { output: Some("[8]".to_owned()) }, Vec::new()).await?;
    let hook = bed.claim().await?;
    assert_eq!((hook.parent, hook.origin.event()), (Some(written.id), Some(&written)));
    let replay = bed.store.replay(written.id).await?;
    let again = bed.claim().await?;
    assert_eq!((again.fence.run, again.origin.event()), (replay, Some(&written)));
    bed.finish(&again, End::Failed { error: "no".to_owned() }, Vec::new()).await?;
    bed.store.retry(replay, None).await?;
    assert_eq!(bed.claim().await?.origin.event(), Some(&written));
    assert_eq!(bed.runs_of_event(written.id).await?.len(), 3);
    let events: Vec<_> = bed.events().await?.iter().map(|event| event.id).collect();
    assert_eq!(events, [written.id], "it is one event, however many runs it has");
    Ok(())
}

pub(crate) async fn a_batch_is_made_of_calls<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut written = Vec::new();
    for n in 0..3_u8 {
        let mut new = changed(call(bed.clock.now(), None), |call| call.payload = vec![b'0' + n].into());
        let flow = RunFlow { priority: 0, lanes: vec![batch(3)] };
        new.runs.iter_mut().for_each(|run| run.flow = Some(Box::new(flow.clone())));
        written.push(Arc::clone(&new.event));
        bed.sent(new).await?;
        bed.clock.advance(Duration::from_millis(1));
    }
    let ticket = bed.claim().await?;
    let members = ticket.batch.iter().map(|member| member.origin.event());
    let events: Vec<_> = std::iter::once(ticket.origin.event()).chain(members).flatten().cloned().collect();
    assert_eq!(events, written);
    Ok(())
}

pub(crate) async fn calls_are_among_the_events<E: Engine>(bed: Bed<E>) -> Outcome {
    // Each second one is a call.
    let at = |n: u32| START.plus(MINUTE * n);
    let mut ids = Vec::new();
    for n in 0..10 {
        let new =
            if n % 2 == 0 { event("a").set(|event| event.at = at(n)).build() } else { call(at(n), None) };
        ids.push(new.event.id);
        bed.sent(new).await?;
    }
    ids.reverse();
    let all = EventSearch { limit: 100, ..EventSearch::default() };
    let calls = EventSearch { name: Some(INVOKE.to_owned()), ..all.clone() };
    let part = |n: std::ops::Range<usize>| ids.get(n).unwrap_or_default().to_vec();
    let each = |odd| ids.iter().copied().enumerate().filter(move |(n, _)| n % 2 == odd).map(|(_, id)| id);
    let rows = [
        (all.clone(), ids.clone()),
        (calls.clone(), each(0).collect()),
        (EventSearch { name: Some("a".to_owned()), ..all.clone() }, each(1).collect()),
        (EventSearch { source: Some("stripe.com".to_owned()), ..all.clone() }, Vec::new()),
        (EventSearch { state: Some(EventState::Pending), ..all.clone() }, Vec::new()),
        (EventSearch { state: Some(EventState::Sent), ..all.clone() }, ids.clone()),
        (EventSearch { since: Some(at(7)), ..all.clone() }, part(0..3)),
        (EventSearch { since: Some(at(6)), until: Some(at(9)), ..all.clone() }, part(1..4)),
        (EventSearch { before: ids.get(2).copied(), ..all.clone() }, part(3..10)),
        (EventSearch { before: ids.get(3).copied(), ..all.clone() }, part(4..10)),
        (EventSearch { before: Some(Uuid::now_v7()), ..all }, Vec::new()),
    ];
    for (search, expected) in rows {
        for limit in [100, 1, 3] {
            let found = super::browsing_events::found(&bed, EventSearch { limit, ..search.clone() }).await?;
            assert_eq!(found, expected, "{search:?}, pages of {limit}");
        }
    }
    bed.sent(changed(call(at(9), None), |call| call.test = true)).await?;
    let mut counts = bed.store.count_events(at(7), at(10)).await?;
    counts.sort();
    let counts: Vec<_> = counts.iter().map(|count| (count.minute, &*count.name, count.count)).collect();
    let minute = |n| at(n).0 / 60_000_000;
    assert_eq!(counts, [(minute(7), INVOKE, 1), (minute(8), "a", 1), (minute(9), INVOKE, 2)]);
    Ok(())
}

pub(crate) async fn calls_and_events_of_one_time_are_each_on_one_page<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ids = Vec::new();
    for n in 0..12 {
        let new = if n % 3 == 0 { event("a").build() } else { call(START, None) };
        ids.push(new.event.id);
        bed.sent(new).await?;
    }
    ids.sort_unstable();
    for limit in [1, 2, 5, 12, 13] {
        let search = EventSearch { limit, ..EventSearch::default() };
        let mut found = super::browsing_events::found(&bed, search).await?;
        found.sort_unstable();
        assert_eq!(found, ids, "pages of {limit}");
    }
    Ok(())
}

pub(crate) async fn old_calls_go_and_young_ones_stay<E: Engine>(bed: Bed<E>) -> Outcome {
    let sent = async |bed: &Bed<E>| -> Outcome<Uuid> {
        let new = call(bed.clock.now(), None);
        let id = new.event.id;
        bed.sent(new).await?;
        bed.clock.advance(Duration::from_millis(1));
        Ok(id)
    };
    let (done, replayed) = (sent(&bed).await?, sent(&bed).await?);
    let open = sent(&bed).await?;
    for ticket in bed.store.claim(2, bed.clock.now()).await? {
        assert_ne!(ticket.fence.run, open, "the oldest come first");
        bed.finish(&ticket, End::DONE, vec![step("a", 0)]).await?;
    }
    let replay = bed.store.replay(replayed).await?;
    bed.clock.advance(HOUR);
    let limit = bed.clock.now();
    let young = sent(&bed).await?;
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(limit, bed.clock.now()).await?, 1);
    assert!(bed.run(done).await.is_err() && bed.store.event(done).await?.is_none());
    assert!(bed.store.steps(done).await?.is_empty());
    for id in [replayed, open, young] {
        assert_eq!(bed.run(id).await?.origin, OriginId::Event(id));
        assert!(bed.store.event(id).await?.is_some());
    }
    for ticket in bed.store.claim(10, bed.clock.now()).await? {
        bed.finish(&ticket, End::DONE, Vec::new()).await?;
    }
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 0, "they ended just now");
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 3);
    assert!(bed.run(replay).await.is_err(), "a replay goes with its call");
    assert!(bed.events().await?.is_empty());
    Ok(())
}

pub(crate) async fn many_old_calls_go_at_once<E: Engine>(bed: Bed<E>) -> Outcome {
    let all = (0..1001).map(|_| call(START, None)).collect();
    bed.store.send_events(all).await?;
    for ticket in bed.store.claim(2000, bed.clock.now()).await? {
        bed.finish(&ticket, End::DONE, Vec::new()).await?;
    }
    bed.clock.advance(HOUR);
    assert_eq!(bed.store.prune(bed.clock.now(), bed.clock.now()).await?, 1001);
    assert!(bed.events().await?.is_empty());
    Ok(())
}
