//! The operators: their names and what they take. Every front end and every message reads this table.

use std::fmt;

use crate::{Number, ProblemKind, Scalar, Test, nearest};

/// An operator of the filter language.
#[derive(Clone, Copy, Debug)]
pub struct Operator {
    /// As written in a filter: `$startsWith`.
    pub name: &'static str,
    /// As written as a function: `starts_with`.
    pub function: &'static str,
    pub(crate) make: Make,
}

/// How an operand becomes a test.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Make {
    Text(fn(Box<str>) -> Test<Box<str>>),
    Number(fn(Number) -> Test<Box<str>>),
    Range(fn(Number, Number) -> Test<Box<str>>),
    Bool(fn(bool) -> Test<Box<str>>),
    Scalar(fn(Scalar<Box<str>>) -> Test<Box<str>>),
    Scalars(fn(Scalar<Box<str>>) -> Test<Box<str>>),
}

/// What an operator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A string.
    Text,
    /// A number.
    Number,
    /// Two numbers, the lower first.
    Range,
    /// `true` or `false`.
    Bool,
    /// A string, a number or a boolean.
    Scalar,
    /// One of those, or a list of them of one type.
    Scalars,
}

/// All of them, in the order in which messages list them.
pub const OPERATORS: &[Operator] = &[
    operator("$startsWith", "starts_with", Make::Text(Test::StartsWith)),
    operator("$endsWith", "ends_with", Make::Text(Test::EndsWith)),
    operator("$ignoreCaseEquals", "ignore_case_equals", Make::Text(Test::IgnoreCaseEquals)),
    operator("$exists", "exists", Make::Bool(Test::Exists)),
    operator("$isNull", "is_null", Make::Bool(Test::IsNull)),
    operator("$anythingBut", "anything_but", Make::Scalars(Test::AnythingBut)),
    operator("$not", "not", Make::Scalar(Test::Not)),
    operator("$gt", "gt", Make::Number(Test::Gt)),
    operator("$gte", "gte", Make::Number(Test::Gte)),
    operator("$lt", "lt", Make::Number(Test::Lt)),
    operator("$lte", "lte", Make::Number(Test::Lte)),
    operator("$between", "between", Make::Range(Test::Between)),
    operator("$includes", "includes", Make::Scalar(Test::Includes)),
];

/// What people write who come from elsewhere, and what to write instead.
const FOREIGN: &[(&str, &str)] = &[
    ("prefix", "`$startsWith`"),
    ("suffix", "`$endsWith`"),
    ("equals-ignore-case", "`$ignoreCaseEquals`"),
    ("anything-but", "`$anythingBut`"),
    ("numeric", "`$gt`, `$gte`, `$lt`, `$lte` or `$between`"),
    ("wildcard", "`$startsWith` or `$endsWith`"),
    ("$in", "a plain list: `[\"a\", \"b\"]`"),
    ("$eq", "a plain list: `[\"a\"]`"),
    ("$ne", "`$not` or `$anythingBut`"),
    ("$nin", "`$anythingBut`"),
    ("$regex", "`$startsWith`, `$endsWith` or `$ignoreCaseEquals`"),
    ("$contains", "`$includes` for arrays; there is no search inside strings"),
    ("$elemMatch", "the fields of an element directly: an object that meets an array looks at each element"),
    ("$and", "the conditions side by side: all keys and all operators of a list must hold"),
    ("$or", "a list of literals, or one job for each alternative"),
];

/// The operator that is written as the function `name`: `starts_with`.
///
/// # Errors
/// No such function: the kind says which one was probably meant.
pub fn from_function(name: &str) -> Result<&'static Operator, ProblemKind> {
    OPERATORS.iter().find(|operator| operator.function == name).ok_or_else(|| {
        let known: Vec<_> = OPERATORS.iter().map(|operator| operator.function).collect();
        ProblemKind::UnknownFunction { name: name.into(), nearest: nearest(name, &known) }
    })
}

/// The operator written `$name`.
pub(crate) fn find(name: &str) -> Result<&'static Operator, ProblemKind> {
    if let Some(operator) = OPERATORS.iter().find(|operator| operator.name == name) {
        return Ok(operator);
    }
    if let Some((_, instead)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name) {
        return Err(ProblemKind::ForeignOperator { name: name.into(), instead });
    }
    Err(ProblemKind::UnknownOperator { name: name.into(), nearest: near(name) })
}

/// The operator that `name` was probably meant to be.
pub(crate) fn near(name: &str) -> Option<&'static str> {
    let known: Vec<_> = OPERATORS.iter().map(|operator| operator.name).collect();
    nearest(name, &known)
}

const fn operator(name: &'static str, function: &'static str, make: Make) -> Operator {
    Operator { name, function, make }
}

impl Operator {
    /// What it takes.
    pub fn operand(&self) -> Operand {
        match self.make {
            Make::Text(_) => Operand::Text,
            Make::Number(_) => Operand::Number,
            Make::Range(_) => Operand::Range,
            Make::Bool(_) => Operand::Bool,
            Make::Scalar(_) => Operand::Scalar,
            Make::Scalars(_) => Operand::Scalars,
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operand::Text => "a string",
            Operand::Number => "a number",
            Operand::Range => "two numbers, the lower first",
            Operand::Bool => "`true` or `false`",
            Operand::Scalar => "a string, a number or a boolean",
            Operand::Scalars => "a string, a number, a boolean, or a list of one of these",
        })
    }
}
