//! Pages and counts.

use super::fixture::{HOUR, START, delivery, trace};
use super::{Bed, Engine, Outcome};
use crate::store::Store;
use crate::store::browse::{
    Countable, Found, RequestOutcome, RequestQuery, RequestRow, RunSearch, minute_of,
};
use crate::store::record::{End, RunState};
use crate::store::trace::{Trace, TraceOutcome};
use crate::time::Timestamp;
use std::time::Duration;
use uuid::Uuid;

const SECOND: Duration = Duration::from_secs(1);

/// Stores six requests a second apart, deliveries and traces in turn; the ids
/// in the order of their time.
async fn mixed<E: Engine>(bed: &Bed<E>) -> Outcome<Vec<Uuid>> {
    let mut ids = Vec::new();
    for n in 0..6 {
        let at = START.plus(SECOND * n);
        let endpoint = if n < 3 { "a" } else { "b" };
        if n % 2 == 0 {
            let new = delivery().to(endpoint).body(format!("body-{n}")).runs((n % 4) as usize);
            ids.push(bed.stored(new.arrived_at(at).build()).await?);
        } else {
            let id = crate::id::new(at);
            bed.store.trace(Trace { id, at, endpoint: endpoint.to_owned(), ..trace(&format!("why-{n}")) });
            ids.push(id);
        }
    }
    bed.store.flush().await?;
    Ok(ids)
}

fn all() -> RequestQuery {
    RequestQuery { limit: 100, ..RequestQuery::default() }
}

fn ids(rows: &[RequestRow]) -> Vec<Uuid> {
    rows.iter().map(|row| row.id).collect()
}

pub(crate) async fn deliveries_and_traces_are_in_one_order<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut sent = mixed(&bed).await?;
    sent.reverse();
    let page = bed.store.browse(all()).await?;
    assert_eq!((ids(&page.rows), page.next), (sent, None));
    let [trace, delivery, ..] = page.rows.as_slice() else { return Err("not two".into()) };
    assert_eq!((delivery.outcome, delivery.endpoint.as_str()), (RequestOutcome::Filtered, "b"));
    assert_eq!((delivery.at, delivery.body_len), (START.plus(SECOND * 4), 6));
    assert_eq!((trace.outcome, trace.status), (RequestOutcome::Rejected, Some(401)));
    assert_eq!((trace.reason.as_deref(), trace.body_len), (Some("why-5"), 4096));
    assert!(trace.repeats.is_some() && trace.replay_of.is_some());
    Ok(())
}

pub(crate) async fn pages_follow_each_other_without_gap_or_overlap<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut sent = mixed(&bed).await?;
    sent.reverse();
    for limit in 1..=6 {
        let (mut seen, mut before) = (Vec::new(), None);
        for _ in 0..20 {
            let page = bed.store.browse(RequestQuery { before, limit, ..all() }).await?;
            assert!(page.rows.len() <= limit);
            seen.extend(ids(&page.rows));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!((seen, before), (sent.clone(), None), "pages of {limit}");
    }
    Ok(())
}

