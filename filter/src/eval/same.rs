//! Whether two filters say the same, in whatever order.

use super::hash;
use crate::{Field, Item, Tree};

/// Equal for filters that say the same.
pub(super) fn fingerprint(fields: &[Field]) -> u64 {
    sum(fields, |field| hash::of((&field.name, tree_fingerprint(&field.tree))))
}

fn tree_fingerprint(tree: &Tree) -> u64 {
    match tree {
        Tree::Object(fields) => hash::of((0u8, fingerprint(fields))),
        Tree::List(items) => hash::of((1u8, sum(items, |item| hash::of(&item.test)))),
    }
}

/// In no order.
fn sum<T>(all: &[T], hash: impl Fn(&T) -> u64) -> u64 {
    all.iter().map(hash).fold(0, u64::wrapping_add)
}

/// Whether two objects have the same fields.
pub(super) fn fields(a: &[Field], b: &[Field]) -> bool {
    let same =
        |field: &Field| b.iter().any(|other| field.name == other.name && trees(&field.tree, &other.tree));
    a.len() == b.len() && a.iter().all(same)
}

fn trees(a: &Tree, b: &Tree) -> bool {
    match (a, b) {
        (Tree::Object(a), Tree::Object(b)) => fields(a, b),
        (Tree::List(a), Tree::List(b)) => {
            let among =
                |a: &[Item], b: &[Item]| a.iter().all(|item| b.iter().any(|other| item.test == other.test));
            a.len() == b.len() && among(a, b) && among(b, a)
        }
        _ => false,
    }
}
