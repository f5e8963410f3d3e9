//! The meaning of each operator, the only place where it is written down as code.

use std::cmp::Ordering;
use std::fmt;

use crate::{Number, Scalar, Test, fold};

/// A value of an event, or that there is none. `A` gives the elements of an array as [`Seen`] values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'e, A: Elements> {
    Missing,
    Null,
    Bool(bool),
    Num(A::Num),
    Str(&'e str),
    Array(A),
    Object,
}

/// The elements of an array, for comparing: those that are no scalars equal nothing.
pub(super) trait Elements {
    /// How numbers are kept.
    type Num: Copy + PartialOrd + fmt::Debug;

    fn any(&self, test: impl Fn(Scalar<&str, Self::Num>) -> bool) -> bool;
}

/// For places that hold no arrays.
impl Elements for () {
    type Num = Number;

    fn any(&self, _: impl Fn(Scalar<&str>) -> bool) -> bool {
        false
    }
}

/// Any of the literals, or all of the operators.
pub(super) fn list_holds<'t, A: Elements>(
    mut tests: impl Iterator<Item = Test<&'t str, A::Num>> + Clone,
    seen: &Seen<'_, A>,
) -> bool {
    match tests.clone().next() {
        Some(Test::Literal(_)) => tests.any(|test| holds(test, seen)),
        _ => tests.all(|test| holds(test, seen)),
    }
}

pub(super) fn holds<A: Elements>(test: Test<&str, A::Num>, seen: &Seen<'_, A>) -> bool {
    match test {
        Test::Literal(value) => equals(value, seen),
        Test::StartsWith(start) => matches!(seen, Seen::Str(text) if text.starts_with(start)),
        Test::EndsWith(end) => matches!(seen, Seen::Str(text) if text.ends_with(end)),
        Test::IgnoreCaseEquals(wanted) => matches!(seen, Seen::Str(text) if fold::equal(text, wanted)),
        Test::Exists(wanted) => matches!(seen, Seen::Missing) != wanted,
        Test::IsNull(wanted) => matches!(seen, Seen::Null) == wanted,
        Test::AnythingBut(value) => !equals(value, seen),
        Test::Gt(bound) => compares(seen, bound, Ordering::is_gt),
        Test::Gte(bound) => compares(seen, bound, Ordering::is_ge),
        Test::Lt(bound) => compares(seen, bound, Ordering::is_lt),
        Test::Lte(bound) => compares(seen, bound, Ordering::is_le),
        Test::Between(low, high) => {
            compares(seen, low, Ordering::is_ge) && compares(seen, high, Ordering::is_le)
        }
        Test::Includes(value) => includes(value, seen),
        Test::Not(value) => match seen {
            Seen::Array(_) => !includes(value, seen),
            Seen::Bool(_) | Seen::Num(_) | Seen::Str(_) => !equals(value, seen),
            Seen::Missing | Seen::Null | Seen::Object => false,
        },
    }
}

/// An array equals nothing, not even an array.
fn equals<A: Elements>(value: Scalar<&str, A::Num>, seen: &Seen<'_, A>) -> bool {
    match (value, seen) {
        (Scalar::Str(a), Seen::Str(b)) => a == *b,
        (Scalar::Num(a), Seen::Num(b)) => a == *b,
        (Scalar::Bool(a), Seen::Bool(b)) => a == *b,
        _ => false,
    }
}

fn compares<A: Elements>(seen: &Seen<'_, A>, bound: A::Num, wanted: fn(Ordering) -> bool) -> bool {
    matches!(seen, Seen::Num(number) if number.partial_cmp(&bound).is_some_and(wanted))
}

fn includes<A: Elements>(value: Scalar<&str, A::Num>, seen: &Seen<'_, A>) -> bool {
    matches!(seen, Seen::Array(elements) if elements.any(|element| element == value))
}
