//! What nobody gets to see, also where they see everything else: credentials,
//! signatures, the program's own secrets, and what the configuration names.

use crate::request::is_secret_name;
use crate::secret::Secret;
use crate::serve::{App, Check, LiveEndpoint};
use http::HeaderName;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// What stands in place of a value that is not shown.
pub(crate) const HIDDEN: &str = "***";

/// Secrets shorter than this are no secrets, and stand in too many words.
const SHORTEST: usize = 6;

/// The rules.
pub(crate) struct Redaction {
    /// JSON pointers into bodies, outputs and data of log lines; `*` is any key or index.
    pointers: Vec<Vec<String>>,
    /// Those that stay as they are while the program runs.
    secrets: Vec<Secret>,
    /// Where the others are, if there are any.
    kept: Option<Arc<App>>,
}

/// A body as it may be shown.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// As it is.
    Exact(Cow<'a, [u8]>),
    /// Written anew, without what is not to be seen.
    Redacted(Vec<u8>),
    /// Not at all: it cannot be told where in it is what must not be seen.
    Nothing,
}

impl Redaction {
    pub(crate) fn new(pointers: &[String], app: Option<&Arc<App>>) -> Self {
        let pointers = pointers.iter().map(|pointer| {
            let steps = pointer.split('/').skip(1);
            steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
        });
        let endpoints = app.map(|app| app.endpoints.as_slice()).unwrap_or_default();
        let (kept, fixed): (Vec<_>, Vec<_>) = endpoints.iter().partition(|live| is_kept(live));
        Redaction {
            pointers: pointers.collect(),
            secrets: fixed.into_iter().flat_map(secrets).collect(),
            kept: app.filter(|_| !kept.is_empty()).cloned(),
        }
    }

    /// The value of a header, as text.
    pub(crate) fn header(&self, endpoint: Option<&LiveEndpoint>, name: &HeaderName, value: &[u8]) -> String {
        let ready = endpoint.and_then(|endpoint| endpoint.check.scheme());
        let is_signature = ready.is_some_and(|ready| ready.is_signature_header(name));
        if is_signature || is_secret_name(name.as_str()) || crate::request::is_credential(name) {
            return HIDDEN.to_owned();
        }
        self.text(&String::from_utf8_lossy(value))
    }

    /// A text, without the secrets in it.
    pub(crate) fn text(&self, text: &str) -> String {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => text.to_owned(),
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// A body. One that was cut cannot be read, so that nothing of it is shown
    /// where something of it is to be hidden.
    pub(crate) fn body<'a>(&self, body: &'a [u8]) -> Shown<'a> {
        if self.pointers.is_empty() || !looks_like_json(body) {
            return Shown::Exact(self.bytes(body));
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return Shown::Nothing };
        if !self.hide(&mut value) {
            return Shown::Exact(self.bytes(body));
        }
        let text = value.to_string();
        Shown::Redacted(self.bytes(text.as_bytes()).into_owned())
    }

    /// JSON as text: an output, or the data of a log line.
    pub(crate) fn json(&self, text: &str) -> String {
        match self.body(text.as_bytes()) {
            Shown::Exact(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Shown::Redacted(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Shown::Nothing => HIDDEN.to_owned(),
        }
    }

    /// Whether the value at a path of a filter, `body.items[2].pin` or
    /// `items.pin`, may be one that a pointer names: indexes are not compared.
    pub(crate) fn hides(&self, path: &str) -> bool {
        let path = path.strip_prefix("body.").unwrap_or(path);
        self.pointers.iter().any(|pointer| {
            let mut steps = path.split('.');
            // A name may have a point in it.
            let mut named = pointer.iter().filter(|step| !is_index(step)).flat_map(|step| step.split('.'));
            named.all(|named| steps.next().is_some_and(|step| step.split('[').next() == Some(named)))
        })
    }

    /// Hides what the pointers name; whether there was anything.
    fn hide(&self, value: &mut Value) -> bool {
        let mut any = false;
        for pointer in &self.pointers {
            any |= hide_at(value, pointer);
        }
        any
    }

    fn bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut shown = Cow::Borrowed(bytes);
        for live in self.kept.iter().flat_map(|app| &app.endpoints).filter(|live| is_kept(live)) {
            secrets(live).for_each(|secret| hide(&mut shown, &secret));
        }
        self.secrets.iter().for_each(|secret| hide(&mut shown, secret));
        shown
    }
}

fn is_kept(live: &LiveEndpoint) -> bool {
    matches!(live.check, Check::Kept(_))
}

fn secrets(live: &LiveEndpoint) -> impl Iterator<Item = Secret> + use<> {
    let all = live.named_secrets().into_iter().map(|(_, secret)| secret);
    all.filter(|secret| secret.expose().len() >= SHORTEST)
}

