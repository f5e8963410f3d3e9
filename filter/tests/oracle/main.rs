//! The engine against the simple evaluator, on random filters and events.
//!
//! `TRIGGERFISH_ORACLE_PAIRS=2000000 cargo test --release --features eval --test oracle` looks at more pairs.

#![allow(clippy::unwrap_used, reason = "what is wrong with a test's own data may stop the test")]

mod generate;

use fastrand::Rng;
use generate::{Request, Seen, World, pick, write_otherwise};
use serde_json::Value;
use triggerfish_filter::{Explain, Filter, FilterSet, Got, Matches, Overlap, Parts, Root, Scratch, Wanted};

const FILTERS: usize = 12;
const EVENTS: usize = 20;

fn pairs() -> usize {
    std::env::var("TRIGGERFISH_ORACLE_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(60_000)
}

fn build(filters: &[Option<Filter>]) -> FilterSet {
    FilterSet::build(filters.iter().cloned()).unwrap()
}

fn matches(set: &FilterSet, parts: &Parts<'_>, scratch: &mut Scratch) -> Vec<usize> {
    set.matches(parts, scratch).indexes.to_vec()
}

#[test]
fn the_engine_answers_as_the_simple_evaluator_does() {
    let (mut seen, mut looked_at, mut matched, mut on_the_bound, mut folded) = (Seen::default(), 0, 0, 0, 0);
    let mut compared = 0;
    // One for all sets: nothing may stay behind from one to the next.
    let mut scratch = Scratch::default();
    for seed in 0.. {
        let mut world = World::new(seed);
        let filters: Vec<_> = (0..FILTERS).map(|_| world.filter(Root::Payload)).collect();
        let set = FilterSet::build(filters.iter().map(|(_, filter)| Some(filter.clone()))).unwrap();
        for _ in 0..EVENTS {
            let text = world.event(&mut seen);
            let value: Value = serde_json::from_str(&text).unwrap();
            let wanted: Vec<_> = (0..FILTERS).filter(|n| filters[*n].1.matches_payload(&value)).collect();
            let parts = Parts::payload(text.as_bytes());
            let got = set.matches(&parts, &mut scratch);
            assert_eq!(got.indexes, wanted, "{text}\n{filters:#?}");
            if world.rng.u8(..8) == 0 {
                let explainer = set.explainer(&parts);
                for (n, (json, _)) in filters.iter().enumerate() {
                    let why = explainer.explain(n);
                    assert_eq!(why.is_none(), wanted.contains(&n), "{text} {json}");
                    assert!(why.as_ref().is_none_or(|why| why.first_failure().is_some()), "{text} {json}");
                    compared += usize::from(same_reasons(&set, n, &got, why.as_ref()));
                }
            }
            for n in &wanted {
                on_the_bound +=
                    usize::from(fails_as(&filters[*n].0, &[("$gte", "$gt"), ("$lte", "$lt")], &value));
                folded +=
                    usize::from(fails_as(&filters[*n].0, &[("$ignoreCaseEquals", "$startsWith")], &value));
            }
            looked_at += FILTERS;
            matched += wanted.len();
        }
        if looked_at >= pairs() {
            break;
        }
    }
    println!("{looked_at} pairs, {matched} matched, {on_the_bound} on the bound, {folded} folded, {seen:?}");
    assert!(matched > looked_at / 10 && matched < looked_at / 2, "one answer is too rare");
    let Seen { repeated_keys, escaped_keys, escaped_texts, arrays_in_arrays, null_elements, .. } = seen;
    for count in [repeated_keys, escaped_keys, escaped_texts, arrays_in_arrays, null_elements] {
        assert!(count > looked_at / 100, "something was hardly seen");
    }
    assert!(seen.arrays_of_objects.min(seen.empty_arrays) > looked_at / 100, "something was hardly seen");
    assert!(compared > looked_at / 50, "reasons were hardly compared");
    assert!(
        on_the_bound > looked_at / 1000 && folded > looked_at / 5000,
        "the filters hardly meet the events"
    );
}

/// The engine's reasons against those of the simple evaluator; false where only their number can be compared,
/// because the two may choose different elements of an array.
fn same_reasons(set: &FilterSet, n: usize, got: &Matches<'_>, why: Option<&Explain>) -> bool {
    let wanted = set.wanted(n);
    let mut failed = Vec::new();
    got.failures(n, &mut |failure| failed.push((failure.clause, failure.found.to_string())));
    let Some(why) = why else {
        assert!(failed.is_empty(), "{failed:?}");
        return true;
    };
    assert!(!failed.is_empty(), "{why}");
    if why.clauses.iter().any(|clause| clause.path.contains('[') || clause.wants == "an element") {
        return false;
    }
    let failing: Vec<_> = why.clauses.iter().enumerate().filter(|(_, clause)| !clause.holds).collect();
    assert_eq!(failing.len(), failed.len(), "{why:?} {failed:?}");
    for ((at, clause), (failed_at, found)) in failing.iter().zip(&failed) {
        let Wanted { path, wants } = &wanted[*failed_at];
        assert_eq!((*at, &clause.path, &clause.wants), (*failed_at, path, wants));
        // A number is shown as it compares, and nothing is shown of what is inside of others.
        let scalar = !matches!(&clause.got, Got::Value(text) if text.starts_with(['[', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']));
        assert!(!scalar || *found == clause.got.to_string(), "{found} {clause}");
    }
    true
}

/// Whether a filter would not match with other operators in it.
fn fails_as(filter: &Value, operators: &[(&str, &str)], event: &Value) -> bool {
    let other = operators
        .iter()
        .fold(filter.to_string(), |text, (from, to)| text.replace(&format!("{from}\""), &format!("{to}\"")));
    Filter::from_json_text(&other, Root::Payload).is_ok_and(|filter| !filter.matches_payload(event))
}

#[test]
fn requests_too() {
    let mut seen = Seen::default();
    let mut scratch = Scratch::default();
    let (mut looked_at, mut matched, mut unreadable) = (0, 0, 0);
    for seed in 0.. {
        let mut world = World::new(seed);
        let filters: Vec<_> = (0..FILTERS).map(|n| (n != 5).then(|| world.filter(Root::Request).1)).collect();
        let set = build(&filters);
        for _ in 0..EVENTS {
            let mut body = world.event(&mut seen);
            if world.rng.u8(..6) == 0 {
                body.truncate(body.char_indices().map(|(at, _)| at).nth(world.rng.usize(..8)).unwrap_or(0));
            }
            let Request { method, headers, query } = world.request();
            let parts = Parts { method, headers: &headers, query: &query, body: body.as_bytes() };
            let passes =
                |filter: &Option<Filter>| filter.as_ref().is_none_or(|filter| filter.matches(&parts));
            let wanted: Vec<_> = (0..FILTERS).filter(|n| passes(&filters[*n])).collect();
            let got = set.matches(&parts, &mut scratch);
            assert_eq!(got.indexes, wanted, "{method} {headers:?} {query} {body}\n{filters:#?}");
            let mentioned =
                filters.iter().flatten().any(|filter| filter.fields().iter().any(|f| &*f.name == "body"));
            let invalid = serde_json::from_str::<Value>(&body).is_err();
            assert_eq!(got.body_error.is_some(), mentioned && invalid, "{body}");
            for (n, filter) in filters.iter().enumerate().filter(|(_, filter)| filter.is_some()) {
                let mut failed = 0;
                got.failures(n, &mut |_| failed += 1);
                assert_eq!(
                    failed == 0,
                    wanted.contains(&n),
                    "{filter:?} {method} {headers:?} {query} {body}"
                );
            }
            unreadable += usize::from(mentioned && invalid);
            looked_at += FILTERS;
            matched += wanted.len();
        }
        if looked_at >= pairs() / 4 {
            break;
        }
    }
    println!("{looked_at} pairs, {matched} matched, {unreadable} unreadable bodies");
    assert!(matched > looked_at / 20 && unreadable > looked_at / 1000);
}

/// Neither the order of the filters, nor who else is in the set, nor how the event is written.
#[test]
fn what_must_not_matter_does_not() {
    let mut seen = Seen::default();
    for seed in 0..pairs() as u64 / 600 {
        let mut world = World::new(seed);
        let filters: Vec<_> = (0..FILTERS).map(|n| (n != 5).then(|| world.filter(Root::Payload).1)).collect();
        let mut order: Vec<_> = (0..FILTERS).collect();
        world.rng.shuffle(&mut order);
        let whole = build(&filters);
        let shuffled = build(&order.iter().map(|n| filters[*n].clone()).collect::<Vec<_>>());
        let (left, right) = filters.split_at(world.rng.usize(..FILTERS));
        let doubled = build(&[&filters[..], &filters[..]].concat());
        let (left_set, right_set) = (build(left), build(right));
        let mut scratch = whole.scratch();
        for _ in 0..EVENTS {
            let text = world.event(&mut seen);
            let parts = Parts::payload(text.as_bytes());
            let wanted = matches(&whole, &parts, &mut scratch);

            let mut back: Vec<_> =
                matches(&shuffled, &parts, &mut scratch).iter().map(|n| order[*n]).collect();
            back.sort_unstable();
            assert_eq!(back, wanted, "order: {text}\n{filters:#?}");

            let mut parted = matches(&left_set, &parts, &mut scratch);
            parted.extend(matches(&right_set, &parts, &mut scratch).iter().map(|n| n + left.len()));
            assert_eq!(parted, wanted, "company: {text}\n{filters:#?}");

            let twice: Vec<_> = wanted.iter().copied().chain(wanted.iter().map(|n| n + FILTERS)).collect();
            assert_eq!(matches(&doubled, &parts, &mut scratch), twice, "twins: {text}\n{filters:#?}");

            let mut otherwise = String::new();
            write_otherwise(&serde_json::from_str(&text).unwrap(), &mut otherwise);
            let again = matches(&whole, &Parts::payload(otherwise.as_bytes()), &mut scratch);
            assert_eq!(again, wanted, "writing: {text} {otherwise}\n{filters:#?}");
        }
    }
}

/// What is said about two filters without an event holds for every event.
#[test]
fn what_one_filter_implies_is_true() {
    let mut seen = Seen::default();
    let (mut implied, mut shown) = (0, 0);
    for seed in 0..pairs() as u64 / 600 {
        let mut world = World::new(seed);
        let filters: Vec<_> = (0..FILTERS).map(|_| world.filter(Root::Payload).1).collect();
        let set = FilterSet::build(filters.iter().cloned().map(Some)).unwrap();
        let mut pairs = Vec::new();
        for (a, narrow) in filters.iter().enumerate() {
            for (b, wide) in filters.iter().enumerate() {
                pairs.extend((a != b && narrow.implies(wide)).then_some((a, b)));
            }
        }
        for overlap in set.overlaps() {
            match overlap {
                Overlap::Same { first, second } => {
                    assert!(
                        pairs.contains(&(first, second)) && pairs.contains(&(second, first)),
                        "{filters:#?}"
                    );
                }
                Overlap::Implied { narrow, wide } => {
                    assert!(pairs.contains(&(narrow, wide)), "{filters:#?}");
                }
            }
        }
        implied += pairs.len();
        let mut scratch = set.scratch();
        for _ in 0..EVENTS {
            let text = world.event(&mut seen);
            let matched = matches(&set, &Parts::payload(text.as_bytes()), &mut scratch);
            for (narrow, wide) in &pairs {
                if matched.contains(narrow) {
                    assert!(matched.contains(wide), "{text}\n{}\n{}", filters[*narrow], filters[*wide]);
                    shown += 1;
                }
            }
        }
    }
    println!("{implied} pairs imply, {shown} times an event passed both");
    assert!(implied > pairs() / 200 && shown > pairs() / 200);
}

/// The same texts are JSON for the engine and for `serde_json`, mentioned or not.
fn same_verdict(set: &FilterSet, scratch: &mut Scratch, bytes: &[u8]) -> bool {
    let invalid = serde_json::from_slice::<Value>(bytes).is_err();
    let error = set.matches(&Parts::payload(bytes), scratch).body_error;
    assert_eq!(error.is_some(), invalid, "{:?}", String::from_utf8_lossy(bytes));
    invalid
}

#[test]
fn the_engine_accepts_what_serde_json_accepts() {
    let filter = Filter::from_json_text(r#"{"a":{"b":[1],"c":[{"$includes":1}]}}"#, Root::Payload).unwrap();
    let set = FilterSet::build([Some(filter)]).unwrap();
    let mut scratch = set.scratch();
    let nested =
        |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    let mut texts: Vec<Vec<u8>> = [
        "",
        " ",
        "1",
        "-",
        "-0",
        "01",
        "-01",
        "1.",
        ".5",
        "1.5",
        "1e",
        "1e5",
        "1E+5",
        "1e-",
        "1e400",
        "-1e400",
        "0e400",
        "1e-400",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "123456789012345678901234567890",
        "+1",
        "NaN",
        "Infinity",
        "nul",
        "null",
        "nulll",
        "true",
        "tru",
        "True",
        "false",
        "[]",
        "[1]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[",
        "]",
        "{}",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "\"\"",
        "\"",
        "\"\\\"",
        "\"\\\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12G4\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",
        "\"\\udc00\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\\ud83d\"",
        "\"a\tb\"",
        "\"a\u{7f}b\"",
        "\u{feff}1",
        "1 ",
        "1 1",
        "/**/1",
        "'a'",
        "\"\u{e9}\"",
        "\u{b}1",
        "[\"\\\n\"]",
        "\"\\/\"",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    texts.extend(
        [&b"\"\xff\""[..], b"\"\xc3\"", b"\"\xed\xa0\x80\"", b"{\"\xff\":1}", b"\xff", b"[\"\\u00e9\xc3\"]"]
            .map(Vec::from),
    );
    texts.push(format!("1{}", "0".repeat(308)).into());
    texts.push(format!("1{}", "0".repeat(309)).into());
    texts.push(format!("-1{}.5", "0".repeat(400)).into());
    for depth in [1, 2, 125, 126, 127, 128, 129, 5000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"b\":", "}]"), ("{\"x\":[", "]}")] {
            texts.push(nested(open, close, depth).into());
        }
    }
    let mut refused = 0;
    for text in &texts {
        let holes: [(&[u8], &[u8]); 7] = [
            (b"", b""),
            (b"{\"a\":", b"}"),
            (b"{\"x\":", b"}"),
            (b"{\"a\":{\"b\":", b"}}"),
            (b"{\"a\":{\"c\":[", b"]}}"),
            (b"{\"a\":[{\"x\":", b"}]}"),
            (b"{\"a\":[0,", b"]}"),
        ];
        for (before, after) in holes {
            refused += usize::from(same_verdict(&set, &mut scratch, &[before, text, after].concat()));
        }
    }
    assert!(refused > 200 && refused < texts.len() * 7 - 100);

    let mut world = World::new(7);
    let mut rng = Rng::with_seed(7);
    let mut seen = Seen::default();
    let mut refused = 0;
    for _ in 0..pairs() {
        let mut bytes = world.event(&mut seen).into_bytes();
        for _ in 0..rng.usize(1..3) {
            let at = rng.usize(..=bytes.len());
            let with = pick(&mut rng, b"{}[]\",:\\/ueE+-.0019tfnaD8\n\t \x00\x1f\x7f\x80\xc3\xa9\xff");
            match rng.u8(..4) {
                0 => bytes.insert(at, with),
                1 if at < bytes.len() => bytes[at] = with,
                2 if at < bytes.len() => _ = bytes.remove(at),
                _ => bytes.truncate(at.max(1)),
            }
        }
        refused += usize::from(same_verdict(&set, &mut scratch, &bytes));
    }
    assert!(refused > pairs() / 10 && refused < pairs() * 99 / 100, "{refused}");
}

/// Megabytes of brackets or elements: no stack, and time that grows as the text does.
#[test]
fn large_events_are_only_large() {
    let filter = |text| Some(Filter::from_json_text(text, Root::Payload).unwrap());
    let set = FilterSet::build([
        filter(r#"{"a":{"b":[{"$exists":false}],"c":[7]}}"#),
        filter(r#"{"a":{"b":{"c":[1]}}}"#),
        filter(r#"{"a":[{"$includes":"last"}]}"#),
    ])
    .unwrap();
    let mut scratch = set.scratch();
    for text in ["[".repeat(1 << 20), "{\"a\":".repeat(1 << 20), "{\"a\":[".repeat(1 << 20)] {
        assert!(set.matches(&Parts::payload(text.as_bytes()), &mut scratch).body_error.is_some());
    }
    let many = |element: &str, last: &str| format!("{{\"a\":[{}{last}]}}", element.repeat(200_000));
    for (text, wanted) in [
        (many("{},", "{\"c\":7}"), &[0][..]),
        (many("{\"b\":[{\"c\":0}]},", "{\"b\":[{},{\"c\":1}]}"), &[1]),
        (many("0,", "\"last\""), &[2]),
        (many("{\"c\":7,\"c\":8},", "null"), &[]),
        (many("[{\"c\":7}],", "null"), &[]),
    ] {
        assert_eq!(set.matches(&Parts::payload(text.as_bytes()), &mut scratch).indexes, wanted);
    }
    let repeated = format!("{{\"a\":[{{{}\"b\":{{\"c\":1}}}}]}}", "\"b\":[{\"c\":5}],".repeat(200_000));
    assert_eq!(set.matches(&Parts::payload(repeated.as_bytes()), &mut scratch).indexes, [1]);
    // What is repeated is looked at once, however long the last array is.
    let repeated = format!("{{{}\"a\":[{}\"last\"]}}", "\"a\":1,".repeat(200_000), "0,".repeat(200_000));
    assert_eq!(set.matches(&Parts::payload(repeated.as_bytes()), &mut scratch).indexes, [2]);
    let filter = Filter::from_json_text(r#"{"query":{"a":["2"]}}"#, Root::Request).unwrap();
    let set = FilterSet::build([Some(filter)]).unwrap();
    let query = "a=1&".repeat(200_000) + "a=2";
    let parts = Parts { method: "GET", headers: &(), query: &query, body: b"" };
    assert_eq!(set.matches(&parts, &mut scratch).indexes, [0]);
}
