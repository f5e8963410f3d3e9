//! Why jobs do not take a request or an event, as it is kept with a delivery:
//! one form for the jobs of endpoints and for those of external sources.

use crate::request::is_secret_name;
use std::fmt::Write as _;
use std::sync::OnceLock;
use triggerfish_filter::{Failure, FilterSet, Found, Matches, Number, Wanted};

/// About how large the record of a delivery gets that some job takes: it is
/// written with each of them.
pub(crate) const MOST_ACCEPTED: usize = 1 << 10;

/// The same where no job does, and the reasons are what people come for.
pub(crate) const MOST_FILTERED: usize = 16 << 10;

/// What a clause wants is cut after so many bytes: a list may be as long as its author likes.
const LONGEST_WISH: usize = 400;

/// What is told about each job of a set of filters, as far as it is the same for
/// every event. Written down when it is first needed.
pub(crate) struct Reasons(Box<[OnceLock<Reason>]>);

/// What is told about one job.
pub(crate) struct Reason {
    /// The beginning of its record, after the comma.
    json: String,
    clauses: Box<[Clause]>,
}

/// A clause of a job's filter.
pub(crate) struct Clause {
    pub(crate) wanted: Wanted,
    /// It looks where secrets stand.
    pub(crate) is_secret: bool,
    /// The beginning of its record.
    json: String,
}

/// A job that does not run: what is told about it, and what its filter came to.
pub(crate) struct Unmatched<'m> {
    pub(crate) reason: &'m Reason,
    /// Where its filter stands in the set.
    pub(crate) index: usize,
    pub(crate) matches: &'m Matches<'m>,
}

impl Reasons {
    /// For so many jobs.
    pub(crate) fn new(jobs: usize) -> Self {
        Reasons((0..jobs).map(|_| OnceLock::new()).collect())
    }

    /// What is told about the job whose filter stands at `index`.
    pub(crate) fn of(&self, index: usize, job: &str, set: &FilterSet) -> Option<&Reason> {
        let new = || {
            let mut json = String::from("{\"job\":");
            write_text(&mut json, job);
            json.push_str(",\"failed\":[");
            Reason { json, clauses: set.wanted(index).into_iter().map(Clause::new).collect() }
        };
        Some(self.0.get(index)?.get_or_init(new))
    }
}

impl Reason {
    /// A clause, by its place in the filter.
    pub(crate) fn clause(&self, place: usize) -> Option<&Clause> {
        self.clauses.get(place)
    }
}

impl Clause {
    fn new(mut wanted: Wanted) -> Self {
        if let Some((end, _)) = wanted.wants.char_indices().find(|(at, _)| *at >= LONGEST_WISH) {
            wanted.wants.truncate(end);
            wanted.wants.push_str("..");
        }
        let mut json = String::from("{\"path\":");
        write_text(&mut json, &wanted.path);
        json.push_str(",\"wants\":");
        write_text(&mut json, &wanted.wants);
        Clause { is_secret: is_secret_name(&wanted.path), wanted, json }
    }
}

/// The record of `count` jobs that do not run, of about `most` bytes.
pub(crate) fn record<'m>(most: usize, count: usize, all: impl Iterator<Item = Unmatched<'m>>) -> String {
    let mut json = String::with_capacity(most.min(512));
    let mut left = count;
    for Unmatched { reason, index, matches } in all {
        json.push(if json.is_empty() { '[' } else { ',' });
        json.push_str(&reason.json);
        let mut comma = "";
        matches.failures(index, &mut |Failure { clause, found }| {
            if let Some(clause) = reason.clause(clause).filter(|_| json.len() < most) {
                json.push_str(comma);
                json.push_str(&clause.json);
                write_found(&mut json, found, clause.is_secret);
                comma = ",";
            }
        });
        json.push_str("]}");
        left -= 1;
        if json.len() >= most {
            break;
        }
    }
    if left > 0 {
        // Writing to a string cannot fail.
        _ = write!(json, "{}{{\"more\":{left}}}", if json.is_empty() { '[' } else { ',' });
    }
    json.push(']');
    json
}

/// Adds to a record that a job is switched off.
pub(crate) fn add_off(record: &mut Option<String>, job: &str) {
    let mut json = record.take().unwrap_or_else(|| "[]".to_owned());
    if json.pop().is_some() && json.len() > 1 {
        json.push(',');
    }
    json.push_str("{\"job\":");
    write_text(&mut json, job);
    json.push_str(",\"off\":true}]");
    *record = Some(json);
}

/// Several records as one; none where there is none.
pub(crate) fn joined(records: &[String]) -> Option<String> {
    let inside = records.iter().filter_map(|record| record.strip_prefix('[')?.strip_suffix(']'));
    let inside: Vec<_> = inside.filter(|inside| !inside.is_empty()).collect();
    (!inside.is_empty()).then(|| format!("[{}]", inside.join(",")))
}

