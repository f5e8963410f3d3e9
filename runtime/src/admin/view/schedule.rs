//! Schedules: those that jobs declare, and those that were registered at run time.

use super::super::Admin;
use super::super::answer::Answer;
use super::super::tally::JobCounts;
use super::body::pretty;
use super::time;
use crate::endpoint::TriggerSpec;
use crate::job::JobSpec;
use crate::schedule::{Missed, Timing};
use crate::store::ScheduleRecord;
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
    pub(crate) last_at: Option<String>,
    pub(crate) next_at: Option<String>,
    pub(crate) declared_at: Option<String>,
    /// What its job did in 24 hours.
    pub(crate) counts: JobCounts,
}

impl Admin {
    /// All schedules: those that are declared, in the order of their jobs, then the others.
    pub(crate) async fn schedules(self: &Arc<Self>) -> Answer<Vec<ScheduleView>> {
        let counts = self.counts().await;
        let stored = self.app.store.schedules().await?;
        let (dynamic, declared): (Vec<_>, Vec<_>) = stored.into_iter().partition(|record| record.dynamic);
        let mut all = Vec::new();
        for job in self.registry.jobs().iter().copied() {
            let TriggerSpec::Schedule(spec) = job.trigger else { continue };
            let record = declared.iter().find(|record| record.id == job.id);
            let timing = Timing::try_from(spec.timing).ok();
            let view = ScheduleView {
                id: job.id.to_owned(),
                dynamic: false,
                job: job.id.to_owned(),
                job_name: Some(job.name),
                kind: kind(timing.as_ref()),
                rule: timing.as_ref().map_or_else(String::new, Timing::rule),
                zone: timing.as_ref().and_then(Timing::zone).map(str::to_owned),
                missed: missed(spec.missed),
                payload: None,
                active: job.enabled && record.is_some(),
                paused: self.app.subscriptions.is_off(job.id),
                last_at: record.and_then(|record| record.last_at).map(time),
                next_at: record.map(|record| time(record.next_at)),
                declared_at: Some(job.location.to_string()),
                counts: counts.job(job.id),
            };
            all.push(view);
        }
        all.extend(dynamic.into_iter().map(|record| {
            let job = self.registry.jobs().iter().copied().find(|job| job.id == record.job);
            let counts = counts.job(&record.job);
            self.registered_schedule(record, job, counts)
        }));
        Ok(all)
    }

    fn registered_schedule(
        &self,
        record: ScheduleRecord,
        job: Option<&'static JobSpec>,
        counts: JobCounts,
    ) -> ScheduleView {
        let timing = Timing::read(&record.timing).ok();
        let payload = String::from_utf8_lossy(&record.payload);
        ScheduleView {
            dynamic: true,
            job_name: job.map(|job| job.name),
            kind: kind(timing.as_ref()),
            rule: timing.as_ref().map_or_else(|| record.timing.clone(), Timing::rule),
            zone: timing.as_ref().and_then(Timing::zone).map(str::to_owned),
            missed: missed(Missed::default()),
            payload: Some(pretty(&self.redaction.json(&payload))).filter(|json| json != "null"),
            active: job.is_some_and(|job| job.enabled),
            paused: self.app.subscriptions.is_off(&record.job),
            last_at: record.last_at.map(time),
            next_at: Some(time(record.next_at)),
            declared_at: job.map(|job| job.location.to_string()),
            counts,
            id: record.id,
            job: record.job,
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
