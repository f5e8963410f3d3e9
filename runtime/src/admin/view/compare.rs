//! What differs between two requests: field by field where their bodies are
//! JSON, else as a whole.

use super::body::BodyView;
use super::request::RequestDetail;
use serde::Serialize;
use serde_json::Value;

/// More changes than this are not told: the two are not of a kind.
const MOST: usize = 300;

/// Headers that differ in every request.
const NOISE: [&str; 5] = ["date", "content-length", "traceparent", "x-request-id", "cf-ray"];

/// A place at which two requests differ.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) path: String,
    pub(crate) before: Option<String>,
    pub(crate) now: Option<String>,
}

/// What differs in headers and bodies.
pub(crate) fn changes(before: &RequestDetail, now: &RequestDetail) -> Vec<Change> {
    let mut all = Vec::new();
    let headers = before.headers.iter().chain(&now.headers);
    let mut names: Vec<_> = headers.map(|header| header.name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names.iter().filter(|name| !NOISE.contains(&name.as_str())) {
        note(&mut all, &format!("headers.{name}"), last(before, name), last(now, name));
    }
    bodies(&mut all, &before.body, &now.body);
    all.truncate(MOST);
    all
}

/// The value of a header; of several the last.
fn last(detail: &RequestDetail, name: &str) -> Option<String> {
    let header = detail.headers.iter().rfind(|header| header.name == name);
    header.map(|header| header.value.clone())
}

fn note(all: &mut Vec<Change>, path: &str, before: Option<String>, now: Option<String>) {
    if before != now {
        all.push(Change { path: path.to_owned(), before, now });
    }
}

fn bodies(all: &mut Vec<Change>, before: &BodyView, now: &BodyView) {
    let (before, now) = (read(before), read(now));
    let whole = |body: &Result<Value, String>| match body {
        Ok(value) => scalar(value),
        Err(text) => Some(text.clone()).filter(|text| !text.is_empty()),
    };
    note(all, "body", whole(&before), whole(&now));
    parts(all, "body", before.as_ref().ok(), now.as_ref().ok());
}

/// A body as JSON, or as the text that it is.
fn read(body: &BodyView) -> Result<Value, String> {
    let text = body.text.as_deref().unwrap_or_default();
    serde_json::from_str(text).map_err(|_| text.to_owned())
}

/// A value that has no parts.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Object(fields) if !fields.is_empty() => None,
        Value::Array(items) if !items.is_empty() => None,
        scalar => Some(scalar.to_string()),
    }
}

/// Compares what one or both of two values have at a path.
fn values(all: &mut Vec<Change>, path: &str, before: Option<&Value>, now: Option<&Value>) {
    note(all, path, before.and_then(scalar), now.and_then(scalar));
    parts(all, path, before, now);
}

/// Compares the items and the fields of two values.
fn parts(all: &mut Vec<Change>, path: &str, before: Option<&Value>, now: Option<&Value>) {
    let items = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
    for n in 0..items(before).max(items(now)) {
        let (before, now) = (before.and_then(|before| before.get(n)), now.and_then(|now| now.get(n)));
        values(all, &format!("{path}[{n}]"), before, now);
    }
    for (name, value) in fields(before) {
        values(all, &format!("{path}.{name}"), Some(value), now.and_then(|now| now.get(name)));
    }
    for (name, value) in fields(now) {
        if before.and_then(|before| before.get(name)).is_none() {
            values(all, &format!("{path}.{name}"), None, Some(value));
        }
    }
}

fn fields(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::redact::Redaction;

    #[test]
    fn what_came_went_and_changed_is_told_by_its_path() {
        let rules = Redaction::new(&[], None);
        let body = |text: &str| BodyView::new(&rules, text.as_bytes(), text.len());
        let shown = |before: &str, now: &str| {
            let mut all = Vec::new();
            bodies(&mut all, &body(before), &body(now));
            let line = |Change { path, before, now }| {
                format!("{path}: {} > {}", before.unwrap_or_default(), now.unwrap_or_default())
            };
            all.into_iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(
            shown(r#"{"a":1,"b":{"c":[1,2]},"d":"x"}"#, r#"{"a":1,"b":{"c":[1,3,4]},"e":null}"#),
            ["body.b.c[1]: 2 > 3", "body.b.c[2]:  > 4", "body.d: \"x\" > ", "body.e:  > null"]
        );
        assert_eq!(shown(r#"{"a":[1]}"#, r#"{"a":{}}"#), ["body.a:  > {}", "body.a[0]: 1 > "]);
        assert_eq!(shown("a=1", r#"[2]"#), ["body: a=1 > ", "body[0]:  > 2"]);
        assert_eq!(shown("[]", ""), ["body: [] > "]);
    }
}
