//! Where the nodes and edges of the map are drawn.

use super::text::{count, segment};
use crate::admin::view::map::{self, MapView, NodeKind};
use std::collections::HashMap;

const STEP: usize = 72;
const TOP: usize = 12;
/// Half of a node's height.
const MIDDLE: usize = 26;
const WIDTH: usize = 260;
/// Where the columns begin: what arrives, the events, the jobs.
const COLUMNS: [usize; 3] = [10, 370, 730];

#[derive(Debug)]
pub(super) struct Graph {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) node: map::Node,
    pub(super) kind: &'static str,
    pub(super) href: String,
    pub(super) sub: String,
    /// What is bad about so many.
    pub(super) wrong: &'static str,
    pub(super) x: usize,
    pub(super) y: usize,
}

#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) filter: Option<String>,
    pub(super) count: Option<u64>,
    /// Whether nothing came along it.
    pub(super) dead: bool,
    pub(super) path: String,
    /// Where its count stands.
    pub(super) lx: usize,
    pub(super) ly: usize,
    pub(super) weight: f64,
}

/// What stands in a column: a node, or the place at which an edge passes by.
enum Place {
    Node(map::Node),
    Passing(String),
}

/// What arrives on the left, events in the middle, jobs on the right; each in
/// the order of what leads to it, so that few edges cross.
pub(super) fn graph(map: MapView, root: &str) -> Graph {
    let MapView { nodes, edges } = map;
    let columns = columns(nodes, &edges);
    let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut drawn = Vec::new();
    for (column, x) in columns.into_iter().zip(COLUMNS) {
        let of = column.len();
        let mut ordered: Vec<(f64, Place)> = Vec::with_capacity(of);
        for place in column {
            let middle = led_to(&place, &edges, &places);
            // Columns are short, and a sort is some kilobytes of machine code.
            let n = ordered.partition_point(|(other, _)| *other <= middle);
            ordered.insert(n, (middle, place));
        }
        for (n, (_, place)) in ordered.into_iter().enumerate() {
            let y = TOP + (n * 2 + 1) * rows * STEP / (of.max(1) * 2) - STEP / 2;
            match place {
                Place::Passing(edge) => {
                    places.insert(edge, y);
                }
                Place::Node(node) => {
                    places.insert(node.key.clone(), y);
                    let (kind, wrong) = (name(node.kind), wrong(node.kind));
                    drawn.push(Node { kind, href: href(&node, root), sub: sub(&node), wrong, x, y, node });
                }
            }
        }
    }
    let at: HashMap<_, _> = drawn.iter().enumerate().map(|(n, node)| (node.node.key.clone(), n)).collect();
    let at = |key: &str| drawn.get(*at.get(key)?);
    let most = edges.iter().filter_map(|edge| edge.count).max().unwrap_or_default().max(1);
    let [_, middle, last] = COLUMNS;
    let edges = edges.iter().filter_map(|edge| {
        let (from, to) = (at(&edge.from)?, at(&edge.to)?);
        let (x1, y1, x2, y2) = (from.x + WIDTH, from.y + MIDDLE, to.x, to.y + MIDDLE);
        let path = match places.get(&passing(edge)) {
            Some(y) => {
                let y = y + MIDDLE;
                let (to, from) = (curve(x1, y1, middle, y), curve(middle + WIDTH, y, x2, y2));
                format!("M {x1} {y1} {to} H {} {from}", middle + WIDTH)
            }
            None => format!("M {x1} {y1} {}", curve(x1, y1, x2, y2)),
        };
        Some(Edge {
            path,
            lx: x2.saturating_sub(48),
            ly: y2.saturating_sub(8),
            dead: edge.count.unwrap_or(from.node.count) == 0,
            weight: 1.5 + 3.5 * (edge.count.unwrap_or_default() as f64 / most as f64),
            from: edge.from.clone(),
            to: edge.to.clone(),
            filter: edge.filter.clone(),
            count: edge.count,
        })
    });
    let edges = edges.collect();
    Graph { height: rows * STEP + TOP, width: last + WIDTH + 10, edges, nodes: drawn }
}

