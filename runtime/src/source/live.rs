//! A webhook at work: which jobs its events run, and what is registered.

use super::row::LiveRow;
use super::{AnySource, InstanceSpec, SourceEvent};
use crate::event::{EventSpec, contradiction};
use crate::flow;
use crate::flow::{Given, new_run};
use crate::job::JobSpec;
use crate::secret::Secret;
use crate::store::{EventRecord, EventState, NewEvent, Slots, Store};
use crate::time::Timestamp;
use crate::vault::{KeptVerifier, Vault};
use crate::verdict::{self, MOST_ACCEPTED, MOST_FILTERED, Reasons, Unmatched};
use crate::verify::{Dedupe, ReadyVerifier};
use bytes::Bytes;
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};
use triggerfish_filter::{Filter, FilterSet, Matches, Parts, Pattern, Root};
use uuid::Uuid;

/// The event that stands for every event of its source.
const ANY: &str = "*";

/// An instance of an external source at work.
#[derive(Clone)]
pub(crate) struct Instance {
    pub(crate) spec: &'static InstanceSpec,
    pub(crate) source: Arc<dyn AnySource>,
}

/// A job, and the event that it wants.
#[derive(Clone, Copy)]
pub(crate) struct Wants {
    pub(crate) job: &'static JobSpec,
    pub(crate) event: &'static EventSpec,
}

/// A webhook at work.
pub(crate) struct LiveSource {
    /// The instance and the key.
    pub(crate) address: String,
    pub(crate) instance: Instance,
    pub(crate) params: Value,
    /// The events that its jobs want, in order.
    pub(crate) events: Vec<String>,
    pub(crate) kept: Arc<KeptVerifier>,
    wants: Vec<Wants>,
    /// The jobs of the program whose runs an event may cancel.
    cancelling: Vec<&'static JobSpec>,
    dedupe: Dedupe,
    /// For each job its own filter.
    own: Filters,
    /// For each job the filter of its event, which holds beside its own.
    of_event: Filters,
    pub(crate) registered: LiveRow,
}

/// A filter for each job of a webhook.
struct Filters {
    set: FilterSet,
    reasons: Reasons,
}

impl Filters {
    fn build(filters: Vec<Option<Filter>>) -> Result<Self, Vec<String>> {
        let reasons = Reasons::new(filters.len());
        match FilterSet::build(filters) {
            Ok(set) => Ok(Filters { set, reasons }),
            Err(all) => Err(all.iter().map(ToString::to_string).collect()),
        }
    }

    /// That a job does not run because of its filter here.
    fn unmatched<'m>(
        &'m self,
        index: usize,
        job: &JobSpec,
        matches: &'m Matches<'m>,
    ) -> Option<Unmatched<'m>> {
        let reason = self.reasons.of(index, job.id, &self.set)?;
        Some(Unmatched { reason, index, matches })
    }
}

/// The jobs that an event runs, and why others do not run.
pub(crate) struct Matched {
    pub(crate) event: NewEvent,
    pub(crate) jobs: Vec<&'static JobSpec>,
    /// Why the others do not: see [`Delivery::verdicts`](crate::store::Delivery::verdicts).
    pub(crate) verdicts: Option<String>,
}

impl LiveSource {
    pub(super) fn new(
        address: String,
        instance: Instance,
        params: Value,
        wants: Vec<Wants>,
        cancelling: Vec<&'static JobSpec>,
        (kept, stand_in): (KeptVerifier, &ReadyVerifier),
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let (mut filters, mut of_event) = (Vec::new(), Vec::new());
        let made = |pattern: Option<Pattern<'static>>| {
            pattern.map(|pattern| Filter::from_pattern(pattern, Root::Payload)).transpose()
        };
        for Wants { job, event } in &wants {
            let filter = made(job.filter);
            let whose = format!("the filter of job \"{}\" ({})", job.id, job.location);
            let told = |all: Vec<_>| problems.extend(all.iter().map(|problem| format!("{whose}: {problem}")));
            let own = filter.map_err(told).ok().flatten();
            // One that is broken is told where the event is declared.
            let its = made(event.filter).ok().flatten();
            if let (Some(own), Some(its)) = (&own, &its) {
                problems.extend(contradiction::between(job, own, event, its));
            }
            filters.push(own);
            of_event.push(its);
        }
        let (own, of_event) = match (Filters::build(filters), Filters::build(of_event)) {
            (Ok(own), Ok(of_event)) if problems.is_empty() => (own, of_event),
            (own, of_event) => {
                let built = [own.err(), of_event.err()].into_iter().flatten().flatten();
                return Err(built.chain(problems).collect());
            }
        };
        let names = wants.iter().flat_map(|wants| wants.event.names);
        let events: BTreeSet<_> = names.map(|name| (*name).to_owned()).collect();
        // Who asks for all has asked for each.
        let events = if events.contains(ANY) { vec![ANY.to_owned()] } else { events.into_iter().collect() };
        let (kept, dedupe) = (Arc::new(kept), stand_in.dedupe());
        Ok(LiveSource {
            address,
            instance,
            params,
            events,
            kept,
            wants,
            cancelling,
            dedupe,
            own,
            of_event,
            registered: LiveRow::default(),
        })
    }

    /// How a repeat of a delivery is recognised.
    pub(crate) fn dedupe(&self) -> Dedupe {
        self.dedupe
    }

    /// The jobs, with the event that each wants.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = (&'static JobSpec, &'static EventSpec)> {
        self.wants.iter().map(|wants| (wants.job, wants.event))
    }

    /// Makes an event what is stored of it, with a run for each job that takes it.
    /// With `again` it counts although it is known.
    pub(crate) fn matched(
        &self,
        event: SourceEvent,
        delivery: Option<Uuid>,
        again: bool,
        slots: &Slots,
        now: Timestamp,
    ) -> Matched {
        let SourceEvent { id, name, payload, at, context } = event;
        let payload = Bytes::from(String::from(Box::<str>::from(payload)));
        let parts = Parts::payload(&payload);
        let mut scratch = (self.own.set.scratch(), self.of_event.set.scratch());
        let own = self.own.set.matches(&parts, &mut scratch.0);
        let of_event = self.of_event.set.matches(&parts, &mut scratch.1);
        let (mut jobs, mut runs, mut unmatched) = (Vec::new(), Vec::new(), Vec::new());
        let mut spec = None;
        for (index, Wants { job, event }) in self.wants.iter().enumerate() {
            if !event.names.iter().any(|known| *known == name || *known == ANY) {
                continue;
            }
            // Whoever takes every event says nothing of this one.
            spec = spec.filter(|known: &&EventSpec| !known.names.contains(&ANY)).or(Some(*event));
            if !of_event.indexes.contains(&index) {
                unmatched.extend(self.of_event.unmatched(index, job, &of_event));
            } else if own.indexes.contains(&index) {
                runs.push(new_run(job, Given::Payload(&payload), now, slots));
                jobs.push(*job);
            } else {
                unmatched.extend(self.own.unmatched(index, job, &own));
            }
        }
        let most = if jobs.is_empty() { MOST_FILTERED } else { MOST_ACCEPTED };
        let verdicts =
            (!unmatched.is_empty()).then(|| verdict::record(most, unmatched.len(), unmatched.into_iter()));
        let cancels = flow::cancels(self.cancelling.iter().copied(), &name, &payload);
        let record = EventRecord {
            id: crate::id::new(now),
            name: name.into(),
            source: spec.and_then(|spec| spec.source).map(Into::into),
            job: None,
            key: (!again).then(|| format!("{}:{id}", self.address)),
            properties: spec.and_then(|spec| (spec.properties)(&payload).ok()?.to_json()),
            payload,
            context: context.map(|context| context.to_string()),
            at: at.map_or(now, Timestamp::from),
            due_at: None,
            state: EventState::Sent,
            delivery,
            sender: None,
            test: false,
        };
        Matched { event: NewEvent { event: Arc::new(record), runs, cancels }, jobs, verdicts }
    }
}

