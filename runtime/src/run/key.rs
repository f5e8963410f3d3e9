//! Keys of steps, and where a step stands among the steps around it.

use std::fmt::Display;

/// The key of a step: a text, or a text with what tells repetitions apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

/// What can be the key of a step.
///
/// A loop adds its index: `io.run_task(("charge", i), ...)`.
pub trait IntoKey {
    /// The key.
    fn into_key(self) -> Key;
}

impl IntoKey for &str {
    fn into_key(self) -> Key {
        Key(escape(self))
    }
}

impl IntoKey for String {
    fn into_key(self) -> Key {
        Key(escape(&self))
    }
}

impl<A: Display, B: Display> IntoKey for (A, B) {
    fn into_key(self) -> Key {
        Key(format!("{}:{}", escape(&self.0.to_string()), escape(&self.1.to_string())))
    }
}

impl Key {
    /// The key below that of the step around it.
    pub(crate) fn below(self, parent: Option<&str>) -> String {
        match parent {
            Some(parent) => format!("{parent}/{}", self.0),
            None => self.0,
        }
    }
}

/// Keeps `/` for what joins the keys of nested steps.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F")
}

/// The keys of the steps around a step, the innermost first.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_key_is_no_nesting() {
        let path = "a/b".into_key().below(Some(&"x".into_key().below(None)));
        assert_eq!(path, "x/a%2Fb");
        assert_eq!(ancestors(&path).collect::<Vec<_>>(), ["x"]);
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(("charge", 3).into_key().below(None), "charge:3");
    }
}
