//! The program as a graph: what arrives where, and what it starts.

use super::super::Admin;
use super::super::answer::Answer;
use super::super::tally::Counts;
use super::super::wait::wait;
use crate::endpoint::TriggerSpec;
use crate::event::{EventSpec, RESERVED};
use crate::job::JobSpec;
use crate::schedule::Timing;
use crate::source::LiveSource;
use serde::Serialize;
use std::sync::Arc;

/// The name under which a source brings every event.
const ANY: &str = "*";

/// So many kinds of events are drawn that nothing is declared for.
const MOST_UNKNOWN: usize = 20;

/// The graph.
#[derive(Debug, Default, Serialize)]
pub(crate) struct MapView {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

/// What a node of the map stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NodeKind {
    Endpoint,
    /// The webhook of an external source.
    Source,
    /// A schedule that a job declares, or all that were registered for a job.
    Schedule,
    Event,
    /// A kind of events that arrives at an endpoint, and that no job takes.
    Kind,
    Job,
}

/// A node of the map.
#[derive(Debug, Serialize)]
pub(crate) struct Node {
    /// Unique on the map; what edges name.
    pub(crate) key: String,
    pub(crate) kind: NodeKind,
    /// What it is called in the program; of a kind, its endpoint.
    pub(crate) id: String,
    pub(crate) title: String,
    /// What happened in 24 hours: requests, events, ticks or runs.
    pub(crate) count: u64,
    /// Of these: rejected, or failed for good.
    pub(crate) bad: u64,
    pub(crate) off: bool,
    /// It arrives, and no job takes it.
    pub(crate) unhandled: bool,
}

/// What leads to what.
#[derive(Debug, Serialize)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    /// What must hold.
    pub(crate) filter: Option<String>,
    /// How often in 24 hours; `None` where it is not known which edge it was.
    pub(crate) count: Option<u64>,
}

/// An event on the map.
struct EventNode {
    source: Option<String>,
    name: String,
    title: Option<&'static str>,
    /// Whether a job takes it.
    is_taken: bool,
    /// Whether the program declares it as its own.
    is_own: bool,
}

/// Why an event is on the map.
#[derive(Clone, Copy)]
enum Because {
    /// The program declares it as its own, under a title.
    Own(Option<&'static str>),
    /// A job takes it.
    Taken,
    /// It happened, or a source brings it.
    Known,
}

/// The map while it is drawn.
struct Drawing<'a> {
    map: MapView,
    counts: &'a Counts,
    /// In order of source and name.
    events: Vec<EventNode>,
    /// Source, name and number of those that happened.
    happened: Vec<(Option<&'a str>, &'a str, u64)>,
}

impl Admin {
    /// The map, with what happened in 24 hours.
    pub(crate) fn map(self: &Arc<Self>) -> Answer<MapView> {
        let counts: Arc<Counts> = self.counts();
        let happened = counts.events().collect();
        let mut drawing = Drawing { map: MapView::default(), counts: &counts, events: Vec::new(), happened };
        self.draw_endpoints(&mut drawing)?;
        self.draw_sources(&mut drawing);
        for spec in self.registry.events() {
            let is_own = spec.source.is_none();
            for name in spec.names.iter().filter(|_| is_own) {
                drawing.event(None, name, Because::Own(spec.title));
            }
        }
        self.draw_jobs(&mut drawing)?;
        drawing.arrived();
        Ok(drawing.done())
    }

    fn draw_endpoints(&self, drawing: &mut Drawing<'_>) -> Answer<()> {
        for spec in self.registry.endpoints() {
            let of = drawing.counts.endpoint(spec.id);
            let live = self.live(spec.id);
            drawing.map.nodes.push(Node {
                count: of.total,
                bad: of.rejected(),
                off: live.is_none_or(|live| live.switches.endpoint_is_off()),
                unhandled: self.registry.jobs_of(spec).next().is_none(),
                ..Node::new("endpoint", NodeKind::Endpoint, spec.id, spec.title.unwrap_or(spec.id))
            });
        }
        for unhandled in self.unhandled_kinds()? {
            let from = key("endpoint", &unhandled.endpoint);
            let to = format!("kind:{}:{}", unhandled.endpoint, unhandled.kind);
            let count = unhandled.count;
            drawing.map.nodes.push(Node {
                key: to.clone(),
                kind: NodeKind::Kind,
                id: unhandled.endpoint,
                title: self.redaction.text(&unhandled.kind),
                count,
                bad: 0,
                off: false,
                unhandled: true,
            });
            drawing.map.edges.push(Edge { from, to, filter: None, count: Some(count) });
        }
        Ok(())
    }

