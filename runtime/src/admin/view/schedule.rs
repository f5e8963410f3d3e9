//! Schedules: those that jobs declare, and those that were registered at run time.

use super::super::Admin;
use super::super::answer::Answer;
use super::super::tally::{Counts, JobCounts};
use super::super::wait::wait;
use super::body::pretty;
use crate::endpoint::TriggerSpec;
use crate::job::JobSpec;
use crate::schedule::{Missed, Timing};
use crate::time::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// A schedule.
#[derive(Debug, Serialize)]
pub(crate) struct ScheduleView {
    pub(crate) id: String,
    /// Whether it was registered at run time; the others are declared with their job.
    pub(crate) dynamic: bool,
    pub(crate) job: String,
    /// The job's name, where the program has it.
    pub(crate) job_name: Option<&'static str>,
    /// By a cron expression, or by an interval.
    pub(crate) kind: &'static str,
    /// The expression or the interval.
    pub(crate) rule: String,
    /// The time zone whose clock it means.
    pub(crate) zone: Option<String>,
    /// What becomes of ticks that nobody was there for.
    pub(crate) missed: &'static str,
    /// What each of its events carries, as JSON, where that was given.
    pub(crate) payload: Option<String>,
    /// Whether the program runs its job; if not, its ticks start nothing.
    pub(crate) active: bool,
    /// Whether a person switched its job off; its ticks start nothing then.
    pub(crate) paused: bool,
    pub(crate) last_at: Option<Timestamp>,
    pub(crate) next_at: Option<Timestamp>,
    pub(crate) declared_at: Option<String>,
    /// What its job did in 24 hours.
    pub(crate) counts: JobCounts,
}

impl Admin {
    /// All schedules: those that are declared, in the order of their jobs, then the others.
    pub(crate) fn schedules(self: &Arc<Self>) -> Answer<Vec<ScheduleView>> {
        let counts = self.counts();
        let stored = wait(self.app.store.schedules())?;
        let (dynamic, declared): (Vec<_>, Vec<_>) = stored.into_iter().partition(|record| record.dynamic);
        let jobs = self.registry.jobs();
        let mut all = Vec::new();
        for job in jobs {
            let TriggerSpec::Schedule(spec) = job.trigger else { continue };
            let record = declared.iter().find(|record| record.id == job.id);
            let timing = Timing::try_from(spec.timing).ok();
            all.push(ScheduleView {
                active: job.enabled && record.is_some(),
                last_at: record.and_then(|record| record.last_at),
                next_at: record.map(|record| record.next_at),
                missed: missed(spec.missed),
                ..self.schedule(job.id, Some(job), timing.as_ref(), &counts)
            });
        }
        for record in dynamic {
            let job = jobs.iter().copied().find(|job| job.id == record.job);
            let timing = Timing::read(&record.timing).ok();
            let payload = pretty(&self.redaction.json(&String::from_utf8_lossy(&record.payload)));
            let view = self.schedule(&record.job, job, timing.as_ref(), &counts);
            all.push(ScheduleView {
                id: record.id,
                dynamic: true,
                rule: if timing.is_some() { view.rule } else { record.timing },
                payload: Some(payload).filter(|json| json != "null"),
                last_at: record.last_at,
                next_at: Some(record.next_at),
                ..view
            });
        }
        Ok(all)
    }

    /// A schedule of a job, as it is declared, that never was due.
    fn schedule(
        &self,
        id: &str,
        job: Option<&JobSpec>,
        timing: Option<&Timing>,
        counts: &Counts,
    ) -> ScheduleView {
        ScheduleView {
            id: id.to_owned(),
            dynamic: false,
            job: id.to_owned(),
            job_name: job.map(|job| job.name),
            kind: kind(timing),
            rule: timing.map(Timing::rule).unwrap_or_default(),
            zone: timing.and_then(Timing::zone).map(str::to_owned),
            missed: missed(Missed::default()),
            payload: None,
            active: job.is_some_and(|job| job.enabled),
            paused: self.app.subscriptions.is_off(id),
            last_at: None,
            next_at: None,
            declared_at: job.map(|job| job.location.to_string()),
            counts: counts.job(id),
        }
    }
}

fn kind(timing: Option<&Timing>) -> &'static str {
    match timing {
        Some(timing) if timing.zone().is_some() => "cron",
        Some(_) => "every",
        None => "unreadable",
    }
}

fn missed(missed: Missed) -> &'static str {
    match missed {
        Missed::Skip => "skip",
        Missed::One => "one",
        Missed::All => "all",
    }
}
