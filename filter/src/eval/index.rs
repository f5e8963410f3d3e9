//! Finds the filters whose pivot a value meets. It may find too many, never too few: they are verified.

use super::hash::{self, Map};
use super::pivot::Key;
use super::ranges::Ranges;
use super::slots::{Event, Slot};
use super::test::Seen;
use crate::{Scalar, fold};

/// The pivots of all filters of a set.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By the hash of node and key. The keys themselves are not kept: should two share a hash, the filters
    /// of both are verified.
    filters: Map<u64, Ids>,
    /// By node.
    nodes: Vec<Option<Box<Kinds>>>,
}

/// Which kinds of keys there are at a node: what is not there need not be looked up.
#[derive(Debug, Default)]
struct Kinds {
    equal: bool,
    includes: bool,
    ignore_case: bool,
    null: bool,
    present: bool,
    comparable: bool,
    /// Lengths of prefixes and suffixes in bytes, each once.
    prefixes: Vec<usize>,
    suffixes: Vec<usize>,
    ranges: Ranges,
}

/// One filter or more.
#[derive(Debug)]
enum Ids {
    One(u32),
    Many(Vec<u32>),
}

impl Index {
    /// For so many nodes, and about so many filters.
    pub(super) fn new(nodes: usize, filters: usize) -> Index {
        let mut index = Index { filters: hash::map(filters), ..Index::default() };
        index.nodes.resize_with(nodes, || None);
        index
    }

    pub(super) fn insert(&mut self, node: u32, key: &Key<'_>, filter: u32) {
        let kinds = self.nodes[node as usize].get_or_insert_default();
        let hash = match key {
            Key::Range(low, high) => return kinds.ranges.insert(*low, *high, filter),
            Key::IgnoreCase(text) => hash::of((node, Key::IgnoreCase(&fold::text(text).collect::<String>()))),
            key => hash::of((node, key)),
        };
        match key {
            Key::Equal(_) => kinds.equal = true,
            Key::Includes(_) => kinds.includes = true,
            Key::IgnoreCase(_) => kinds.ignore_case = true,
            Key::Null => kinds.null = true,
            Key::Present => kinds.present = true,
            Key::Comparable => kinds.comparable = true,
            Key::Prefix(text) => note(&mut kinds.prefixes, text.len()),
            Key::Suffix(text) => note(&mut kinds.suffixes, text.len()),
            Key::Range(..) => {}
        }
        self.filters.entry(hash).and_modify(|ids| ids.push(filter)).or_insert(Ids::One(filter));
    }

    /// After the last insertion.
    pub(super) fn finish(&mut self) {
        self.filters.shrink_to_fit();
        self.nodes.iter_mut().flatten().for_each(|kinds| kinds.ranges.finish());
    }

    /// Hands over the filters that what is at `node` may satisfy; `folded` is room for a folded text.
    #[inline]
    pub(super) fn find(
        &self,
        event: Event<'_>,
        node: u32,
        slot: Slot,
        folded: &mut String,
        found: &mut impl FnMut(u32),
    ) {
        // Most nodes are no filter's pivot.
        let Some(Some(kinds)) = self.nodes.get(node as usize) else { return };
        let mut find = |slot| self.find_in(kinds, event, node, slot, folded, found);
        match slot {
            Slot::Several { first } => event.slots.elements(first).for_each(|(_, value)| find(value.value)),
            slot => find(slot),
        }
    }

    fn find_in(
        &self,
        kinds: &Kinds,
        event: Event<'_>,
        node: u32,
        slot: Slot,
        folded: &mut String,
        found: &mut impl FnMut(u32),
    ) {
        let mut look_up = |key: Key<'_>| {
            if let Some(ids) = self.filters.get(&hash::of((node, key))) {
                ids.as_slice().iter().for_each(|filter| found(*filter));
            }
        };
        let seen = event.seen(slot);
        match seen {
            Seen::Missing => return,
            Seen::Null if kinds.null => look_up(Key::Null),
            Seen::Bool(bool) if kinds.equal => look_up(Key::Equal(Scalar::Bool(bool))),
            Seen::Num(number) if kinds.equal => look_up(Key::Equal(Scalar::Num(number))),
            Seen::Str(text) => {
                if kinds.equal {
                    look_up(Key::Equal(Scalar::Str(text)));
                }
                // A length that would cut a character is no prefix's length.
                let starts = kinds.prefixes.iter().filter_map(|length| text.get(..*length));
                starts.for_each(|start| look_up(Key::Prefix(start)));
                let ends =
                    kinds.suffixes.iter().filter_map(|length| text.get(text.len().checked_sub(*length)?..));
                ends.for_each(|end| look_up(Key::Suffix(end)));
                if kinds.ignore_case {
                    folded.clear();
                    folded.extend(fold::text(text));
                    look_up(Key::IgnoreCase(folded));
                }
            }
            Seen::Array(_) if kinds.includes => {
                if let Slot::Array { first } = slot {
                    let scalars =
                        event.slots.elements(first).filter_map(|(_, element)| event.scalar(element.value));
                    scalars.for_each(|scalar| look_up(Key::Includes(scalar)));
                }
            }
            _ => {}
        }
        if kinds.present {
            look_up(Key::Present);
        }
        if kinds.comparable && !matches!(seen, Seen::Null | Seen::Object) {
            look_up(Key::Comparable);
        }
        if let Slot::Num(number) = slot {
            kinds.ranges.find(number, found);
        }
    }

    /// How many filters share the pivot that most share.
    pub(super) fn largest(&self) -> usize {
        self.filters.values().map(|ids| ids.as_slice().len()).max().unwrap_or(0)
    }

    /// How much memory it takes, in bytes, about.
    pub(super) fn size(&self) -> usize {
        let many = |ids: &Ids| if let Ids::Many(ids) = ids { ids.capacity() * size_of::<u32>() } else { 0 };
        let kinds = |kinds: &Kinds| {
            size_of::<Kinds>()
                + (kinds.prefixes.capacity() + kinds.suffixes.capacity()) * size_of::<usize>()
                + kinds.ranges.size()
        };
        self.filters.capacity() * (size_of::<(u64, Ids)>() + 1)
            + self.filters.values().map(many).sum::<usize>()
            + self.nodes.capacity() * size_of::<Option<Box<Kinds>>>()
            + self.nodes.iter().flatten().map(|node| kinds(node)).sum::<usize>()
    }
}

impl Ids {
    fn push(&mut self, filter: u32) {
        match self {
            Ids::One(first) => *self = Ids::Many(vec![*first, filter]),
            Ids::Many(ids) => ids.push(filter),
        }
    }

    fn as_slice(&self) -> &[u32] {
        match self {
            Ids::One(filter) => std::slice::from_ref(filter),
            Ids::Many(filters) => filters,
        }
    }
}

fn note(lengths: &mut Vec<usize>, length: usize) {
    if !lengths.contains(&length) {
        lengths.push(length);
    }
}