fn columns(nodes: Vec<map::Node>, edges: &[map::Edge]) -> [Vec<Place>; 3] {
    let column = |kind: NodeKind| match kind {
        NodeKind::Endpoint | NodeKind::Source | NodeKind::Schedule => 0,
        NodeKind::Event | NodeKind::Kind => 1,
        NodeKind::Job => 2,
    };
    let of: HashMap<_, usize> = nodes.iter().map(|node| (node.key.clone(), column(node.kind))).collect();
    let has_events = of.values().any(|column| *column == 1);
    let mut columns: [Vec<Place>; 3] = Default::default();
    // In the middle an edge that leads past the events has a place of its own.
    let past = edges.iter().filter(|edge| of.get(&edge.from) == Some(&0) && of.get(&edge.to) == Some(&2));
    let [arriving, events, jobs] = &mut columns;
    events.extend(past.filter(|_| has_events).map(|edge| Place::Passing(passing(edge))));
    for node in nodes {
        match column(node.kind) {
            0 => arriving.push(Place::Node(node)),
            1 => events.push(Place::Node(node)),
            _ => jobs.push(Place::Node(node)),
        }
    }
    columns
}

/// What an edge that passes a column is known by there.
fn passing(edge: &map::Edge) -> String {
    format!("{} {}", edge.from, edge.to)
}

fn curve(x1: usize, y1: usize, x2: usize, y2: usize) -> String {
    let middle = usize::midpoint(x1, x2);
    format!("C {middle} {y1}, {middle} {y2}, {x2} {y2}")
}

/// The middle of what leads to a place; what nothing leads to comes last.
fn led_to(place: &Place, edges: &[map::Edge], places: &HashMap<String, usize>) -> f64 {
    // An edge that passed the column before leads from where it did.
    let from = |edge: &map::Edge| places.get(&passing(edge)).or_else(|| places.get(&edge.from)).copied();
    let leads = edges.iter().filter(|edge| match place {
        Place::Node(node) => edge.to == node.key,
        Place::Passing(known) => passing(edge) == *known,
    });
    let (sum, all) = leads.filter_map(from).fold((0, 0_u32), |(sum, all), y| (sum + y, all + 1));
    match (all, places.is_empty()) {
        (0, true) => 0.0,
        (0, false) => f64::MAX,
        _ => sum as f64 / f64::from(all),
    }
}

fn href(node: &map::Node, root: &str) -> String {
    let id = segment(&node.id);
    match node.kind {
        NodeKind::Endpoint => format!("{root}/endpoints/{id}"),
        NodeKind::Source => format!("{root}/sources/{id}"),
        NodeKind::Schedule => format!("{root}/schedules"),
        NodeKind::Event if node.id == "*" => format!("{root}/events"),
        NodeKind::Event => format!("{root}/events?name={id}"),
        NodeKind::Kind => format!("{root}?endpoint={id}&outcome=filtered"),
        NodeKind::Job => format!("{root}/runs?job={id}"),
    }
}

fn name(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Endpoint => "endpoint",
        NodeKind::Source => "source",
        NodeKind::Schedule => "schedule",
        NodeKind::Event => "event",
        NodeKind::Kind => "kind",
        NodeKind::Job => "job",
    }
}

fn sub(node: &map::Node) -> String {
    let what = match node.kind {
        NodeKind::Endpoint | NodeKind::Source | NodeKind::Kind => "requests",
        NodeKind::Schedule => "ticks",
        NodeKind::Event => "events",
        NodeKind::Job => "runs",
    };
    let why = if node.unhandled { ", no job takes them" } else { "" };
    format!("{} {what}{why}", count(&node.count))
}

fn wrong(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Endpoint | NodeKind::Source => "rejected",
        _ => "failed",
    }
}
