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

/// A value, by its path.
type Field = (String, String);

/// What differs in headers and bodies.
pub(crate) fn changes(before: &RequestDetail, now: &RequestDetail) -> Vec<Change> {
    let headers = |detail: &RequestDetail| {
        let shown = detail.headers.iter().filter(|header| !NOISE.contains(&header.name.as_str()));
        shown.map(|header| (format!("headers.{}", header.name), header.value.clone())).collect()
    };
    let mut all = differing(headers(before), headers(now));
    all.extend(differing(fields(&before.body), fields(&now.body)));
    all.truncate(MOST);
    all
}

/// The changes in order of their paths. Of two fields with one path the last counts.
fn differing(before: Vec<Field>, now: Vec<Field>) -> Vec<Change> {
    let mut all: Vec<(String, bool, String)> = Vec::new();
    all.extend(before.into_iter().map(|(path, value)| (path, false, value)));
    all.extend(now.into_iter().map(|(path, value)| (path, true, value)));
    all.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut changes: Vec<Change> = Vec::new();
    for (path, is_now, value) in all {
        if changes.last().is_none_or(|change| change.path != path) {
            changes.push(Change { path, before: None, now: None });
        }
        if let Some(change) = changes.last_mut() {
            *if is_now { &mut change.now } else { &mut change.before } = Some(value);
        }
    }
    changes.retain(|change| change.before != change.now);
    changes
}

/// Each scalar of a body, by its path.
fn fields(body: &BodyView) -> Vec<Field> {
    let text = body.text.as_deref().unwrap_or_default();
    let mut all = Vec::new();
    match serde_json::from_str::<Value>(text) {
        Ok(value) => flatten("body", &value, &mut all),
        Err(_) if text.is_empty() => {}
        Err(_) => all.push(("body".to_owned(), text.to_owned())),
    }
    all
}

fn flatten(path: &str, value: &Value, all: &mut Vec<Field>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, field)| flatten(&format!("{path}.{name}"), field, all));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, item)| flatten(&format!("{path}[{n}]"), item, all));
        }
        scalar => all.push((path.to_owned(), scalar.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::redact::Redaction;

    #[test]
    fn what_came_went_and_changed_is_told_by_its_path() {
        let rules = Redaction::new(&[], None);
        let body = |text: &str| fields(&BodyView::new(&rules, text.as_bytes(), text.len()));
        let before = body(r#"{"a":1,"b":{"c":[1,2]},"d":"x"}"#);
        let now = body(r#"{"a":1,"b":{"c":[1,3,4]},"e":null}"#);
        let shown: Vec<_> = differing(before, now)
            .into_iter()
            .map(|change| (change.path, change.before.unwrap_or_default(), change.now.unwrap_or_default()))
            .collect();
        let row = |path: &str, before: &str, now: &str| (path.to_owned(), before.to_owned(), now.to_owned());
        assert_eq!(
            shown,
            [
                row("body.b.c[1]", "2", "3"),
                row("body.b.c[2]", "", "4"),
                row("body.d", "\"x\"", ""),
                row("body.e", "", "null")
            ]
        );
    }
}