    fn draw_sources(&self, drawing: &mut Drawing<'_>) {
        for webhook in self.app.sources.webhooks() {
            let of = drawing.counts.endpoint(&webhook.address);
            drawing.map.nodes.push(Node {
                count: of.total,
                bad: of.rejected(),
                off: webhook.registered.row().is_none(),
                ..Node::new("source", NodeKind::Source, &webhook.address, &webhook.address)
            });
            let mut events: Vec<(Option<&str>, &str)> = Vec::new();
            for (_, event) in webhook.jobs() {
                for name in event.names {
                    if let Err(place) = events.binary_search(&(event.source, name)) {
                        events.insert(place, (event.source, name));
                    }
                }
            }
            for (source, name) in events {
                // Of two webhooks that bring it, it is not known which one did.
                let brings = |other: &&Arc<LiveSource>| {
                    other.jobs().any(|(_, event)| event.source == source && event.names.contains(&name))
                };
                let is_only = self.app.sources.webhooks().iter().filter(brings).count() == 1;
                let count = (is_only && name != ANY).then(|| drawing.counts.event(source, name));
                let (from, to) = (key("source", &webhook.address), event_key(source, name));
                drawing.event(source, name, Because::Known);
                drawing.map.edges.push(Edge { from, to, filter: None, count });
            }
        }
    }

