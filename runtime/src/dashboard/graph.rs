//! Where the nodes and edges of the map are drawn.

use super::render::{count, segment};
use crate::admin::view::map::MapView;
use serde::Serialize;
use std::collections::HashMap;

const STEP: usize = 72;
const TOP: usize = 12;
/// Half of a node's height.
const MIDDLE: usize = 26;

#[derive(Debug, Serialize)]
pub(super) struct Graph {
    height: usize,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

#[derive(Debug, Serialize)]
struct Node {
    kind: &'static str,
    id: String,
    title: String,
    href: String,
    sub: String,
    x: usize,
    y: usize,
    count: u64,
    bad: u64,
    off: bool,
    /// An endpoint that starts nothing.
    unhandled: bool,
}

#[derive(Debug, Serialize)]
struct Edge {
    from: String,
    to: String,
    filter: Option<String>,
    count: u64,
    y1: usize,
    y2: usize,
    lx: usize,
    ly: usize,
    weight: f64,
}

/// Endpoints on the left, jobs on the right in the order of their endpoints, so
/// that few edges cross.
pub(super) fn graph(map: MapView, root: &str) -> Graph {
    let MapView { nodes, edges } = map;
    let of_job: HashMap<_, _> = edges.iter().map(|edge| (edge.to.as_str(), edge.from.as_str())).collect();
    let (endpoints, mut jobs): (Vec<_>, Vec<_>) = nodes.into_iter().partition(|node| node.kind == "endpoint");
    let order: HashMap<_, _> = endpoints.iter().enumerate().map(|(n, node)| (node.id.clone(), n)).collect();
    jobs.sort_by_key(|job| of_job.get(job.id.as_str()).and_then(|from| order.get(*from)).copied());
    let rows = endpoints.len().max(jobs.len());
    let spread = |n: usize, of: usize| TOP + (n * 2 + 1) * rows * STEP / (of.max(1) * 2) - STEP / 2;
    let (mut left, mut right) = (HashMap::new(), HashMap::new());
    let (counts, mut drawn) = ((endpoints.len(), jobs.len()), Vec::new());
    for (n, node) in endpoints.into_iter().enumerate() {
        let y = spread(n, counts.0);
        left.insert(node.id.clone(), y);
        drawn.push(Node {
            href: format!("{root}/endpoints/{}", segment(&node.id)),
            sub: format!("{} requests", count(node.count)),
            x: 10,
            y,
            unhandled: !edges.iter().any(|edge| edge.from == node.id),
            kind: node.kind,
            id: node.id,
            title: node.title,
            count: node.count,
            bad: node.bad,
            off: node.off,
        });
    }
    for (n, node) in jobs.into_iter().enumerate() {
        let y = spread(n, counts.1);
        right.insert(node.id.clone(), y);
        drawn.push(Node {
            href: format!("{root}/runs?job={}", segment(&node.id)),
            sub: format!("{} runs", count(node.count)),
            x: 700,
            y,
            unhandled: false,
            kind: node.kind,
            id: node.id,
            title: node.title,
            count: node.count,
            bad: node.bad,
            off: node.off,
        });
    }
    let most = edges.iter().map(|edge| edge.count).max().unwrap_or_default().max(1);
    let edges = edges.into_iter().filter_map(|edge| {
        let (y1, y2) = (left.get(&edge.from)? + MIDDLE, right.get(&edge.to)? + MIDDLE);
        Some(Edge {
            y1,
            y2,
            lx: 648,
            ly: y2.saturating_sub(8),
            weight: 1.5 + 3.5 * (edge.count as f64 / most as f64),
            from: edge.from,
            to: edge.to,
            filter: edge.filter,
            count: edge.count,
        })
    });
    Graph { height: rows * STEP + TOP, edges: edges.collect(), nodes: drawn }
}
