//! What went wrong lately, grouped by its cause.

use super::super::Admin;
use super::super::answer::Answer;
use super::super::wait::wait;
use crate::store::{RequestOutcome, RequestQuery, RunSearch, RunState};
use crate::time::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// So many failures and rejections are looked at, the newest first.
const MOST: usize = 1000;
/// So many ids of a group are told.
const MOST_IDS: usize = 20;

/// All problems.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemsView {
    /// Runs that failed for good, by job and error.
    pub(crate) failures: Vec<FailureGroup>,
    /// Requests that did not verify, by endpoint and cause.
    pub(crate) rejections: Vec<RejectionGroup>,
    /// Old secrets that are not used any more, or still.
    pub(crate) secrets: Vec<OldSecret>,
    /// Jobs and endpoints that a person switched off.
    pub(crate) off: Vec<SwitchedOff>,
}

/// Failed runs of one job with one error.
#[derive(Debug, Serialize)]
pub(crate) struct FailureGroup {
    pub(crate) job: String,
    pub(crate) state: &'static str,
    /// The error, with numbers and ids left out.
    pub(crate) error: String,
    /// The same of the newest, as it was.
    pub(crate) example: String,
    pub(crate) count: usize,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    /// The newest of these runs.
    pub(crate) runs: Vec<Uuid>,
}

/// Requests to one endpoint that were rejected for one cause.
#[derive(Debug, Serialize)]
pub(crate) struct RejectionGroup {
    pub(crate) endpoint: String,
    pub(crate) cause: String,
    pub(crate) example: String,
    pub(crate) count: usize,
    pub(crate) last: Timestamp,
    /// The newest of these requests.
    pub(crate) requests: Vec<Uuid>,
}

/// An old secret of an endpoint.
#[derive(Debug, Serialize)]
pub(crate) struct OldSecret {
    pub(crate) endpoint: String,
    pub(crate) secret: String,
    pub(crate) last_used: Option<Timestamp>,
}

/// What a person switched off.
#[derive(Debug, Serialize)]
pub(crate) struct SwitchedOff {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
}

/// What belongs together, while it is found.
struct Group {
    /// The job or the endpoint, what became of it, and the cause.
    key: (String, &'static str, String),
    example: String,
    count: usize,
    first: Timestamp,
    last: Timestamp,
    ids: Vec<Uuid>,
}

impl Group {
    /// Adds one to its group; they are in order of their keys.
    fn add(
        groups: &mut Vec<Group>,
        key: (String, &'static str, String),
        id: Uuid,
        at: Timestamp,
        example: &str,
    ) {
        let index = groups.binary_search_by(|group| group.key.cmp(&key)).unwrap_or_else(|index| {
            let example = example.to_owned();
            groups.insert(index, Group { key, example, count: 0, first: at, last: at, ids: Vec::new() });
            index
        });
        let Some(group) = groups.get_mut(index) else { return };
        group.count += 1;
        group.first = group.first.min(at);
        group.last = group.last.max(at);
        if group.ids.len() < MOST_IDS {
            group.ids.push(id);
        }
    }

    /// Those of which something happened last come first.
    fn newest_first(groups: Vec<Group>) -> Vec<Group> {
        let mut ordered: Vec<Group> = Vec::new();
        for group in groups {
            let index = ordered.partition_point(|known| known.last >= group.last);
            ordered.insert(index, group);
        }
        ordered
    }
}

impl Admin {
    /// What went wrong since a time.
    pub(crate) fn problems(&self, since: Timestamp) -> Answer<ProblemsView> {
        Ok(ProblemsView {
            failures: self.failures(since)?,
            rejections: self.rejections(since)?,
            secrets: self.old_secrets()?,
            off: self.off(),
        })
    }

