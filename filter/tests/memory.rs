//! What a set keeps in memory, and that events need no more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what is wrong with a test's own data may stop it"
)]

#[path = "../benches/families/mod.rs"]
#[expect(dead_code, reason = "not every event is needed here")]
mod families;

use allocation_counter::measure;
use families::{Event, Family};
use serde_json::json;
use triggerfish_filter::{Filter, FilterSet, Parts, Root};

const CASES: [(Event, Family); 4] = [
    (Event::Booking, Family::Eq),
    (Event::Booking, Family::Mix),
    (Event::Push, Family::Eq),
    (Event::Push, Family::Mix),
];

#[test]
fn events_allocate_nothing_once_the_scratch_is_warm() {
    let filter = |json| Some(Filter::from_json(&json, Root::Request).unwrap());
    let set = FilterSet::build([
        None,
        filter(json!({"method": ["POST"], "headers": {"x-kind": [{"$ignoreCaseEquals": "PÜSH"}]}})),
        filter(json!({"query": {"a b": [{"$startsWith": "é"}]}})),
        filter(json!({"body": {"name": ["caf\u{e9}"], "items": {"price": [{"$gt": 1.5}], "tags": [{"$includes": "new"}]}}})),
    ])
    .unwrap();
    let headers = vec![("X-Kind", "püsh")];
    let bodies = [
        r#"{"name":"caf\u00e9","items":[{"price":1e0},{"price":2.5,"tags":["old","new"]},{"price":9,"price":1}],"rest":{"x":[1,2,{}]}}"#,
        r#"{"na\u006de":"caf\u00e9","items":[]}"#,
        "[1,2,3]",
    ];
    let mut scratch = set.scratch();
    let mut hits = 0;
    let mut round = || {
        for body in bodies {
            let parts = Parts {
                method: "POST",
                headers: &headers,
                query: "a+b=%C3%A9t%C3%A9&c=1",
                body: body.as_bytes(),
            };
            hits += set.matches(&parts, &mut scratch).indexes.len();
        }
    };
    round();
    let used = measure(round);
    assert_eq!(used.count_total, 0, "{used:?}");
    assert_eq!(hits, 2 * (4 + 3 + 3), "the filters were at work");
}

#[test]
fn ten_thousand_filters_take_four_megabytes() {
    for (event, family) in CASES {
        let mut set = None;
        let kept = measure(|| set = Some(families::set(event, family, 10_000))).bytes_current;
        let stats = set.unwrap().stats();
        println!("{event:?} {family:?}: {kept} bytes, {stats:?}");
        assert!(kept < 4 << 20, "{event:?} {family:?} keeps {kept} bytes");
        let said = stats.bytes as i64;
        assert!((said - kept).abs() < kept / 5, "stats say {said} bytes of {kept}");
        assert_eq!(stats.distinct, 10_000);
    }
}
