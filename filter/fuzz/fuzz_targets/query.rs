//! Any method, headers and query string: the engine answers as the simple evaluator does.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use triggerfish_filter::{Filter, FilterSet, Parts, Root};

static FILTERS: LazyLock<Vec<Filter>> = LazyLock::new(|| {
    [
        r#"{"method":["GET"]}"#,
        r#"{"query":{"a":["1"]}}"#,
        r#"{"query":{"a":[{"$not":"1"}],"b c":[{"$exists":true}]}}"#,
        r#"{"query":{"é":[{"$startsWith":"+"},{"$endsWith":"%"}]}}"#,
        r#"{"query":{"":[{"$anythingBut":""}]}}"#,
        r#"{"headers":{"X-A":["1"]},"query":{"a":[{"$exists":false}]}}"#,
        r#"{"headers":{"x-a":[{"$ignoreCaseEquals":"É"}]}}"#,
    ]
    .iter()
    .map(|text| Filter::from_json_text(text, Root::Request).expect("a filter is right"))
    .collect()
});

fuzz_target!(|input: (&str, Vec<(&str, &[u8])>, &str)| {
    let (method, headers, query) = input;
    let parts = Parts { method, headers: &headers, query, body: b"" };
    let set = FilterSet::build(FILTERS.iter().cloned().map(Some)).expect("they have one root");
    let wanted: Vec<_> = (0..FILTERS.len()).filter(|n| FILTERS[*n].matches(&parts)).collect();
    assert_eq!(set.matches(&parts, &mut set.scratch()).indexes, wanted);
});
