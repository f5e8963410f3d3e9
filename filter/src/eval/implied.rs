//! Whether one filter lets pass only what another lets pass too.
//!
//! Every answer "yes" is certain; a "no" may be a "yes" that takes more thought than this.

use std::fmt;

use super::naive::items_hold;
use super::set::FilterSet;
use super::test::{Seen, holds};
use crate::{Field, Filter, Item, Number, Scalar, Test, Tree, fold};

/// Two filters of one set that say something about each other, by the places they were given in.
/// There may be more than are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlap {
    /// They say the same: each event that passes one passes the other.
    Same {
        /// The one given first.
        first: usize,
        /// The other.
        second: usize,
    },
    /// Each event that passes `narrow` passes `wide` too.
    Implied {
        /// The stricter one.
        narrow: usize,
        /// The other.
        wide: usize,
    },
}

impl Filter {
    /// Whether each event that passes this filter is sure to pass `other` too.
    ///
    /// So a handshake that keeps requests from the jobs makes unreachable every job whose filter implies the
    /// handshake's.
    pub fn implies(&self, other: &Filter) -> bool {
        self.root() == other.root() && fields_imply(self.fields(), other.fields())
    }
}

impl FilterSet {
    /// Filters that say the same as another, or less than another.
    ///
    /// Compares each filter with each, which is meant for start-up and tests.
    pub fn overlaps(&self) -> Vec<Overlap> {
        let mut overlaps = Vec::new();
        for (first, second) in self.twins() {
            overlaps.push(Overlap::Same { first, second });
        }
        let distinct: Vec<_> =
            self.distinct_filters().map(|(at, fields)| (at, paths(&fields), fields)).collect();
        for (narrow, narrow_paths, narrow_fields) in &distinct {
            for (wide, wide_paths, wide_fields) in &distinct {
                // A path of the wide one that the narrow one does not look at could be anything.
                let may = narrow != wide && wide_paths & !narrow_paths == 0;
                if may && fields_imply(narrow_fields, wide_fields) {
                    overlaps.push(Overlap::Implied { narrow: *narrow, wide: *wide });
                }
            }
        }
        overlaps
    }
}

/// The names at the top as a set of bits, which may take two names for one.
fn paths(fields: &[Field]) -> u64 {
    let bit = |field: &Field| 1 << (super::hash::of(&field.name) % 64);
    fields.iter().map(bit).fold(0, |all, bit: u64| all | bit)
}

fn fields_imply(narrow: &[Field], wide: &[Field]) -> bool {
    wide.iter().all(|wide| {
        narrow.iter().any(|narrow| narrow.name == wide.name && tree_implies(&narrow.tree, &wide.tree))
    })
}

/// For one value; for an array of objects too, since the element that satisfies the one satisfies the other.
fn tree_implies(narrow: &Tree, wide: &Tree) -> bool {
    match (narrow, wide) {
        (Tree::Object(narrow), Tree::Object(wide)) => fields_imply(narrow, wide),
        (Tree::List(narrow), Tree::List(wide)) => list_implies(narrow, wide),
        // Where an object pattern holds there is a value, and it is not null.
        (Tree::Object(_), Tree::List(wide)) => {
            wide.iter().all(|item| matches!(item.test, Test::Exists(true) | Test::IsNull(false)))
        }
        (Tree::List(_), Tree::Object(_)) => false,
    }
}

fn list_implies(narrow: &[Item], wide: &[Item]) -> bool {
    // Of literals each must pass.
    if let Some(Item { test: Test::Literal(_), .. }) = narrow.first() {
        let passes = |value| items_hold(wide, &seen(value));
        return narrow.iter().all(|item| matches!(item.test.as_ref(), Test::Literal(value) if passes(value)));
    }
    wide.iter().all(|wide| {
        narrow.iter().any(|narrow| test_implies(narrow.test.as_ref(), wide.test.as_ref()))
            || within(narrow, wide.test.as_ref())
    })
}

fn seen(value: Scalar<&str>) -> Seen<'_, ()> {
    match value {
        Scalar::Str(text) => Seen::Str(text),
        Scalar::Num(number) => Seen::Num(number),
        Scalar::Bool(bool) => Seen::Bool(bool),
    }
}

fn test_implies(narrow: Test<&str>, wide: Test<&str>) -> bool {
    if narrow == wide && !matches!(narrow, Test::Literal(_)) {
        return true;
    }
    let scalars_only = is_scalar(narrow);
    match wide {
        Test::Exists(true) => {
            scalars_only || matches!(narrow, Test::IsNull(true) | Test::Includes(_) | Test::Not(_))
        }
        Test::IsNull(false) => {
            scalars_only || matches!(narrow, Test::Exists(false) | Test::Includes(_) | Test::Not(_))
        }
        // What holds not even for the value itself holds for nothing that is equal to it.
        Test::AnythingBut(value) => !holds(&narrow, |text| text, &seen(value)),
        Test::Not(value) => scalars_only && !holds(&narrow, |text| text, &seen(value)),
        Test::StartsWith(wide) => match narrow {
            Test::StartsWith(narrow) => narrow.starts_with(wide),
            _ => wide.is_empty() && is_text(narrow),
        },
        Test::EndsWith(wide) => match narrow {
            Test::EndsWith(narrow) => narrow.ends_with(wide),
            _ => wide.is_empty() && is_text(narrow),
        },
        Test::IgnoreCaseEquals(wide) => {
            matches!(narrow, Test::IgnoreCaseEquals(narrow) if fold::equal(narrow, wide))
        }
        _ => false,
    }
}

fn is_text(test: Test<&str>) -> bool {
    matches!(test, Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_))
}

/// Whether it holds for nothing but strings, or nothing but numbers.
fn is_scalar(test: Test<&str>) -> bool {
    is_text(test)
        || matches!(test, Test::Gt(_) | Test::Gte(_) | Test::Lt(_) | Test::Lte(_) | Test::Between(..))
}

/// Whether the bounds in `narrow` together lie within those of `wide`.
fn within(narrow: &[Item], wide: Test<&str>) -> bool {
    let above = |wanted: fn(Number, Number) -> bool, bound: Number| {
        narrow.iter().any(|item| match item.test {
            Test::Gt(low) => low >= bound,
            Test::Gte(low) | Test::Between(low, _) => wanted(low, bound),
            _ => false,
        })
    };
    let below = |wanted: fn(Number, Number) -> bool, bound: Number| {
        narrow.iter().any(|item| match item.test {
            Test::Lt(high) => high <= bound,
            Test::Lte(high) | Test::Between(_, high) => wanted(high, bound),
            _ => false,
        })
    };
    match wide {
        Test::Gt(bound) => above(|low, bound| low > bound, bound),
        Test::Gte(bound) => above(|low, bound| low >= bound, bound),
        Test::Lt(bound) => below(|high, bound| high < bound, bound),
        Test::Lte(bound) => below(|high, bound| high <= bound, bound),
        Test::Between(low, high) => above(|a, b| a >= b, low) && below(|a, b| a <= b, high),
        _ => false,
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Overlap::Same { first, second } => write!(f, "filters {first} and {second} say the same"),
            Overlap::Implied { narrow, wide } => {
                write!(f, "whatever passes filter {narrow} passes filter {wide} too")
            }
        }
    }
}
