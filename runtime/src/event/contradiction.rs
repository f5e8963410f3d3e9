//! Finds what two filters cannot both let pass. What it finds is certain; a
//! contradiction among operators may escape it.

use triggerfish_filter::{Field, Item, Scalar, Test, Tree};

/// A path at which one filter lists values of which the other takes none, with
/// what the first lists there.
pub(super) fn between(first: &[Field], second: &[Field], below: &str) -> Option<(String, String)> {
    first.iter().find_map(|field| {
        let other = second.iter().find(|other| other.name == field.name)?;
        let path = if below.is_empty() { field.name.to_string() } else { format!("{below}.{}", field.name) };
        match (&field.tree, &other.tree) {
            (Tree::Object(first), Tree::Object(second)) => between(first, second, &path),
            (Tree::List(first), Tree::List(second)) => {
                let (listed, wanted) = (literals(first)?, literals(second)?);
                let apart = listed.iter().all(|value| !wanted.contains(value));
                apart.then(|| (path, listed.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")))
            }
            _ => None,
        }
    })
}

/// The literals of a list that holds nothing else.
fn literals(items: &[Item]) -> Option<Vec<&Scalar<Box<str>>>> {
    items
        .iter()
        .map(|item| match &item.test {
            Test::Literal(value) => Some(value),
            _ => None,
        })
        .collect()
}
