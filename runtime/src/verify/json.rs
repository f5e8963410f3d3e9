//! Reads single values out of a JSON body without building a document.
//!
//! A key that is given twice on the way to the value is refused: two readers
//! would see two values, and the one that is verified must be the one that the
//! job sees.

use super::outcome::Reason;
use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// The value at `pointer` (RFC 6901 without escapes), if it is there.
///
/// A segment `*` stands for every element of an array; all must then have the
/// same text.
pub(super) fn raw<'b>(body: &'b [u8], pointer: &str) -> Result<Option<&'b RawValue>, Reason> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let found = At { path: pointer, stop: None }.deserialize(&mut reader);
    let found = found.map_err(|_| Reason::MalformedBody)?;
    reader.end().map_err(|_| Reason::MalformedBody)?;
    Ok(found)
}

/// The text of the string, or of the number, at `pointer`. `null` counts as missing.
pub(super) fn text<'b>(body: &'b [u8], pointer: &str) -> Result<Option<Cow<'b, str>>, Reason> {
    raw(body, pointer)?.map_or(Ok(None), text_of)
}

/// The text at `pointer`, read no further than that: for a body that is known
/// to be genuine.
pub(super) fn text_so_far<'b>(body: &'b [u8], pointer: &str) -> Option<Cow<'b, str>> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let found = Cell::new(None);
    let end = At { path: pointer, stop: Some(&found) }.deserialize(&mut reader);
    // Found, the value has ended the reading with an error; or it is not there.
    found.get().or(end.ok().flatten()).and_then(|value| text_of(value).ok().flatten())
}

/// The text of the top-level string `name`; other types are refused.
pub(super) fn string<'b>(body: &'b [u8], name: &str) -> Result<Option<Cow<'b, str>>, Reason> {
    let pointer = format!("/{name}");
    match raw(body, &pointer)? {
        Some(value) if value.get().starts_with('"') || value.get() == "null" => text_of(value),
        Some(_) => Err(Reason::MalformedBody),
        None => Ok(None),
    }
}

/// The text at `base` followed by `/field`; empty where there is none.
pub(super) fn text_below<'b>(body: &'b [u8], base: &str, field: &str) -> Result<Cow<'b, str>, Reason> {
    Ok(text(body, &format!("{base}/{field}"))?.unwrap_or_default())
}

/// How many elements the array at `pointer` has; `None` where there is no array.
pub(super) fn elements(body: &[u8], pointer: &str) -> Result<Option<usize>, Reason> {
    let Some(value) = raw(body, pointer)? else { return Ok(None) };
    Ok(serde_json::from_str::<Vec<IgnoredAny>>(value.get()).ok().map(|all| all.len()))
}

/// The text of a string or a number, `None` of `null`; booleans as they are written.
pub(super) fn text_of(value: &RawValue) -> Result<Option<Cow<'_, str>>, Reason> {
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'"') => {
            let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
            if !inner.contains('\\') {
                return Ok(Some(Cow::Borrowed(inner)));
            }
            serde_json::from_str(raw)
                .map(|text: String| Some(Cow::Owned(text)))
                .map_err(|_| Reason::MalformedBody)
        }
        Some(b'{' | b'[') => Err(Reason::MalformedBody),
        _ if raw == "null" => Ok(None),
        _ => Ok(Some(Cow::Borrowed(raw))),
    }
}

/// Reads the value at a pointer; with `stop`, puts it there and reads no more.
#[derive(Clone, Copy)]
struct At<'p, 'de> {
    path: &'p str,
    stop: Option<&'p Cell<Option<&'de RawValue>>>,
}

impl<'de> DeserializeSeed<'de> for At<'_, 'de> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        let Some(path) = self.path.strip_prefix('/') else {
            let value = <&RawValue>::deserialize(reader)?;
            let Some(stop) = self.stop else { return Ok(Some(value)) };
            stop.set(Some(value));
            return Err(D::Error::custom("no more is read"));
        };
        let (step, rest) = path.find('/').map_or((path, ""), |at| path.split_at(at));
        // All elements are compared where there is no single value to stop at.
        let stop = if step == "*" { None } else { self.stop };
        reader.deserialize_any(Step { step, rest: At { path: rest, stop } })
    }
}

