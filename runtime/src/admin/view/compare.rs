//! What differs between two requests: field by field where their bodies are
//! JSON, else as a whole.

use super::body::BodyView;
use super::request::RequestDetail;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

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
    let headers = |detail: &RequestDetail| {
        let shown = detail.headers.iter().filter(|header| !NOISE.contains(&header.name.as_str()));
        shown.map(|header| (format!("headers.{}", header.name), header.value.clone())).collect()
    };
    let mut all = differing(headers(before), headers(now));
    all.extend(differing(fields(&before.body), fields(&now.body)));
    all.truncate(MOST);
    all
}

fn differing(before: BTreeMap<String, String>, mut now: BTreeMap<String, String>) -> Vec<Change> {
    let mut all = Vec::new();
    for (path, before) in before {
        match now.remove(&path) {
            Some(now) if now == before => {}
            now => all.push(Change { path, before: Some(before), now }),
        }
    }
    all.extend(now.into_iter().map(|(path, now)| Change { path, before: None, now: Some(now) }));
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// Each scalar of a body, by its path.
fn fields(body: &BodyView) -> BTreeMap<String, String> {
    let text = body.text.as_deref().unwrap_or_default();
    let mut all = BTreeMap::new();
    match serde_json::from_str::<Value>(text) {
        Ok(value) => flatten("body", &value, &mut all),
        Err(_) if text.is_empty() => {}
        Err(_) => {
            all.insert("body".to_owned(), text.to_owned());
        }
    }
    all
}

fn flatten(path: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, field)| flatten(&format!("{path}.{name}"), field, all));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, item)| flatten(&format!("{path}[{n}]"), item, all));
        }
        scalar => {
            all.insert(path.to_owned(), scalar.to_string());
        }
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
