//! Finds operators of one list that no value can satisfy together.
//!
//! It looks at pairs, so what it finds is certain, and a contradiction among three may escape it.

use crate::problem::Conflict;
use crate::{Item, Number, Problem, ProblemKind, Scalar, Test, fold};

/// For each item the first earlier one that contradicts it, if there is one.
pub(crate) fn find<S: Clone>(items: &[Item<S>]) -> Vec<Problem<S>> {
    let mut problems = Vec::new();
    // Values to exclude may be many, and never contradict each other: they are compared with the rest only.
    let mut excluding: Vec<&Item<S>> = Vec::new();
    let mut others: Vec<&Item<S>> = Vec::new();
    for item in items {
        let excludes = matches!(item.test, Test::AnythingBut(_) | Test::Literal(_));
        let earlier = others.iter().chain(if excludes { [].iter() } else { excluding.iter() });
        let found =
            earlier.filter_map(|earlier| Some((earlier, conflict(&earlier.test, &item.test)?))).next();
        match found {
            Some((earlier, why)) => problems.push(Problem {
                at: item.at.clone(),
                kind: ProblemKind::NeverMatches {
                    first: earlier.test.to_string(),
                    second: item.test.to_string(),
                    why,
                },
            }),
            None if excludes => excluding.push(item),
            None => others.push(item),
        }
    }
    problems
}

fn conflict(a: &Test<Box<str>>, b: &Test<Box<str>>) -> Option<Conflict> {
    let ((first, a_kinds), (second, b_kinds)) = (kinds(a), kinds(b));
    if a_kinds & b_kinds == 0 {
        return Some(Conflict::Types { first, second });
    }
    if let (Some(a), Some(b)) = (interval(a), interval(b)) {
        return a.excludes(&b).then_some(Conflict::Numbers);
    }
    pair(a, b).or_else(|| pair(b, a))
}

/// Conflicts of values, looked at in both orders.
fn pair(a: &Test<Box<str>>, b: &Test<Box<str>>) -> Option<Conflict> {
    let (clash, why) = match (a, b) {
        (Test::StartsWith(a), Test::StartsWith(b)) => {
            (!a.starts_with(&**b) && !b.starts_with(&**a), Conflict::Prefixes)
        }
        (Test::EndsWith(a), Test::EndsWith(b)) => {
            (!a.ends_with(&**b) && !b.ends_with(&**a), Conflict::Suffixes)
        }
        (Test::IgnoreCaseEquals(a), Test::IgnoreCaseEquals(b)) => (!fold::equal(a, b), Conflict::Texts),
        (Test::IgnoreCaseEquals(whole), Test::StartsWith(part)) => {
            (!begins(fold::text(whole), fold::text(part)), Conflict::Texts)
        }
        (Test::IgnoreCaseEquals(whole), Test::EndsWith(part)) => {
            let reversed = |text: &str| text.chars().rev().map(fold::char).collect::<Vec<_>>();
            (!begins(reversed(whole).into_iter(), reversed(part).into_iter()), Conflict::Texts)
        }
        (Test::Includes(a), Test::Not(b)) => (a == b, Conflict::Excluded),
        (Test::Between(low, high), Test::Not(Scalar::Num(not)) | Test::AnythingBut(Scalar::Num(not))) => {
            (low == high && low == not, Conflict::Excluded)
        }
        _ => return None,
    };
    clash.then_some(why)
}

fn begins(mut whole: impl Iterator<Item = char>, mut part: impl Iterator<Item = char>) -> bool {
    part.all(|c| whole.next() == Some(c))
}

const MISSING: u8 = 1;
const NULL: u8 = 2;
const BOOL: u8 = 4;
const NUMBER: u8 = 8;
const STRING: u8 = 16;
pub(crate) const ARRAY: u8 = 32;
#[cfg(feature = "eval")]
pub(crate) const OBJECT: u8 = 64;
#[cfg(feature = "eval")]
pub(crate) const SCALAR: u8 = BOOL | NUMBER | STRING;
pub(crate) const ALL: u8 = 127;

/// What a test may hold for, in words and as a set.
pub(crate) fn kinds(test: &Test<Box<str>>) -> (&'static str, u8) {
    match test {
        Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_) => ("a string", STRING),
        Test::Gt(_) | Test::Gte(_) | Test::Lt(_) | Test::Lte(_) | Test::Between(..) => ("a number", NUMBER),
        Test::Includes(_) => ("an array", ARRAY),
        Test::Exists(false) => ("nothing there", MISSING),
        Test::Exists(true) => ("a value", ALL & !MISSING),
        Test::IsNull(true) => ("null", NULL),
        Test::IsNull(false) => ("anything but null", ALL & !NULL),
        Test::Not(_) => ("a string, a number, a boolean or an array", STRING | NUMBER | BOOL | ARRAY),
        Test::Literal(_) | Test::AnythingBut(_) => ("anything", ALL),
    }
}

/// The numbers that a test holds for.
struct Interval {
    low: Number,
    high: Number,
    /// `low` itself is not one of them.
    above: bool,
    /// `high` itself is not one of them.
    below: bool,
}

fn interval(test: &Test<Box<str>>) -> Option<Interval> {
    let (lowest, highest) = (Number::Float(f64::NEG_INFINITY), Number::Float(f64::INFINITY));
    let interval = |low, above, high, below| Some(Interval { low, high, above, below });
    match *test {
        Test::Gt(low) => interval(low, true, highest, false),
        Test::Gte(low) => interval(low, false, highest, false),
        Test::Lt(high) => interval(lowest, false, high, true),
        Test::Lte(high) => interval(lowest, false, high, false),
        Test::Between(low, high) => interval(low, false, high, false),
        _ => None,
    }
}

impl Interval {
    fn excludes(&self, other: &Interval) -> bool {
        let apart = |a: &Interval, b: &Interval| a.high < b.low || a.high == b.low && (a.below || b.above);
        apart(self, other) || apart(other, self)
    }
}