/// Goes one step down.
struct Step<'p, 'de> {
    step: &'p str,
    rest: At<'p, 'de>,
}

impl<'de> Visitor<'de> for Step<'_, 'de> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(ours) = map.next_key_seed(Is(self.step))? {
            if !ours {
                map.next_value::<IgnoredAny>()?;
            } else if found.is_none() {
                found = Some(map.next_value_seed(self.rest)?);
            } else {
                return Err(A::Error::custom("a key is given twice"));
            }
        }
        Ok(found.flatten())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        if self.step == "*" {
            return every(self.rest, list);
        }
        let wanted = self.step.parse::<usize>().unwrap_or(usize::MAX);
        let mut found = None;
        for n in 0usize.. {
            let more = if n == wanted {
                list.next_element_seed(self.rest)?.map(|value| found = value)
            } else {
                list.next_element::<IgnoredAny>()?.map(|_| ())
            };
            if more.is_none() {
                break;
            }
        }
        Ok(found)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// The value that all elements share.
fn every<'de, A: SeqAccess<'de>>(rest: At<'_, 'de>, mut list: A) -> Result<Option<&'de RawValue>, A::Error> {
    let mut shared: Option<&RawValue> = None;
    while let Some(value) = list.next_element_seed(rest)? {
        match (shared, value) {
            (_, None) => return Err(A::Error::custom("an element lacks the value")),
            (Some(first), Some(next)) if first.get() != next.get() => {
                return Err(A::Error::custom("the elements differ"));
            }
            (_, Some(value)) => shared = Some(value),
        }
    }
    Ok(shared)
}

/// Whether a key is the wanted one; reads it without keeping it.
struct Is<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(body: &str, pointer: &str) -> Result<Option<String>, Reason> {
        text(body.as_bytes(), pointer).map(|text| text.map(Cow::into_owned))
    }

    #[test]
    fn a_value_is_read_at_its_pointer() {
        let body = r#"{"a":{"b":[1,{"c":"d\u00e9"}]},"n":1.50,"t":true,"z":null}"#;
        let some = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(at(body, "/a/b/1/c"), some("dé"));
        assert_eq!(at(body, "/a/b/0"), some("1"));
        assert_eq!(at(body, "/n"), some("1.50"));
        assert_eq!(at(body, "/t"), some("true"));
        for missing in ["/z", "/x", "/a/b/9", "/a/b/x", "/n/x", "/t/x"] {
            assert_eq!(at(body, missing), Ok(None), "{missing}");
        }
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for body in
            [r#"{"a":1,"a":1}"#, r#"{"a":1} x"#, "\u{feff}{\"a\":1}", "a=1", "", r#"{"a":1,"\u0061":2}"#]
        {
            assert_eq!(at(body, "/a"), Err(Reason::MalformedBody), "{body}");
        }
        assert_eq!(at(r#"{"a":{}}"#, "/a"), Err(Reason::MalformedBody));
    }

    #[test]
    fn a_genuine_body_is_read_no_further_than_the_value() {
        let so_far = |body: &str| text_so_far(body.as_bytes(), "/a/b").map(Cow::into_owned);
        assert_eq!(so_far(r#"{"x":[1],"a":{"b":"c","b":"d"}}"#).as_deref(), Some("c"));
        assert_eq!(so_far(r#"{"a":{"b":12} and no more JSON"#).as_deref(), Some("12"));
        for none in [r#"{"a":{"b":null}}"#, r#"{"a":{"b":{}}}"#, r#"{"a":1}"#, "[]", "x", ""] {
            assert_eq!(so_far(none), None, "{none}");
        }
    }

    #[test]
    fn all_elements_must_share_one_value() {
        assert_eq!(at(r#"{"v":[{"s":"x"},{"s":"x"}]}"#, "/v/*/s"), Ok(Some("x".to_owned())));
        assert_eq!(at(r#"{"v":[]}"#, "/v/*/s"), Ok(None));
        for body in [r#"{"v":[{"s":"x"},{"s":"y"}]}"#, r#"{"v":[{"s":"x"},{}]}"#] {
            assert_eq!(at(body, "/v/*/s"), Err(Reason::MalformedBody));
        }
    }
}
