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

/// Any of the literals, or all of the operators. `text` gives a text as it is kept.
pub(super) fn list_holds<'t, T: 't, A: Elements>(
    mut tests: impl Iterator<Item = &'t Test<T, A::Num>> + Clone,
    text: impl Fn(&'t T) -> &'t str + Copy,
    seen: &Seen<'_, A>,
) -> bool
where
    A::Num: 't,
{
    match tests.clone().next() {
        Some(Test::Literal(_)) => tests.any(|test| holds(test, text, seen)),
        _ => tests.all(|test| holds(test, text, seen)),
    }
}

pub(super) fn holds<'t, T, A: Elements>(
    test: &'t Test<T, A::Num>,
    text: impl Fn(&'t T) -> &'t str + Copy,
    seen: &Seen<'_, A>,
) -> bool {
    let equals = |value| equals(value, text, seen);
    let includes = |value| matches!(seen, Seen::Array(elements) if elements.any(|one| is(value, text, one)));
    match test {
        Test::Literal(value) => equals(value),
        Test::StartsWith(start) => matches!(seen, Seen::Str(found) if found.starts_with(text(start))),
        Test::EndsWith(end) => matches!(seen, Seen::Str(found) if found.ends_with(text(end))),
        Test::IgnoreCaseEquals(wanted) => {
            matches!(seen, Seen::Str(found) if fold::equal(found, text(wanted)))
        }
        Test::Exists(wanted) => matches!(seen, Seen::Missing) != *wanted,
        Test::IsNull(wanted) => matches!(seen, Seen::Null) == *wanted,
        Test::AnythingBut(value) => !equals(value),
        Test::Gt(bound) => compares(seen, *bound, Ordering::is_gt),
        Test::Gte(bound) => compares(seen, *bound, Ordering::is_ge),
        Test::Lt(bound) => compares(seen, *bound, Ordering::is_lt),
        Test::Lte(bound) => compares(seen, *bound, Ordering::is_le),
        Test::Between(low, high) => {
            compares(seen, *low, Ordering::is_ge) && compares(seen, *high, Ordering::is_le)
        }
        Test::Includes(value) => includes(value),
        Test::Not(value) => match seen {
            Seen::Array(_) => !includes(value),
            Seen::Bool(_) | Seen::Num(_) | Seen::Str(_) => !equals(value),
            Seen::Missing | Seen::Null | Seen::Object => false,
        },
    }
}

/// An array equals nothing, not even an array.
fn equals<'t, T, A: Elements>(
    value: &'t Scalar<T, A::Num>,
    text: impl Fn(&'t T) -> &'t str,
    seen: &Seen<'_, A>,
) -> bool {
    match *seen {
        Seen::Str(found) => is(value, text, Scalar::Str(found)),
        Seen::Num(found) => is(value, text, Scalar::Num(found)),
        Seen::Bool(found) => is(value, text, Scalar::Bool(found)),
        Seen::Missing | Seen::Null | Seen::Array(_) | Seen::Object => false,
    }
}

fn is<'t, T, N: PartialEq>(
    value: &'t Scalar<T, N>,
    text: impl Fn(&'t T) -> &'t str,
    found: Scalar<&str, N>,
) -> bool {
    match (value, found) {
        (Scalar::Str(value), Scalar::Str(found)) => text(value) == found,
        (Scalar::Num(value), Scalar::Num(found)) => *value == found,
        (Scalar::Bool(value), Scalar::Bool(found)) => *value == found,
        _ => false,
    }
}

fn compares<A: Elements>(seen: &Seen<'_, A>, bound: A::Num, wanted: fn(Ordering) -> bool) -> bool {
    matches!(seen, Seen::Num(number) if number.partial_cmp(&bound).is_some_and(wanted))
}
