//! Picks for each filter the condition that fewest events will meet: it is indexed, the rest verified.

use super::hash::{self, Map};
use super::program::{Num, Program, Steps, View};
use crate::{Scalar, Test};

/// A condition that some value must meet for a list to hold, as an index can look it up.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(super) enum Key<'f> {
    Equal(Scalar<&'f str, Num>),
    Includes(Scalar<&'f str, Num>),
    IgnoreCase(&'f str),
    Prefix(&'f str),
    Suffix(&'f str),
    Range(Num, Num),
    Null,
    /// Anything at all, `null` too.
    Present,
    /// What `$not` looks at: scalars and arrays.
    Comparable,
}

impl Key<'_> {
    /// What kind of condition it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Key::Equal(_) => "equal",
            Key::Includes(_) => "includes",
            Key::IgnoreCase(_) => "ignore case",
            Key::Prefix(_) => "prefix",
            Key::Suffix(_) => "suffix",
            Key::Range(..) => "range",
            Key::Null => "null",
            Key::Present => "present",
            Key::Comparable => "not",
        }
    }
}

/// Where a filter is indexed: all of these keys, at one node.
#[derive(Default)]
pub(super) struct Pivot<'f> {
    pub(super) node: u32,
    pub(super) keys: Vec<Key<'f>>,
}

/// How many filters of a set share each key.
pub(super) struct Census {
    /// By hash: a collision costs some speed, never a match.
    counts: Map<u64, u32>,
}

impl Census {
    /// For about so many filters.
    pub(super) fn new(filters: usize) -> Census {
        Census { counts: hash::map(filters * 2) }
    }

    pub(super) fn count(&mut self, program: &Program, filter: Steps) {
        each_pivot(program, filter, &mut Vec::new(), &mut |node, keys| {
            for key in keys {
                *self.counts.entry(hash::of((node, key))).or_default() += 1;
            }
        });
    }

    /// Finds the rarest pivot of a filter. `None`: all its conditions hold where nothing is, so that no
    /// value can bring it up.
    pub(super) fn rarest<'f>(&self, program: &'f Program, filter: Steps) -> Option<Pivot<'f>> {
        let mut best = Pivot::default();
        let mut least = u64::MAX;
        each_pivot(program, filter, &mut Vec::new(), &mut |node, keys| {
            let cost = keys.iter().map(|key| self.cost(node, key)).sum();
            if cost < least {
                least = cost;
                best.node = node;
                best.keys.clear();
                best.keys.extend_from_slice(keys);
            }
        });
        (least < u64::MAX).then_some(best)
    }

    /// How many filters an event that meets the key brings up, weighed by how many events will.
    fn cost(&self, node: u32, key: &Key<'_>) -> u64 {
        let sharing = self.counts.get(&hash::of((node, key))).map_or(1, |count| u64::from(*count));
        match key {
            Key::Equal(Scalar::Bool(_)) | Key::Includes(Scalar::Bool(_)) | Key::Null => sharing * 4 + 50,
            Key::Equal(_) | Key::Includes(_) | Key::IgnoreCase(_) => sharing * 2,
            Key::Prefix(_) | Key::Suffix(_) | Key::Range(..) => sharing * 2 + 1,
            Key::Present | Key::Comparable => sharing * 16 + 1000,
        }
    }
}

/// Every condition that is false where nothing is: a filter cannot match unless each of them is met.
/// `keys` is room for those of one condition.
fn each_pivot<'f>(
    program: &'f Program,
    filter: Steps,
    keys: &mut Vec<Key<'f>>,
    pivot: &mut impl FnMut(u32, &[Key<'f>]),
) {
    for (node, view) in program.look(filter) {
        match view {
            View::Object(fields) => each_pivot(program, fields, keys, pivot),
            View::List(tests) => {
                keys.clear();
                list_pivots(program.with_texts(tests), keys, &mut |keys| pivot(node, keys));
            }
        }
    }
}

fn list_pivots<'f>(
    tests: impl Iterator<Item = Test<&'f str, Num>>,
    any_of: &mut Vec<Key<'f>>,
    pivot: &mut impl FnMut(&[Key<'f>]),
) {
    let mut range: Option<(Num, Num)> = None;
    for test in tests {
        match key(test) {
            Some(key @ Key::Equal(_)) => any_of.push(key),
            // One leaf, one interval. Bounds that are not included are left to verification.
            Some(Key::Range(low, high)) => {
                let (lowest, highest) = range.unwrap_or((low, high));
                range = Some((
                    if low > lowest { low } else { lowest },
                    if high < highest { high } else { highest },
                ));
            }
            Some(key) => pivot(&[key]),
            None => {}
        }
    }
    if let Some((low, high)) = range {
        pivot(&[Key::Range(low, high)]);
    }
    if !any_of.is_empty() {
        pivot(any_of);
    }
}

fn key(test: Test<&str, Num>) -> Option<Key<'_>> {
    Some(match test {
        Test::Literal(value) => Key::Equal(value),
        Test::Includes(value) => Key::Includes(value),
        Test::StartsWith(text) => Key::Prefix(text),
        Test::EndsWith(text) => Key::Suffix(text),
        Test::IgnoreCaseEquals(text) => Key::IgnoreCase(text),
        Test::Gt(low) | Test::Gte(low) => Key::Range(low, Num::INFINITE),
        Test::Lt(high) | Test::Lte(high) => Key::Range(Num::NEGATIVE_INFINITE, high),
        Test::Between(low, high) => Key::Range(low, high),
        Test::Exists(true) => Key::Present,
        Test::IsNull(true) => Key::Null,
        Test::Not(_) => Key::Comparable,
        Test::Exists(false) | Test::IsNull(false) | Test::AnythingBut(_) => return None,
    })
}
