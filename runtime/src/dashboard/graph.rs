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

/// The map as it is drawn.
pub(super) struct Graph<'a> {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) edges: Vec<Edge<'a>>,
}

pub(super) struct Node<'a> {
    pub(super) node: &'a map::Node,
    pub(super) kind: &'static str,
    pub(super) href: String,
    pub(super) sub: String,
    /// What is bad about so many.
    pub(super) wrong: &'static str,
    pub(super) x: usize,
    pub(super) y: usize,
}

pub(super) struct Edge<'a> {
    pub(super) edge: &'a map::Edge,
    /// Whether nothing came along it.
    pub(super) dead: bool,
    pub(super) path: String,
    /// Where its count stands.
    pub(super) lx: usize,
    pub(super) ly: usize,
    pub(super) weight: f64,
}

/// An edge between two nodes, by their numbers.
struct Link<'a> {
    edge: &'a map::Edge,
    from: usize,
    to: usize,
    /// The number of the place at which it passes by the events: one after those of the nodes.
    passing: usize,
}

/// What arrives on the left, events in the middle, jobs on the right; each in
/// the order of what leads to it, so that few edges cross.
pub(super) fn graph<'a>(map: &'a MapView, root: &str) -> Graph<'a> {
    let known: HashMap<_, _> = map.nodes.iter().enumerate().map(|(n, node)| (node.key.as_str(), n)).collect();
    let number = |key: &String| known.get(key.as_str()).copied();
    let links = map.edges.iter().enumerate().filter_map(|(n, edge)| {
        let (from, to) = (number(&edge.from)?, number(&edge.to)?);
        Some(Link { edge, from, to, passing: map.nodes.len() + n })
    });
    let links: Vec<_> = links.collect();
    let columns = columns(&map.nodes, &links);
    let rows = columns.iter().map(Vec::len).max().unwrap_or_default();
    // How far down each place is, by its number.
    let mut tops: Vec<Option<usize>> = vec![None; map.nodes.len() + map.edges.len()];
    let mut nodes = Vec::with_capacity(map.nodes.len());
    for (column, x) in columns.into_iter().zip(COLUMNS) {
        let of = column.len();
        let mut ordered: Vec<(f64, usize)> = Vec::with_capacity(of);
        for place in column {
            let middle = led_to(place, &links, &tops);
            // Columns are short, and a sort is some kilobytes of machine code.
            let n = ordered.partition_point(|(other, _)| *other <= middle);
            ordered.insert(n, (middle, place));
        }
        for (n, (_, place)) in ordered.into_iter().enumerate() {
            let y = TOP + (n * 2 + 1) * rows * STEP / (of * 2) - STEP / 2;
            if let Some(top) = tops.get_mut(place) {
                *top = Some(y);
            }
            if let Some(node) = map.nodes.get(place) {
                let (kind, wrong) = (name(node.kind), wrong(node.kind));
                nodes.push(Node { node, kind, href: href(node, root), sub: sub(node), wrong, x, y });
            }
        }
    }
    let most = map.edges.iter().filter_map(|edge| edge.count).max().unwrap_or_default().max(1);
    let edges = links.iter().filter_map(|link| {
        let (from, to) = (map.nodes.get(link.from)?, map.nodes.get(link.to)?);
        let (x1, y1) = (COLUMNS.get(column(from.kind))? + WIDTH, top(&tops, link.from)? + MIDDLE);
        let (x2, y2) = (*COLUMNS.get(column(to.kind))?, top(&tops, link.to)? + MIDDLE);
        let [_, middle, _] = COLUMNS;
        let path = match top(&tops, link.passing) {
            Some(y) => {
                let y = y + MIDDLE;
                let (to, from) = (curve(x1, y1, middle, y), curve(middle + WIDTH, y, x2, y2));
                format!("M {x1} {y1} {to} H {} {from}", middle + WIDTH)
            }
            None => format!("M {x1} {y1} {}", curve(x1, y1, x2, y2)),
        };
        let count = link.edge.count;
        Some(Edge {
            edge: link.edge,
            path,
            lx: x2.saturating_sub(48),
            ly: y2.saturating_sub(8),
            dead: count.unwrap_or(from.count) == 0,
            weight: 1.5 + 3.5 * (count.unwrap_or_default() as f64 / most as f64),
        })
    });
    let edges = edges.collect();
    let [_, _, last] = COLUMNS;
    Graph { height: rows * STEP + TOP, width: last + WIDTH + 10, edges, nodes }
}

/// The column of a node.
fn column(kind: NodeKind) -> usize {
    match kind {
        NodeKind::Endpoint | NodeKind::Source | NodeKind::Schedule => 0,
        NodeKind::Event | NodeKind::Kind => 1,
        NodeKind::Job => 2,
    }
}

/// The places of each column.
fn columns(nodes: &[map::Node], links: &[Link<'_>]) -> [Vec<usize>; 3] {
    let of = |n: usize| nodes.get(n).map(|node| column(node.kind));
    let mut columns: [Vec<usize>; 3] = Default::default();
    let [arriving, events, jobs] = &mut columns;
    // In the middle an edge that leads past the events has a place of its own.
    if nodes.iter().any(|node| column(node.kind) == 1) {
        let past = links.iter().filter(|link| of(link.from) == Some(0) && of(link.to) == Some(2));
        events.extend(past.map(|link| link.passing));
    }
    for (n, node) in nodes.iter().enumerate() {
        match column(node.kind) {
            0 => arriving.push(n),
            1 => events.push(n),
            _ => jobs.push(n),
        }
    }
    columns
}

fn top(tops: &[Option<usize>], place: usize) -> Option<usize> {
    tops.get(place).copied().flatten()
}

fn curve(x1: usize, y1: usize, x2: usize, y2: usize) -> String {
    let middle = usize::midpoint(x1, x2);
    format!("C {middle} {y1}, {middle} {y2}, {x2} {y2}")
}

/// The middle of what leads to a place; what nothing leads to comes last.
fn led_to(place: usize, links: &[Link<'_>], tops: &[Option<usize>]) -> f64 {
    let leads = links.iter().filter(|link| link.to == place || link.passing == place);
    // An edge that passed the column before leads from where it did.
    let from = leads.filter_map(|link| top(tops, link.passing).or_else(|| top(tops, link.from)));
    let (sum, all) = from.fold((0, 0_u32), |(sum, all), y| (sum + y, all + 1));
    match all {
        0 => f64::MAX,
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
