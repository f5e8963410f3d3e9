//! All filters of an endpoint, evaluated in one pass over the event.

use std::fmt;

use super::explain::{Explain, explain};
use super::hash::Map;
use super::index::Index;
use super::matches::Matches;
use super::parts::{BodyError, Decoded, Parts};
use super::paths::Paths;
use super::pivot::{Census, Key};
use super::program::{Program, Steps};
use super::slots::{Event, Frame, Slots};
use super::trie::{TOP, Trie};
use super::{read, same, verify};
use crate::{Field, Filter, Root};

/// So few filters are all evaluated: looking them up would cost more.
const FEW: usize = 8;

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
    program: Program,
    index: Index,
    /// Filters that are the same are kept once.
    distinct: Vec<Distinct>,
    /// For each filter given, the one it is kept as.
    given: Vec<Given>,
    unfiltered: Vec<usize>,
    /// Those that no value brings up.
    always: Vec<u32>,
    /// How each of the others is found.
    pivot_kinds: Vec<&'static str>,
}

#[derive(Debug)]
struct Distinct {
    steps: Steps,
    /// The first filter given that is kept as this one.
    first: u32,
}

/// A filter as it was given to [`FilterSet::build`].
#[derive(Clone, Copy, Debug)]
struct Given {
    /// `None` lets everything pass.
    kept_as: Option<u32>,
    /// The next one that is the same.
    next: Option<u32>,
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

/// A set to which filters are added, each looked at once: there may be more of them than caches hold.
#[derive(Default)]
struct Draft {
    root: Option<Root>,
    paths: Paths,
    program: Program,
    distinct: Vec<Distinct>,
    given: Vec<Given>,
    unfiltered: Vec<usize>,
    /// For each distinct filter the last one given that is the same.
    last: Vec<usize>,
    /// By fingerprint. Should two that differ share one, the second is not found again: it is kept twice.
    known: Map<u64, u32>,
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
        let mut draft = Draft::default();
        let mut problems = Vec::new();
        for (index, filter) in filters.into_iter().enumerate() {
            match filter {
                Some(filter) if *draft.root.get_or_insert(filter.root()) != filter.root() => {
                    problems.push(SetProblem::Roots { index });
                }
                filter => draft.add(filter.as_ref().map(Filter::fields)),
            }
        }
        if problems.is_empty() { Ok(draft.finish()) } else { Err(problems) }
    }

    /// Finds how each filter is brought up.
    fn index(&mut self) {
        let mut census = Census::new(&self.program, self.distinct.len());
        self.distinct.iter().for_each(|filter| census.count(filter.steps));
        let mut rarest = census.rarest();
        for (at, filter) in (0..).zip(&self.distinct) {
            let Some((node, keys)) = rarest.of(filter.steps) else {
                self.always.push(at);
                continue;
            };
            self.pivot_kinds.extend(keys.first().map(Key::kind));
            keys.iter().for_each(|key| self.index.insert(node, key, at));
        }
        self.index.finish();
    }

