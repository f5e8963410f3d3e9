//! Where a value stands in what started a run, and how values become keys.

use crate::request::{Request, is_secret_name};
use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;

/// `body.customer.id`: where a value stands. In what an endpoint receives the
/// first part is `method`, `headers`, `query` or `body`; in an event it is a
/// field of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValuePath(pub &'static [PathPart]);

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathPart {
    /// A field of an object, the name of a header or of a parameter.
    Field(&'static str),
    /// A place in a list, counting from 0.
    Index(u32),
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.0.iter().enumerate() {
            match part {
                PathPart::Field(name) if n == 0 => f.write_str(name)?,
                PathPart::Field(name) => write!(f, ".{name}")?,
                PathPart::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What starts a run, as keys are read from it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Given<'a> {
    /// A request.
    Request(&'a Request),
    /// The payload of an event.
    Payload(&'a [u8]),
}

/// A key longer than this is kept as its hash.
const LONGEST_KEY: usize = 200;

/// What stands at each of the paths. JSON is read once, and not at all where no path leads into it.
pub(super) fn values(given: Given<'_>, paths: &[ValuePath]) -> Vec<Option<Value>> {
    let mut found = vec![None; paths.len()];
    match given {
        Given::Payload(payload) => {
            let wanted = paths.iter().map(|path| path.0).enumerate().collect();
            in_json(payload, wanted, &mut found);
        }
        Given::Request(request) => {
            let mut in_body = Vec::new();
            for ((index, path), place) in paths.iter().enumerate().zip(&mut found) {
                match path.0 {
                    [PathPart::Field("body"), rest @ ..] => in_body.push((index, rest)),
                    path => *place = in_head(request, path).map(Value::String),
                }
            }
            in_json(request.body(), in_body, &mut found);
        }
    }
    found
}

/// What stands at one path of a payload.
pub(crate) fn value_in(payload: &[u8], path: ValuePath) -> Option<Value> {
    let mut found = [None];
    in_json(payload, vec![(0, path.0)], &mut found);
    found.into_iter().next().flatten()
}

/// The first header, or the first parameter, of the name.
fn in_head(request: &Request, path: &[PathPart]) -> Option<String> {
    match path {
        [PathPart::Field("method")] => Some(request.method().as_str().to_owned()),
        // A credential is not kept, so it is no key either.
        [PathPart::Field("headers"), PathPart::Field(name)] if !is_secret_name(name) => {
            let value = request.headers().get(*name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        }
        [PathPart::Field("query"), PathPart::Field(name)] => {
            request.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value)
        }
        _ => None,
    }
}

/// Paths that are wanted, each with the place of its value.
type Wanted = Vec<(usize, &'static [PathPart])>;

fn in_json(json: &[u8], wanted: Wanted, found: &mut [Option<Value>]) {
    if wanted.is_empty() {
        return;
    }
    // What is no JSON has no values: its key is that of nothing.
    let mut source = serde_json::Deserializer::from_slice(json);
    if (Seek { wanted, found: &mut *found }).deserialize(&mut source).is_err() {
        found.iter_mut().for_each(|value| *value = None);
    }
}

/// Reads what is wanted of a value and skips the rest.
struct Seek<'f> {
    wanted: Wanted,
    found: &'f mut [Option<Value>],
}

impl Seek<'_> {
    fn keep(&mut self, value: &Value) {
        for (place, path) in &self.wanted {
            let at = path.iter().try_fold(value, |value, part| match part {
                PathPart::Field(name) => value.as_object()?.get(*name),
                PathPart::Index(index) => value.as_array()?.get(usize::try_from(*index).ok()?),
            });
            if let Some(place) = self.found.get_mut(*place) {
                *place = at.cloned();
            }
        }
    }

    /// Those that lead on through `part`.
    fn through(&self, leads: impl Fn(&PathPart) -> bool) -> Wanted {
        let mut below = Vec::new();
        for (place, path) in &self.wanted {
            if let [first, rest @ ..] = path
                && leads(first)
            {
                below.push((*place, rest));
            }
        }
        below
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, source: D) -> Result<(), D::Error> {
        if self.wanted.iter().any(|(_, path)| path.is_empty()) {
            // All of this value is a key.
            let value: Value = serde::Deserialize::deserialize(source)?;
            self.keep(&value);
            return Ok(());
        }
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let wanted = self.through(|part| matches!(part, PathPart::Field(field) if *field == name));
            if wanted.is_empty() {
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Seek { wanted, found: &mut *self.found })?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for place in 0_u32.. {
            let wanted = self.through(|part| matches!(part, PathPart::Index(index) if *index == place));
            let more = if wanted.is_empty() {
                list.next_element::<IgnoredAny>()?.is_some()
            } else {
                list.next_element_seed(Seek { wanted, found: &mut *self.found })?.is_some()
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The key that a value makes. Nothing is a key too; so are `null` and each
/// other value. Numbers are one key however they are written.
pub(crate) fn text(value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    let text = match value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 53 bits")]
        Some(float) if value.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => {
            (float as i64).to_string()
        }
        _ => value.to_string(),
    };
    if text.len() <= LONGEST_KEY {
        return text;
    }
    format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())))
}

/// The priority that a value makes.
pub(super) fn number(value: Option<&Value>) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond the bounds becomes one of them")]
    let number = value.and_then(Value::as_f64).map_or(0, |number| number as i32);
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use PathPart::{Field, Index};

    fn found(json: &str, paths: &[&'static [PathPart]]) -> Vec<String> {
        let mut found = vec![None; paths.len()];
        in_json(json.as_bytes(), paths.iter().copied().enumerate().collect(), &mut found);
        found.iter().map(|value| text(value.as_ref())).collect()
    }

    #[test]
    fn values_are_found_by_name_and_by_place_in_one_pass() {
        let json = r#"{"a": {"b": [1, {"c": "x"}], "d": null}, "e": true, "f": {"z": 1, "y": [2]}}"#;
        let keys = found(
            json,
            &[
                &[Field("a"), Field("b"), Index(1), Field("c")],
                &[Field("a"), Field("b"), Index(0)],
                &[Field("a"), Field("d")],
                &[Field("e")],
                &[Field("f")],
                &[Field("f"), Field("y"), Index(0)],
                &[Field("a"), Field("missing")],
                &[Field("e"), Field("below")],
            ],
        );
        assert_eq!(keys, ["\"x\"", "1", "null", "true", r#"{"y":[2],"z":1}"#, "2", "", ""]);
    }

    #[test]
    fn one_number_is_one_key() {
        assert_eq!(
            found("[1, 1.0, 1e0, 1.5]", &[&[Index(0)], &[Index(1)], &[Index(2)], &[Index(3)]]),
            ["1", "1", "1", "1.5"]
        );
    }

    #[test]
    fn what_is_no_json_has_no_values() {
        for json in ["", "{", r#"{"a": 1, "b": }"#, "plain text"] {
            assert_eq!(found(json, &[&[Field("a")]]), [""], "{json}");
        }
    }

    #[test]
    fn the_text_null_and_nothing_are_different_keys() {
        let keys = found(r#"["null", null]"#, &[&[Index(0)], &[Index(1)], &[Index(2)]]);
        assert_eq!(keys, ["\"null\"", "null", ""]);
    }

    #[test]
    fn a_long_value_is_kept_as_its_hash() {
        let long = Value::String("x".repeat(1000));
        let key = text(Some(&long));
        assert!(key.starts_with("sha256:") && key.len() < LONGEST_KEY, "{key}");
        assert_ne!(key, text(Some(&Value::String("x".repeat(1001)))));
    }

    #[test]
    fn a_priority_is_read_from_a_number() {
        assert_eq!(number(Some(&Value::from(7))), 7);
        assert_eq!(number(Some(&Value::from(1e300))), i32::MAX);
        assert_eq!(number(Some(&Value::from("high"))), 0);
        assert_eq!(number(None), 0);
    }
}
