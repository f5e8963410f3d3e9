//! Did you mean: the known name closest to a mistyped one.

/// The one of `known` that `name` was probably meant to be.
///
/// Letters typed wrong, left out, added or swapped count one each, case and `_`, `-`, `$` count nothing, and
/// a third of the letters may be off. A name cut short or run on finds what it begins. Nothing close: `None`.
///
/// ```
/// use triggerfish_filter::nearest;
///
/// assert_eq!(nearest("sorce", &["id", "source"]), Some("source"));
/// assert_eq!(nearest("colour", &["id", "source"]), None);
/// ```
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let name = letters(name);
    if name.is_empty() {
        return None;
    }
    let close = known.iter().filter_map(|known| {
        let wanted = letters(known);
        let off = distance(&name, &wanted);
        let allowed = (name.len().max(wanted.len()) / 3).max(1);
        (off <= allowed).then_some((off, *known))
    });
    let begun = known.iter().filter_map(|known| {
        let wanted = letters(known);
        let shared = name.len().min(wanted.len());
        (shared >= 3 && name[..shared] == wanted[..shared])
            .then_some((name.len().abs_diff(wanted.len()), *known))
    });
    close.min_by_key(|(off, _)| *off).or_else(|| begun.min_by_key(|(off, _)| *off)).map(|(_, known)| known)
}

fn letters(name: &str) -> Vec<char> {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '$')).take(64).flat_map(char::to_lowercase).collect()
}

/// Edits between two words, where swapping neighbours is one.
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut rows = vec![0; (a.len() + 1) * width];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i * width + j] = if i == 0 || j == 0 {
                i + j
            } else {
                let changed = usize::from(a[i - 1] != b[j - 1]);
                let mut least = (rows[(i - 1) * width + j - 1] + changed)
                    .min(rows[(i - 1) * width + j] + 1)
                    .min(rows[i * width + j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[(i - 2) * width + j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len() * width + b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_name_that_was_meant() {
        let known = ["$startsWith", "$endsWith", "$gt", "$gte", "$exists"];
        for (typed, meant) in [
            ("$startWith", Some("$startsWith")),
            ("starts_with", Some("$startsWith")),
            ("$STARTSWITH", Some("$startsWith")),
            ("$start", Some("$startsWith")),
            ("$exsits", Some("$exists")),
            ("$existsNot", Some("$exists")),
            ("$tg", Some("$gt")),
            ("gte", Some("$gte")),
            ("$matches", None),
            ("", None),
            ("$", None),
        ] {
            assert_eq!(nearest(typed, &known), meant, "{typed}");
        }
    }
}