    fn draw_jobs(&self, drawing: &mut Drawing<'_>) -> Answer<()> {
        let registered = wait(self.app.store.schedules())?;
        for job in self.registry.jobs().iter().copied() {
            let view = self.job_view(job, drawing.counts);
            let (to, runs) = (key("job", job.id), view.counts.runs);
            drawing.map.nodes.push(Node {
                count: runs,
                bad: view.counts.failed,
                off: !job.enabled || view.paused,
                ..Node::new("job", NodeKind::Job, job.id, job.name)
            });
            let edge =
                |from: String, count| Edge { from, to: to.clone(), filter: view.filter.clone(), count };
            match job.trigger {
                TriggerSpec::Endpoint(spec) => {
                    drawing.map.edges.push(edge(key("endpoint", spec.id), Some(runs)));
                }
                TriggerSpec::Schedule(spec) => {
                    let timing = Timing::try_from(spec.timing);
                    let title = timing.map_or_else(|_| job.id.to_owned(), |timing| timing.to_string());
                    let from = drawing.schedule(job, &title, runs);
                    drawing.map.edges.push(edge(from, Some(runs)));
                }
                TriggerSpec::Dynamic => {
                    let of_job = registered.iter().filter(|record| record.dynamic && record.job == job.id);
                    let title = match of_job.count() {
                        0 => "no schedule is registered".to_owned(),
                        1 => "1 registered schedule".to_owned(),
                        all => format!("{all} registered schedules"),
                    };
                    let from = drawing.schedule(job, &title, runs);
                    drawing.map.edges.push(edge(from, Some(runs)));
                }
                _ => {
                    let (names, source) = taken(job);
                    // Of several events it is not known which one a run is of.
                    let count = (names.len() == 1).then_some(runs);
                    for name in names {
                        drawing.event(source, name, Because::Taken);
                        drawing.map.edges.push(edge(event_key(source, name), count));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Node {
    /// A node of which nothing happened. `prefix` keeps keys of its kind apart from others.
    fn new(prefix: &str, kind: NodeKind, id: &str, title: &str) -> Self {
        Node {
            key: key(prefix, id),
            kind,
            id: id.to_owned(),
            title: title.to_owned(),
            count: 0,
            bad: 0,
            off: false,
            unhandled: false,
        }
    }
}

impl Drawing<'_> {
    /// Notes why an event is on the map.
    fn event(&mut self, source: Option<&str>, name: &str, because: Because) {
        let place = |node: &EventNode| (node.source.as_deref(), &*node.name).cmp(&(source, name));
        let index = self.events.binary_search_by(place).unwrap_or_else(|index| {
            let (source, name) = (source.map(str::to_owned), name.to_owned());
            self.events
                .insert(index, EventNode { source, name, title: None, is_taken: false, is_own: false });
            index
        });
        let Some(node) = self.events.get_mut(index) else { return };
        match because {
            Because::Own(title) => (node.is_own, node.title) = (true, title),
            Because::Taken => node.is_taken = true,
            Because::Known => {}
        }
    }

    /// Adds the node of a job's schedules; its key.
    fn schedule(&mut self, job: &JobSpec, title: &str, ticks: u64) -> String {
        let node = Node::new("schedule", NodeKind::Schedule, job.id, title);
        let key = node.key.clone();
        self.map.nodes.push(Node { count: ticks, off: !job.enabled, ..node });
        key
    }

    /// Adds events that happened and that nothing is declared for, the most frequent ones.
    fn arrived(&mut self) {
        let mut unknown: Vec<(u64, Option<&str>, &str)> = Vec::new();
        for &(source, name, count) in &self.happened {
            if !name.starts_with(RESERVED) && !self.is_known(source, name) {
                let one = (count, source, name);
                unknown.insert(unknown.partition_point(|known| *known >= one), one);
            }
        }
        for (_, source, name) in unknown.into_iter().take(MOST_UNKNOWN) {
            self.event(source, name, Because::Known);
        }
    }

    /// Whether a node stands for events of this name: its own, one for every
    /// event of its source, or one for any source.
    fn is_known(&self, source: Option<&str>, name: &str) -> bool {
        self.events.iter().any(|node| {
            let same_source = node.source.as_deref() == source;
            (same_source && (node.name == name || node.name == ANY))
                || (node.name == name && node.source.is_none() && node.is_taken)
        })
    }

    /// How often an event happened.
    fn count(&self, event: &EventNode) -> u64 {
        let source = event.source.as_deref();
        let counted = |(of, name, _): &&(Option<&str>, &str, u64)| match (source, event.is_own) {
            // Who takes an event from anywhere takes it from everywhere.
            (None, false) => *name == event.name,
            _ => *of == source && (event.name == ANY || *name == event.name),
        };
        self.happened.iter().filter(counted).map(|(.., count)| count).sum()
    }

    /// The map, with the nodes of the events that are worth one: that a job
    /// takes, that the program declares, that a source brings, or that happened.
    fn done(mut self) -> MapView {
        for event in &self.events {
            let source = event.source.as_deref();
            let count = self.count(event);
            let title = match event.title {
                Some(title) => title.to_owned(),
                None if event.name == ANY => {
                    format!("every event{}", source.map(|source| format!(" of {source}")).unwrap_or_default())
                }
                None => event.name.clone(),
            };
            self.map.nodes.push(Node {
                key: event_key(source, &event.name),
                count,
                unhandled: !event.is_taken && count > 0,
                ..Node::new("event", NodeKind::Event, &event.name, &title)
            });
        }
        self.map
    }
}

fn key(kind: &str, id: &str) -> String {
    format!("{kind}:{id}")
}

fn event_key(source: Option<&str>, name: &str) -> String {
    format!("event:{}:{name}", source.unwrap_or_default())
}

/// The names of the events that a job takes, and their source.
fn taken(job: &JobSpec) -> (&'static [&'static str], Option<&'static str>) {
    let of = |spec: &'static EventSpec| (spec.names, spec.source);
    match job.trigger {
        TriggerSpec::Event(spec) => of(spec),
        TriggerSpec::Source(subscription) => of(subscription.event),
        TriggerSpec::Named(named) => (named.names, named.source),
        _ => (&[], None),
    }
}
