//! What jobs made of a request, clause by clause: as it is kept, and where
//! today's filters come to the same, with the clauses that held.

use super::super::Admin;
use super::super::redact::HIDDEN;
use super::request::Kept;
use crate::endpoint::TriggerSpec;
use crate::event::EventSpec;
use crate::job::JobSpec;
use crate::request::{MASKED, is_secret_name};
use crate::serve::parts;
use crate::store::{EventRecord, Found, Run};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use triggerfish_filter::{Clause, Filter, Got, Parts, Pattern, Root};
use uuid::Uuid;

/// So many jobs are named where a request started nothing.
const MOST_NAMED: usize = 3;

/// What a job made of a request.
#[derive(Debug, Serialize)]
pub(crate) struct VerdictView {
    pub(crate) job: String,
    pub(crate) filter: Option<String>,
    pub(crate) ran: bool,
    /// It was switched off.
    pub(crate) off: bool,
    pub(crate) run: Option<Uuid>,
    pub(crate) state: Option<&'static str>,
    pub(crate) clauses: Vec<ClauseView>,
    /// Whether these are all clauses of its filter, and not those alone that
    /// are known to have failed.
    pub(crate) complete: bool,
}

/// A clause of a filter, and what it met.
#[derive(Debug, Serialize)]
pub(crate) struct ClauseView {
    pub(crate) path: String,
    pub(crate) wants: String,
    pub(crate) got: String,
    pub(crate) holds: bool,
}

/// The filter of a job, whatever triggers it.
pub(super) fn filter_of(job: &JobSpec) -> Option<Filter> {
    let root = match job.trigger {
        TriggerSpec::Endpoint(_) => Root::Request,
        _ => Root::Payload,
    };
    built(job.filter, root)
}

fn built(pattern: Option<Pattern<'static>>, root: Root) -> Option<Filter> {
    // Checked at start-up.
    Filter::from_pattern(pattern?, root).ok()
}

/// The event that a job takes.
fn event_of(job: &JobSpec) -> Option<&'static EventSpec> {
    match job.trigger {
        TriggerSpec::Event(event) => Some(event),
        TriggerSpec::Source(subscription) => Some(subscription.event),
        _ => None,
    }
}

impl Admin {
    /// The verdict of each job: of those that ran, and of those that did not.
    pub(super) fn verdicts(
        &self,
        kept: &Kept,
        runs: &[Run],
        events: &[Arc<EventRecord>],
    ) -> Vec<VerdictView> {
        let Found::Delivery(delivery) = &kept.found else { return Vec::new() };
        let told = delivery.verdicts.as_deref().map(told).unwrap_or_default();
        let mut all = Vec::new();
        for run in runs {
            let verdict = self.verdict(&run.job, kept, events, Some(Vec::new()));
            let state = Some(run.state.name());
            all.push(VerdictView { ran: true, run: Some(run.id), state, ..verdict });
        }
        for told in &told {
            let Some(job) = told.get("job").and_then(Value::as_str) else { continue };
            let off = told.get("off").and_then(Value::as_bool) == Some(true);
            let failed = told.get("failed").and_then(Value::as_array).into_iter().flatten();
            let failed = failed.map(|clause| self.stored_clause(clause)).collect();
            all.push(VerdictView { off, ..self.verdict(job, kept, events, Some(failed)) });
        }
        // What is kept is cut where there are many jobs.
        if told.iter().any(|told| told.get("more").is_some()) {
            let jobs = self.live(&kept.endpoint).map(|live| live.filters.jobs.as_slice()).unwrap_or_default();
            for job in jobs {
                if all.iter().all(|known| known.job != job.id) {
                    let verdict = self.verdict(job.id, kept, events, None);
                    all.extend(Some(verdict).filter(|verdict| verdict.complete));
                }
            }
        }
        all
    }

    /// A verdict of which it is kept what failed, where that is. The other
    /// clauses are known where today's filter comes to the same for what is
    /// kept of the request.
    fn verdict(
        &self,
        id: &str,
        kept: &Kept,
        events: &[Arc<EventRecord>],
        failed: Option<Vec<ClauseView>>,
    ) -> VerdictView {
        let job = self.registry.jobs().iter().copied().find(|job| job.id == id);
        let clauses = job.and_then(|job| clauses(job, kept, events));
        let clauses = clauses.filter(|all| {
            let fails = all.iter().filter(|clause| !clause.holds);
            let fails = paths(fails.map(|clause| without_indexes(&clause.path)).collect());
            match &failed {
                Some(failed) => {
                    fails == paths(failed.iter().map(|clause| without_indexes(&clause.path)).collect())
                }
                // It did not run, and a header that is not kept says nothing of why.
                None => !fails.is_empty() && !all.iter().any(|clause| is_masked(clause, kept)),
            }
        });
        let complete = clauses.is_some();
        VerdictView {
            job: id.to_owned(),
            filter: job.and_then(filter_of).map(|filter| filter.to_string()),
            ran: false,
            off: false,
            run: None,
            state: None,
            complete,
            clauses: match clauses {
                Some(all) => all.into_iter().map(|clause| self.shown_clause(clause)).collect(),
                None => failed.unwrap_or_default(),
            },
        }
    }

