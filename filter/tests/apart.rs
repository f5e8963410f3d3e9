//! Which pairs of filters let nothing pass together, as rows.

use triggerfish_filter::{Apart, Filter, Root};

fn filter(text: &str) -> Filter {
    Filter::from_json_text(text, Root::Payload).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

/// The place, looked for in both orders; a value below `o` is known to be no list.
fn apart(first: &str, second: &str) -> Option<Apart> {
    let is_object = |path: &[&str]| path.first() == Some(&"o");
    let (first, second) = (filter(first), filter(second));
    let found = first.apart(&second, is_object);
    let turned = second.apart(&first, is_object);
    assert_eq!(found.as_ref().map(|found| &found.path), turned.as_ref().map(|turned| &turned.path));
    found
}

#[test]
fn lists_that_let_nothing_pass_together_are_found() {
    for (first, second) in [
        (r#"["a", "b"]"#, r#"["c"]"#),
        ("[1]", r#"["1"]"#),
        ("[1, 2]", "[{\"$gt\": 2}]"),
        (r#"["ab"]"#, r#"[{"$startsWith": "b"}]"#),
        (r#"["ab", "ac"]"#, r#"[{"$anythingBut": ["ab", "ac"]}]"#),
        (r#"["ab"]"#, r#"[{"$not": "ab"}]"#),
        (r#"["ab"]"#, r#"[{"$exists": false}]"#),
        (r#"["ab"]"#, r#"[{"$includes": "ab"}]"#),
        ("[{\"$gt\": 5}]", "[{\"$lte\": 5}]"),
        ("[{\"$gt\": 5}, {\"$lt\": 9}]", "[{\"$between\": [9, 12]}]"),
        (r#"[{"$startsWith": "a"}]"#, r#"[{"$startsWith": "b"}]"#),
        (r#"[{"$startsWith": "a"}]"#, r#"[{"$gt": 1}]"#),
        (r#"[{"$isNull": true}]"#, r#"[{"$exists": false}]"#),
        (r#"["a"]"#, r#"{"x": [1]}"#),
        (r#"[{"$gt": 1}]"#, r#"{"x": [{"$anythingBut": 2}, {"$exists": true}]}"#),
        (r#"[{"$exists": false}]"#, r#"{"x": [{"$exists": false}]}"#),
        (r#"[{"$isNull": true}]"#, r#"{"x": [{"$exists": false}]}"#),
    ] {
        let found = apart(&format!(r#"{{"k": {first}}}"#), &format!(r#"{{"z": [1], "k": {second}}}"#));
        assert_eq!(found.map(|found| found.path).as_deref(), Some("k"), "{first} and {second}");
    }
}

#[test]
fn lists_that_some_value_satisfies_are_left_alone() {
    for (first, second) in [
        (r#"["a", "b"]"#, r#"["b", "c"]"#),
        ("[1, 3]", "[{\"$gt\": 2}]"),
        ("[1]", "[1.0]"),
        (r#"["ab"]"#, r#"[{"$startsWith": "a"}, {"$endsWith": "b"}]"#),
        (r#"[{"$not": "a"}]"#, r#"[{"$not": "b"}]"#),
        ("[{\"$gte\": 5}]", "[{\"$lte\": 5}]"),
        (r#"[{"$exists": true}]"#, r#"{"x": [1]}"#),
        (r#"[{"$includes": 1}]"#, r#"{"x": [1]}"#),
        (r#"["a"]"#, r#"{"x": [{"$exists": false}]}"#),
        (r#"{"x": [1]}"#, r#"{"y": [2]}"#),
    ] {
        let found = apart(&format!(r#"{{"k": {first}}}"#), &format!(r#"{{"k": {second}}}"#));
        assert_eq!(found, None, "{first} and {second}");
    }
}

#[test]
fn of_a_list_one_element_may_satisfy_the_one_and_another_the_other() {
    let (first, second) = (r#"{"x": [1]}"#, r#"{"x": [2]}"#);
    let under = |key: &str, below: &str| format!(r#"{{"{key}": {below}}}"#);
    assert_eq!(apart(&under("k", first), &under("k", second)), None);
    let found =
        apart(&under("o", &under("p", first)), &under("o", &under("p", second))).unwrap_or_else(|| panic!());
    assert_eq!((&*found.path, &*found.first, &*found.second), ("o.p.x", "[1]", "[2]"));
    let both = r#"{"k": [{"x": 1}, {"x": 2}]}"#.parse().unwrap_or_default();
    assert!(
        filter(&under("k", first)).matches_payload(&both)
            && filter(&under("k", second)).matches_payload(&both)
    );
}