/// Hides a secret wherever it stands.
fn hide(shown: &mut Cow<'_, [u8]>, secret: &Secret) {
    let secret = secret.expose();
    let mut out = Vec::new();
    let mut rest: &[u8] = shown;
    while let Some(at) = memchr::memmem::find(rest, secret) {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(HIDDEN.as_bytes());
        rest = after.get(secret.len()..).unwrap_or_default();
    }
    if !out.is_empty() {
        out.extend_from_slice(rest);
        *shown = Cow::Owned(out);
    }
}

/// Whether a step of a pointer names no field, but any, or one by its place.
fn is_index(step: &str) -> bool {
    step == "*" || (!step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()))
}

fn looks_like_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"'))
}

fn hide_at(value: &mut Value, pointer: &[String]) -> bool {
    let Some((step, rest)) = pointer.split_first() else {
        *value = Value::from(HIDDEN);
        return true;
    };
    match value {
        Value::Object(fields) if step == "*" => {
            fields.values_mut().fold(false, |any, field| hide_at(field, rest) | any)
        }
        Value::Array(items) if step == "*" => {
            items.iter_mut().fold(false, |any, item| hide_at(item, rest) | any)
        }
        Value::Object(fields) => fields.get_mut(step).is_some_and(|field| hide_at(field, rest)),
        Value::Array(items) => {
            let index = step.parse::<usize>().ok();
            index.and_then(|index| items.get_mut(index)).is_some_and(|item| hide_at(item, rest))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(pointers: &[&str], secret: &str) -> Redaction {
        let pointers: Vec<_> = pointers.iter().map(ToString::to_string).collect();
        let mut rules = Redaction::new(&pointers, None);
        rules.secrets.push(Secret::from(secret));
        rules
    }

    fn shown(rules: &Redaction, body: &str) -> Option<String> {
        match rules.body(body.as_bytes()) {
            Shown::Exact(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Shown::Redacted(bytes) => Some(String::from_utf8(bytes).unwrap()),
            Shown::Nothing => None,
        }
    }

    #[test]
    fn pointers_hide_values_wherever_they_stand() {
        let rules = rules(&["/card/number", "/items/*/pin", "/a~1b"], "hunter2222");
        let rows = [
            (r#"{"card":{"number":4242}}"#, r#"{"card":{"number":"***"}}"#),
            (
                r#"{"items":[{"pin":1},{"x":2},{"pin":{"y":3}}]}"#,
                r#"{"items":[{"pin":"***"},{"x":2},{"pin":"***"}]}"#,
            ),
            (r#"{"a/b":[1]}"#, r#"{"a/b":"***"}"#),
            (r#"{ "b":  1 }"#, r#"{ "b":  1 }"#),
            (r#"{ "b": "x hunter2222 y" }"#, r#"{ "b": "x *** y" }"#),
            ("card=4242", "card=4242"),
        ];
        for (body, expected) in rows {
            assert_eq!(shown(&rules, body).as_deref(), Some(expected), "{body}");
        }
        assert_eq!(shown(&rules, r#"{"card":{"number":4242"#), None, "what is cut cannot be redacted");
    }

    #[test]
    fn a_path_of_a_filter_is_hidden_by_the_pointers() {
        let rules = rules(&["/card/number", "/items/*/pin", "/a~1b/0", "/x.y/z"], "hunter2222");
        for path in [
            "body.card.number",
            "card.number",
            "body.card.number.last",
            "body.items[2].pin",
            "items.pin",
            "body.a/b[0]",
            "body.x.y.z",
        ] {
            assert!(rules.hides(path), "{path}");
        }
        for path in ["body.card", "body.cards.number", "headers.x-card", "body.items[2].name", "method"] {
            assert!(!rules.hides(path), "{path}");
        }
    }

    #[test]
    fn a_secret_is_hidden_in_any_text() {
        let rules = rules(&[], "hunter2222");
        assert_eq!(rules.text("hunter2222 and hunter2222"), "*** and ***");
        assert_eq!(shown(&rules, "{ cut: hunter2222").as_deref(), Some("{ cut: ***"));
    }

    #[test]
    fn headers_that_carry_credentials_show_nothing() {
        let rules = rules(&[], "hunter2222");
        for name in ["authorization", "cookie", "x-api-key", "x-acme-signature", "x-auth-token"] {
            assert_eq!(rules.header(None, &HeaderName::from_static(name), b"v"), HIDDEN, "{name}");
        }
        assert_eq!(rules.header(None, &HeaderName::from_static("x-event"), b"a\xff"), "a\u{fffd}");
    }
}