    fn shown_clause(&self, Clause { path, wants, got, holds }: Clause) -> ClauseView {
        let got = match got {
            Got::Value(_) if is_secret_name(&path) => "masked".to_owned(),
            Got::Value(_) if self.redaction.hides(&path) => HIDDEN.to_owned(),
            Got::Value(value) => self.redaction.text(&value),
            Got::Missing => "missing".to_owned(),
            Got::Unreadable => "unreadable".to_owned(),
            Got::Masked => "masked".to_owned(),
        };
        ClauseView { path, wants, got, holds }
    }

    fn stored_clause(&self, clause: &Value) -> ClauseView {
        let text = |key: &str| clause.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let path = text("path");
        let got = match clause.get("got") {
            Some(_) if self.redaction.hides(&path) => HIDDEN.to_owned(),
            Some(got) => self.redaction.text(&got.to_string()),
            None => text("is"),
        };
        ClauseView { path, wants: text("wants"), got, holds: false }
    }

    /// Why a request that is stored started nothing, in words.
    pub(super) fn why_filtered(&self, endpoint: &str, verdicts: Option<&str>) -> String {
        let told = verdicts.map(told).unwrap_or_default();
        let lines: Vec<_> =
            told.iter().filter_map(|told| self.first_failure(told)).take(MOST_NAMED).collect();
        if !lines.is_empty() {
            return lines.join("; ");
        }
        match self.live(endpoint).is_some_and(|live| live.source.is_some()) {
            true => "no job takes its events".to_owned(),
            false => "no job is declared for this endpoint".to_owned(),
        }
    }

    fn first_failure(&self, told: &Value) -> Option<String> {
        let job = told.get("job")?.as_str()?;
        if told.get("off").is_some() {
            return Some(format!("{job} is switched off"));
        }
        let clause = self.stored_clause(told.get("failed")?.as_array()?.first()?);
        let ClauseView { path, wants, got, .. } = clause;
        Some(format!("{job}: {path} is {got}, wants {wants}"))
    }
}

fn told(verdicts: &str) -> Vec<Value> {
    serde_json::from_str(verdicts).unwrap_or_default()
}

/// The clauses of a job's filter with what they met; `None` where that is not known.
fn clauses(job: &JobSpec, kept: &Kept, events: &[Arc<EventRecord>]) -> Option<Vec<Clause>> {
    if let TriggerSpec::Endpoint(_) = job.trigger {
        let filter = filter_of(job);
        return Some(filter.map(|filter| filter.clauses(&parts(&kept.request))).unwrap_or_default());
    }
    let spec = event_of(job)?;
    let taken = |event: &&Arc<EventRecord>| spec.names.iter().any(|name| *name == event.name || *name == "*");
    let mut taken = events.iter().filter(taken);
    // Of several events of one request it is not known which one is meant.
    let (Some(event), None) = (taken.next(), taken.next()) else { return None };
    let parts = Parts::payload(&event.payload);
    let all = |filter: Option<Filter>| filter.map(|filter| filter.clauses(&parts)).unwrap_or_default();
    let mut clauses = all(built(spec.filter, Root::Payload));
    // The job's own filter is asked where that of its event lets the event pass.
    if clauses.iter().all(|clause| clause.holds) {
        clauses.extend(all(filter_of(job)));
    }
    Some(clauses)
}

/// Each path once, in order.
fn paths(mut all: Vec<String>) -> Vec<String> {
    all.sort_unstable();
    all.dedup();
    all
}

/// A path as it is kept: without the element of an array that was looked at.
fn without_indexes(path: &str) -> String {
    let steps = path.split('.').map(|step| match step.split_once('[') {
        Some((name, index)) if index.ends_with(']') => name,
        _ => step,
    });
    steps.collect::<Vec<_>>().join(".")
}

/// Whether a clause looks at a header whose value is not kept.
fn is_masked(clause: &Clause, kept: &Kept) -> bool {
    let header = clause.path.strip_prefix("headers.").and_then(|name| kept.request.headers().get(name));
    header.is_some_and(|value| value.as_bytes() == MASKED.as_bytes())
}
