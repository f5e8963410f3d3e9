//! Keys that never stand beside each other, because no variant of an enum has both.

use super::chosen::{Chosen, said};
use super::message::Message;
use super::names::has;
use super::steps::{Object, needs_presence};
use super::walk::{Spot, find, is_called};
use super::{Field, Schema, Variant, hash};

/// A key of some variants, and one beside it of others.
pub(super) struct Apart {
    /// The key that stands before it.
    first: &'static str,
    /// A variant that has that one.
    of_first: &'static Variant,
    /// A variant that has the key itself.
    of_second: &'static Variant,
}

/// Whether a key stands beside one before it that no variant has together with it.
///
/// A value that is told by its shape, or by a tag of any name, may have keys of several variants.
pub(super) const fn apart(
    at: &Spot,
    tag: Option<&'static Field>,
    of: &'static [Variant],
    chosen: Chosen,
    object: Object,
    wanted: u64,
    outside: Option<&Outside<'_>>,
) -> Option<Apart> {
    let mut object = object;
    while let [(key, pattern), rest @ ..] = object {
        let beside = hash(key);
        if beside == wanted {
            return None;
        }
        let is_tag = match tag {
            Some(tag) => is_called(tag, beside),
            None => false,
        };
        if !is_tag
            && needs_presence(pattern)
            && let (Some(of_first), Some(of_second)) = owners(at, of, chosen, beside, wanted)
            && !is_outside(outside, beside)
        {
            return Some(Apart { first: key, of_first, of_second });
        }
        object = rest;
    }
    None
}

/// A variant for each of two keys; none if one variant has both.
const fn owners(
    at: &Spot,
    of: &'static [Variant],
    chosen: Chosen,
    first: u64,
    second: u64,
) -> (Option<&'static Variant>, Option<&'static Variant>) {
    let (mut of_first, mut of_second) = (None, None);
    let mut of = of;
    while let [variant, rest @ ..] = of {
        of = rest;
        if !variant.is_named() {
            return (None, None);
        }
        if !chosen.has(variant) {
            continue;
        }
        let spot = at.seen_as(variant.schema);
        match (has(spot, first), has(spot, second)) {
            (true, true) => return (None, None),
            (true, false) if of_first.is_none() => of_first = Some(variant),
            (false, true) if of_second.is_none() => of_second = Some(variant),
            _ => {}
        }
    }
    (of_first, of_second)
}

/// An object around a type that is flattened into it.
pub(super) struct Outside<'o> {
    pub(super) at: &'o Spot,
    /// Which of the flattened types.
    pub(super) flattened: usize,
    /// What that object is itself flattened into.
    pub(super) around: Option<&'o Outside<'o>>,
}

/// Whether a key may stand in an object around, beside the flattened type.
const fn is_outside(outside: Option<&Outside<'_>>, wanted: u64) -> bool {
    let mut next = outside;
    while let Some(Outside { at, flattened, around }) = next {
        if let Schema::Struct { fields, flatten, .. } = at.shape {
            if find(fields, wanted).is_some() {
                return true;
            }
            let mut n = 0;
            while n < flatten.len() {
                if n != *flattened && has(at.seen_as(flatten[n]), wanted) {
                    return true;
                }
                n += 1;
            }
        }
        next = *around;
    }
    false
}

/// What is said of a key that stands beside one of another variant.
pub(super) const fn explain_apart(
    message: &mut Message,
    spot: Spot,
    key: &str,
    object: Object,
    outside: Option<&Outside<'_>>,
) -> bool {
    match spot.shape {
        Schema::Option(inner) => explain_apart(message, spot.to(inner), key, object, outside),
        Schema::Struct { flatten, .. } => {
            let mut n = 0;
            while n < flatten.len() {
                let outside = Outside { at: &spot, flattened: n, around: outside };
                if explain_apart(message, spot.seen_as(flatten[n]), key, object, Some(&outside)) {
                    return true;
                }
                n += 1;
            }
            false
        }
        Schema::Union { name, tag, of } => {
            let list = match tag {
                Some(tag) => said(object, tag),
                None => None,
            };
            let chosen = Chosen::by(list, of);
            if let Some(apart) = apart(&spot, *tag, of, chosen, object, hash(key), outside) {
                apart.tell(message, name, key);
                return true;
            }
            let mut of = *of;
            while let [variant, rest @ ..] = of {
                if explain_apart(message, spot.seen_as(variant.schema), key, object, outside) {
                    return true;
                }
                of = rest;
            }
            false
        }
        _ => false,
    }
}

impl Apart {
    const fn tell(&self, message: &mut Message, owner: &str, key: &str) {
        message.name(key).text(" never stands beside ").name(self.first).text(": ");
        message.text("`").text(owner).text("::").text(self.of_second.rust).text("` has the one, `");
        message.text(owner).text("::").text(self.of_first.rust).text("` the other");
        message.text("\nhelp: ask for the fields of one variant; for another, write another job");
    }
}
