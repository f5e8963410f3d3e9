//! What filters look at: the parts of a request, or the payload of an event.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::form;

/// The parts of a request that filters look at.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// The method, upper case as sent.
    pub method: &'a str,
    /// The headers.
    pub headers: &'a dyn Headers,
    /// What follows the `?`, still encoded; empty if there is none. A parameter given more than once
    /// matches if one of its values satisfies the whole list.
    pub query: &'a str,
    /// The body as received. It is read as JSON whatever its content type says, and only if a filter
    /// mentions it; filters that mention a body that is not JSON do not match.
    pub body: &'a [u8],
}

impl<'a> Parts<'a> {
    /// An event's payload, as JSON: for filters rooted in the payload.
    pub fn payload(json: &'a [u8]) -> Parts<'a> {
        Parts { method: "", headers: &(), query: "", body: json }
    }
}

impl fmt::Debug for Parts<'_> {
    /// Leaves the contents out: headers and bodies carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts")
            .field("method", &self.method)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The headers of a request, in whatever form a server keeps them.
pub trait Headers {
    /// Hands over each value of the header `name`, which is in lower case, in the order received.
    /// A header sent more than once matches if one of its values satisfies the whole list.
    fn each<'h>(&'h self, name: &str, value: &mut dyn FnMut(&'h [u8]));
}

/// No headers.
impl Headers for () {
    fn each<'h>(&'h self, _: &str, _: &mut dyn FnMut(&'h [u8])) {}
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for Vec<(N, V)> {
    fn each<'h>(&'h self, name: &str, value: &mut dyn FnMut(&'h [u8])) {
        for (known, bytes) in self {
            if known.as_ref().eq_ignore_ascii_case(name) {
                value(bytes.as_ref());
            }
        }
    }
}

/// Why a body could not be read as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyError {
    reason: String,
}

impl BodyError {
    /// The reason in the words of `serde_json`, which says the line; `None` if it can read the body.
    pub(super) fn find(body: &[u8]) -> Option<BodyError> {
        serde_json::from_slice::<Value>(body).err().map(|error| BodyError::new(body, &error))
    }

    /// More than the engine can count.
    pub(super) fn too_large() -> BodyError {
        BodyError { reason: "it is too large".into() }
    }

    fn new(body: &[u8], error: &serde_json::Error) -> BodyError {
        let reason = if body.is_empty() { "it is empty".into() } else { error.to_string() };
        BodyError { reason }
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "body is not JSON: {}", self.reason)
    }
}

impl std::error::Error for BodyError {}

/// All parts, decoded: the slow way, for one filter at a time and for explanations.
pub(super) struct Decoded<'a> {
    pub(super) parts: Parts<'a>,
    pub(super) query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(super) body: Result<Cow<'a, Value>, BodyError>,
}

impl<'a> Decoded<'a> {
    pub(super) fn new(parts: &Parts<'a>) -> Decoded<'a> {
        let body = serde_json::from_slice(parts.body).map(Cow::Owned);
        let body = body.map_err(|error| BodyError::new(parts.body, &error));
        Decoded { parts: *parts, query: form::pairs(parts.query).collect(), body }
    }

    pub(super) fn header(&self, name: &str) -> Vec<Cow<'a, str>> {
        let mut values = Vec::new();
        self.parts.headers.each(name, &mut |value| values.push(String::from_utf8_lossy(value)));
        values
    }

    pub(super) fn parameter(&self, name: &str) -> Vec<Cow<'a, str>> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }
}
