//! What filters mean, as rows: the list of the field `k`, what `k` is, whether it matches.

#![allow(clippy::unwrap_used, reason = "what is wrong with a test's own data may stop the test")]

use serde_json::{Value, json};
use triggerfish_filter::{Filter, FilterSet, Headers, Parts, Pattern, Root, Scalar, Test};

/// Evaluates a payload's filter in every way there is; they must agree.
fn passes(filter: &str, payload: &str) -> bool {
    let filter = Filter::from_json_text(filter, Root::Payload)
        .unwrap_or_else(|problems| panic!("{filter}: {problems:?}"));
    let value: Value = serde_json::from_str(payload).unwrap();
    let naive = filter.matches_payload(&value);
    let parts = Parts::payload(payload.as_bytes());
    let set = FilterSet::build([Some(filter.clone())]).unwrap();
    let matched = set.matches(&parts, &mut set.scratch()).indexes == [0];
    assert_eq!(matched, naive, "{filter} {payload}");
    assert_eq!(set.explain(0, &parts).is_none(), naive, "{filter} {payload}");
    if let Some(why) = set.explain(0, &parts) {
        assert!(why.first_failure().is_some(), "{filter} {payload}");
    }
    naive
}

macro_rules! rows {
    ($($name:ident: $rows:literal)*) => {
        $(#[test] fn $name() { check_rows($rows); })*
    };
}

/// Each row: a list, `on`, the value of the field (or `nothing`), `is`, whether it matches.
fn check_rows(rows: &str) {
    for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (list, rest) = row.split_once(" on ").unwrap();
        let (value, expected) = rest.rsplit_once(" is ").unwrap();
        let payload =
            if value == "nothing" { r#"{"other":1}"#.into() } else { format!(r#"{{"k":{value}}}"#) };
        assert_eq!(passes(&format!(r#"{{"k":{list}}}"#), &payload), expected == "true", "{row}");
    }
}

rows! {
    literals_are_any_of_and_never_coerce: r#"
        ["a","b"] on "b" is true
        ["a","b"] on "c" is false
        ["10"] on 10 is false
        [10] on "10" is false
        [1] on 1.0 is true
        [1.0] on 1 is true
        [0] on -0.0 is true
        [true] on true is true
        [true] on false is false
        [false] on null is false
        ["a"] on ["a"] is false
        ["a"] on nothing is false
        [""] on "" is true
        [9007199254740993] on 9007199254740992 is false
        [9007199254740993] on 9007199254740993 is true
        [18446744073709551615] on 18446744073709551615 is true
        [18446744073709551615] on 18446744073709551614 is false
        [100] on 1e2 is true
    "#
    texts: r#"
        [{"$startsWith":"ab"}] on "abc" is true
        [{"$startsWith":"ab"}] on "Abc" is false
        [{"$startsWith":""}] on "" is true
        [{"$startsWith":""}] on 1 is false
        [{"$startsWith":""}] on nothing is false
        [{"$startsWith":"1"}] on 12 is false
        [{"$startsWith":"a"}] on ["a"] is false
        [{"$startsWith":"é"}] on "éa" is true
        [{"$endsWith":"bc"}] on "abc" is true
        [{"$endsWith":"bc"}] on "bcd" is false
        [{"$endsWith":"abc"}] on "bc" is false
        [{"$startsWith":"a"},{"$endsWith":"z"}] on "abz" is true
        [{"$startsWith":"a"},{"$endsWith":"z"}] on "zb" is false
        [{"$ignoreCaseEquals":"Straße"}] on "sTRAßE" is true
        [{"$ignoreCaseEquals":"Straße"}] on "STRASSE" is false
        [{"$ignoreCaseEquals":"É"}] on "é" is true
        [{"$ignoreCaseEquals":"k"}] on "\u212A" is true
        [{"$ignoreCaseEquals":"a"}] on "aa" is false
        [{"$ignoreCaseEquals":"1"}] on 1 is false
    "#
    numbers: r#"
        [{"$gt":1}] on 1 is false
        [{"$gt":1}] on 1.5 is true
        [{"$gt":1}] on "2" is false
        [{"$gte":1}] on 1 is true
        [{"$gte":1}] on 0.9 is false
        [{"$lt":1}] on 1 is false
        [{"$lt":1}] on 0 is true
        [{"$lt":1}] on null is false
        [{"$lt":1}] on nothing is false
        [{"$lte":1}] on 1 is true
        [{"$lte":1}] on 1.1 is false
        [{"$between":[1,3]}] on 1 is true
        [{"$between":[1,3]}] on 3 is true
        [{"$between":[1,3]}] on 3.01 is false
        [{"$gt":1},{"$lt":5}] on 9 is false
        [{"$gt":1},{"$lt":5}] on 3 is true
        [{"$gt":9007199254740992}] on 9007199254740993 is true
    "#
    presence: r#"
        [{"$exists":true}] on null is true
        [{"$exists":true}] on nothing is false
        [{"$exists":true}] on {"a":1} is true
        [{"$exists":false}] on nothing is true
        [{"$exists":false}] on null is false
        [{"$isNull":true}] on null is true
        [{"$isNull":true}] on nothing is false
        [{"$isNull":true}] on 0 is false
        [{"$isNull":false}] on nothing is true
        [{"$isNull":false}] on null is false
        [{"$isNull":false}] on [null] is true
    "#
    exclusion: r#"
        [{"$anythingBut":"a"}] on "a" is false
        [{"$anythingBut":"a"}] on "b" is true
        [{"$anythingBut":"a"}] on nothing is true
        [{"$anythingBut":"a"}] on null is true
        [{"$anythingBut":"a"}] on ["a"] is true
        [{"$anythingBut":"a"}] on {"a":1} is true
        [{"$anythingBut":["a","b"]}] on "b" is false
        [{"$anythingBut":[1,2]}] on 2.0 is false
        [{"$not":"a"}] on "a" is false
        [{"$not":"a"}] on "b" is true
        [{"$not":"a"}] on 1 is true
        [{"$not":"a"}] on true is true
        [{"$not":"a"}] on nothing is false
        [{"$not":"a"}] on null is false
        [{"$not":"a"}] on {"a":1} is false
        [{"$not":"a"}] on ["a"] is false
        [{"$not":"a"}] on ["b"] is true
        [{"$not":"a"}] on [] is true
        [{"$not":"a"}] on [["a"]] is true
    "#
    membership: r#"
        [{"$includes":"a"}] on ["b","a"] is true
        [{"$includes":"a"}] on ["b"] is false
        [{"$includes":"a"}] on [["a"]] is false
        [{"$includes":"a"}] on "abc" is false
        [{"$includes":1}] on [null,{"a":1},1.0] is true
        [{"$includes":false}] on [0,null] is false
        [{"$includes":"a"}] on nothing is false
        [{"$includes":"a"},{"$includes":"b"}] on ["b","a"] is true
        [{"$includes":"a"},{"$not":"b"}] on ["b","a"] is false
    "#
    objects: r#"
        {"a":[1]} on {"a":1} is true
        {"a":[1],"b":[2]} on {"a":1,"b":3} is false
        {"a":[{"$exists":false}]} on nothing is false
        {"a":[{"$exists":false}]} on null is false
        {"a":[{"$exists":false}]} on 5 is true
        {"a":[{"$exists":false}]} on "x" is true
        {"a":[{"$exists":false}]} on {} is true
        {"a":[{"$exists":false}]} on [] is false
        {"length":[1]} on "x" is false
        {"0":["x"]} on "x" is false
        {"toString":[{"$exists":true}]} on {} is false
        {"a.b":[1]} on {"a":{"b":1}} is false
        {"a.b":[1]} on {"a.b":1} is true
        {"a":{"b":{"c":[1]}}} on {"a":{"b":{"c":1}}} is true
    "#
    arrays_of_objects: r#"
        {"a":[1]} on [{"a":2},{"a":1}] is true
        {"a":[1],"b":[2]} on [{"a":1},{"b":2}] is false
        {"a":[1],"b":[2]} on [{"a":1},{"a":1,"b":2}] is true
        {"a":[1]} on [] is false
        {"a":[1]} on [[{"a":1}]] is false
        {"a":[{"$exists":false}]} on [[{"a":1}]] is true
        {"a":[{"$exists":false}]} on [null] is false
        {"a":[{"$exists":false}]} on [null,7] is true
        {"a":{"b":[1]}} on [{"a":[{"b":2}]},{"a":[{"b":2},{"b":1}]}] is true
        {"a":{"b":[1],"c":[2]}} on [{"a":[{"b":1},{"c":2}]},{"a":{"b":1,"c":1}}] is false
        {"0":[1]} on [1] is false
        {"length":[1]} on [1] is false
    "#
    the_last_of_repeated_keys_counts: r#"
        {"a":[1]} on {"a":1,"a":2} is false
        {"a":[1]} on {"a":2,"a":1} is true
        {"a":[{"$exists":true}]} on {"a":1,"b":2,"a":null} is true
        {"a":{"x":[1]}} on {"a":{"x":1},"a":{"y":1}} is false
        {"a":{"x":[1]}} on {"a":[{"x":1}],"a":7} is false
        {"a":[{"$includes":1}]} on {"a":[1],"a":[2]} is false
        {"a":[1]} on [{"a":1,"a":2}] is false
        {"a":{"x":[1]}} on [{"a":{"x":1},"a":{"y":1}}] is false
        {"a":{"x":[{"$exists":false}]}} on [{"a":{"x":1},"a":{}}] is true
        {"a":{"x":[1]}} on [{"a":[{"x":1}],"a":{}}] is false
    "#
    escapes_are_read: r#"
        ["A\n"] on "\u0041\n" is true
        ["😀"] on "\ud83d\ude00" is true
        {"é":[1]} on {"\u00e9":1} is true
        {"a\"b":[1]} on {"a\"b":1} is true
    "#
}

#[test]
fn the_root_is_looked_at_as_it_is() {
    for (filter, payload, expected) in [
        ("{}", "null", true),
        ("{}", "5", true),
        ("{}", "[]", true),
        (r#"{"a":[{"$exists":false}]}"#, "null", false),
        (r#"{"a":[{"$exists":false}]}"#, "{}", true),
        (r#"{"a":[{"$exists":false}]}"#, "[]", true),
        (r#"{"a":[1]}"#, r#"[{"a":1}]"#, false),
        (r#"{"a":[1]}"#, r#"{"a":1}"#, true),
    ] {
        assert_eq!(passes(filter, payload), expected, "{filter} on {payload}");
    }
}

fn request<'a>(method: &'a str, headers: &'a dyn Headers, query: &'a str, body: &'a str) -> Parts<'a> {
    Parts { method, headers, query, body: body.as_bytes() }
}

fn passes_request(filter: &Value, parts: &Parts<'_>) -> bool {
    let filter =
        Filter::from_json(filter, Root::Request).unwrap_or_else(|problems| panic!("{filter}: {problems:?}"));
    let naive = filter.matches(parts);
    let set = FilterSet::build([Some(filter.clone())]).unwrap();
    assert_eq!(set.matches(parts, &mut set.scratch()).indexes == [0], naive, "{filter}");
    assert_eq!(set.explain(0, parts).is_none(), naive, "{filter}");
    naive
}

#[test]
fn requests_match_by_all_their_parts() {
    let headers = vec![("X-GitHub-Event", "push"), ("via", "a"), ("Via", "b"), ("x-raw", "\u{FFFD}")];
    let parts = request("POST", &headers, "a=1&a=2&hub.mode=sub+scribe&empty&%C3%A9=%2B", r#"{"n":5}"#);
    for (filter, expected) in [
        (json!({}), true),
        (json!({"method": ["GET", "POST"]}), true),
        (json!({"method": ["GET"]}), false),
        (json!({"headers": {"X-GITHUB-event": ["push"]}}), true),
        (json!({"headers": {"x-github-event": ["Push"]}}), false),
        (json!({"headers": {"x-missing": [{"$exists": false}]}}), true),
        (json!({"headers": {"x-missing": [{"$not": "a"}]}}), false),
        (json!({"headers": {"x-missing": [{"$anythingBut": "a"}]}}), true),
        (json!({"headers": {"via": ["b"]}}), true),
        (json!({"headers": {"via": [{"$startsWith": "a"}, {"$endsWith": "b"}]}}), false),
        (json!({"query": {"a": ["1"]}}), true),
        (json!({"query": {"a": ["2"]}}), true),
        (json!({"query": {"a": ["3"]}}), false),
        (json!({"query": {"a": [{"$not": "1"}]}}), true),
        (json!({"query": {"a": [{"$not": "1"}, {"$not": "2"}]}}), false),
        (json!({"query": {"hub.mode": [{"$startsWith": "sub "}]}}), true),
        (json!({"query": {"empty": [""]}}), true),
        (json!({"query": {"é": ["+"]}}), true),
        (json!({"query": {"b": [{"$exists": true}]}}), false),
        (json!({"body": {"n": [5]}}), true),
        (json!({"body": {"n": [5]}, "method": ["GET"]}), false),
        (json!({"body": {"n": [5]}, "query": {"a": ["1"]}, "method": ["POST"]}), true),
    ] {
        assert_eq!(passes_request(&filter, &parts), expected, "{filter}");
    }
}

#[test]
fn a_body_that_is_not_json_fails_only_the_filters_that_mention_it() {
    let body = Filter::from_json(&json!({"body": {"a": [{"$exists": false}]}}), Root::Request).unwrap();
    let method = Filter::from_json(&json!({"method": ["POST"]}), Root::Request).unwrap();
    for text in ["", "not json", "a=1&b=2", "{\"a\":1", "{} x"] {
        let parts = request("POST", &(), "", text);
        let set = FilterSet::build([Some(body.clone()), None, Some(method.clone())]).unwrap();
        let mut scratch = set.scratch();
        let matches = set.matches(&parts, &mut scratch);
        assert_eq!(matches.indexes, [1, 2], "{text}");
        assert!(matches.body_error.unwrap().to_string().starts_with("body is not JSON: "));
        let set = FilterSet::build([None, Some(method.clone())]).unwrap();
        assert_eq!(set.matches(&parts, &mut set.scratch()).body_error, None, "nobody asked for the body");
    }
}

#[test]
fn each_of_many_keys_side_by_side_is_found() {
    let names: Vec<_> = (0..40).map(|n| format!("{:02}", n * 17 % 40)).collect();
    let filters = names.iter().map(|name| Some(payload(&json!({ name: { "x": [name] } }))));
    let set = FilterSet::build(filters).unwrap();
    let event: Value = names.iter().map(|name| (name.clone(), json!({ "x": name }))).collect();
    let text = event.to_string();
    let mut scratch = set.scratch();
    assert_eq!(set.matches(&Parts::payload(text.as_bytes()), &mut scratch).indexes.len(), names.len());
    for (n, name) in names.iter().enumerate() {
        let text = json!({ name: { "x": name } }).to_string();
        assert_eq!(set.matches(&Parts::payload(text.as_bytes()), &mut scratch).indexes, [n]);
    }
}

#[test]
fn a_number_finds_each_of_many_intervals_around_it() {
    let range = |low: u32, high: u32| Some(payload(&json!({ "n": [{ "$gte": low }, { "$lt": high }] })));
    // One that reaches over all that begin after it, and one that reaches over some.
    let wide = [range(10, 10_000), range(500, 800)];
    let filters = (0..200).map(|n| range(n * 10, n * 10 + 10)).chain(wide);
    let set = FilterSet::build(filters).unwrap();
    let mut scratch = set.scratch();
    for (n, found) in [
        (5, vec![0]),
        (10, vec![1, 200]),
        (505, vec![50, 200, 201]),
        (799, vec![79, 200, 201]),
        (800, vec![80, 200]),
        (1_999, vec![199, 200]),
        (2_000, vec![200]),
        (10_000, vec![]),
    ] {
        let text = json!({ "n": n }).to_string();
        assert_eq!(set.matches(&Parts::payload(text.as_bytes()), &mut scratch).indexes, found, "{n}");
    }
}

#[test]
fn a_set_has_one_root() {
    let request = Filter::from_json(&json!({}), Root::Request).unwrap();
    let payload = Filter::from_json(&json!({}), Root::Payload).unwrap();
    let problems = FilterSet::build([Some(request), None, Some(payload)]).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().starts_with("filter 2 is rooted elsewhere"));
}

fn payload(json: &Value) -> Filter {
    Filter::from_json(json, Root::Payload).unwrap()
}

#[test]
fn one_filter_may_imply_another() {
    let implies = |narrow: &Value, wide: &Value| payload(narrow).implies(&payload(wide));
    for (narrow, wide) in [
        (json!({"a": ["x"]}), json!({"a": ["x", "y"]})),
        (json!({"a": ["x"], "b": [1]}), json!({"a": ["x"]})),
        (json!({"a": ["x"]}), json!({})),
        (json!({"a": ["x"]}), json!({"a": [{"$anythingBut": "y"}]})),
        (json!({"a": ["x"]}), json!({"a": [{"$ignoreCaseEquals": "X"}]})),
        (json!({"a": [{"$startsWith": "xy"}]}), json!({"a": [{"$startsWith": "x"}]})),
        (json!({"a": [{"$startsWith": "xy"}]}), json!({"a": [{"$not": "y"}, {"$exists": true}]})),
        (json!({"a": [{"$gt": 5}, {"$lt": 7}]}), json!({"a": [{"$between": [5, 7]}]})),
        (json!({"a": [{"$gte": 5}]}), json!({"a": [{"$gt": 4.5}]})),
        (json!({"a": [{"$exists": false}]}), json!({"a": [{"$isNull": false}, {"$anythingBut": "x"}]})),
        (json!({"a": [{"$includes": "x"}]}), json!({"a": [{"$anythingBut": "x"}]})),
        (json!({"a": {"b": [1], "c": [2]}}), json!({"a": {"b": [1, 2]}})),
        (json!({"a": {"b": [1]}}), json!({"a": [{"$exists": true}]})),
    ] {
        assert!(implies(&narrow, &wide), "{narrow} {wide}");
        assert!(!implies(&wide, &narrow), "{wide} {narrow}");
    }
    for (narrow, wide) in [
        (json!({"a": [{"$gte": 5}]}), json!({"a": [{"$gt": 5}]})),
        (json!({"a": [{"$includes": "x"}]}), json!({"a": [{"$not": "y"}]})),
        (json!({"a": [{"$anythingBut": "x"}]}), json!({"a": [{"$not": "x"}]})),
        (json!({"a": ["x"]}), json!({"a": {"b": [{"$exists": false}]}})),
        (json!({"a": [{"$exists": true}]}), json!({"a": [{"$isNull": false}]})),
        (json!({"a": {"b": [{"$exists": false}]}}), json!({"a": [{"$anythingBut": 5}]})),
    ] {
        assert!(!implies(&narrow, &wide), "{narrow} {wide}");
    }
    let get = Filter::from_json(&json!({"method": ["GET"]}), Root::Request).unwrap();
    let challenge = json!({"method": ["GET"], "query": {"mode": ["subscribe"]}});
    assert!(
        Filter::from_json(&challenge, Root::Request).unwrap().implies(&get),
        "a handshake on GET swallows it"
    );
    assert!(!payload(&json!({"method": ["GET"]})).implies(&get), "they look at different things");
}

#[test]
fn a_set_knows_what_its_filters_share() {
    let filters = [
        Some(json!({"kind": ["a"], "id": [1]})),
        None,
        Some(json!({"id": [1.0], "kind": ["a"]})),
        Some(json!({"kind": ["a", "b"]})),
        Some(json!({"gone": [{"$exists": false}]})),
        Some(json!({"id": [1], "kind": ["a"]})),
    ];
    let set = FilterSet::build(filters.map(|json| json.as_ref().map(payload))).unwrap();
    let overlaps: Vec<_> = set.overlaps().iter().map(ToString::to_string).collect();
    assert_eq!(
        overlaps,
        [
            "filters 0 and 2 say the same",
            "filters 2 and 5 say the same",
            "whatever passes filter 0 passes filter 3 too",
        ]
    );
    let stats = set.stats();
    assert_eq!(
        (stats.filters, stats.distinct, stats.paths, stats.always, stats.largest_pivot),
        (6, 3, 3, 1, 1)
    );
    assert_eq!(stats.pivots.into_iter().collect::<Vec<_>>(), [("equal", 2)]);
    assert!(stats.bytes > 100 && stats.bytes < 4000);
}

#[test]
fn patterns_are_checked_like_everything_else() {
    const GOOD: Pattern<'_> = Pattern::Object(&[(
        "headers",
        Pattern::Object(&[(
            "X-Kind",
            Pattern::List(&[Test::Not(Scalar::Str("a")), Test::AnythingBut(Scalar::Str("b"))]),
        )]),
    )]);
    let filter = Filter::from_pattern(GOOD, Root::Request).unwrap();
    assert_eq!(filter.to_string(), r#"{ headers: { "x-kind": [{ $not: "a" }, { $anythingBut: "b" }] } }"#);
    const BAD: Pattern<'_> = Pattern::Object(&[("a", Pattern::List(&[])), ("b", Pattern::Object(&[]))]);
    let problems = Filter::from_pattern(BAD, Root::Payload).unwrap_err();
    assert_eq!(problems.iter().map(|p| &*p.at).collect::<Vec<_>>(), ["/a", "/b"]);
}

#[test]
fn explanations_name_the_clause_that_failed() {
    let why = |filter: Value, body: &str| {
        let filter = Filter::from_json(&filter, Root::Request).unwrap();
        let headers = vec![("authorization", "Bearer x")];
        filter.explain(&request("POST", &headers, "a=1&a=2", body)).map(|why| why.to_string())
    };
    let body = r#"{"triggerEvent":"BOOKING_CREATED","n":3,"items":[{"a":1,"b":1},{"a":2}],"o":{"secret":1}}"#;
    for (filter, expected) in [
        (
            json!({"body": {"n": [3], "triggerEvent": ["BOOKING_CANCELLED"]}}),
            r#"body.triggerEvent is "BOOKING_CREATED", filter wants one of ["BOOKING_CANCELLED"]"#,
        ),
        (json!({"body": {"n": [{"$gt": 15}, {"$lt": 60}]}}), "body.n is 3, filter wants $gt: 15 and $lt: 60"),
        (json!({"body": {"x": {"y": ["a"]}}}), r#"body.x.y is missing, filter wants one of ["a"]"#),
        (json!({"body": {"items": {"a": [2], "b": [1]}}}), "body.items[0].a is 1, filter wants one of [2]"),
        (
            json!({"body": {"items": {"a": [2], "b": [{"$isNull": true}]}}}),
            "body.items[1].b is missing, filter wants $isNull: true",
        ),
        (json!({"body": {"o": [{"$exists": false}]}}), "body.o is an object, filter wants $exists: false"),
        (json!({"body": {"items": [{"$includes": 1}]}}), "body.items is [.., ..], filter wants $includes: 1"),
        (json!({"query": {"a": ["3"]}}), r#"query.a is "1", "2", filter wants one of ["3"]"#),
        (json!({"method": ["GET"]}), r#"method is "POST", filter wants one of ["GET"]"#),
    ] {
        assert_eq!(why(filter, body).as_deref(), Some(expected));
    }
    assert_eq!(why(json!({"body": {"n": [3]}}), body), None);
    assert_eq!(
        why(json!({"method": ["POST"], "body": {"n": [3]}}), "").as_deref(),
        Some("body is not JSON: it is empty; filter wants body.n one of [3]")
    );

    let filter =
        Filter::from_json(&json!({"headers": {"Authorization": ["Bearer y"]}}), Root::Request).unwrap();
    let headers = vec![("authorization", "Bearer x")];
    let mut explain = filter.explain(&request("POST", &headers, "", "")).unwrap();
    explain.mask(|path| path == "headers.authorization");
    assert_eq!(explain.to_string(), r#"headers.authorization is (masked), filter wants one of ["Bearer y"]"#);
}
