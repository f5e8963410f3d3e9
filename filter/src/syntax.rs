//! Filters as written: what a front end read, before anything is known to make sense.
//!
//! The macros build this from tokens and put spans in it, the JSON reader puts pointers. Both leave every
//! judgement to [`check`](crate::check()).

use std::fmt;

use crate::Number;

/// A piece of a filter as written. `S` says where it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<S> {
    /// `{ key: value, .. }`
    Object {
        /// In the order written, repeated keys included.
        entries: Vec<Entry<S>>,
        /// The whole object.
        at: S,
    },
    /// `[item, ..]`
    List {
        /// In the order written.
        items: Vec<Node<S>>,
        /// The whole list.
        at: S,
    },
    /// A single value.
    Value {
        /// The value.
        value: Value,
        /// Where it stands.
        at: S,
    },
    /// What could not be read and was reported by the front end: the checks are silent about it.
    Bad,
}

/// A key and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<S> {
    /// `key: value`
    Field {
        /// The key, operators with their `$`.
        key: String,
        /// The key alone.
        at: S,
        /// What stands after the colon.
        value: Node<S>,
    },
    /// An entry without a readable key, already reported.
    Bad,
}

/// A single value as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, which no list takes; its own message says what to write.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Num(Number),
    /// What looks like a number and is none that JSON has: too large, NaN. As written.
    NotANumber(String),
    /// A string.
    Str(String),
}

impl<S> Node<S> {
    /// Where the piece stands, if the front end could read it.
    pub fn at(&self) -> Option<&S> {
        match self {
            Node::Object { at, .. } | Node::List { at, .. } | Node::Value { at, .. } => Some(at),
            Node::Bad => None,
        }
    }

    /// The kind of thing, with its article: "a list".
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Node::Object { .. } => "an object",
            Node::List { .. } => "a list",
            Node::Value { value, .. } => value.what(),
            Node::Bad => "something unreadable",
        }
    }
}

impl Value {
    /// The kind of value, with its article: "a string".
    pub(crate) fn what(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Num(_) | Value::NotANumber(_) => "a number",
            Value::Str(_) => "a string",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(bool) => bool.fmt(f),
            Value::Num(number) => number.fmt(f),
            Value::NotANumber(text) => f.write_str(text),
            Value::Str(text) => write!(f, "{text:?}"),
        }
    }
}
