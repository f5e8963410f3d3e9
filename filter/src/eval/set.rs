//! All filters of an endpoint, evaluated in one pass over the event.

use std::fmt;

use super::explain::{Explain, explain};
use super::hash::Map;
use super::index::Index;
use super::parts::{BodyError, Decoded, Parts};
use super::pivot::Census;
use super::slots::{Event, Frame, Slots};
use super::trie::{TOP, Trie};
use super::{read, same, verify};
use crate::{Field, Filter, Root};

/// The filters of one endpoint's jobs.
///
/// An event costs one pass over its body, which is read only if a filter mentions it and only where one
/// does; then each value that was read brings up the filters for which it is the rarest of their conditions,
/// and those few are evaluated. So ten thousand filters cost little more than one.
///
/// ```
/// use triggerfish_filter::{Filter, FilterSet, Parts, Root};
///
/// let paid = Filter::from_json_text(r#"{ "status": ["paid"] }"#, Root::Payload).ok();
/// let set = FilterSet::build([paid, None]).expect("one root");
/// let mut scratch = set.scratch();
/// assert_eq!(set.matches(&Parts::payload(br#"{ "status": "paid" }"#), &mut scratch).indexes, [0, 1]);
/// assert_eq!(set.matches(&Parts::payload(br#"{ "status": "open" }"#), &mut scratch).indexes, [1]);
/// ```
#[derive(Debug)]
pub struct FilterSet {
    root: Root,
    trie: Trie,
    /// Filters that are the same are kept once.
    distinct: Vec<Distinct>,
    /// For each filter given, the one it is kept as; `None` lets everything pass.
    kept_as: Vec<Option<u32>>,
    unfiltered: Vec<usize>,
    /// Those that no value brings up.
    always: Vec<u32>,
    /// By node.
    indexes: Vec<Option<Box<Index>>>,
}

#[derive(Debug)]
struct Distinct {
    fields: Vec<Field<u32>>,
    given_as: Vec<usize>,
}

/// What [`FilterSet::matches`] keeps from one event to the next, so that it need not allocate: have one for
/// each thread.
#[derive(Debug, Default)]
pub struct Scratch {
    slots: Slots,
    /// For each distinct filter the last event for which it was verified.
    verified: Vec<u32>,
    event: u32,
    folded: String,
    indexes: Vec<usize>,
}

/// Which filters let an event pass.
#[derive(Debug)]
pub struct Matches<'s> {
    /// Where they stood among those given to [`FilterSet::build`], ascending.
    pub indexes: &'s [usize],
    /// Why filters that mention the body cannot match; none if no filter does.
    pub body_error: Option<BodyError>,
}

/// Why filters do not make a set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetProblem {
    /// One looks at requests, another at payloads.
    Roots {
        /// Which of the filters given.
        index: usize,
    },
}

impl FilterSet {
    /// Prepares the filters of an endpoint; `None` lets everything pass.
    ///
    /// # Errors
    /// All problems.
    pub fn build(filters: impl IntoIterator<Item = Option<Filter>>) -> Result<FilterSet, Vec<SetProblem>> {
        let filters: Vec<_> = filters.into_iter().collect();
        let root = filters.iter().flatten().next().map_or(Root::Request, Filter::root);
        let differs =
            |(_, filter): &(usize, &Option<Filter>)| filter.as_ref().is_some_and(|f| f.root() != root);
        let problems: Vec<_> = filters
            .iter()
            .enumerate()
            .filter(differs)
            .map(|(index, _)| SetProblem::Roots { index })
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let trie = Trie::new(root, filters.iter().flatten());
        let mut set = FilterSet {
            root,
            distinct: Vec::new(),
            kept_as: Vec::with_capacity(filters.len()),
            unfiltered: Vec::new(),
            always: Vec::new(),
            indexes: Vec::new(),
            trie,
        };
        set.keep(filters);
        set.index();
        Ok(set)
    }

    /// Keeps each filter once.
    fn keep(&mut self, filters: Vec<Option<Filter>>) {
        let mut known: Map<u64, Vec<u32>> = Map::default();
        for (index, filter) in filters.into_iter().enumerate() {
            let Some(filter) = filter else {
                self.unfiltered.push(index);
                self.kept_as.push(None);
                continue;
            };
            let fields = self.trie.place(filter.into_fields(), TOP);
            let alike = known.entry(same::fingerprint(&fields)).or_default();
            let same = |at: &u32| same::fields(&self.distinct[*at as usize].fields, &fields);
            let at = alike.iter().copied().find(same).unwrap_or_else(|| {
                let at = self.distinct.len() as u32;
                alike.push(at);
                self.distinct.push(Distinct { fields, given_as: Vec::new() });
                at
            });
            self.distinct[at as usize].given_as.push(index);
            self.kept_as.push(Some(at));
        }
    }

