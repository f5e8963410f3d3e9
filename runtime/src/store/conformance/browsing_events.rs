//! Pages and counts of events.

use super::fixture::{START, delivery, event};
use super::{Bed, Engine, Outcome};
use crate::store::{EventCount, EventSearch, EventState, Store};
use std::time::Duration;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);

/// Stores seven events; the ids in the order in which they happened, and two at
/// one time in the order in which they were stored. Two have a key, whose id
/// says nothing of their time; the one that was stored last happened first.
async fn mixed<E: Engine>(bed: &Bed<E>) -> Outcome<Vec<Uuid>> {
    let mut ids = Vec::new();
    for (n, name) in [(1, "a"), (2, "b"), (3, "a"), (3, "b"), (4, "a"), (5, "a"), (0, "b")] {
        let at = START.plus(MINUTE * n);
        let mut new = event(name).set(|event| event.at = at);
        if n == 2 || n == 5 {
            new = new.key(&n.to_string()).set(|event| event.id = Uuid::from_u128(u128::from(7 - n)));
        }
        if n == 4 {
            new = new.set(|event| event.source = Some("stripe.com".into())).due(START.plus(MINUTE * 60));
        }
        let new = new.build();
        ids.push(new.event.id);
        bed.sent(new).await?;
    }
    ids.rotate_right(1);
    Ok(ids)
}

pub(super) async fn found<E: Engine>(bed: &Bed<E>, search: EventSearch) -> Outcome<Vec<Uuid>> {
    let (mut seen, mut before) = (Vec::new(), search.before);
    for _ in 0..20 {
        let page = bed.store.browse_events(EventSearch { before, ..search.clone() }).await?;
        assert!(page.rows.len() <= search.limit);
        seen.extend(page.rows.iter().map(|event| event.id));
        before = page.next;
        if before.is_none() {
            return Ok(seen);
        }
    }
    Err(format!("no end: {search:?}").into())
}

fn all() -> EventSearch {
    EventSearch { limit: 100, ..EventSearch::default() }
}

pub(crate) async fn events_are_paged_by_when_they_happened<E: Engine>(bed: Bed<E>) -> Outcome {
    let mut ids = mixed(&bed).await?;
    ids.reverse();
    for limit in 1..=8 {
        assert_eq!(found(&bed, EventSearch { limit, ..all() }).await?, ids, "pages of {limit}");
    }
    let gone = EventSearch { before: Some(Uuid::now_v7()), ..all() };
    assert!(found(&bed, gone).await?.is_empty(), "after one that is not kept there is nothing");
    Ok(())
}

pub(crate) async fn events_are_found_by_each_part_of_a_query<E: Engine>(bed: Bed<E>) -> Outcome {
    let ids = mixed(&bed).await?;
    let name = |name: &str| EventSearch { name: Some(name.to_owned()), ..all() };
    let at = |n| Some(START.plus(MINUTE * n));
    let rows: Vec<(EventSearch, &[usize])> = vec![
        (name("a"), &[6, 5, 3, 1]),
        (name("b"), &[4, 2, 0]),
        (name("c"), &[]),
        (EventSearch { source: Some("stripe.com".to_owned()), ..all() }, &[5]),
        (EventSearch { state: Some(EventState::Pending), ..all() }, &[5]),
        (EventSearch { state: Some(EventState::Sent), ..name("a") }, &[6, 3, 1]),
        (EventSearch { since: at(3), ..all() }, &[6, 5, 4, 3]),
        (EventSearch { until: at(3), ..all() }, &[2, 1, 0]),
        (EventSearch { since: at(2), until: at(4), ..name("b") }, &[4, 2]),
        (EventSearch { before: ids.get(3).copied(), ..all() }, &[2, 1, 0]),
    ];
    for (search, expected) in rows {
        let expected: Vec<_> = expected.iter().filter_map(|n| ids.get(*n).copied()).collect();
        for limit in [100, 1] {
            assert_eq!(found(&bed, EventSearch { limit, ..search.clone() }).await?, expected, "{search:?}");
        }
    }
    Ok(())
}

pub(crate) async fn the_events_of_a_delivery_are_found<E: Engine>(bed: Bed<E>) -> Outcome {
    let id = bed.stored(delivery().build()).await?;
    let of = || event("a").set(|event| event.delivery = Some(id)).build();
    let (of_first, of_second) = (of(), of());
    let (first, second) = (of_first.event.id, of_second.event.id);
    bed.sent(of_first).await?;
    bed.sent(of_second).await?;
    bed.sent(event("a").build()).await?;
    let found = async |limit| -> Outcome<Vec<Uuid>> {
        Ok(bed.store.events_of(id, limit).await?.iter().map(|event| event.id).collect())
    };
    assert_eq!(found(10).await?, [second, first]);
    assert_eq!(found(1).await?, [second]);
    assert!(bed.store.events_of(Uuid::now_v7(), 10).await?.is_empty());
    Ok(())
}

pub(crate) async fn events_are_counted_by_name_and_minute<E: Engine>(bed: Bed<E>) -> Outcome {
    mixed(&bed).await?;
    let mut counts = bed.store.count_events(START.plus(MINUTE), START.plus(MINUTE * 5)).await?;
    counts.sort();
    let minute = |n| START.plus(MINUTE * n).0 / 60_000_000;
    let count = |n, name: &str, source: Option<&str>| EventCount {
        minute: minute(n),
        name: name.to_owned(),
        source: source.map(str::to_owned),
        count: 1,
    };
    assert_eq!(
        counts,
        [
            count(1, "a", None),
            count(2, "b", None),
            count(3, "a", None),
            count(3, "b", None),
            count(4, "a", Some("stripe.com")),
        ]
    );
    Ok(())
}
