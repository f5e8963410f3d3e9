//! All paths that the filters of a set mention, as one tree.

use super::paths::{Path, Paths};
use crate::Root;

/// The root of the tree.
pub(super) const TOP: u32 = 0;

/// Paths, numbered so that what lies below a node follows it.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    /// Where the body belongs, if any filter mentions it.
    pub(super) body: Option<u32>,
}

#[derive(Debug, Default)]
struct Node {
    name: Box<str>,
    /// By name.
    kids: Vec<(Box<str>, u32)>,
    /// A bit for the shape of each kid's name: most names of an event are turned away by it.
    shapes: u64,
    /// How many nodes there are from this one to the last one below it.
    size: u32,
    /// Some filter looks at the elements of an array here.
    elements: bool,
}

impl Trie {
    /// Gives the number of each path too.
    pub(super) fn new(root: Root, paths: Paths) -> (Trie, Vec<u32>) {
        let mut paths = paths.finish();
        let mut numbers = vec![TOP; paths.len()];
        let mut trie = Trie { nodes: Vec::with_capacity(paths.len()), body: None };
        trie.number(&mut paths, TOP, &mut numbers);
        trie.body = match root {
            Root::Payload => Some(TOP),
            Root::Request => trie.child(TOP, b"body"),
        };
        (trie, numbers)
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The nodes from `node` to the last one below it.
    pub(super) fn below(&self, node: u32) -> std::ops::Range<u32> {
        node..node + self.nodes[node as usize].size
    }

    /// Names and numbers of the nodes directly below.
    pub(super) fn kids(&self, node: u32) -> &[(Box<str>, u32)] {
        &self.nodes[node as usize].kids
    }

    /// Whether some filter looks at the elements of an array at `node`.
    pub(super) fn wants_elements(&self, node: u32) -> bool {
        self.nodes[node as usize].elements
    }

    /// The node below `node` of this name.
    #[inline]
    pub(super) fn child(&self, node: u32, name: &[u8]) -> Option<u32> {
        let Node { kids, shapes, .. } = &self.nodes[node as usize];
        if shapes & shape(name) == 0 { None } else { find(kids, name) }
    }

    pub(super) fn name(&self, node: u32) -> &str {
        &self.nodes[node as usize].name
    }

    /// How much memory it takes, in bytes, about.
    pub(super) fn size(&self) -> usize {
        let node = |node: &Node| {
            node.name.len() * 2 + node.kids.capacity() * size_of::<(Box<str>, u32)>() + size_of::<Node>()
        };
        self.nodes.iter().map(node).sum()
    }

    fn number(&mut self, paths: &mut [Path], path: u32, numbers: &mut [u32]) {
        let index = self.nodes.len();
        numbers[path as usize] = index as u32;
        let Path { name, mut kids, elements, .. } = std::mem::take(&mut paths[path as usize]);
        self.nodes.push(Node { name, elements, ..Node::default() });
        kids.sort_unstable_by(|a, b| paths[*a as usize].name.cmp(&paths[*b as usize].name));
        let kids = kids.into_iter().map(|kid| {
            let name = paths[kid as usize].name.clone();
            self.number(paths, kid, numbers);
            (name, numbers[kid as usize])
        });
        let kids: Vec<_> = kids.collect();
        let size = (self.nodes.len() - index) as u32;
        let node = &mut self.nodes[index];
        node.shapes = kids.iter().map(|(name, _)| shape(name.as_bytes())).fold(0, |all, bit| all | bit);
        node.kids = kids;
        node.size = size;
    }
}

fn find(kids: &[(Box<str>, u32)], name: &[u8]) -> Option<u32> {
    if kids.len() <= 8 {
        return kids.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, node)| *node);
    }
    kids.binary_search_by(|(known, _)| known.as_bytes().cmp(name)).ok().map(|at| kids[at].1)
}

/// One of 64 bits, by the length and the last letter of a name.
#[inline]
fn shape(name: &[u8]) -> u64 {
    let last = name.last().copied().unwrap_or(0);
    1 << ((name.len() + 7 * usize::from(last)) % 64)
}
