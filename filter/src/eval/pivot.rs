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

/// How many filters of a set share each key.
pub(super) struct Census<'f> {
    program: &'f Program,
    /// A number for each key, by its hash: a collision costs some speed, never a match.
    numbers: Map<u64, u32>,
    /// By number.
    sharing: Vec<u32>,
    /// The number of each key of each filter, in the order in which they were counted.
    counted: Vec<u32>,
    /// Room for the keys of one condition.
    keys: Vec<Key<'f>>,
}

/// What is counted, to be gone through again.
pub(super) struct Rarest<'f> {
    program: &'f Program,
    sharing: Vec<u32>,
    counted: std::vec::IntoIter<u32>,
    keys: Vec<Key<'f>>,
    /// The keys of the rarest condition yet.
    rarest: Vec<Key<'f>>,
}

impl<'f> Census<'f> {
    /// For about so many filters.
    pub(super) fn new(program: &'f Program, filters: usize) -> Census<'f> {
        Census {
            program,
            numbers: hash::map(filters * 2),
            sharing: Vec::new(),
            counted: Vec::with_capacity(filters * 3),
            keys: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, filter: Steps) {
        let Census { program, numbers, sharing, counted, keys } = self;
        each_pivot(program, filter, keys, &mut |node, keys| {
            for key in keys {
                let number = *numbers.entry(hash::of((node, key))).or_insert_with(|| {
                    sharing.push(0);
                    sharing.len() as u32 - 1
                });
                sharing[number as usize] += 1;
                counted.push(number);
            }
        });
    }

    /// After the last filter.
    pub(super) fn rarest(self) -> Rarest<'f> {
        let Census { program, sharing, counted, keys, .. } = self;
        Rarest { program, sharing, counted: counted.into_iter(), keys, rarest: Vec::new() }
    }
}

impl<'f> Rarest<'f> {
    /// Finds the rarest condition of the next filter: its node, and the keys of which a value there must meet
    /// one. `None`: all conditions hold where nothing is, so that no value can bring the filter up.
    pub(super) fn of(&mut self, filter: Steps) -> Option<(u32, &[Key<'f>])> {
        let Rarest { program, sharing, counted, keys, rarest } = self;
        let mut least = u64::MAX;
        let mut at = 0;
        each_pivot(program, filter, keys, &mut |node, keys| {
            let costs =
                keys.iter().zip(&mut *counted).map(|(key, number)| cost(key, sharing[number as usize]));
            let cost = costs.sum();
            if cost < least {
                (least, at) = (cost, node);
                rarest.clear();
                rarest.extend_from_slice(keys);
            }
        });
        (least < u64::MAX).then_some((at, rarest.as_slice()))
    }
}

/// How many filters an event that meets the key brings up, weighed by how many events will.
fn cost(key: &Key<'_>, sharing: u32) -> u64 {
    let sharing = u64::from(sharing);
    match key {
        Key::Equal(Scalar::Bool(_)) | Key::Includes(Scalar::Bool(_)) | Key::Null => sharing * 4 + 50,
        Key::Equal(_) | Key::Includes(_) | Key::IgnoreCase(_) => sharing * 2,
        Key::Prefix(_) | Key::Suffix(_) | Key::Range(..) => sharing * 2 + 1,
        Key::Present | Key::Comparable => sharing * 16 + 1000,
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
