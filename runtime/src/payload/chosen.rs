//! Which variants of an enum a filter on its tag leaves.

use super::steps::{Object, ends_with, is_same, starts_with};
use super::{Field, Variant};
use triggerfish_filter::{Pattern, Scalar, Test};

const fn is_name_of(field: &Field, key: &str) -> bool {
    if is_same(field.name, key) {
        return true;
    }
    let mut aliases = field.aliases;
    while let [alias, rest @ ..] = aliases {
        if is_same(alias, key) {
            return true;
        }
        aliases = rest;
    }
    false
}

/// What a filter asks of the tag, beside the key that is looked for.
pub(super) const fn said(object: Object, tag: &Field) -> Option<&'static [Test<&'static str>]> {
    let mut object = object;
    while let [(key, pattern), rest @ ..] = object {
        if let Pattern::List(list) = pattern
            && is_name_of(tag, key)
        {
            return Some(list);
        }
        object = rest;
    }
    None
}

/// The variants that a filter on the tag leaves.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    /// What it asks of the tag; `None` where all are left.
    list: Option<&'static [Test<&'static str>]>,
}

impl Chosen {
    pub(super) const fn by(list: Option<&'static [Test<&'static str>]>, of: &[Variant]) -> Self {
        let chosen = Chosen { list };
        let mut rest = of;
        while let [variant, others @ ..] = rest {
            if variant.is_named() && chosen.has(variant) {
                return chosen;
            }
            rest = others;
        }
        // A tag of none of them is its own mistake, told where it is written.
        Chosen { list: None }
    }

    pub(super) const fn has(&self, variant: &Variant) -> bool {
        let Some(list) = self.list else { return true };
        if !variant.is_named() || admits(list, variant.name) {
            return true;
        }
        let mut aliases = variant.aliases;
        while let [alias, rest @ ..] = aliases {
            if admits(list, alias) {
                return true;
            }
            aliases = rest;
        }
        false
    }

    /// The only one that is left.
    pub(super) const fn only(&self, of: &'static [Variant]) -> Option<&'static Variant> {
        let mut found = None;
        let mut rest = of;
        while let [variant, others @ ..] = rest {
            if self.has(variant) {
                if found.is_some() {
                    return None;
                }
                found = Some(variant);
            }
            rest = others;
        }
        found
    }
}

impl Variant {
    /// Whether its name tells it.
    pub(super) const fn is_named(&self) -> bool {
        !self.untagged && !self.other
    }
}

/// Whether a tag can be this name: of literals one has to be equal, operators must all hold.
pub(crate) const fn admits(list: &[Test<&'static str>], name: &str) -> bool {
    let mut rest = list;
    let mut literals = false;
    while let [test, others @ ..] = rest {
        match test {
            Test::Literal(Scalar::Str(text)) => {
                if is_same(text, name) {
                    return true;
                }
                literals = true;
            }
            Test::StartsWith(text) if !starts_with(name, text) => return false,
            Test::EndsWith(text) if !ends_with(name, text) => return false,
            Test::IgnoreCaseEquals(text) if text.is_ascii() && !text.eq_ignore_ascii_case(name) => {
                return false;
            }
            Test::Not(Scalar::Str(text)) | Test::AnythingBut(Scalar::Str(text)) if is_same(text, name) => {
                return false;
            }
            Test::Exists(false) => return false,
            _ => {}
        }
        rest = others;
    }
    !literals
}
