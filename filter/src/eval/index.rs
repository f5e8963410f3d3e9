//! Finds the filters whose pivot a value meets. It may find too many, never too few: they are verified.

use std::borrow::Borrow;
use std::hash::Hash;

use super::hash::Map;
use super::pivot::Key;
use super::ranges::Ranges;
use super::slots::{Event, Slot};
use super::test::Seen;
use crate::{Number, Scalar, fold};

/// The filters that have their pivot at one node.
#[derive(Debug, Default)]
pub(super) struct Index {
    equal: Scalars,
    included: Scalars,
    folded: ByText,
    prefixes: Affixes,
    suffixes: Affixes,
    ranges: Ranges,
    null: Vec<u32>,
    present: Vec<u32>,
    comparable: Vec<u32>,
}

type ByText = Map<Box<str>, Vec<u32>>;

/// Values to be equal to.
#[derive(Debug, Default)]
struct Scalars {
    texts: ByText,
    numbers: Map<Exact, Vec<u32>>,
    bools: [Vec<u32>; 2],
}

/// Beginnings or ends of strings, by their length in bytes.
#[derive(Debug, Default)]
struct Affixes {
    by_length: Vec<(usize, ByText)>,
}

/// A number as a key: events and checked filters have none that differs from itself.
#[derive(Debug, PartialEq, Hash)]
struct Exact(Number);

impl Eq for Exact {}

impl Index {
    pub(super) fn insert(&mut self, key: &Key<'_>, filter: u32) {
        match key {
            Key::Equal(value) => self.equal.insert(value, filter),
            Key::Includes(value) => self.included.insert(value, filter),
            Key::Folded(text) => self.folded.entry(fold::text(text).collect()).or_default().push(filter),
            Key::Prefix(text) => self.prefixes.insert(text, filter),
            Key::Suffix(text) => self.suffixes.insert(text, filter),
            Key::Range(low, high) => self.ranges.insert(*low, *high, filter),
            Key::Null => self.null.push(filter),
            Key::Present => self.present.push(filter),
            Key::Comparable => self.comparable.push(filter),
        }
    }

    /// After the last insertion.
    pub(super) fn finish(&mut self) {
        self.ranges.finish();
    }

    /// Hands over the filters that `slot` may satisfy; `folded` is room for a folded text.
    pub(super) fn find(
        &self,
        event: Event<'_>,
        slot: Slot,
        folded: &mut String,
        found: &mut impl FnMut(u32),
    ) {
        if let Slot::Several { first } = slot {
            return event
                .slots
                .elements(first)
                .for_each(|(_, value)| self.find(event, value.value, folded, found));
        }
        let mut all = |filters: &[u32]| filters.iter().for_each(|filter| found(*filter));
        let seen = event.seen(slot);
        match seen {
            Seen::Missing => return,
            Seen::Null => all(&self.null),
            Seen::Bool(bool) => self.equal.find(&Scalar::Bool(bool), &mut all),
            Seen::Num(number) => {
                self.equal.find(&Scalar::Num(number), &mut all);
                self.ranges.find(number, &mut |filter| all(&[filter]));
            }
            Seen::Str(text) => {
                self.equal.find(&Scalar::Str(text), &mut all);
                self.prefixes.find(|length| text.get(..length), &mut all);
                self.suffixes.find(|length| text.get(text.len().checked_sub(length)?..), &mut all);
                if !self.folded.is_empty() {
                    folded.clear();
                    folded.extend(fold::text(text));
                    look_up(&self.folded, folded.as_str(), &mut all);
                }
            }
            Seen::Array(_) => {
                if let (Slot::Array { first }, false) = (slot, self.included.is_empty()) {
                    for (_, element) in event.slots.elements(first) {
                        match event.seen(element.value) {
                            Seen::Bool(bool) => self.included.find(&Scalar::Bool(bool), &mut all),
                            Seen::Num(number) => self.included.find(&Scalar::Num(number), &mut all),
                            Seen::Str(text) => self.included.find(&Scalar::Str(text), &mut all),
                            Seen::Missing | Seen::Null | Seen::Array(_) | Seen::Object => {}
                        }
                    }
                }
            }
            Seen::Object => {}
        }
        all(&self.present);
        if !matches!(seen, Seen::Null | Seen::Object) {
            all(&self.comparable);
        }
    }
}

impl Scalars {
    fn insert(&mut self, value: &Scalar<&str>, filter: u32) {
        match value {
            Scalar::Str(text) => self.texts.entry((*text).into()).or_default().push(filter),
            Scalar::Num(number) => self.numbers.entry(Exact(*number)).or_default().push(filter),
            Scalar::Bool(bool) => self.bools[usize::from(*bool)].push(filter),
        }
    }

    fn find(&self, value: &Scalar<&str>, all: &mut impl FnMut(&[u32])) {
        match value {
            Scalar::Str(text) => look_up(&self.texts, *text, all),
            Scalar::Num(number) => look_up(&self.numbers, &Exact(*number), all),
            Scalar::Bool(bool) => all(&self.bools[usize::from(*bool)]),
        }
    }

    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.numbers.is_empty() && self.bools.iter().all(Vec::is_empty)
    }
}

impl Affixes {
    fn insert(&mut self, text: &str, filter: u32) {
        let at = self.by_length.iter().position(|(length, _)| *length == text.len()).unwrap_or_else(|| {
            self.by_length.push((text.len(), Map::default()));
            self.by_length.len() - 1
        });
        self.by_length[at].1.entry(text.into()).or_default().push(filter);
    }

    /// `part` gives that many bytes of the text; none if that would cut a character, which no affix does.
    fn find<'t>(&self, part: impl Fn(usize) -> Option<&'t str>, all: &mut impl FnMut(&[u32])) {
        for (length, filters) in &self.by_length {
            if let Some(part) = part(*length) {
                look_up(filters, part, all);
            }
        }
    }
}

fn look_up<K, Q>(filters: &Map<K, Vec<u32>>, key: &Q, all: &mut impl FnMut(&[u32]))
where
    K: Borrow<Q> + Eq + Hash,
    Q: Eq + Hash + ?Sized,
{
    if !filters.is_empty()
        && let Some(filters) = filters.get(key)
    {
        all(filters);
    }
}
