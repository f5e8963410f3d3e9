//! All paths that the filters of a set mention, as one tree.

use std::collections::BTreeMap;

use crate::{Field, Filter, Root, Test, Tree};

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

#[derive(Default)]
struct Draft {
    kids: BTreeMap<Box<str>, Draft>,
    elements: bool,
}

impl Trie {
    pub(super) fn new<'f>(root: Root, filters: impl Iterator<Item = &'f Filter>) -> Trie {
        let mut top = Draft::default();
        for filter in filters {
            top.add(filter.fields());
        }
        let mut trie = Trie { nodes: Vec::new(), body: None };
        trie.number(top, "");
        trie.body = match root {
            Root::Payload => Some(TOP),
            Root::Request => trie.child(TOP, b"body"),
        };
        trie
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

    fn number(&mut self, draft: Draft, name: &str) -> u32 {
        let index = self.nodes.len();
        self.nodes.push(Node { name: name.into(), elements: draft.elements, ..Node::default() });
        let kids = draft.kids.into_iter().map(|(name, draft)| {
            let node = self.number(draft, &name);
            (name, node)
        });
        let kids: Vec<_> = kids.collect();
        self.nodes[index].shapes =
            kids.iter().map(|(name, _)| shape(name.as_bytes())).fold(0, |all, bit| all | bit);
        self.nodes[index].kids = kids;
        self.nodes[index].size = (self.nodes.len() - index) as u32;
        index as u32
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

impl Draft {
    fn add(&mut self, fields: &[Field]) {
        for field in fields {
            match self.kids.get_mut(&field.name) {
                Some(kid) => kid.add_tree(&field.tree),
                None => self.kids.entry(field.name.clone()).or_default().add_tree(&field.tree),
            }
        }
    }

    fn add_tree(&mut self, tree: &Tree) {
        match tree {
            Tree::Object(fields) => {
                self.elements = true;
                self.add(fields);
            }
            Tree::List(items) => {
                self.elements |=
                    items.iter().any(|item| matches!(item.test, Test::Includes(_) | Test::Not(_)));
            }
        }
    }
}