impl fmt::Debug for LiveSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSource").field("address", &self.address).finish_non_exhaustive()
    }
}

/// All external sources of a program, as runs see them.
#[derive(Clone)]
pub(crate) struct Sources(Arc<Inner>);

struct Inner {
    instances: Vec<Instance>,
    webhooks: Vec<Arc<LiveSource>>,
    public_url: Option<String>,
    at_work: OnceLock<AtWork>,
}

/// What is there once the program runs.
pub(crate) struct AtWork {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) vault: Vault,
}

impl Default for Sources {
    fn default() -> Self {
        Sources::new(Vec::new(), Vec::new(), None)
    }
}

impl Sources {
    pub(crate) fn new(
        instances: Vec<Instance>,
        webhooks: Vec<Arc<LiveSource>>,
        public_url: Option<&str>,
    ) -> Self {
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        Sources(Arc::new(Inner { instances, webhooks, public_url, at_work: OnceLock::new() }))
    }

    /// Lets registrations begin.
    pub(crate) fn start(&self, store: Arc<dyn Store>, vault: Vault) {
        // A second start is of the same runtime, and changes nothing.
        let _ = self.0.at_work.set(AtWork { store, vault });
    }

    pub(crate) fn at_work(&self) -> Option<&AtWork> {
        self.0.at_work.get()
    }

    pub(crate) fn webhooks(&self) -> &[Arc<LiveSource>] {
        &self.0.webhooks
    }

    pub(crate) fn webhook(&self, address: &str) -> Option<&Arc<LiveSource>> {
        self.0.webhooks.iter().find(|webhook| webhook.address == address)
    }

    /// The URL that a provider is to call; none where the program does not know its own.
    pub(crate) fn url(&self, address: &str) -> Option<String> {
        Some(format!("{}/hooks/{address}", self.0.public_url.as_ref()?))
    }

    /// The instance of this id.
    pub(crate) fn instance(&self, id: &str) -> Option<&Instance> {
        self.0.instances.iter().find(|instance| instance.source.id() == id)
    }

    /// The instance of a type that a job means: the one that it names, or the only one.
    pub(crate) fn typed<S: Any + Send + Sync>(
        &self,
        named: Option<&'static InstanceSpec>,
    ) -> Result<Arc<S>, String> {
        let of_type = self.0.instances.iter().filter_map(|instance| {
            let typed = instance.source.inner().downcast::<S>().ok()?;
            Some((instance.spec, typed))
        });
        let mut all: Vec<_> = of_type.collect();
        if let Some(named) = named
            && all.iter().any(|(spec, _)| spec.location == named.location)
        {
            all.retain(|(spec, _)| spec.location == named.location);
        }
        let name = std::any::type_name::<S>();
        match (all.pop(), all.len()) {
            (Some((_, only)), 0) => Ok(only),
            (Some(_), _) => Err(format!("there are several instances of `{name}`: name one of them")),
            (None, _) => Err(format!("there is no instance of `{name}`: declare one with `#[source]`")),
        }
    }
}

/// Whether a secret is already the newest that is kept.
pub(super) fn is_same(known: Option<&Secret>, secret: &Secret) -> bool {
    known.is_some_and(|known| known.matches(secret.expose()))
}
