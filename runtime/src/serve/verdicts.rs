//! Which jobs take a request, and why the others do not: a record for every
//! delivery, and words for the log line of one that no job takes.

use super::live::LiveEndpoint;
use super::respond::parts;
use crate::job::JobSpec;
use crate::request::Request;
use crate::verdict::{self, Clause, MOST_ACCEPTED, MOST_FILTERED, Reasons, Unmatched, is_value};
use std::fmt::Write as _;
use triggerfish_filter::{Failure, FilterSet, Found, Matches, Wanted};

/// Jobs that one log line names.
const MOST_LOGGED: usize = 3;

/// What the filters of an endpoint came to for one request.
pub(super) struct Matched {
    /// The jobs that run.
    pub(super) jobs: Vec<&'static JobSpec>,
    /// Why the others do not, as it is stored.
    pub(super) verdicts: Option<String>,
    /// The same in words for the log, where no job runs.
    pub(super) why: String,
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
    /// What is stored of the reasons. They stay here too where no job runs: who
    /// looks on is told them.
    pub(super) fn stored(&mut self) -> Option<String> {
        if self.jobs.is_empty() { self.verdicts.clone() } else { self.verdicts.take() }
    }

    /// Adds that a job is switched off to the reasons.
    pub(super) fn switched_off(&mut self, job: &str) {
        verdict::add_off(&mut self.verdicts, job);
        let separator = if self.why.is_empty() { "" } else { "; " };
        _ = write!(self.why, "{separator}job \"{job}\" is switched off");
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
        let unmatched = self.unmatched().filter_map(|(index, job)| {
            let reason = self.reasons.of(index, job.id, self.set)?;
            Some(Unmatched { reason, index, matches: self.matches })
        });
        verdict::record(most, self.jobs.len() - self.matches.indexes.len(), unmatched)
    }

    /// The first clause that fails of the first few jobs.
    fn words(&self) -> String {
        let mut text = String::new();
        for (index, job) in self.unmatched().take(MOST_LOGGED) {
            text.push_str(if text.is_empty() { "" } else { "; " });
            _ = write!(text, "job \"{}\" did not run: ", job.id);
            let reason = self.reasons.of(index, job.id, self.set);
            let mut first = None;
            self.matches.failures(index, &mut |Failure { clause, found }| {
                if first.is_none() {
                    let clause = reason.and_then(|reason| reason.clause(clause));
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
