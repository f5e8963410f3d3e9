//! Which jobs take a request, and why the others do not: a record for every
//! delivery, and words for the log line of one that no job takes.

use super::live::LiveEndpoint;
use super::respond::parts;
use crate::job::JobSpec;
use crate::request::{Request, is_secret_name};
use std::fmt::Write as _;
use std::sync::OnceLock;
use triggerfish_filter::{Failure, FilterSet, Found, Matches, Number, Wanted};

/// About how large the record of a delivery gets that some job takes: it is
/// written with each of them.
const MOST_ACCEPTED: usize = 1 << 10;

/// The same where no job does, and the reasons are what people come for.
const MOST_FILTERED: usize = 16 << 10;

/// Jobs that one log line names.
const MOST_LOGGED: usize = 3;

/// What a clause wants is cut after so many bytes: a list may be as long as its author likes.
const LONGEST_WISH: usize = 400;

/// What the filters of an endpoint came to for one request.
pub(super) struct Matched {
    /// The jobs that run.
    pub(super) jobs: Vec<&'static JobSpec>,
    /// Why the others do not, as it is stored.
    pub(super) verdicts: Option<String>,
    /// The same in words for the log, where no job runs.
    pub(super) why: String,
}

/// What is told about each job of an endpoint, as far as it is the same for
/// every event. Written down when it is first needed.
pub(crate) struct Reasons(Box<[OnceLock<Reason>]>);

struct Reason {
    /// The beginning of its record, after the comma.
    json: String,
    clauses: Box<[Clause]>,
}

/// A clause of a job's filter.
struct Clause {
    wanted: Wanted,
    /// It looks where secrets stand.
    is_secret: bool,
    /// The beginning of its record.
    json: String,
}

/// Asks the filters of an endpoint.
pub(super) fn matching(endpoint: &LiveEndpoint, request: &Request) -> Matched {
    let parts = parts(request);
    let filters = &endpoint.filters;
    endpoint.with_scratch(|scratch| {
        let matches = filters.set.matches(&parts, scratch);
        let jobs: Vec<_> =
            matches.indexes.iter().filter_map(|index| filters.jobs.get(*index).copied()).collect();
        let told =
            Told { jobs: &filters.jobs, reasons: &filters.reasons, set: &filters.set, matches: &matches };
        let verdicts = (jobs.len() < filters.jobs.len())
            .then(|| told.record(if jobs.is_empty() { MOST_FILTERED } else { MOST_ACCEPTED }));
        let logged =
            jobs.is_empty() && tracing::enabled!(target: "triggerfish::request", tracing::Level::INFO);
        Matched { jobs, verdicts, why: if logged { told.words() } else { String::new() } }
    })
}

impl Matched {
    /// Adds that a job is switched off to the reasons.
    pub(super) fn switched_off(&mut self, job: &str) {
        let mut record = self.verdicts.take().unwrap_or_else(|| "[]".to_owned());
        if record.pop().is_some() && record.len() > 1 {
            record.push(',');
        }
        record.push_str("{\"job\":");
        write_text(&mut record, job);
        record.push_str(",\"off\":true}]");
        self.verdicts = Some(record);
        let separator = if self.why.is_empty() { "" } else { "; " };
        _ = write!(self.why, "{separator}job \"{job}\" is switched off");
    }
}

impl Reasons {
    /// For so many jobs.
    pub(super) fn new(jobs: usize) -> Self {
        Reasons((0..jobs).map(|_| OnceLock::new()).collect())
    }

    fn of(&self, index: usize, job: &JobSpec, set: &FilterSet) -> Option<&Reason> {
        let new = || {
            let mut json = String::from("{\"job\":");
            write_text(&mut json, job.id);
            json.push_str(",\"failed\":[");
            Reason { json, clauses: set.wanted(index).into_iter().map(Clause::new).collect() }
        };
        Some(self.0.get(index)?.get_or_init(new))
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

/// The jobs of an endpoint, and what became of them.
struct Told<'a> {
    jobs: &'a [&'static JobSpec],
    reasons: &'a Reasons,
    set: &'a FilterSet,
    matches: &'a Matches<'a>,
}

impl Told<'_> {
    /// The jobs that do not run.
    fn unmatched(&self) -> impl Iterator<Item = (usize, &'static JobSpec)> {
        let mut matched = self.matches.indexes.iter().peekable();
        let jobs = self.jobs.iter().copied().enumerate();
        jobs.filter(move |(index, _)| matched.next_if(|hit| **hit == *index).is_none())
    }

    /// The record that is stored, of about `most` bytes.
    fn record(&self, most: usize) -> String {
        let mut json = String::with_capacity(most.min(512));
        let mut left = self.jobs.len() - self.matches.indexes.len();
        for (index, job) in self.unmatched() {
            let Some(reason) = self.reasons.of(index, job, self.set) else { continue };
            json.push(if json.is_empty() { '[' } else { ',' });
            json.push_str(&reason.json);
            let mut comma = "";
            self.matches.failures(index, &mut |Failure { clause, found }| {
                if let Some(clause) = reason.clauses.get(clause).filter(|_| json.len() < most) {
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
            _ = write!(json, ",{{\"more\":{left}}}");
        }
        json.push(']');
        json
    }

    /// The first clause that fails of the first few jobs.
    fn words(&self) -> String {
        let mut text = String::new();
        for (index, job) in self.unmatched().take(MOST_LOGGED) {
            text.push_str(if text.is_empty() { "" } else { "; " });
            _ = write!(text, "job \"{}\" did not run: ", job.id);
            let reason = self.reasons.of(index, job, self.set);
            let mut first = None;
            self.matches.failures(index, &mut |Failure { clause, found }| {
                if first.is_none() {
                    let clause = reason.and_then(|reason| reason.clauses.get(clause));
                    first = clause.map(|clause| self.sentence(clause, found));
                }
            });
            text.push_str(&first.unwrap_or_else(|| "its filter does not match".to_owned()));
        }
        match self.jobs.len().saturating_sub(MOST_LOGGED) {
            0 if text.is_empty() => "no job is declared for this endpoint".to_owned(),
            0 => text,
            more => format!("{text}; and {more} more, kept with the delivery"),
        }
    }

    fn sentence(&self, Clause { wanted, is_secret, .. }: &Clause, found: Found<'_>) -> String {
        let Wanted { path, wants } = wanted;
        match (found, &self.matches.body_error) {
            (Found::Unreadable, Some(error)) => format!("{error}; filter wants {path} {wants}"),
            (found, _) if *is_secret && is_value(found) => {
                format!("{path} is (masked), filter wants {wants}")
            }
            (found, _) => format!("{path} {found}, filter wants {wants}"),
        }
    }
}

fn is_value(found: Found<'_>) -> bool {
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
