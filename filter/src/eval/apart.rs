//! Finds a place at which two filters of one payload let nothing pass together.

use super::naive::{fields_hold, items_hold};
use super::test::Seen;
use crate::check::conflict;
use crate::pattern::write_list;
use crate::{Field, Filter, Item, Scalar, Test, Tree};
use serde_json::Value;

/// A place at which two filters let nothing pass together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The keys to it, with dots between them.
    pub path: String,
    /// What the first filter wants there, as it is written.
    pub first: String,
    /// What the second one wants there.
    pub second: String,
}

impl Filter {
    /// Where this filter and another one of payloads let nothing pass together. What is found is certain; of
    /// what operators exclude, some is not found.
    ///
    /// `is_object` says of a path whether a value there is no list for sure: of a list, one element may
    /// satisfy the first filter and another one the second.
    pub fn apart(&self, other: &Filter, is_object: impl Fn(&[&str]) -> bool) -> Option<Apart> {
        fields_apart(self.fields(), other.fields(), &mut Vec::new(), &is_object)
    }
}

fn fields_apart<'f>(
    first: &'f [Field],
    second: &[Field],
    path: &mut Vec<&'f str>,
    is_object: &dyn Fn(&[&str]) -> bool,
) -> Option<Apart> {
    for field in first {
        let Some(other) = second.iter().find(|other| other.name == field.name) else { continue };
        path.push(&field.name);
        let found = match (&field.tree, &other.tree) {
            (Tree::Object(first), Tree::Object(second)) if is_object(path) => {
                fields_apart(first, second, path, is_object)
            }
            (Tree::Object(_), Tree::Object(_)) => None,
            (first, second) => are_apart(first, second).then(|| Apart {
                path: path.join("."),
                first: written(first),
                second: written(second),
            }),
        };
        if found.is_some() {
            return found;
        }
        path.pop();
    }
    None
}

fn are_apart(first: &Tree, second: &Tree) -> bool {
    match (first, second) {
        (Tree::List(first), Tree::List(second)) => match (literals(first), literals(second)) {
            (Some(first), _) => none_holds(&first, second),
            (_, Some(second)) => none_holds(&second, first),
            (None, None) => !conflict::find(&[first.as_slice(), second.as_slice()].concat()).is_empty(),
        },
        (Tree::Object(fields), Tree::List(items)) | (Tree::List(items), Tree::Object(fields)) => {
            // Below a scalar there is nothing, which is all the same whatever the scalar is.
            let scalars = if fields_hold(fields, Some(&Value::Bool(true))) { conflict::SCALAR } else { 0 };
            let kinds = items.iter().fold(conflict::ALL, |kinds, item| kinds & kinds_of(&item.test));
            kinds & (conflict::ARRAY | conflict::OBJECT | scalars) == 0
        }
        // Decided field by field.
        (Tree::Object(_), Tree::Object(_)) => false,
    }
}

fn kinds_of(test: &Test<Box<str>>) -> u8 {
    match test {
        Test::Literal(_) => conflict::SCALAR,
        test => conflict::kinds(test).1,
    }
}

/// Whether a list accepts none of some literals.
fn none_holds(literals: &[&Scalar<Box<str>>], list: &[Item]) -> bool {
    !literals.iter().any(|literal| {
        let seen = match literal {
            Scalar::Str(text) => Seen::<()>::Str(text),
            Scalar::Num(number) => Seen::Num(*number),
            Scalar::Bool(bool) => Seen::Bool(*bool),
        };
        items_hold(list, &seen)
    })
}

/// The literals of a list, if it is one of literals.
fn literals(items: &[Item]) -> Option<Vec<&Scalar<Box<str>>>> {
    let literal = |item: &'_ Item| matches!(item.test, Test::Literal(_));
    let all = items.iter().filter_map(|item| match &item.test {
        Test::Literal(value) => Some(value),
        _ => None,
    });
    items.iter().all(literal).then(|| all.collect())
}

fn written(tree: &Tree) -> String {
    let mut text = String::new();
    match tree {
        // Writing to a string cannot fail.
        Tree::List(items) => _ = write_list(&mut text, items.iter().map(|item| &item.test)),
        Tree::Object(_) => text.push_str("an object"),
    }
    text
}
