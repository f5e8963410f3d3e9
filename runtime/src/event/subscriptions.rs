//! Which jobs take an event. Built once, at start-up.

use super::{EventSpec, INVOKE, TICK, contradiction};
use crate::endpoint::TriggerSpec;
use crate::job::JobSpec;
use crate::registry::Registry;
use crate::store::EventRecord;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use triggerfish_filter::{Filter, FilterSet, Parts, Pattern, Root};

/// Which jobs take an event.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    by_name: HashMap<&'static str, Subscribers>,
    /// All jobs that run, for events that are for one of them.
    jobs: HashMap<&'static str, Running>,
    declared: Vec<&'static EventSpec>,
}

/// A job that runs.
#[derive(Debug)]
pub(super) struct Running {
    spec: &'static JobSpec,
    /// Whether a person switched it off: it takes no events.
    off: AtomicBool,
}

impl Running {
    pub(super) fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }
}

/// The jobs that listen to one name, in the order of their filters.
#[derive(Debug)]
struct Subscribers {
    jobs: Vec<Subscriber>,
    filters: FilterSet,
}

#[derive(Debug)]
struct Subscriber {
    job: &'static JobSpec,
    source: Option<&'static str>,
    /// The event's own filter.
    of_event: Option<Filter>,
}

impl Subscriptions {
    /// All problems at once.
    pub(crate) fn build(registry: &Registry) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut by_name: HashMap<&'static str, (Vec<Subscriber>, Vec<Option<Filter>>)> = HashMap::new();
        let running = || registry.jobs().iter().copied().filter(|job| job.enabled);
        for job in running() {
            let (names, source, of_event) = match job.trigger {
                TriggerSpec::Event(spec) => (spec.names, spec.source, spec.filter),
                TriggerSpec::Named(named) => (named.names, named.source, None),
                _ => continue,
            };
            let whose = |whose: &str| format!("{whose} of job \"{}\" ({})", job.id, job.location);
            let own = compiled(job.filter, &whose("the filter"), &mut problems);
            let of_event = compiled(of_event, &whose("the filter of the event"), &mut problems);
            if let (Some(own), Some(of_event)) = (&own, &of_event)
                && let TriggerSpec::Event(spec) = job.trigger
            {
                problems.extend(contradiction::between(job, own, spec, of_event));
            }
            for name in names {
                let (jobs, filters) = by_name.entry(name).or_default();
                jobs.push(Subscriber { job, source, of_event: of_event.clone() });
                filters.push(own.clone());
            }
        }
        let mut built = HashMap::new();
        for (name, (jobs, filters)) in by_name {
            match FilterSet::build(filters) {
                Ok(filters) => {
                    built.insert(name, Subscribers { jobs, filters });
                }
                Err(all) => problems.extend(all.iter().map(ToString::to_string)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let jobs = running().map(|spec| (spec.id, Running { spec, off: AtomicBool::new(false) })).collect();
        Ok(Subscriptions { by_name: built, jobs, declared: registry.events().to_vec() })
    }

    /// The jobs that take an event, in the order of their ids. A job that is
    /// switched off takes none, but for a call that was made before.
    pub(crate) fn takers(&self, event: &EventRecord) -> Vec<&'static JobSpec> {
        if let Some(job) = &event.job {
            let job = self.job(job).filter(|job| calls(&event.name, job));
            return job.filter(|job| event.name == INVOKE || !self.is_off(job.id)).into_iter().collect();
        }
        let Some(subscribers) = self.by_name.get(&*event.name) else { return Vec::new() };
        let parts = Parts::payload(&event.payload);
        let mut scratch = subscribers.filters.scratch();
        let hits = subscribers.filters.matches(&parts, &mut scratch);
        let hits = hits.indexes.iter().filter_map(|index| subscribers.jobs.get(*index));
        hits.filter(|subscriber| {
            subscriber.source.is_none_or(|source| event.source.as_deref() == Some(source))
                && subscriber.of_event.as_ref().is_none_or(|filter| filter.matches(&parts))
        })
        .map(|subscriber| subscriber.job)
        .filter(|job| !self.is_off(job.id))
        .collect()
    }

    /// The declaration of an event.
    pub(crate) fn declared(&self, name: &str, source: Option<&str>) -> Option<&'static EventSpec> {
        self.declared.iter().copied().find(|spec| spec.names.contains(&name) && spec.source == source)
    }

    /// A job that runs.
    pub(crate) fn job(&self, id: &str) -> Option<&'static JobSpec> {
        self.running(id).map(|running| running.spec)
    }

    /// A job that runs, and whether it is switched off.
    pub(super) fn running(&self, id: &str) -> Option<&Running> {
        self.jobs.get(id)
    }

    /// Switches a job off or on; whether there is such a job.
    pub(crate) fn switch(&self, id: &str, off: bool) -> bool {
        let running = self.jobs.get(id);
        running.inspect(|running| running.off.store(off, Ordering::Relaxed)).is_some()
    }

    /// Whether a person switched a job off.
    pub(crate) fn is_off(&self, id: &str) -> bool {
        self.running(id).is_some_and(Running::is_off)
    }

    /// The jobs that run.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &'static JobSpec> {
        self.jobs.values().map(|running| running.spec)
    }

    /// The jobs that run by a schedule of their own.
    pub(crate) fn scheduled(&self) -> impl Iterator<Item = &'static JobSpec> {
        self.jobs().filter(|job| matches!(job.trigger, TriggerSpec::Schedule(_)))
    }
}

/// Whether an event that is for one job is one that the job takes.
fn calls(name: &str, job: &JobSpec) -> bool {
    match job.trigger {
        TriggerSpec::Invoke => name == INVOKE,
        TriggerSpec::Schedule(_) | TriggerSpec::Dynamic => name == TICK,
        _ => false,
    }
}

fn compiled(pattern: Option<Pattern<'static>>, whose: &str, problems: &mut Vec<String>) -> Option<Filter> {
    let made = pattern.map(|pattern| Filter::from_pattern(pattern, Root::Payload)).transpose();
    let told = |all: Vec<_>| problems.extend(all.iter().map(|problem| format!("{whose}: {problem}")));
    made.map_err(told).ok().flatten()
}
