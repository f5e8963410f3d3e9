//! Everything that was declared, collected at link time and checked at once.
//!
//! The only reader of `inventory`: all else takes a [`Registry`].

use crate::endpoint::{EndpointSpec, Location, TriggerSpec};
use crate::event::EventSpec;
use crate::job::JobSpec;
use crate::schedule::Timing;
use crate::source::{InstanceSpec, SourceSpec, Subscription};
use std::fmt;

/// One declaration, as an attribute submits it.
#[derive(Debug)]
pub enum Registration {
    /// Of `#[http_endpoint]`.
    Endpoint(&'static EndpointSpec),
    /// Of `#[event]`.
    Event(&'static EventSpec),
    /// Of `#[job]`.
    Job(&'static JobSpec),
    /// Of `#[source]`.
    Instance(&'static InstanceSpec),
}

inventory::collect!(Registration);

/// All endpoints, events and jobs of a program, in order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    endpoints: Vec<&'static EndpointSpec>,
    events: Vec<&'static EventSpec>,
    jobs: Vec<&'static JobSpec>,
    instances: Vec<&'static InstanceSpec>,
}

/// A mistake that shows only when all declarations are seen together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryProblem {
    /// Nothing is declared, or none of it was linked in.
    Nothing,
    /// Two endpoints have one id.
    EndpointTwice(&'static str, Location, Location),
    /// Two jobs have one id.
    JobTwice(&'static str, Location, Location),
    /// Two events of one source have one name.
    EventTwice(&'static str, Location, Location),
    /// A job's time zone is none.
    Timing(&'static str, Location, String),
    /// Two endpoints have one path.
    PathTwice(String, Location, Location),
}

impl fmt::Display for RegistryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegistryProblem::Nothing => f.write_str(
                "no endpoint and no job is registered; where they are in another crate, name it in this program, \
                 or the linker leaves it out: add `use my_jobs as _;`",
            ),
            RegistryProblem::EndpointTwice(id, a, b) => {
                write!(f, "endpoint id \"{id}\" is used twice: {a} and {b}; an id names one endpoint in its URL")
            }
            RegistryProblem::JobTwice(id, a, b) => {
                write!(f, "job id \"{id}\" is used twice: {a} and {b}; stored runs find their job by its id")
            }
            RegistryProblem::EventTwice(name, a, b) => {
                write!(f, "event \"{name}\" is declared twice: {a} and {b}; a name has one payload")
            }
            RegistryProblem::Timing(id, at, why) => {
                write!(f, "job \"{id}\" ({at}) has no schedule: {why}")
            }
            RegistryProblem::PathTwice(path, a, b) => {
                write!(f, "path `{path}` is used twice: {a} and {b}; give one of them another `path`")
            }
        }
    }
}

impl Registry {
    /// What the attributes declared in all crates that are linked in.
    pub fn collect() -> Self {
        Registry::of(inventory::iter::<Registration>)
    }

    /// A registry of the given declarations, and of the endpoints that their jobs name.
    pub fn of<'r>(all: impl IntoIterator<Item = &'r Registration>) -> Self {
        let mut registry = Registry::default();
        for registration in all {
            match registration {
                Registration::Endpoint(endpoint) => registry.endpoints.push(endpoint),
                Registration::Event(event) => registry.events.push(event),
                Registration::Job(job) => {
                    // The endpoint, or the event, may stand in a crate whose own registration
                    // the linker left out; the job refers to it, so it is here.
                    match job.trigger {
                        TriggerSpec::Endpoint(endpoint) => registry.endpoints.push(endpoint),
                        TriggerSpec::Event(event) => registry.events.push(event),
                        TriggerSpec::Source(subscription) => {
                            registry.events.push(subscription.event);
                            registry.instances.extend(subscription.account);
                        }
                        _ => {}
                    }
                    registry.jobs.push(job);
                }
                Registration::Instance(instance) => registry.instances.push(instance),
            }
        }
        registry.endpoints.sort_by_key(|endpoint| (endpoint.id, place(endpoint.location)));
        registry.endpoints.dedup_by_key(|endpoint| (endpoint.id, endpoint.location));
        registry.instances.sort_by_key(|instance| (instance.name, place(instance.location)));
        registry.instances.dedup_by_key(|instance| (instance.name, instance.location));
        registry.events.sort_by_key(|event| (event.names, place(event.location)));
        registry.events.dedup_by_key(|event| (event.names, event.location));
        registry.jobs.sort_by_key(|job| (job.id, place(job.location)));
        registry.jobs.dedup_by_key(|job| (job.id, job.location));
        registry
    }

    /// The endpoints, in order of their ids.
    pub fn endpoints(&self) -> &[&'static EndpointSpec] {
        &self.endpoints
    }

    /// The events, in order of their names.
    pub fn events(&self) -> &[&'static EventSpec] {
        &self.events
    }

    /// The jobs, in order of their ids.
    pub fn jobs(&self) -> &[&'static JobSpec] {
        &self.jobs
    }

    /// The instances of external sources, in order of their names.
    pub fn instances(&self) -> &[&'static InstanceSpec] {
        &self.instances
    }

    /// What a job wants of an external source; `None` where nothing triggers it but
    /// requests and what the program itself does.
    pub(crate) fn subscription(&self, job: &JobSpec) -> Option<Subscription> {
        match job.trigger {
            TriggerSpec::Source(subscription) => Some(*subscription),
            TriggerSpec::Event(event) => {
                let brings = |spec: &&&SourceSpec| {
                    spec.events.iter().any(|brought| brought.location == event.location)
                };
                let source = *self.instances.iter().map(|instance| &instance.source).find(brings)?;
                Some(Subscription { event, source, account: None, params: source.params })
            }
            _ => None,
        }
    }

    /// The jobs that an endpoint triggers, in order of their ids.
    pub fn jobs_of(&self, endpoint: &EndpointSpec) -> impl Iterator<Item = &'static JobSpec> {
        self.jobs.iter().copied().filter(
            move |job| matches!(job.trigger, TriggerSpec::Endpoint(trigger) if trigger.id == endpoint.id),
        )
    }

    /// Every mistake that shows only when all declarations are seen together.
    pub fn problems(&self) -> Vec<RegistryProblem> {
        let mut problems = Vec::new();
        if self.endpoints.is_empty() && self.jobs.is_empty() && self.events.is_empty() {
            problems.push(RegistryProblem::Nothing);
        }
        for pair in self.endpoints.windows(2) {
            if let [a, b] = pair
                && a.id == b.id
            {
                problems.push(RegistryProblem::EndpointTwice(a.id, a.location, b.location));
            }
        }
        for pair in self.jobs.windows(2) {
            if let [a, b] = pair
                && a.id == b.id
            {
                problems.push(RegistryProblem::JobTwice(a.id, a.location, b.location));
            }
        }
        let mut names: Vec<_> = self
            .events
            .iter()
            .flat_map(|event| event.names.iter().map(|name| (*name, event.source, event.location)))
            .collect();
        names.sort_by_key(|(name, source, at)| (*name, *source, place(*at)));
        for pair in names.windows(2) {
            if let [a, b] = pair
                && (a.0, a.1) == (b.0, b.1)
            {
                problems.push(RegistryProblem::EventTwice(a.0, a.2, b.2));
            }
        }
        for job in &self.jobs {
            if let TriggerSpec::Schedule(schedule) = job.trigger
                && let Err(why) = Timing::try_from(schedule.timing)
            {
                problems.push(RegistryProblem::Timing(job.id, job.location, why.to_string()));
            }
        }
        let mut paths: Vec<_> =
            self.endpoints.iter().map(|spec| (path_of(spec), spec.id, spec.location)).collect();
        paths.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        for pair in paths.windows(2) {
            if let [a, b] = pair
                && a.0 == b.0
                && a.1 != b.1
            {
                problems.push(RegistryProblem::PathTwice(a.0.clone(), a.2, b.2));
            }
        }
        problems
    }
}

/// The path at which an endpoint receives requests.
pub fn path_of(endpoint: &EndpointSpec) -> String {
    endpoint.path.map_or_else(|| format!("/hooks/{}", endpoint.id), str::to_owned)
}

fn place(location: Location) -> (&'static str, u32, u32) {
    (location.file, location.line, location.column)
}
