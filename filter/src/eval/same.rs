//! Whether two filters of a program say the same, in whatever order.

use super::hash;
use super::program::{Num, Program, Steps, View};
use crate::Test;

/// Equal for filters that say the same.
pub(super) fn fingerprint(program: &Program, filter: Steps) -> u64 {
    sum(program.look(filter), |(node, view)| match view {
        View::Object(fields) => hash::of((node, 0u8, fingerprint(program, fields))),
        View::List(tests) => hash::of((node, 1u8, sum(program.with_texts(tests), hash::of))),
    })
}

/// In no order.
fn sum<T>(all: impl Iterator<Item = T>, hash: impl Fn(T) -> u64) -> u64 {
    all.map(hash).fold(0, u64::wrapping_add)
}

/// Whether two filters want the same at the same nodes.
pub(super) fn filters(program: &Program, a: Steps, b: Steps) -> bool {
    let same = |(node, view): (u32, View<'_>)| {
        program.look(b).any(|(other, there)| node == other && views(program, &view, &there))
    };
    program.look(a).count() == program.look(b).count() && program.look(a).all(same)
}

fn views(program: &Program, a: &View<'_>, b: &View<'_>) -> bool {
    match (a, b) {
        (View::Object(a), View::Object(b)) => filters(program, *a, *b),
        (View::List(a), View::List(b)) => {
            let among = |a, b: &[_]| {
                let within = |test: Test<&str, Num>| program.with_texts(b).any(|other| test == other);
                program.with_texts(a).all(within)
            };
            a.len() == b.len() && among(a, b) && among(b, a)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::paths::Paths;
    use crate::eval::trie::TOP;
    use crate::{Filter, Root};

    /// Fingerprints keep those that differ apart, so that a set never shows a mistake here.
    #[test]
    fn filters_are_the_same_in_any_order_and_only_then() {
        let same = |a: &str, b: &str| {
            let (mut program, mut paths) = (Program::default(), Paths::default());
            let [a, b] = [a, b].map(|text| {
                let filter = Filter::from_json_text(text, Root::Payload).unwrap();
                program.add(filter.fields(), TOP, &mut paths)
            });
            let same = filters(&program, a, b);
            assert_eq!(fingerprint(&program, a) == fingerprint(&program, b), same);
            assert_eq!(filters(&program, b, a), same);
            same
        };
        assert!(same(r#"{"a": ["y", "x"], "b": {"c": [true]}}"#, r#"{"b": {"c": [true]}, "a": ["x", "y"]}"#));
        assert!(same(r#"{"a": [1]}"#, r#"{"a": [1.0]}"#) && same("{}", "{}"));
        for (a, b) in [
            (r#"{"a": [1, 2]}"#, r#"{"a": [2, 3]}"#),
            (r#"{"a": [1]}"#, r#"{"a": [1, 2]}"#),
            (r#"{"a": [1]}"#, r#"{"b": [1]}"#),
            (r#"{"a": [1]}"#, r#"{"a": [1], "b": [1]}"#),
            (r#"{"a": {"b": [1]}}"#, r#"{"a": {"b": [1], "c": [1]}}"#),
            (r#"{"a": {"b": [1]}}"#, r#"{"a": [{"$exists": true}]}"#),
            (r#"{"a": ["1"]}"#, r#"{"a": [1]}"#),
            (r#"{"a": [{"$gt": 1}]}"#, r#"{"a": [{"$gte": 1}]}"#),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }
}