/// Whether a clause met a value, and not the lack or the form of one.
pub(crate) fn is_value(found: Found<'_>) -> bool {
    matches!(found, Found::Null | Found::Bool(_) | Found::Num(_) | Found::Str(_))
}

/// Ends the record of a clause with what was there.
fn write_found(json: &mut String, found: Found<'_>, is_secret: bool) {
    let is = match found {
        found if is_secret && is_value(found) => "masked",
        Found::Missing => "missing",
        Found::Array => "an array",
        Found::Object => "an object",
        Found::Several => "there more than once",
        Found::Unreadable => "unreadable",
        Found::Null | Found::Bool(_) | Found::Num(_) | Found::Str(_) => {
            json.push_str(",\"got\":");
            match found {
                Found::Bool(true) => json.push_str("true"),
                Found::Bool(false) => json.push_str("false"),
                // Short ones take a short way.
                Found::Num(Number::Int(int)) => match i64::try_from(int) {
                    Ok(int) => _ = write!(json, "{int}"),
                    Err(_) => _ = write!(json, "{int}"),
                },
                Found::Num(Number::Float(float)) => _ = write!(json, "{float:e}"),
                Found::Str(text) => match text.char_indices().nth(Found::SHOWN) {
                    Some((end, _)) => write_text(json, &format!("{}..", &text[..end])),
                    None => write_text(json, text),
                },
                _ => json.push_str("null"),
            }
            json.push('}');
            return;
        }
    };
    json.push_str(",\"is\":\"");
    json.push_str(is);
    json.push_str("\"}");
}

/// Writes a JSON string.
fn write_text(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (plain, special) = rest.split_at(at);
        json.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some(quoted @ ('"' | '\\')) => json.extend(['\\', quoted]),
            Some('\n') => json.push_str("\\n"),
            Some(control) => _ = write!(json, "\\u{:04x}", u32::from(control)),
            None => {}
        }
        rest = chars.as_str();
    }
    json.push_str(rest);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_joined_as_one_list() {
        let records = [r#"[{"job":"a"}]"#, r#"[{"job":"b"},{"more":2}]"#].map(str::to_owned);
        assert_eq!(joined(&records).as_deref(), Some(r#"[{"job":"a"},{"job":"b"},{"more":2}]"#));
        assert_eq!(joined(&[]), None);
        let mut off = None;
        add_off(&mut off, "a");
        add_off(&mut off, "b");
        assert_eq!(off.as_deref(), Some(r#"[{"job":"a","off":true},{"job":"b","off":true}]"#));
    }

    #[test]
    fn what_is_recorded_is_json() {
        for text in ["", "a", "a\"b\\c", "\n\t\u{0}\u{1f}", "é\u{2028}\u{7f}", "\"", "ends in \\"] {
            let mut json = String::new();
            write_text(&mut json, text);
            assert_eq!(serde_json::from_str::<String>(&json).ok().as_deref(), Some(text), "{json}");
        }
        let long = "é".repeat(Found::SHOWN + 1);
        let shown = format!("{}..", "é".repeat(Found::SHOWN));
        let rows = [
            (Found::Null, serde_json::json!({"got": null})),
            (Found::Bool(true), serde_json::json!({"got": true})),
            (Found::Num(Number::Int(-7)), serde_json::json!({"got": -7})),
            (Found::Num(Number::Float(1e300)), serde_json::json!({"got": 1e300})),
            (Found::Num(Number::Float(0.5)), serde_json::json!({"got": 0.5})),
            (Found::Str("a\"b"), serde_json::json!({"got": "a\"b"})),
            (Found::Str(&long), serde_json::json!({"got": shown})),
            (Found::Missing, serde_json::json!({"is": "missing"})),
            (Found::Array, serde_json::json!({"is": "an array"})),
            (Found::Object, serde_json::json!({"is": "an object"})),
            (Found::Several, serde_json::json!({"is": "there more than once"})),
            (Found::Unreadable, serde_json::json!({"is": "unreadable"})),
        ];
        for (found, wanted) in rows {
            let mut json = String::from("{\"path\":\"p\"");
            write_found(&mut json, found, false);
            let mut record: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
            assert_eq!(record.as_object_mut().and_then(|record| record.remove("path")), Some("p".into()));
            assert_eq!(record, wanted, "{json}");
        }
        let mut json = String::from("{\"path\":\"p\"");
        write_found(&mut json, Found::Str("hunter2"), true);
        assert_eq!(json, "{\"path\":\"p\",\"is\":\"masked\"}");
    }
}
