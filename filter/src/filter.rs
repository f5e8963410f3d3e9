//! Filters that were checked: the only ones that can be evaluated.

use std::fmt;

use crate::syntax::{Entry, Node, Value};
use crate::{Pattern, Problem, Root, Scalar, Test, check};

/// A filter that passed all checks.
#[derive(Clone, PartialEq)]
pub struct Filter {
    root: Root,
    fields: Vec<Field>,
}

/// A key of an object, and what must hold for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<S = ()> {
    /// The name of the field, as events have it; names of headers in lower case.
    pub name: Box<str>,
    /// What must hold.
    pub tree: Tree<S>,
    /// Where the key was written.
    pub at: S,
}

/// What must hold for a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<S = ()> {
    /// For its fields, all of it.
    Object(Vec<Field<S>>),
    /// For the value itself: literals (any of them) or operators (all of them), never both, never none.
    List(Vec<Item<S>>),
}

/// One entry of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Item<S = ()> {
    /// What it tests.
    pub test: Test<Box<str>>,
    /// Where it was written, operator and operand.
    pub at: S,
    /// Where the value stands that it compares with; for a literal the same as `at`.
    pub operand: S,
}

impl Filter {
    /// Checks a pattern of constant data.
    ///
    /// # Errors
    /// All problems; a place is a JSON pointer.
    pub fn from_pattern(pattern: Pattern<'_>, root: Root) -> Result<Filter, Vec<Problem<String>>> {
        // Almost every pattern is right: places are worked out only for those that are not.
        check(&written(pattern, &(), &|(), _| ()), root).into_filter().or_else(|_| {
            check(&written(pattern, &String::new(), &|at, step| format!("{at}/{}", escape(step))), root)
                .into_filter()
        })
    }

    /// Whether it looks at requests or at payloads.
    pub fn root(&self) -> Root {
        self.root
    }

    /// What must hold, key by key in the order written. Empty: everything passes.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Only for trees that passed the checks.
    pub(crate) fn new(root: Root, fields: Vec<Field>) -> Filter {
        Filter { root, fields }
    }
}

impl<S> Field<S> {
    pub(crate) fn without_places(self) -> Field {
        let tree = match self.tree {
            Tree::Object(fields) => Tree::Object(fields.into_iter().map(Field::without_places).collect()),
            Tree::List(items) => Tree::List(
                items.into_iter().map(|item| Item { test: item.test, at: (), operand: () }).collect(),
            ),
        };
        Field { name: self.name, tree, at: () }
    }
}

/// Escapes one step of a JSON pointer.
pub(crate) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

/// The pattern as somebody would have written it.
fn written<S: Clone>(pattern: Pattern<'_>, at: &S, down: &impl Fn(&S, &str) -> S) -> Node<S> {
    match pattern {
        Pattern::Object(fields) => {
            let entry = |(key, pattern): &(&str, Pattern<'_>)| {
                let at = down(at, key);
                Entry::Field { key: (*key).into(), value: written(*pattern, &at, down), at }
            };
            Node::Object { entries: fields.iter().map(entry).collect(), at: at.clone() }
        }
        Pattern::List(tests) => {
            let item = |(n, test): (usize, &Test<&str>)| written_test(*test, &down(at, &n.to_string()));
            Node::List { items: tests.iter().enumerate().map(item).collect(), at: at.clone() }
        }
    }
}

fn written_test<S: Clone>(test: Test<&str>, at: &S) -> Node<S> {
    let value = |value| Node::Value { value, at: at.clone() };
    let text = |text: &str| value(Value::Str(text.into()));
    let number = |number| value(Value::Num(number));
    let scalar = |scalar: Scalar<&str>| match scalar {
        Scalar::Str(text) => value(Value::Str(text.into())),
        Scalar::Num(number) => value(Value::Num(number)),
        Scalar::Bool(bool) => value(Value::Bool(bool)),
    };
    let (key, operand) = match test {
        Test::Literal(literal) => return scalar(literal),
        Test::StartsWith(t) => ("$startsWith", text(t)),
        Test::EndsWith(t) => ("$endsWith", text(t)),
        Test::IgnoreCaseEquals(t) => ("$ignoreCaseEquals", text(t)),
        Test::Exists(wanted) => ("$exists", value(Value::Bool(wanted))),
        Test::IsNull(wanted) => ("$isNull", value(Value::Bool(wanted))),
        Test::AnythingBut(s) => ("$anythingBut", scalar(s)),
        Test::Gt(n) => ("$gt", number(n)),
        Test::Gte(n) => ("$gte", number(n)),
        Test::Lt(n) => ("$lt", number(n)),
        Test::Lte(n) => ("$lte", number(n)),
        Test::Between(low, high) => {
            ("$between", Node::List { items: vec![number(low), number(high)], at: at.clone() })
        }
        Test::Includes(s) => ("$includes", scalar(s)),
        Test::Not(s) => ("$not", scalar(s)),
    };
    let entry = Entry::Field { key: key.into(), at: at.clone(), value: operand };
    Node::Object { entries: vec![entry], at: at.clone() }
}

/// Writes the filter as it would be written in a macro.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_fields(f, &self.fields)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({:?}, {self})", self.root)
    }
}

fn write_fields(f: &mut fmt::Formatter<'_>, fields: &[Field]) -> fmt::Result {
    if fields.is_empty() {
        return f.write_str("{}");
    }
    for (n, field) in fields.iter().enumerate() {
        f.write_str(if n == 0 { "{ " } else { ", " })?;
        let is_name = field.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && field.name.starts_with(|c: char| !c.is_ascii_digit());
        if is_name {
            write!(f, "{}: ", field.name)?;
        } else {
            write!(f, "{:?}: ", field.name)?;
        }
        match &field.tree {
            Tree::Object(fields) => write_fields(f, fields)?,
            Tree::List(items) => crate::pattern::write_list(f, items.iter().map(|item| &item.test))?,
        }
    }
    f.write_str(" }")
}