pub(crate) async fn requests_are_found_by_each_part_of_a_query<E: Engine>(bed: Bed<E>) -> Outcome {
    let sent = mixed(&bed).await?;
    let third = sent.get(3).map(Uuid::to_string).unwrap_or_default();
    let endpoint = |id: &str| RequestQuery { endpoint: Some(id.to_owned()), ..all() };
    let outcomes = |outcomes: &[RequestOutcome]| RequestQuery { outcomes: outcomes.to_vec(), ..all() };
    let text = |text: &str| RequestQuery { text: Some(text.to_owned()), ..all() };
    let rows: Vec<(RequestQuery, &[usize])> = vec![
        (endpoint("a"), &[2, 1, 0]),
        (endpoint("b"), &[5, 4, 3]),
        (endpoint("c"), &[]),
        (outcomes(&[RequestOutcome::Accepted]), &[2]),
        (outcomes(&[RequestOutcome::Filtered]), &[4, 0]),
        (outcomes(&[RequestOutcome::Rejected]), &[5, 3, 1]),
        (outcomes(&[RequestOutcome::Accepted, RequestOutcome::Rejected]), &[5, 3, 2, 1]),
        (outcomes(&[RequestOutcome::Handshake]), &[]),
        (RequestQuery { since: Some(START.plus(SECOND * 2)), ..all() }, &[5, 4, 3, 2]),
        (RequestQuery { until: Some(START.plus(SECOND * 2)), ..all() }, &[1, 0]),
        (RequestQuery { since: Some(START.plus(SECOND)), ..endpoint("a") }, &[2, 1]),
        (text("body-4"), &[4]),
        (text("why-3"), &[3]),
        (text(&third), &[3]),
        (text("x=1"), &[5, 3, 1]),
        (text("\u{fffd}"), &[]),
        (RequestQuery { text: Some("body".to_owned()), ..endpoint("a") }, &[2, 0]),
        (RequestQuery { limit: 0, ..all() }, &[]),
    ];
    for (query, expected) in rows {
        let page = bed.store.browse(query.clone()).await?;
        let expected: Vec<_> = expected.iter().filter_map(|n| sent.get(*n).copied()).collect();
        assert_eq!(ids(&page.rows), expected, "{query:?}");
    }
    Ok(())
}

pub(crate) async fn a_request_is_found_by_its_id<E: Engine>(bed: Bed<E>) -> Outcome {
    let of = Uuid::now_v7();
    let answer = super::fixture::answer(202);
    let new = delivery().body("x").set(|new| {
        new.replay_of = Some(of);
        new.answer = Some(answer.clone());
    });
    let stored = bed.stored(new.build()).await?;
    let noted = trace("no");
    bed.store.trace(noted.clone());
    bed.store.flush().await?;
    match bed.store.find(stored).await? {
        Some(Found::Delivery(found)) => {
            assert_eq!((found.id, found.replay_of, found.answer), (stored, Some(of), Some(answer)));
        }
        other => return Err(format!("not a delivery: {other:?}").into()),
    }
    match bed.store.find(noted.id).await? {
        Some(Found::Trace(found)) => assert_eq!(*found, noted),
        other => return Err(format!("not a trace: {other:?}").into()),
    }
    assert!(bed.store.find(Uuid::now_v7()).await?.is_none());
    Ok(())
}

pub(crate) async fn runs_are_paged_by_job_state_and_time<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut made = Vec::new();
    for n in 0..6 {
        let job = if n % 2 == 0 { "even" } else { "odd" };
        let new = delivery().job(job).arrived_at(START.plus(SECOND * n)).build();
        made.extend(new.runs.iter().map(|run| run.id));
        bed.stored(new).await?;
    }
    for ticket in bed.store.claim(2, bed.clock.now()).await? {
        bed.finish(&ticket, End::Failed { error: "no".to_owned() }, Vec::new()).await?;
    }
    let all = RunSearch { limit: 100, ..RunSearch::default() };
    let job = |job: &str| RunSearch { job: Some(job.to_owned()), ..all.clone() };
    let states = |states: &[RunState]| RunSearch { states: states.to_vec(), ..all.clone() };
    let even = job("even");
    let rows: Vec<(RunSearch, &[usize])> = vec![
        (all.clone(), &[5, 4, 3, 2, 1, 0]),
        (even.clone(), &[4, 2, 0]),
        (job("none"), &[]),
        (states(&[RunState::Failed]), &[1, 0]),
        (states(&[RunState::Failed, RunState::Crashed]), &[1, 0]),
        (states(&[RunState::Queued]), &[5, 4, 3, 2]),
        (states(&[RunState::Queued, RunState::Failed]), &[5, 4, 3, 2, 1, 0]),
        (RunSearch { states: vec![RunState::Failed], ..even.clone() }, &[0]),
        (RunSearch { since: Some(START.plus(SECOND * 3)), ..all.clone() }, &[5, 4, 3]),
        (RunSearch { until: Some(START.plus(SECOND * 3)), ..even }, &[2, 0]),
    ];
    for (search, expected) in rows {
        for limit in [100, 1] {
            let (mut seen, mut before) = (Vec::new(), None);
            for _ in 0..20 {
                let page = bed.store.browse_runs(RunSearch { before, limit, ..search.clone() }).await?;
                seen.extend(page.rows.iter().map(|run| run.id));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            let expected: Vec<_> = expected.iter().filter_map(|n| made.get(*n).copied()).collect();
            assert_eq!((seen, before), (expected, None), "{search:?} by {limit}");
        }
    }
    Ok(())
}

