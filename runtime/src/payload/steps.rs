//! The way from the top of a filter down to one of its values.
//!
//! All of this is evaluated by the compiler, for each value of each filter. It indexes behind a comparison, because
//! each call of a function costs there what a hundred additions do.

use triggerfish_filter::{Pattern, Test};

/// The keys of an object with what they ask for, as a filter holds them.
pub(super) type Object = &'static [(&'static str, Pattern<'static>)];

/// One key of the way.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) key: &'static str,
    /// [`hash`](super::hash) of the key.
    pub(super) hash: u64,
    /// All keys beside it, itself too: one of them may say which variant of an enum is meant.
    pub(super) object: Object,
}

/// The keys from the top.
pub(super) struct Steps {
    pub(super) all: [Step; Steps::MOST],
    pub(super) len: usize,
}

impl Steps {
    /// Filters have at most 32 levels.
    pub(super) const MOST: usize = 32;

    pub(super) const fn new() -> Self {
        Steps { all: [Step { key: "", hash: 0, object: &[] }; Steps::MOST], len: 0 }
    }

    /// Goes down by a key. False: there is no level below.
    pub(super) const fn push(&mut self, key: &'static str, hash: u64, object: Object) -> bool {
        if self.len == Self::MOST {
            return false;
        }
        self.all[self.len] = Step { key, hash, object };
        self.len += 1;
        true
    }

    /// The last key.
    pub(super) const fn last(&self) -> &'static str {
        if self.len == 0 { "" } else { self.all[self.len - 1].key }
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
    /// Nothing that could be read.
    pub(super) const NONE: Value = Value { list: &[], index: 0 };

    /// What it asks for.
    pub(super) const fn test(&self) -> Option<&'static Test<&'static str>> {
        if self.index < self.list.len() { Some(&self.list[self.index]) } else { None }
    }

    /// Whether it asks for nothing to be there.
    pub(super) const fn wants_absence(&self) -> bool {
        matches!(self.test(), Some(Test::Exists(false)))
    }

    /// Whether it holds where nothing is there.
    pub(super) const fn takes_absence(&self) -> bool {
        match self.test() {
            Some(test) => takes_absence(test),
            None => false,
        }
    }
}

const fn takes_absence(test: &Test<&'static str>) -> bool {
    matches!(test, Test::Exists(false) | Test::IsNull(false) | Test::AnythingBut(_))
}

/// Whether it holds only where there is something.
pub(super) const fn needs_presence(pattern: &Pattern<'static>) -> bool {
    match pattern {
        Pattern::Object(fields) => {
            let mut rest = *fields;
            while let [(_, below), others @ ..] = rest {
                if needs_presence(below) {
                    return true;
                }
                rest = others;
            }
            false
        }
        Pattern::List(list) => {
            let mut rest = *list;
            while let [test, others @ ..] = rest {
                if !takes_absence(test) {
                    return true;
                }
                rest = others;
            }
            false
        }
    }
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
    if end.len() > text.len() {
        return false;
    }
    let (mut tail, mut end) = (text.as_bytes().split_at(text.len() - end.len()).1, end.as_bytes());
    while let ([a, rest @ ..], [b, others @ ..]) = (tail, end) {
        if *a != *b {
            return false;
        }
        (tail, end) = (rest, others);
    }
    true
}