    fn index(&mut self) {
        let mut census = Census::default();
        for filter in &self.distinct {
            census.count(&filter.fields);
        }
        self.indexes.resize_with(self.trie.len(), || None);
        for (at, filter) in (0..).zip(&self.distinct) {
            match census.rarest(&filter.fields) {
                None => self.always.push(at),
                Some(pivot) => {
                    let index = self.indexes[pivot.node as usize].get_or_insert_default();
                    pivot.keys.iter().for_each(|key| index.insert(key, at));
                }
            }
        }
        self.indexes.iter_mut().flatten().for_each(|index| index.finish());
    }

    /// Room for evaluating this set.
    pub fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    /// The filters that let an event pass.
    pub fn matches<'s>(&self, parts: &Parts<'_>, scratch: &'s mut Scratch) -> Matches<'s> {
        let Scratch { slots, verified, event: stamp, folded, indexes } = scratch;
        let (body, body_error) = self.read(parts, slots);
        *stamp = stamp.checked_add(1).unwrap_or_else(|| {
            verified.fill(0);
            1
        });
        verified.resize(self.distinct.len().max(verified.len()), 0);
        indexes.clear();
        indexes.extend_from_slice(&self.unfiltered);
        let event = Event { slots, body };
        let mut verify = |at: u32| {
            let last = &mut verified[at as usize];
            if *last != *stamp {
                *last = *stamp;
                let filter = &self.distinct[at as usize];
                if verify::holds(self.root, &filter.fields, event) {
                    indexes.extend_from_slice(&filter.given_as);
                }
            }
        };
        self.always.iter().for_each(|at| verify(*at));
        let filled = slots.filled.iter().map(|node| (*node, slots.get(Frame::Event, *node)));
        for (node, slot) in filled.chain(slots.entries.iter().map(|entry| (entry.node, entry.slot))) {
            if let Some(Some(index)) = self.indexes.get(node as usize) {
                index.find(event, slot, folded, &mut verify);
            }
        }
        indexes.sort_unstable();
        Matches { indexes, body_error }
    }

    /// Fills the slots; gives the body that they refer to.
    fn read<'e>(&self, parts: &Parts<'e>, slots: &mut Slots) -> (&'e str, Option<BodyError>) {
        slots.clear(&self.trie);
        if self.root == Root::Request {
            read::parts(parts, &self.trie, slots);
        }
        let Some(node) = self.trie.body.filter(|_| !self.distinct.is_empty()) else {
            return ("", None);
        };
        if u32::try_from(parts.body.len()).is_err() {
            return ("", Some(BodyError::too_large()));
        }
        match std::str::from_utf8(parts.body) {
            Ok(body) if read::json(body, node, &self.trie, slots).is_ok() => (body, None),
            _ => {
                slots.forget(Frame::Event, node, &self.trie);
                ("", BodyError::find(parts.body))
            }
        }
    }

    /// Why a filter did not match; `None` if it did.
    pub fn explain(&self, index: usize, parts: &Parts<'_>) -> Option<Explain> {
        self.explainer(parts).explain(index)
    }

    /// For the reasons of more than one filter: reads the event once.
    pub fn explainer<'s>(&'s self, parts: &Parts<'s>) -> Explainer<'s> {
        Explainer { set: self, event: Decoded::new(parts) }
    }

    /// How many filters there are.
    pub fn len(&self) -> usize {
        self.kept_as.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept_as.is_empty()
    }
}

/// Explains any number of filters for one event, which it reads once.
pub struct Explainer<'s> {
    set: &'s FilterSet,
    event: Decoded<'s>,
}

impl Explainer<'_> {
    /// Why the filter at `index` did not match; `None` if it did, or if there is none.
    pub fn explain(&self, index: usize) -> Option<Explain> {
        let at = (*self.set.kept_as.get(index)?)?;
        let filter = self.set.distinct.get(at as usize)?;
        explain(self.set.root, &filter.fields, &self.event)
    }
}

impl fmt::Debug for Explainer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explainer").field("filters", &self.set.len()).finish_non_exhaustive()
    }
}

impl fmt::Display for SetProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetProblem::Roots { index } => {
                write!(
                    f,
                    "filter {index} is rooted elsewhere than the first: one looks at requests, one at payloads"
                )
            }
        }
    }
}

impl std::error::Error for SetProblem {}
