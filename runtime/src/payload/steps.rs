//! The way from the top of a filter down to one of its values.

use triggerfish_filter::{Pattern, Test, hash};

/// The keys of an object with what they ask for, as a filter holds them.
pub(super) type Object = &'static [(&'static str, Pattern<'static>)];

/// One key of the way.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) key: &'static str,
    /// [`hash`] of the key.
    pub(super) hash: u64,
    /// All keys beside it, itself too: one of them may say which variant of an enum is meant.
    pub(super) object: Object,
}

/// The keys from the top.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    all: [Step; Steps::MOST],
    len: usize,
}

impl Steps {
    /// Filters have at most 32 levels.
    const MOST: usize = 32;

    pub(super) const fn new() -> Self {
        Steps { all: [Step { key: "", hash: 0, object: &[] }; Steps::MOST], len: 0 }
    }

    /// Goes down by a key. False: there is no level below.
    pub(super) const fn push(&mut self, key: &'static str, object: Object) -> bool {
        match self.all.split_at_mut(self.len).1.split_first_mut() {
            Some((place, _)) => {
                *place = Step { key, hash: hash(key), object };
                self.len += 1;
                true
            }
            None => false,
        }
    }

    pub(super) const fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The keys from the one at `depth` on.
    pub(super) const fn from(&self, depth: usize) -> &[Step] {
        let (all, _) = self.all.split_at(self.len);
        if depth < self.len { all.split_at(depth).1 } else { &[] }
    }
}

/// A value of a filter: one entry of a list.
#[derive(Clone, Copy)]
pub(super) struct Value {
    /// The list.
    pub(super) list: &'static [Test<&'static str>],
    /// Which entry; none where the list holds nothing, because nothing in it could be read.
    pub(super) index: usize,
}

impl Value {
    /// What it asks for.
    pub(super) const fn test(&self) -> Option<&'static Test<&'static str>> {
        nth(self.list, self.index)
    }

    /// Whether it asks for nothing to be there.
    pub(super) const fn wants_absence(&self) -> bool {
        matches!(self.test(), Some(Test::Exists(false)))
    }

    /// Whether it holds where nothing is there.
    pub(super) const fn takes_absence(&self) -> bool {
        matches!(self.test(), Some(Test::Exists(false) | Test::IsNull(false) | Test::AnythingBut(_)))
    }
}

/// An entry of a slice, if there is one of this number.
pub(super) const fn nth<T>(all: &[T], n: usize) -> Option<&T> {
    if n < all.len() { all.split_at(n).1.first() } else { None }
}

/// Compares texts, which `==` cannot do while the program is compiled.
pub(super) const fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && starts_with(a, b)
}

pub(super) const fn starts_with(text: &str, start: &str) -> bool {
    let (mut text, mut start) = (text.as_bytes(), start.as_bytes());
    loop {
        match (text, start) {
            (_, []) => return true,
            ([a, rest @ ..], [b, others @ ..]) if *a == *b => (text, start) = (rest, others),
            _ => return false,
        }
    }
}

pub(super) const fn ends_with(text: &str, end: &str) -> bool {
    let (text, end) = (text.as_bytes(), end.as_bytes());
    if end.len() > text.len() {
        return false;
    }
    let (mut tail, mut end) = (text.split_at(text.len() - end.len()).1, end);
    while let ([a, rest @ ..], [b, others @ ..]) = (tail, end) {
        if *a != *b {
            return false;
        }
        (tail, end) = (rest, others);
    }
    true
}