    fn failures(&self, since: Timestamp) -> Answer<Vec<FailureGroup>> {
        let states = vec![RunState::Failed, RunState::InvalidPayload, RunState::Crashed];
        let search = RunSearch { states, since: Some(since), limit: MOST, ..RunSearch::default() };
        let mut groups = Vec::new();
        for run in wait(self.app.store.browse_runs(search))?.rows {
            let error = self.redaction.text(run.error.as_deref().unwrap_or("no error is known"));
            let key = (run.job, run.state.name(), fingerprint(&error));
            Group::add(&mut groups, key, run.id, run.finished_at.unwrap_or(run.created_at), &error);
        }
        let failures = Group::newest_first(groups).into_iter().map(|group| {
            let (job, state, error) = group.key;
            FailureGroup {
                job,
                state,
                error,
                example: group.example,
                count: group.count,
                first: group.first,
                last: group.last,
                runs: group.ids,
            }
        });
        Ok(failures.collect())
    }

    fn rejections(&self, since: Timestamp) -> Answer<Vec<RejectionGroup>> {
        let query = RequestQuery {
            outcomes: vec![RequestOutcome::Rejected],
            since: Some(since),
            limit: MOST,
            ..RequestQuery::default()
        };
        let mut groups = Vec::new();
        for row in wait(self.app.store.browse(query))?.rows {
            let reason = self.redaction.text(row.reason.as_deref().unwrap_or_default());
            // What stands in brackets is about the one request.
            let cause = reason.split_once(" (").map_or(reason.as_str(), |(cause, _)| cause);
            let key = (row.endpoint, row.outcome.name(), fingerprint(cause));
            Group::add(&mut groups, key, row.id, row.at, &reason);
        }
        let rejections = Group::newest_first(groups).into_iter().map(|group| {
            let (endpoint, _, cause) = group.key;
            RejectionGroup {
                endpoint,
                cause,
                example: group.example,
                count: group.count,
                last: group.last,
                requests: group.ids,
            }
        });
        Ok(rejections.collect())
    }

    fn old_secrets(&self) -> Answer<Vec<OldSecret>> {
        let mut all = Vec::new();
        for live in &self.app.endpoints {
            for (index, asked) in (1..).zip(self.ask_last_uses(live.spec.id)) {
                all.push(OldSecret {
                    endpoint: live.spec.id.to_owned(),
                    secret: live.secret_name(index).unwrap_or("a value in the program").to_owned(),
                    last_used: wait(asked)?,
                });
            }
        }
        Ok(all)
    }

    fn off(&self) -> Vec<SwitchedOff> {
        let mut all = Vec::new();
        for live in &self.app.endpoints {
            if live.switches.endpoint_is_off() {
                all.push(SwitchedOff { kind: "endpoint", id: live.spec.id.to_owned() });
            }
        }
        let jobs = self.registry.jobs().iter().filter(|job| self.app.subscriptions.is_off(job.id));
        all.extend(jobs.map(|job| SwitchedOff { kind: "job", id: job.id.to_owned() }));
        all
    }
}

/// An error without what differs from one run to the next: numbers, ids, what is quoted.
pub(crate) fn fingerprint(error: &str) -> String {
    let mut out = String::new();
    for word in error.split_inclusive(|char: char| char.is_whitespace() || "=:,;()[]\"'`".contains(char)) {
        let end = word.char_indices().last().map_or(0, |(at, char)| {
            if char.is_whitespace() || "=:,;()[]\"'`".contains(char) { at } else { word.len() }
        });
        let (body, rest) = word.split_at(end);
        let is_id = body.bytes().any(|byte| byte.is_ascii_digit())
            && body.bytes().all(|byte| byte.is_ascii_hexdigit() || b"-_.x".contains(&byte));
        let has_number = body.bytes().filter(u8::is_ascii_digit).count() >= 4;
        out.push_str(if is_id || has_number { "#" } else { body });
        out.push_str(rest);
        if out.len() > 300 {
            out.push_str("..");
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_differ_in_numbers_and_ids_are_one() {
        let rows = [
            ("charge of 4200 cents: declined", "charge of # cents: declined"),
            ("no user 01a2002a-b39a-73f2-aadb-fa204791d631", "no user #"),
            ("order ord_12345678 is gone", "order # is gone"),
            ("timeout after 3s", "timeout after 3s"),
            ("at `items[3]`: expected u8", "at `items[#]`: expected u8"),
        ];
        for (error, expected) in rows {
            assert_eq!(fingerprint(error), expected);
        }
        assert!(fingerprint(&"word ".repeat(1000)).len() < 400);
    }
}
