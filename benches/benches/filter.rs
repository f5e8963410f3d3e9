//! Filters of an endpoint against a body: one job, four, and a thousand.

use divan::Bencher;
use divan::counter::BytesCount;
use triggerfish_filter::{Filter, FilterSet, Parts, Root};

const SMALL: &[u8] = include_bytes!("../bodies/test_completed.json");
const LARGE: &[u8] = include_bytes!("../bodies/transcript_completed.json");

fn main() {
    divan::main();
}

/// The first lets both bodies pass, no other one does.
fn set(count: usize) -> Option<FilterSet> {
    let filters = (0..count).map(|number| {
        let text = match number {
            0 => r#"{ "body": { "data": { "attempt": [{ "$gte": 1 }] } } }"#.to_owned(),
            1 => r#"{ "body": { "type": [{ "$endsWith": ".failed" }] } }"#.to_owned(),
            2 => r#"{ "body": { "data": { "language": ["de"], "test": { "level": ["A1", "A2"] } } } }"#
                .to_owned(),
            _ => format!(r#"{{ "body": {{ "account": {{ "seats": [{{ "$gt": {} }}] }} }} }}"#, 500 + number),
        };
        Filter::from_json_text(&text, Root::Request).ok()
    });
    FilterSet::build(filters).ok()
}

#[divan::bench(args = [1, 4, 1000])]
fn small_body(bencher: Bencher<'_, '_>, jobs: usize) {
    matches(bencher, SMALL, jobs);
}

#[divan::bench(args = [1, 4, 1000])]
fn large_body(bencher: Bencher<'_, '_>, jobs: usize) {
    matches(bencher, LARGE, jobs);
}

fn matches(bencher: Bencher<'_, '_>, body: &[u8], jobs: usize) {
    let Some(set) = set(jobs) else { return };
    let mut scratch = set.scratch();
    let parts = Parts { method: "POST", headers: &(), query: "", body };
    assert_eq!(set.matches(&parts, &mut scratch).indexes, [0], "one job takes it");
    bencher
        .counter(BytesCount::of_slice(body))
        .bench_local(|| set.matches(divan::black_box(&parts), &mut scratch).indexes.len());
}
