//! The keys that an object can have: what was probably meant by one that it has not.

use super::message::Message;
use super::nearest::Nearest;
use super::steps::is_same;
use super::walk::{Spot, find, is_called};
use super::{Field, Schema, Variant};

/// The keys of one or several shapes, seen from a key that none of them has.
pub(super) struct Names<'k> {
    typed: &'k str,
    nearest: Nearest,
    /// The JSON name of the field that has the typed name in Rust.
    of_rust: Option<&'static str>,
    shown: [&'static str; Names::SHOWN],
    /// How many there are, also beyond those that are shown.
    count: usize,
}

impl<'k> Names<'k> {
    /// A message lists no more than these.
    const SHOWN: usize = 8;

    pub(super) const fn like(typed: &'k str) -> Self {
        let nearest = Nearest::to(typed);
        Names { typed, nearest, of_rust: None, shown: [""; Names::SHOWN], count: 0 }
    }

    /// Adds the keys of a shape, of all its variants, and of what is flattened into it.
    pub(super) const fn gather(&mut self, spot: Spot) {
        match spot.shape {
            Schema::Option(inner) => self.gather(spot.to(inner)),
            Schema::Struct { fields, flatten, .. } => {
                let mut fields = *fields;
                while let [field, rest @ ..] = fields {
                    self.add(field);
                    fields = rest;
                }
                let mut flatten = *flatten;
                while let [schema, rest @ ..] = flatten {
                    self.gather(spot.seen_as(schema));
                    flatten = rest;
                }
            }
            Schema::Union { tag, of, .. } => {
                if let Some(tag) = tag {
                    self.add(tag);
                }
                let mut of = *of;
                while let [Variant { schema, .. }, rest @ ..] = of {
                    self.gather(spot.seen_as(schema));
                    of = rest;
                }
            }
            _ => {}
        }
    }

    const fn add(&mut self, field: &Field) {
        if field.skipped {
            return;
        }
        self.nearest.consider(field.name);
        self.nearest.consider_as(field.rust, field.name);
        let mut aliases = field.aliases;
        while let [alias, rest @ ..] = aliases {
            self.nearest.consider(alias);
            aliases = rest;
        }
        if is_same(field.rust, self.typed) && !is_same(field.name, self.typed) {
            self.of_rust = Some(field.name);
        }
        let shown = self.shown_count();
        let mut rest = self.shown.split_at(shown).0;
        while let [name, others @ ..] = rest {
            if is_same(name, field.name) {
                return;
            }
            rest = others;
        }
        if let Some((place, _)) = self.shown.split_at_mut(shown).1.split_first_mut() {
            *place = field.name;
        }
        self.count += 1;
    }

    const fn shown_count(&self) -> usize {
        if self.count < Self::SHOWN { self.count } else { Self::SHOWN }
    }

    /// A second line: what was meant, or what there is.
    pub(super) const fn tell(&self, message: &mut Message) {
        if let Some(name) = self.of_rust {
            message.text("\nhelp: in JSON the field ").name(self.typed).text(" is called ").name(name);
        } else if let Some(name) = self.nearest.found() {
            message.text("\nhelp: did you mean ").name(name).text("?");
        } else if self.count > 0 {
            message.text("\nnote: its fields in JSON are ");
            let mut rest = self.shown.split_at(self.shown_count()).0;
            while let [name, others @ ..] = rest {
                message.name(name).text(if others.is_empty() { "" } else { ", " });
                rest = others;
            }
            if self.count > Self::SHOWN {
                message.text(" and ").int((self.count - Self::SHOWN) as i128).text(" more");
            }
        }
    }
}

/// The type in which a field of this name is marked `#[serde(skip)]`.
pub(super) const fn skipped_in(spot: Spot, key: &str) -> Option<&'static str> {
    match spot.shape {
        Schema::Option(inner) => skipped_in(spot.to(inner), key),
        Schema::Struct { name, fields, flatten } => {
            let mut fields = *fields;
            while let [field, rest @ ..] = fields {
                if field.skipped && (is_same(field.rust, key) || is_same(field.name, key)) {
                    return Some(name);
                }
                fields = rest;
            }
            let mut flatten = *flatten;
            while let [schema, rest @ ..] = flatten {
                if let Some(name) = skipped_in(spot.seen_as(schema), key) {
                    return Some(name);
                }
                flatten = rest;
            }
            None
        }
        Schema::Union { of, .. } => {
            let mut of = *of;
            while let [Variant { schema, .. }, rest @ ..] = of {
                if let Some(name) = skipped_in(spot.seen_as(schema), key) {
                    return Some(name);
                }
                of = rest;
            }
            None
        }
        _ => None,
    }
}

/// Whether an object of this shape can have the key.
pub(super) const fn has(spot: Spot, hash: u64) -> bool {
    match spot.shape {
        Schema::Any | Schema::Map(_) => true,
        Schema::Option(inner) => has(spot.to(inner), hash),
        Schema::Struct { fields, flatten, .. } => {
            if find(fields, hash).is_some() {
                return true;
            }
            let mut flatten = *flatten;
            while let [schema, rest @ ..] = flatten {
                if has(spot.seen_as(schema), hash) {
                    return true;
                }
                flatten = rest;
            }
            false
        }
        Schema::Union { tag, of, .. } => {
            if let Some(tag) = tag
                && is_called(tag, hash)
            {
                return true;
            }
            let mut of = *of;
            while let [Variant { schema, .. }, rest @ ..] = of {
                if has(spot.seen_as(schema), hash) {
                    return true;
                }
                of = rest;
            }
            false
        }
        _ => false,
    }
}