/// All counts, portion by portion, as `(minute, of, outcome) = count`.
async fn counted<E: Engine>(bed: &Bed<E>, what: Countable, limit: usize) -> Outcome<Vec<(i64, String, u64)>> {
    let (mut found, mut after) = (std::collections::BTreeMap::new(), Some(Uuid::nil()));
    while let Some(from) = after {
        let portion = bed.store.count(what.clone(), from, Uuid::max(), limit).await?;
        for count in portion.counts {
            let name = count.outcome.map_or("", RequestOutcome::name);
            *found.entry((count.minute, format!("{} {name}", count.of))).or_default() += count.count;
        }
        after = portion.next;
    }
    Ok(found.into_iter().map(|((minute, of), count)| (minute, of, count)).collect())
}

pub(crate) async fn requests_and_runs_are_counted_by_the_minute<E: Engine>(bed: Bed<E>) -> Outcome {
    let minute = |at: Timestamp| minute_of(crate::id::new(at));
    let (first, second) = (START, START.plus(HOUR));
    for (at, runs) in [(first, 0), (first, 2), (second, 1), (second, 1)] {
        bed.stored(delivery().runs(runs).arrived_at(at).build()).await?;
    }
    bed.stored(delivery().to("b").arrived_at(first).build()).await?;
    for (at, outcome) in
        [(first, TraceOutcome::Rejected), (first, TraceOutcome::Rejected), (second, TraceOutcome::Duplicate)]
    {
        bed.store.trace(Trace { id: crate::id::new(at), at, outcome, ..trace("no") });
    }
    bed.store.flush().await?;
    if let Some(ticket) = bed.store.claim(1, bed.clock.now()).await?.first() {
        bed.finish(ticket, End::Failed { error: "no".to_owned() }, Vec::new()).await?;
    }
    let (one, two) = (minute(first), minute(second));
    for limit in [100, 1] {
        let of_a = counted(&bed, Countable::Deliveries { endpoint: "a".to_owned() }, limit).await?;
        let expected = [(one, "a accepted", 1), (one, "a filtered", 1), (two, "a accepted", 2)];
        assert_eq!(of_a, expected.map(|(minute, of, count)| (minute, of.to_owned(), count)));
        let traces = counted(&bed, Countable::Traces, limit).await?;
        let expected = [(one, "a rejected", 2), (two, "a duplicate", 1)];
        assert_eq!(traces, expected.map(|(minute, of, count)| (minute, of.to_owned(), count)));
        let runs = counted(&bed, Countable::Runs { job: "job".to_owned() }, limit).await?;
        assert_eq!(runs, [(one, "job ".to_owned(), 2), (two, "job ".to_owned(), 2)]);
        let failures = counted(&bed, Countable::Failures, limit).await?;
        assert_eq!(failures.iter().map(|(.., count)| count).sum::<u64>(), 1);
    }
    let (from, end) = (crate::id::floor(second), Uuid::max());
    for (after, until, expected) in [(from, end, 1), (Uuid::nil(), from, 2), (from, from, 0)] {
        let some = bed.store.count(Countable::Traces, after, until, 100).await?;
        let count: u64 = some.counts.iter().map(|count| count.count).sum();
        assert_eq!(count, expected, "between {after} and {until}");
    }
    Ok(())
}
