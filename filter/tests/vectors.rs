//! Filters that the original function evaluated, with what it answered, run through the public API.

#![allow(clippy::unwrap_used, reason = "what is wrong with a test's own data may stop the test")]

use std::fmt;

use serde_json::Value;
use triggerfish_filter::{Filter, FilterSet, Parts, Problem, ProblemKind, Root};

#[test]
fn filters_answer_as_the_original_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/filters.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let report = run(&cases);
    println!("{report}");
    assert_eq!(report.failed, [""; 0]);
    assert!(report.passed > 120, "the file lost its cases: {report}");
}

/// What became of the cases.
#[derive(Default)]
struct Report {
    passed: usize,
    /// The original accepts them and we do not, as we say we do not: `[]`, `{}`, and what can never match.
    refused: usize,
    /// Answered otherwise on purpose; the tag says why.
    inverted: usize,
    skipped: usize,
    failed: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failed {
            writeln!(f, "FAIL filters {failure}")?;
        }
        let Report { passed, refused, inverted, skipped, failed } = self;
        let failed = failed.len();
        write!(
            f,
            "filters: {passed} passed, {failed} failed ({refused} refused, {inverted} inverted, {skipped} skipped)"
        )
    }
}

/// Runs all cases of a file; uses nothing but the public API.
fn run(cases: &[Value]) -> Report {
    let mut report = Report::default();
    for case in cases {
        let name = case["name"].as_str().unwrap_or_default();
        let tagged = |tag: &str| case["tags"].as_array().is_some_and(|tags| tags.iter().any(|t| t == tag));
        let root = if case["kind"] == "request" { Root::Request } else { Root::Payload };
        let expected = case["expected"] == true;
        match Filter::from_json(&case["filter"], root) {
            Err(_) if case["valid"] == false => report.passed += 1,
            Ok(_) if case["valid"] == false && !name.contains("$exists") => {
                report.failed.push(format!("{name}: expected a refusal"));
            }
            Err(_) if tagged("unknown-key") || tagged("multi-op") => report.inverted += 1,
            Err(problems) if problems.iter().all(|problem| is_deliberate(problem, expected)) => {
                report.refused += 1;
            }
            Err(problems) => report.failed.push(format!("{name}: refused: {problems:?}")),
            Ok(filter) => match matches(&filter, case) {
                Err(disagreement) => report.failed.push(format!("{name}: {disagreement}")),
                Ok(got) if got == expected => report.passed += 1,
                Ok(_) if tagged("js-artifact") || tagged("js-index") => report.inverted += 1,
                Ok(true) if has_header_in_capitals(&case["filter"]) => report.inverted += 1,
                Ok(_) if tagged("icu") || tagged("float-precision") => report.skipped += 1,
                Ok(got) => report.failed.push(format!("{name}: expected {expected}, got {got}")),
            },
        }
    }
    report
}

/// Whether we refuse what the original accepts because it hides a mistake.
fn is_deliberate(problem: &Problem<String>, expected: bool) -> bool {
    match problem.kind {
        ProblemKind::EmptyList { .. } | ProblemKind::EmptyObject { .. } => true,
        ProblemKind::NeverMatches { .. } | ProblemKind::ReversedBounds { .. } => !expected,
        _ => false,
    }
}

/// With the original such a filter never matches: names of headers reach it in lower case.
fn has_header_in_capitals(filter: &Value) -> bool {
    filter["headers"]
        .as_object()
        .is_some_and(|headers| headers.keys().any(|name| name.contains(char::is_uppercase)))
}

/// The answer to a case, on which all ways to evaluate agree.
fn matches(filter: &Filter, case: &Value) -> Result<bool, String> {
    let payload = &case["payload"];
    if case["kind"] != "request" {
        let json = payload.to_string();
        return agree(filter, &Parts::payload(json.as_bytes()), Some(filter.matches_payload(payload)));
    }
    let text = |key: &str| payload[key].as_str().unwrap_or_default();
    let headers: Vec<(String, String)> = payload["headers"]
        .as_object()
        .map(|headers| {
            headers.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().into())).collect()
        })
        .unwrap_or_default();
    let query = text("url").split_once('?').map_or("", |(_, query)| query);
    let parts = Parts { method: text("method"), headers: &headers, query, body: text("body").as_bytes() };
    agree(filter, &parts, None)
}

fn agree(filter: &Filter, parts: &Parts<'_>, on_value: Option<bool>) -> Result<bool, String> {
    let naive = filter.matches(parts);
    let set = FilterSet::build([Some(filter.clone())]).map_err(|problems| format!("{problems:?}"))?;
    let compiled = !set.matches(parts, &mut set.scratch()).indexes.is_empty();
    if compiled != naive || on_value.is_some_and(|answer| answer != naive) {
        return Err(format!("naive says {naive}, compiled {compiled}, on a value {on_value:?}"));
    }
    Ok(naive)
}
