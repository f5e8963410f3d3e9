//! Picks for each filter the condition that fewest events will meet: it is indexed, the rest verified.

use super::hash::{self, Map};
use crate::{Field, Item, Number, Scalar, Test, Tree};

/// A condition that some value must meet for a list to hold, as an index can look it up.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub(super) enum Key<'f> {
    Equal(Scalar<&'f str>),
    Includes(Scalar<&'f str>),
    Folded(&'f str),
    Prefix(&'f str),
    Suffix(&'f str),
    Range(Number, Number),
    Null,
    /// Anything at all, `null` too.
    Present,
    /// What `$not` looks at: scalars and arrays.
    Comparable,
}

/// Where a filter is indexed: all of these keys, at one node.
pub(super) struct Pivot<'f> {
    pub(super) node: u32,
    pub(super) keys: Vec<Key<'f>>,
}

/// How many filters of a set share each key.
#[derive(Default)]
pub(super) struct Census {
    /// By hash: a collision costs some speed, never a match.
    counts: Map<u64, u32>,
}

impl Census {
    pub(super) fn count(&mut self, fields: &[Field<u32>]) {
        each_pivot(fields, &mut |node, keys| {
            for key in keys {
                *self.counts.entry(hash::of((node, key))).or_default() += 1;
            }
        });
    }

    /// The rarest pivot of a filter. `None`: all its conditions hold where nothing is, so no index finds it.
    pub(super) fn rarest<'f>(&self, fields: &'f [Field<u32>]) -> Option<Pivot<'f>> {
        let mut best: Option<(u64, Pivot<'f>)> = None;
        each_pivot(fields, &mut |node, keys| {
            let cost = keys.iter().map(|key| self.cost(node, key)).sum();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, Pivot { node, keys: keys.to_vec() }));
            }
        });
        best.map(|(_, pivot)| pivot)
    }

    /// How many filters an event that meets the key brings up, weighed by how many events will.
    fn cost(&self, node: u32, key: &Key<'_>) -> u64 {
        let sharing = self.counts.get(&hash::of((node, key))).map_or(1, |count| u64::from(*count));
        match key {
            Key::Equal(Scalar::Bool(_)) | Key::Includes(Scalar::Bool(_)) | Key::Null => sharing * 4 + 50,
            Key::Equal(_) | Key::Includes(_) | Key::Folded(_) => sharing * 2,
            Key::Prefix(_) | Key::Suffix(_) | Key::Range(..) => sharing * 2 + 1,
            Key::Present | Key::Comparable => sharing * 16 + 1000,
        }
    }
}

/// Every condition that is false where nothing is: a filter cannot match unless each of them is met.
fn each_pivot<'f>(fields: &'f [Field<u32>], pivot: &mut impl FnMut(u32, &[Key<'f>])) {
    for field in fields {
        match &field.tree {
            Tree::Object(fields) => each_pivot(fields, pivot),
            Tree::List(items) => list_pivots(items, &mut |keys| pivot(field.at, keys)),
        }
    }
}

fn list_pivots<'f>(items: &'f [Item<u32>], pivot: &mut impl FnMut(&[Key<'f>])) {
    if let Some(Item { test: Test::Literal(_), .. }) = items.first() {
        return pivot(&items.iter().filter_map(|item| key(&item.test)).collect::<Vec<_>>());
    }
    let mut range: Option<(Number, Number)> = None;
    for item in items {
        match key(&item.test) {
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
}

fn key(test: &Test<Box<str>>) -> Option<Key<'_>> {
    Some(match test {
        Test::Literal(value) => Key::Equal(value.as_ref()),
        Test::StartsWith(text) => Key::Prefix(text),
        Test::EndsWith(text) => Key::Suffix(text),
        Test::IgnoreCaseEquals(text) => Key::Folded(text),
        Test::Includes(value) => Key::Includes(value.as_ref()),
        Test::Gt(low) | Test::Gte(low) => Key::Range(*low, Number::Float(f64::INFINITY)),
        Test::Lt(high) | Test::Lte(high) => Key::Range(Number::Float(f64::NEG_INFINITY), *high),
        Test::Between(low, high) => Key::Range(*low, *high),
        Test::Exists(true) => Key::Present,
        Test::IsNull(true) => Key::Null,
        Test::Not(_) => Key::Comparable,
        Test::Exists(false) | Test::IsNull(false) | Test::AnythingBut(_) => return None,
    })
}
