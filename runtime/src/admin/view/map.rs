//! The program as a graph: what arrives where, and what it starts.

use super::super::Admin;
use super::super::answer::Answer;
use super::super::tally::Counts;
use crate::endpoint::TriggerSpec;
use crate::event::{EventSpec, RESERVED};
use crate::job::JobSpec;
use crate::schedule::Timing;
use crate::source::LiveSource;
use serde::Serialize;
use std::collections::BTreeMap;
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
#[derive(Default)]
struct EventNode {
    title: Option<&'static str>,
    /// Whether a job takes it.
    is_taken: bool,
    /// Whether the program declares it as its own.
    is_own: bool,
}

/// The map while it is drawn.
struct Drawing<'a> {
    map: MapView,
    counts: &'a Counts,
    /// By source and name.
    events: BTreeMap<(Option<String>, String), EventNode>,
}

impl Admin {
    /// The map, with what happened in 24 hours.
    pub(crate) async fn map(self: &Arc<Self>) -> Answer<MapView> {
        let counts: Arc<Counts> = self.counts().await;
        let events = BTreeMap::new();
        let mut drawing = Drawing { map: MapView::default(), counts: &counts, events };
        self.draw_endpoints(&mut drawing).await?;
        self.draw_sources(&mut drawing);
        for spec in self.registry.events() {
            let is_own = spec.source.is_none();
            for name in spec.names.iter().filter(|_| is_own) {
                let node = drawing.event(None, name);
                (node.is_own, node.title) = (true, spec.title);
            }
        }
        self.draw_jobs(&mut drawing).await?;
        drawing.arrived();
        Ok(drawing.done())
    }

