//! What a request asks for: the fields of a query, a form or a JSON object, as
//! text, and their mistakes in words.

use super::answer::Problem;
use super::view::run::LEVELS;
use crate::request::form_decode;
use crate::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::str::FromStr;
use std::time::Duration;
use uuid::Uuid;

/// Names and values in their order; a name may come more than once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

/// An event in it, as it is written.
#[derive(Deserialize)]
struct Exact<'a> {
    #[serde(borrow)]
    body: &'a RawValue,
}

/// What is no text is its JSON.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

impl Fields {
    /// Of a query, or of a form's body.
    pub(crate) fn form(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decode(name).into_owned(), form_decode(value).into_owned())
        });
        Fields(decoded.collect())
    }

    /// Of a JSON object. What is no text is its JSON; an object of headers is
    /// lines of `name: value`.
    pub(crate) fn json(body: &[u8]) -> Result<Self, Problem> {
        let wrong = |error| Problem::bad(format!("the body is no JSON object: {error}"));
        let Value::Object(object) = serde_json::from_slice(body).map_err(wrong)? else {
            return Err(Problem::bad("the body is no JSON object"));
        };
        let mut fields = Vec::new();
        for (name, value) in object {
            match value {
                Value::Null => {}
                Value::String(text) => fields.push((name, text)),
                Value::Object(headers) if name == "headers" => {
                    let lines = headers.into_iter().map(|(name, value)| format!("{name}: {}\n", text(value)));
                    fields.push((name, lines.collect()));
                }
                _ if name == "body" => {
                    // An event that is JSON itself stays exactly as it is written.
                    let Exact { body } = serde_json::from_slice(body).map_err(wrong)?;
                    fields.push((name, body.get().to_owned()));
                }
                Value::Array(all) => fields.extend(all.into_iter().map(|value| (name.clone(), text(value)))),
                value => fields.push((name, value.to_string())),
            }
        }
        Ok(Fields(fields))
    }

    /// The value of a field; `None` where it is missing or empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of a field, apart by commas too, without empty ones.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty())
    }

    /// The value of a field as it is, empty or not.
    pub(crate) fn exact(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of = self.0.iter().filter(move |(known, value)| known == name && !value.is_empty());
        of.map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(value, "1" | "true" | "on" | "yes"))
    }

    /// A field that must be read as something.
    pub(crate) fn parse<T: FromStr>(&self, name: &str, wanted: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::field(name, text, wanted))
    }

    /// An id.
    pub(crate) fn id(&self, name: &str) -> Result<Option<Uuid>, Problem> {
        self.parse(name, "an id such as 01a2002a-b39a-73f2-aadb-fa204791d631")
    }

    /// How many rows: 50, or what is asked for, up to 500.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let limit: Option<usize> = self.parse("limit", "a number from 1 to 500")?;
        match limit {
            None => Ok(50),
            Some(limit @ 1..=500) => Ok(limit),
            Some(limit) => Err(Problem::field("limit", &limit.to_string(), "a number from 1 to 500")),
        }
    }

    /// The level up to which lines of a log are asked for; all where none is named.
    pub(crate) fn level(&self) -> Result<u8, Problem> {
        let Some(name) = self.get("level") else { return Ok(u8::MAX) };
        let level = LEVELS.iter().position(|level| *level == name);
        let level =
            level.ok_or_else(|| Problem::field("level", name, &format!("of {}", LEVELS.join(", "))))?;
        Ok(u8::try_from(level).unwrap_or(u8::MAX))
    }

    /// A point in time, or how long ago it was.
    pub(crate) fn time(&self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(Some(Timestamp(time.as_microsecond())));
        }
        let ago = crate::config::span(text).ok_or_else(|| {
            Problem::field(name, text, "a time such as 2026-11-21T22:12:08Z, or how long ago: 15m, 24h, 7d")
        })?;
        Ok(Some(now.minus(ago.min(Duration::from_secs(100 * 365 * 24 * 3600)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_in_json_stays_as_it_is_written() {
        let sent =
            br#"{"body": {"b":1.0, "a": [ ]}, "headers": {"x-a":"1"}, "dedupe": true, "outcome": ["a","b"]}"#;
        let fields = Fields::json(sent).unwrap();
        assert_eq!(fields.exact("body"), Some(r#"{"b":1.0, "a": [ ]}"#));
        assert_eq!(fields.exact("headers"), Some("x-a: 1\n"));
        assert!(fields.is_on("dedupe"));
        assert_eq!(fields.list("outcome").collect::<Vec<_>>(), ["a", "b"]);
        assert!(Fields::json(b"[1]").is_err());
    }

    #[test]
    fn a_time_is_a_point_or_how_long_ago() {
        let now = Timestamp(10_000_000_000);
        let time = |text: &str| Fields::form(&format!("since={text}")).time("since", now);
        assert_eq!(time("1h").unwrap(), Some(Timestamp(6_400_000_000)));
        assert_eq!(time("1970-01-01T00%3A00%3A01Z").unwrap(), Some(Timestamp(1_000_000)));
        assert_eq!(time("").unwrap(), None);
        assert!(time("soon").unwrap_err().text.contains("how long ago"));
    }
}
