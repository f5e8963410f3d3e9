//! The program as a graph: what arrives where, and what it starts.

use super::super::tally::Counts;
use super::super::{Admin, endpoint_of};
use serde::Serialize;
use std::sync::Arc;

/// The graph.
#[derive(Debug, Serialize)]
pub(crate) struct MapView {
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

/// An endpoint or a job.
#[derive(Debug, Serialize)]
pub(crate) struct Node {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) title: String,
    /// What happened in 24 hours: requests of an endpoint, runs of a job.
    pub(crate) count: u64,
    /// Of these: rejected, or failed for good.
    pub(crate) bad: u64,
    pub(crate) off: bool,
}

/// What an endpoint starts.
#[derive(Debug, Serialize)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    /// What must hold.
    pub(crate) filter: Option<String>,
    /// Runs in 24 hours.
    pub(crate) count: u64,
}

impl Admin {
    pub(crate) async fn map(self: &Arc<Self>) -> MapView {
        let counts: Arc<Counts> = self.counts().await;
        let mut map = MapView { nodes: Vec::new(), edges: Vec::new() };
        for spec in self.registry.endpoints() {
            let of = counts.endpoint(spec.id);
            let live = self.live(spec.id);
            map.nodes.push(Node {
                kind: "endpoint",
                id: spec.id.to_owned(),
                title: spec.title.unwrap_or(spec.id).to_owned(),
                count: of.total,
                bad: of.outcomes.get("rejected").copied().unwrap_or_default(),
                off: live.is_none_or(|live| live.switches.endpoint_is_off()),
            });
        }
        for job in self.registry.jobs() {
            let view = self.job_view(job, &counts);
            map.nodes.push(Node {
                kind: "job",
                id: job.id.to_owned(),
                title: job.name.to_owned(),
                count: view.counts.runs,
                bad: view.counts.failed,
                off: !job.enabled || view.paused,
            });
            if let Some(from) = endpoint_of(job) {
                let (from, to) = (from.id.to_owned(), job.id.to_owned());
                map.edges.push(Edge { from, to, filter: view.filter, count: view.counts.runs });
            }
        }
        map
    }
}