    async fn draw_endpoints(&self, drawing: &mut Drawing<'_>) -> Answer<()> {
        for spec in self.registry.endpoints() {
            let of = drawing.counts.endpoint(spec.id);
            let live = self.live(spec.id);
            drawing.map.nodes.push(Node {
                key: key("endpoint", spec.id),
                kind: NodeKind::Endpoint,
                id: spec.id.to_owned(),
                title: spec.title.unwrap_or(spec.id).to_owned(),
                count: of.total,
                bad: of.outcomes.get("rejected").copied().unwrap_or_default(),
                off: live.is_none_or(|live| live.switches.endpoint_is_off()),
                unhandled: self.registry.jobs_of(spec).next().is_none(),
            });
        }
        for unhandled in self.unhandled_kinds().await? {
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
                key: key("source", &webhook.address),
                kind: NodeKind::Source,
                id: webhook.address.clone(),
                title: webhook.address.clone(),
                count: of.total,
                bad: of.outcomes.get("rejected").copied().unwrap_or_default(),
                off: webhook.registered.row().is_none(),
                unhandled: false,
            });
            let mut events: Vec<_> = webhook
                .jobs()
                .flat_map(|(_, event)| event.names.iter().map(move |name| (event.source, *name)))
                .collect();
            events.sort_unstable();
            events.dedup();
            for (source, name) in events {
                // Of two webhooks that bring it, it is not known which one did.
                let brings = |other: &&Arc<LiveSource>| {
                    other.jobs().any(|(_, event)| event.source == source && event.names.contains(&name))
                };
                let is_only = self.app.sources.webhooks().iter().filter(brings).count() == 1;
                let count = (is_only && name != ANY).then(|| drawing.counts.event(source, name));
                let (from, to) = (key("source", &webhook.address), event_key(source, name));
                drawing.event(source, name);
                drawing.map.edges.push(Edge { from, to, filter: None, count });
            }
        }
    }

    async fn draw_jobs(&self, drawing: &mut Drawing<'_>) -> Answer<()> {
        let mut registered: BTreeMap<String, usize> = BTreeMap::new();
        for record in self.app.store.schedules().await?.into_iter().filter(|record| record.dynamic) {
            *registered.entry(record.job).or_default() += 1;
        }
        for job in self.registry.jobs().iter().copied() {
            let view = self.job_view(job, drawing.counts);
            let (to, runs) = (key("job", job.id), view.counts.runs);
            drawing.map.nodes.push(Node {
                key: to.clone(),
                kind: NodeKind::Job,
                id: job.id.to_owned(),
                title: job.name.to_owned(),
                count: runs,
                bad: view.counts.failed,
                off: !job.enabled || view.paused,
                unhandled: false,
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
                    let from = drawing.schedule(job, title, runs);
                    drawing.map.edges.push(edge(from, Some(runs)));
                }
                TriggerSpec::Dynamic => {
                    let title = match registered.get(job.id).copied().unwrap_or_default() {
                        0 => "no schedule is registered".to_owned(),
                        1 => "1 registered schedule".to_owned(),
                        all => format!("{all} registered schedules"),
                    };
                    let from = drawing.schedule(job, title, runs);
                    drawing.map.edges.push(edge(from, Some(runs)));
                }
                _ => {
                    let (names, source) = taken(job);
                    // Of several events it is not known which one a run is of.
                    let count = (names.len() == 1).then_some(runs);
                    for name in names {
                        drawing.event(source, name).is_taken = true;
                        drawing.map.edges.push(edge(event_key(source, name), count));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Drawing<'_> {
    fn event(&mut self, source: Option<&str>, name: &str) -> &mut EventNode {
        self.events.entry((source.map(str::to_owned), name.to_owned())).or_default()
    }

    /// Adds the node of a job's schedules; its key.
    fn schedule(&mut self, job: &JobSpec, title: String, ticks: u64) -> String {
        let key = key("schedule", job.id);
        self.map.nodes.push(Node {
            key: key.clone(),
            kind: NodeKind::Schedule,
            id: job.id.to_owned(),
            title,
            count: ticks,
            bad: 0,
            off: !job.enabled,
            unhandled: false,
        });
        key
    }

    /// Adds events that happened and that nothing is declared for.
    fn arrived(&mut self) {
        let mut unknown: Vec<_> = self
            .counts
            .events()
            .filter(|(source, name, _)| !name.starts_with(RESERVED) && !self.is_known(*source, name))
            .map(|(source, name, count)| (count, source.map(str::to_owned), name.to_owned()))
            .collect();
        unknown.sort_unstable_by(|a, b| b.cmp(a));
        for (_, source, name) in unknown.into_iter().take(MOST_UNKNOWN) {
            self.events.entry((source, name)).or_default();
        }
    }

    /// Whether a node stands for events of this name: its own, one for every
    /// event of its source, or one for any source.
    fn is_known(&self, source: Option<&str>, name: &str) -> bool {
        self.events.iter().any(|((known_source, known), node)| {
            let same_source = known_source.as_deref() == source;
            (same_source && (known == name || known == ANY))
                || (known == name && known_source.is_none() && node.is_taken)
        })
    }

    /// The map, with the nodes of the events that are worth one: that a job
    /// takes, that the program declares, that a source brings, or that happened.
    fn done(self) -> MapView {
        let Drawing { mut map, counts, events } = self;
        for ((source, name), node) in events {
            let source = source.as_deref();
            // Who takes an event from anywhere takes it from everywhere.
            let count = match (source, node.is_own) {
                (None, false) => {
                    counts.events().filter(|(_, known, _)| *known == name).map(|(.., n)| n).sum()
                }
                _ if name == ANY => {
                    counts.events().filter(|(known, ..)| *known == source).map(|(.., n)| n).sum()
                }
                _ => counts.event(source, &name),
            };
            let from = source.map(|source| format!(" of {source}")).unwrap_or_default();
            let title = match node.title {
                Some(title) => title.to_owned(),
                None if name == ANY => format!("every event{from}"),
                None => name.clone(),
            };
            map.nodes.push(Node {
                key: event_key(source, &name),
                kind: NodeKind::Event,
                title,
                count,
                bad: 0,
                off: false,
                unhandled: !node.is_taken && count > 0,
                id: name,
            });
        }
        map
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
