//! The part of the start-up table that is not about requests: what events,
//! calls and the clock run.

use crate::endpoint::TriggerSpec;
use crate::event::Events;
use crate::job::JobSpec;
use crate::schedule::Timing;
use std::collections::BTreeMap;
use std::fmt::Write;
use triggerfish_filter::{Filter, Root};

/// The jobs under what triggers them, a text of several lines.
pub(super) async fn triggers(events: &Events) -> String {
    let mut by_trigger: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut jobs: Vec<_> = events.subscriptions().jobs().collect();
    jobs.sort_by_key(|job| job.id);
    for job in jobs {
        let (trigger, more) = match job.trigger {
            // Told where their requests arrive.
            TriggerSpec::Endpoint(_) | TriggerSpec::Source(_) => continue,
            TriggerSpec::Event(event) => (listened(event.names, event.source), filter(job)),
            TriggerSpec::Named(named) => (listened(named.names, named.source), filter(job)),
            TriggerSpec::Schedule(schedule) => match Timing::try_from(schedule.timing) {
                Ok(timing) => (timing.to_string(), next(events, job).await),
                Err(error) => (error.to_string(), String::new()),
            },
            TriggerSpec::Dynamic => ("schedules that are registered at run time".to_owned(), String::new()),
            TriggerSpec::Invoke => ("calls".to_owned(), String::new()),
        };
        by_trigger.entry(trigger).or_default().push(format!("job {} {}{more}", job.id, job.version));
    }
    let mut text = String::new();
    for (trigger, jobs) in by_trigger {
        // Writing to a string does not fail.
        let _ = write!(text, "\n{trigger}");
        for job in jobs {
            let _ = write!(text, "\n  {job}");
        }
    }
    text
}

fn listened(names: &[&str], source: Option<&str>) -> String {
    let source = source.map(|source| format!(" of {source}")).unwrap_or_default();
    format!("event {}{source}", names.join(", "))
}

fn filter(job: &JobSpec) -> String {
    match job.filter.and_then(|pattern| Filter::from_pattern(pattern, Root::Payload).ok()) {
        Some(filter) if job.is_typed => format!("  {filter}"),
        Some(filter) => format!("  {filter}  untyped"),
        None => "  every event".to_owned(),
    }
}

/// When a job is due next, as it is stored.
async fn next(events: &Events, job: &JobSpec) -> String {
    let stored = events.store().schedules().await.unwrap_or_default();
    let stored = stored.into_iter().find(|stored| !stored.dynamic && stored.id == job.id);
    stored.map(|stored| format!("  next at {}", stored.next_at)).unwrap_or_default()
}
