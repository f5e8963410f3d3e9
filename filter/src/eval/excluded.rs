//! Whether one filter lets nothing pass that another lets pass.
//!
//! Every answer "yes" is certain; a "no" may be a "yes" that takes more thought than this.

use super::implied::seen;
use super::naive::items_hold;
use crate::check::conflict;
use crate::{Field, Filter, Item, Test, Tree};

/// A field of which two filters want what no value satisfies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// The field.
    pub field: String,
    /// What the one wants of it.
    pub first: String,
    /// What the other wants of it.
    pub second: String,
}

impl Filter {
    /// A field of payloads of which this filter wants what `other` does not let pass.
    ///
    /// Fields below others are not looked at: of an array of objects one element may satisfy the one filter, and
    /// another the other.
    pub fn excludes(&self, other: &Filter) -> Option<Excluded> {
        if self.root() != other.root() {
            return None;
        }
        self.fields().iter().find_map(|first| {
            let second = other.fields().iter().find(|second| second.name == first.name)?;
            excluded(first, second)
        })
    }
}

fn excluded(first: &Field, second: &Field) -> Option<Excluded> {
    let (first_tests, second_tests) = match (&first.tree, &second.tree) {
        (Tree::List(a), Tree::List(b)) => lists(a, b)?,
        (Tree::List(items), Tree::Object(_)) => (nothing(items)?, "an object".to_owned()),
        (Tree::Object(_), Tree::List(items)) => ("an object".to_owned(), nothing(items)?),
        (Tree::Object(_), Tree::Object(_)) => return None,
    };
    Some(Excluded { field: first.name.to_string(), first: first_tests, second: second_tests })
}

/// What two lists want, where no value satisfies both.
fn lists(a: &[Item], b: &[Item]) -> Option<(String, String)> {
    match (are_literals(a), are_literals(b)) {
        (true, _) => none_passes(a, b).then(|| (all(a), all(b))),
        (false, true) => none_passes(b, a).then(|| (all(a), all(b))),
        (false, false) => a.iter().find_map(|first| {
            let second = b.iter().find(|second| conflict::between(&first.test, &second.test))?;
            Some((first.test.to_string(), second.test.to_string()))
        }),
    }
}

fn are_literals(items: &[Item]) -> bool {
    items.iter().all(|item| matches!(item.test, Test::Literal(_)))
}

/// Whether none of these literals satisfies the list.
fn none_passes(literals: &[Item], list: &[Item]) -> bool {
    literals.iter().all(|item| match item.test.as_ref() {
        Test::Literal(value) => !items_hold(list, &seen(value)),
        _ => false,
    })
}

/// What holds for nothing below which a field could be.
fn nothing(items: &[Item]) -> Option<String> {
    let nothing = items.iter().find(|item| matches!(item.test, Test::Exists(false) | Test::IsNull(true)))?;
    Some(nothing.test.to_string())
}

fn all(items: &[Item]) -> String {
    let word = if are_literals(items) { " or " } else { " and " };
    items.iter().map(|item| item.test.to_string()).collect::<Vec<_>>().join(word)
}
