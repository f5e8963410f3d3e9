//! Any bytes as a body: the engine accepts what `serde_json` accepts, and reads the same values from it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use triggerfish_filter::{Filter, FilterSet, Parts, Root};

/// They ask about everything that can be told apart at a few paths.
static FILTERS: LazyLock<Vec<Filter>> = LazyLock::new(|| {
    [
        r#"{"a":[1]}"#,
        r#"{"a":["1","","a"]}"#,
        r#"{"a":[true]}"#,
        r#"{"a":[{"$isNull":true}]}"#,
        r#"{"a":[{"$exists":false}]}"#,
        r#"{"a":[{"$gt":0}]}"#,
        r#"{"a":[{"$lt":0}]}"#,
        r#"{"a":[{"$includes":1}]}"#,
        r#"{"a":[{"$not":1}]}"#,
        r#"{"a":[{"$startsWith":"é"}]}"#,
        r#"{"a":[{"$ignoreCaseEquals":"a"}]}"#,
        r#"{"a":{"b":[1]}}"#,
        r#"{"a":{"b":[{"$exists":false}]}}"#,
        r#"{"a":{"b":[{"$exists":true}],"c":[{"$anythingBut":2}]}}"#,
        r#"{"a":{"a":{"a":[{"$gte":1},{"$lte":10}]}}}"#,
        r#"{"":[{"$endsWith":"\n"}]}"#,
    ]
    .iter()
    .map(|text| Filter::from_json_text(text, Root::Payload).expect("a filter is right"))
    .collect()
});
static SET: LazyLock<FilterSet> =
    LazyLock::new(|| FilterSet::build(FILTERS.iter().cloned().map(Some)).expect("they have one root"));

fuzz_target!(|body: &[u8]| {
    let mut scratch = SET.scratch();
    let matches = SET.matches(&Parts::payload(body), &mut scratch);
    match serde_json::from_slice::<Value>(body) {
        Err(_) => assert!(matches.body_error.is_some() && matches.indexes.is_empty()),
        Ok(value) => {
            assert_eq!(matches.body_error, None);
            let wanted: Vec<_> = (0..FILTERS.len()).filter(|n| FILTERS[*n].matches_payload(&value)).collect();
            assert_eq!(matches.indexes, wanted);
        }
    }
});
