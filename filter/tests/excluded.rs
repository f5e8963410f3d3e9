//! What one filter wants and another does not let pass.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what it expects")]

use serde_json::{Value, json};
use triggerfish_filter::{Filter, Root};

fn filter(json: &Value) -> Filter {
    Filter::from_json(json, Root::Payload).expect("a filter")
}

fn excluded(first: &Value, second: &Value) -> Option<String> {
    let (first, second) = (filter(first), filter(second));
    let found = first.excludes(&second);
    assert_eq!(found.is_some(), second.excludes(&first).is_some(), "it holds both ways");
    found.map(|found| format!("{}: {} / {}", found.field, found.first, found.second))
}

#[test]
fn what_no_value_satisfies_is_found() {
    let rows = [
        (json!({"a": ["x", "y"]}), json!({"a": ["z"]}), r#"a: "x" or "y" / "z""#),
        (json!({"a": [1]}), json!({"a": ["1"]}), r#"a: 1 / "1""#),
        (json!({"a": [1, 2]}), json!({"a": [{"$gt": 2}]}), "a: 1 or 2 / $gt: 2"),
        (json!({"a": ["ab"]}), json!({"a": [{"$startsWith": "b"}]}), r#"a: "ab" / $startsWith: "b""#),
        (json!({"a": ["x"]}), json!({"a": [{"$anythingBut": "x"}]}), r#"a: "x" / $anythingBut: "x""#),
        (json!({"a": ["x"]}), json!({"a": [{"$includes": "x"}]}), r#"a: "x" / $includes: "x""#),
        (json!({"a": [{"$gt": 5}, {"$lt": 9}]}), json!({"a": [{"$gte": 9}]}), "a: $lt: 9 / $gte: 9"),
        (json!({"a": [{"$gt": 5}]}), json!({"a": [{"$endsWith": "x"}]}), r#"a: $gt: 5 / $endsWith: "x""#),
        (json!({"a": [{"$exists": false}]}), json!({"a": [{"$not": 1}]}), "a: $exists: false / $not: 1"),
        (json!({"a": [{"$isNull": true}]}), json!({"a": {"b": [1]}}), "a: $isNull: true / an object"),
    ];
    for (first, second, wanted) in rows {
        assert_eq!(excluded(&first, &second).as_deref(), Some(wanted));
    }
}

#[test]
fn what_some_value_satisfies_is_not() {
    let rows = [
        (json!({"a": ["x", "y"]}), json!({"a": ["y", "z"]})),
        (json!({"a": [1]}), json!({"a": [1.0]})),
        (json!({"a": [1, 3]}), json!({"a": [{"$gt": 2}]})),
        (json!({"a": [{"$gt": 5}]}), json!({"a": [{"$lt": 9}]})),
        (json!({"a": ["x"]}), json!({"b": ["y"]})),
        (json!({"a": [{"$exists": true}]}), json!({"a": {"b": [1]}})),
        (json!({}), json!({"a": ["x"]})),
    ];
    for (first, second) in rows {
        assert_eq!(excluded(&first, &second), None);
    }
}

#[test]
fn fields_of_elements_may_differ() {
    let (first, second) = (json!({"items": {"sku": ["a"]}}), json!({"items": {"sku": ["b"]}}));
    assert_eq!(excluded(&first, &second), None);
    let both = json!({"items": [{"sku": "a"}, {"sku": "b"}]});
    assert!(filter(&first).matches_payload(&both) && filter(&second).matches_payload(&both));
}