    /// Room for evaluating this set.
    pub fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    /// The filters that let an event pass.
    pub fn matches<'s>(&'s self, parts: &Parts<'s>, scratch: &'s mut Scratch) -> Matches<'s> {
        let Scratch { slots, verified, event: stamp, folded, indexes } = scratch;
        let (body, body_error) = self.read(parts, slots);
        let slots = &*slots;
        let event = Event { slots, body };
        indexes.clear();
        indexes.extend_from_slice(&self.unfiltered);
        if self.distinct.len() <= FEW {
            self.distinct.iter().for_each(|filter| self.verify(filter, event, indexes));
        } else {
            *stamp = stamp.checked_add(1).unwrap_or_else(|| {
                verified.fill(0);
                1
            });
            verified.resize(self.distinct.len().max(verified.len()), 0);
            let mut found = |at: u32| {
                if std::mem::replace(&mut verified[at as usize], *stamp) != *stamp {
                    self.verify(&self.distinct[at as usize], event, indexes);
                }
            };
            self.always.iter().for_each(|at| found(*at));
            let filled = slots.filled.iter().map(|node| (*node, slots.get(Frame::Event, *node)));
            for (node, slot) in filled.chain(slots.entries.iter().map(|entry| (entry.node, entry.slot))) {
                self.index.find(event, node, slot, folded, &mut found);
            }
        }
        indexes.sort_unstable();
        Matches { indexes, body_error, set: self, event }
    }

    /// Adds the places of a filter, if it holds.
    fn verify(&self, filter: &Distinct, event: Event<'_>, indexes: &mut Vec<usize>) {
        if verify::holds(self.root, &self.program, filter.steps, event) {
            let mut given = Some(filter.first);
            while let Some(index) = given {
                indexes.push(index as usize);
                given = self.given[index as usize].next;
            }
        }
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

    pub(super) fn trie(&self) -> &Trie {
        &self.trie
    }

    pub(super) fn pivots(&self) -> &Index {
        &self.index
    }

    /// How each filter is found that is found by a value.
    pub(super) fn pivot_kinds(&self) -> &[&'static str] {
        &self.pivot_kinds
    }

    /// How many filters say something of their own.
    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// Those filters, each with the place where it was given first.
    pub(super) fn distinct_filters(&self) -> impl Iterator<Item = (usize, Vec<Field>)> {
        let fields = |filter: &Distinct| self.program.fields(filter.steps, &self.trie);
        self.distinct.iter().map(move |filter| (filter.first as usize, fields(filter)))
    }

    /// Places of filters that are the same, neighbours among those that are.
    pub(super) fn twins(&self) -> impl Iterator<Item = (usize, usize)> {
        self.given.iter().enumerate().filter_map(|(first, given)| Some((first, given.next? as usize)))
    }

    /// How much memory the set takes, in bytes, about.
    pub(super) fn size(&self) -> usize {
        self.trie.size()
            + self.program.size()
            + self.index.size()
            + self.distinct.capacity() * size_of::<Distinct>()
            + self.given.capacity() * size_of::<Given>()
            + self.unfiltered.capacity() * size_of::<usize>()
            + self.always.capacity() * size_of::<u32>()
            + self.pivot_kinds.capacity() * size_of::<&str>()
    }

    /// The fields of a filter as it was given.
    fn filter(&self, index: usize) -> Option<Vec<Field>> {
        Some(self.program.fields(self.steps(index)?, &self.trie))
    }

    /// What is evaluated for a filter; `None` for one that lets everything pass.
    pub(super) fn steps(&self, index: usize) -> Option<Steps> {
        let kept_as = self.given.get(index)?.kept_as?;
        Some(self.distinct.get(kept_as as usize)?.steps)
    }

    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    pub(super) fn root(&self) -> Root {
        self.root
    }

    /// How many filters there are.
    pub fn len(&self) -> usize {
        self.given.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }
}

impl Draft {
    fn add(&mut self, fields: Option<&[Field]>) {
        let index = self.given.len();
        let kept_as = fields.map(|fields| self.keep(fields, index));
        if kept_as.is_none() {
            self.unfiltered.push(index);
        }
        self.given.push(Given { kept_as, next: None });
    }

    /// Keeps a filter, unless one that says the same is kept.
    fn keep(&mut self, fields: &[Field], index: usize) -> u32 {
        let end = self.program.end();
        let steps = self.program.add(fields, TOP, &mut self.paths);
        let next = self.distinct.len() as u32;
        let known = *self.known.entry(same::fingerprint(&self.program, steps)).or_insert(next);
        match self.distinct.get(known as usize) {
            Some(twin) if same::filters(&self.program, twin.steps, steps) => {
                self.program.cut(end);
                let before = std::mem::replace(&mut self.last[known as usize], index);
                self.given[before].next = Some(index as u32);
                known
            }
            _ => {
                self.last.push(index);
                self.distinct.push(Distinct { steps, first: index as u32 });
                next
            }
        }
    }

    fn finish(mut self) -> FilterSet {
        let root = self.root.unwrap_or(Root::Request);
        let (trie, numbers) = Trie::new(root, self.paths);
        self.program.number(&numbers);
        self.distinct.shrink_to_fit();
        self.given.shrink_to_fit();
        let mut set = FilterSet {
            root,
            index: Index::new(trie.len(), self.distinct.len()),
            trie,
            program: self.program,
            distinct: self.distinct,
            given: self.given,
            unfiltered: self.unfiltered,
            always: Vec::new(),
            pivot_kinds: Vec::new(),
        };
        set.index();
        set
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
        let filter = self.set.filter(index)?;
        explain(self.set.root, &filter, &self.event)
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
