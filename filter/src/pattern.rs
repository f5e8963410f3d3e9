//! Filters as `const` data: what the macros emit and what specs hold.

use std::fmt;

use crate::Number;

/// A filter written as constant data, without the places it came from.
///
/// [`Filter::from_pattern`](crate::Filter::from_pattern) checks it and turns it into one that can be evaluated.
///
/// ```
/// use triggerfish_filter::{Filter, Pattern, Root, Scalar, Test};
///
/// const LONG: Pattern<'_> = Pattern::Object(&[
///     ("method", Pattern::List(&[Test::Literal(Scalar::Str("POST"))])),
///     ("body", Pattern::Object(&[("event", Pattern::List(&[Test::StartsWith("booking.")]))])),
/// ]);
/// assert!(Filter::from_pattern(LONG, Root::Request).is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pattern<'a> {
    /// What must hold for the fields of an object, all of it.
    Object(&'a [(&'a str, Pattern<'a>)]),
    /// What must hold for a value: literals (any of them) or operators (all of them).
    List(&'a [Test<&'a str>]),
}

/// One entry of a list. `T` holds the text: `&str` in a [`Pattern`], `Box<str>` in a [`Filter`](crate::Filter);
/// `N` holds the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub enum Test<T, N = Number> {
    /// A bare value: equal to it.
    Literal(Scalar<T, N>),
    /// `$startsWith`
    StartsWith(T),
    /// `$endsWith`
    EndsWith(T),
    /// `$ignoreCaseEquals`
    IgnoreCaseEquals(T),
    /// `$exists`
    Exists(bool),
    /// `$isNull`
    IsNull(bool),
    /// `$anythingBut`; of a list there is one for each value, which means the same
    AnythingBut(Scalar<T, N>),
    /// `$gt`
    Gt(N),
    /// `$gte`
    Gte(N),
    /// `$lt`
    Lt(N),
    /// `$lte`
    Lte(N),
    /// `$between`, with both bounds
    Between(N, N),
    /// `$includes`
    Includes(Scalar<T, N>),
    /// `$not`
    Not(Scalar<T, N>),
}

/// A value that a filter compares with.
#[derive(Clone, Copy, Debug, PartialEq, Hash)]
pub enum Scalar<T, N = Number> {
    /// A string.
    Str(T),
    /// A number.
    Num(N),
    /// `true` or `false`.
    Bool(bool),
}

/// What the keys at the top of a filter mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Root {
    /// The parts of a request: `method`, `headers`, `query`, `body`.
    Request,
    /// The fields of an event's payload.
    Payload,
}

impl<T: AsRef<str>> Test<T> {
    /// The same test with text borrowed.
    pub fn as_ref(&self) -> Test<&str> {
        self.map(&mut |text| text.as_ref(), |number| *number)
    }
}

impl<T: AsRef<str>> Scalar<T> {
    /// The same value with text borrowed.
    pub fn as_ref(&self) -> Scalar<&str> {
        self.map(&mut |text| text.as_ref(), |number| *number)
    }
}

impl<T, N> Test<T, N> {
    /// The same test with texts and numbers of other types.
    pub(crate) fn map<'t, U, M>(
        &'t self,
        text: &mut impl FnMut(&'t T) -> U,
        number: impl Fn(&'t N) -> M,
    ) -> Test<U, M> {
        match self {
            Test::Literal(scalar) => Test::Literal(scalar.map(text, number)),
            Test::StartsWith(start) => Test::StartsWith(text(start)),
            Test::EndsWith(end) => Test::EndsWith(text(end)),
            Test::IgnoreCaseEquals(wanted) => Test::IgnoreCaseEquals(text(wanted)),
            Test::Exists(wanted) => Test::Exists(*wanted),
            Test::IsNull(wanted) => Test::IsNull(*wanted),
            Test::AnythingBut(scalar) => Test::AnythingBut(scalar.map(text, number)),
            Test::Gt(bound) => Test::Gt(number(bound)),
            Test::Gte(bound) => Test::Gte(number(bound)),
            Test::Lt(bound) => Test::Lt(number(bound)),
            Test::Lte(bound) => Test::Lte(number(bound)),
            Test::Between(low, high) => Test::Between(number(low), number(high)),
            Test::Includes(scalar) => Test::Includes(scalar.map(text, number)),
            Test::Not(scalar) => Test::Not(scalar.map(text, number)),
        }
    }
}

impl<T, N> Scalar<T, N> {
    fn map<'t, U, M>(
        &'t self,
        text: &mut impl FnMut(&'t T) -> U,
        number: impl Fn(&'t N) -> M,
    ) -> Scalar<U, M> {
        match self {
            Scalar::Str(value) => Scalar::Str(text(value)),
            Scalar::Num(value) => Scalar::Num(number(value)),
            Scalar::Bool(bool) => Scalar::Bool(*bool),
        }
    }
}

/// Writes a list as it stands in a filter: `["a", "b"]`, `[{ $gt: 1 }, { $lt: 5 }]`.
pub(crate) fn write_list<'t>(
    f: &mut dyn fmt::Write,
    tests: impl IntoIterator<Item = &'t Test<Box<str>>>,
) -> fmt::Result {
    f.write_str("[")?;
    for (n, test) in tests.into_iter().enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        match test {
            Test::Literal(_) => write!(f, "{comma}{test}")?,
            _ => write!(f, "{comma}{{ {test} }}")?,
        }
    }
    f.write_str("]")
}

/// Writes `$gt: 1`, or a literal bare.
impl<T: AsRef<str>> fmt::Display for Test<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_ref() {
            Test::Literal(scalar) => scalar.fmt(f),
            Test::StartsWith(text) => write!(f, "$startsWith: {text:?}"),
            Test::EndsWith(text) => write!(f, "$endsWith: {text:?}"),
            Test::IgnoreCaseEquals(text) => write!(f, "$ignoreCaseEquals: {text:?}"),
            Test::Exists(wanted) => write!(f, "$exists: {wanted}"),
            Test::IsNull(wanted) => write!(f, "$isNull: {wanted}"),
            Test::AnythingBut(scalar) => write!(f, "$anythingBut: {scalar}"),
            Test::Gt(bound) => write!(f, "$gt: {bound}"),
            Test::Gte(bound) => write!(f, "$gte: {bound}"),
            Test::Lt(bound) => write!(f, "$lt: {bound}"),
            Test::Lte(bound) => write!(f, "$lte: {bound}"),
            Test::Between(low, high) => write!(f, "$between: [{low}, {high}]"),
            Test::Includes(scalar) => write!(f, "$includes: {scalar}"),
            Test::Not(scalar) => write!(f, "$not: {scalar}"),
        }
    }
}

/// Writes the value as JSON would, near enough for messages.
impl<T: AsRef<str>> fmt::Display for Scalar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Str(text) => write!(f, "{:?}", text.as_ref()),
            Scalar::Num(number) => number.fmt(f),
            Scalar::Bool(bool) => bool.fmt(f),
        }
    }
}
