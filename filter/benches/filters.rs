//! Time for one event, by the number of filters; beside it what else happens to a body.

#![allow(clippy::expect_used, reason = "without its data there is nothing to measure")]

mod families;

use divan::{Bencher, black_box};
use families::{Event, Family};
use hmac::{Hmac, KeyInit, Mac};
use serde::de::IgnoredAny;
use serde_json::Value;
use triggerfish_filter::{Filter, FilterSet, Parts, Root};

#[global_allocator]
static ALLOC: divan::AllocProfiler = divan::AllocProfiler::system();

const CASES: [(Event, Family); 4] = [
    (Event::Booking, Family::Eq),
    (Event::Booking, Family::Mix),
    (Event::Push, Family::Eq),
    (Event::Push, Family::Mix),
];

fn main() {
    divan::main();
}

#[divan::bench(args = CASES, consts = [1, 10, 100, 1_000, 10_000])]
fn engine<const FILTERS: usize>(bencher: Bencher<'_, '_>, (event, family): (Event, Family)) {
    let set = families::set(event, family, FILTERS);
    let body = event.body();
    let mut scratch = set.scratch();
    bencher
        .bench_local(|| set.matches(&Parts::payload(black_box(body.as_bytes())), &mut scratch).indexes.len());
}

/// Matching nearly alone: an event of what is mentioned and nothing else.
#[divan::bench(args = CASES, consts = [10_000])]
fn engine_mentioned<const FILTERS: usize>(bencher: Bencher<'_, '_>, (event, family): (Event, Family)) {
    let set = families::set(event, family, FILTERS);
    let body = event.mentioned();
    let mut scratch = set.scratch();
    assert!(set.matches(&Parts::payload(body.as_bytes()), &mut scratch).indexes.len() <= 2);
    bencher
        .bench_local(|| set.matches(&Parts::payload(black_box(body.as_bytes())), &mut scratch).indexes.len());
}

/// The same event read and hardly matched: what `engine_mentioned` takes beyond this is the match stage.
#[divan::bench(args = CASES)]
fn read_mentioned(bencher: Bencher<'_, '_>, (event, family): (Event, Family)) {
    let mut all = Value::Null;
    families::json(event, family, 5..10).for_each(|json| merge(&mut all, json));
    let set = FilterSet::build([Filter::from_json(&all, Root::Payload).ok()]).expect("one filter");
    let body = event.mentioned();
    let mut scratch = set.scratch();
    assert!(set.matches(&Parts::payload(body.as_bytes()), &mut scratch).indexes.is_empty());
    bencher
        .bench_local(|| set.matches(&Parts::payload(black_box(body.as_bytes())), &mut scratch).indexes.len());
}

/// One filter that mentions all that two mention.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into @ Value::Null, from) => *into = from,
        _ => {}
    }
}

#[divan::bench(args = CASES, consts = [1, 10, 100, 1_000])]
fn one_by_one<const FILTERS: usize>(bencher: Bencher<'_, '_>, (event, family): (Event, Family)) {
    let filters = families::filters(event, family, FILTERS);
    let body = event.body();
    bencher.bench_local(|| {
        let value: Value = serde_json::from_slice(black_box(body.as_bytes())).expect("a body is JSON");
        filters.iter().flatten().filter(|filter| filter.matches_payload(&value)).count()
    });
}

#[divan::bench(args = CASES, consts = [10_000])]
fn build<const FILTERS: usize>(bencher: Bencher<'_, '_>, (event, family): (Event, Family)) {
    bencher.with_inputs(|| families::filters(event, family, FILTERS)).bench_local_values(FilterSet::build);
}

#[divan::bench(args = [Event::Booking, Event::Push])]
fn skip(bencher: Bencher<'_, '_>, event: Event) {
    let body = event.body();
    bencher.bench_local(|| serde_json::from_slice::<IgnoredAny>(black_box(body.as_bytes())).is_ok());
}

#[divan::bench(args = [Event::Booking, Event::Push])]
fn value(bencher: Bencher<'_, '_>, event: Event) {
    let body = event.body();
    bencher.bench_local(|| serde_json::from_slice::<Value>(black_box(body.as_bytes())));
}

#[divan::bench(args = [Event::Booking, Event::Push])]
fn hmac_sha256(bencher: Bencher<'_, '_>, event: Event) {
    let body = event.body();
    bencher.bench_local(|| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"a secret").expect("any key will do");
        mac.update(black_box(body.as_bytes()));
        mac.finalize()
    });
}
