//! `on = Event::Variant`: the filter that a variant stands for.

use super::message::Message;
use super::steps::is_same;
use super::walk::Spot;
use super::{Field, Schema, Variant};
use triggerfish_filter::{Pattern, Root, Scalar, Test};

/// A variant of an enum in a payload, and where it is told.
#[derive(Clone, Copy, Debug)]
pub struct On {
    /// The key that tells the variant.
    pub key: &'static str,
    variant: Option<&'static Variant>,
    problem: Problem,
}

#[derive(Clone, Copy, Debug)]
enum Problem {
    None,
    /// The type is no enum.
    NoEnum,
    /// The variant is never read.
    Skipped,
    /// The payload does not hold the enum where a key could tell it.
    Elsewhere,
    /// The variant's JSON is a string.
    Text,
    /// The variants are chosen by their shape.
    Untagged,
    /// It is any variant that has no name.
    Other,
    /// The variant is a key, and has several.
    Aliases,
}

impl On {
    /// Looks for the variant of the enum, which stands in the payload.
    pub const fn of(enumeration: &'static Schema, payload: Option<&'static Schema>, variant: &str) -> Self {
        let on = On { key: "", variant: None, problem: Problem::None };
        let spot = Spot::top(enumeration);
        let (name, tag, of) = match spot.shape {
            Schema::Union { name, tag, of } => (*name, *tag, *of),
            Schema::Enum { name, variants } => (*name, None, *variants),
            _ => return On { problem: Problem::NoEnum, ..on },
        };
        let Some(found) = named(of, variant) else { return On { problem: Problem::Skipped, ..on } };
        let on = On { variant: Some(found), ..on };
        let place = match payload {
            Some(payload) => place_in(Spot::top(payload), name),
            None => Some(Place::Itself),
        };
        let (problem, key) = match (place, spot.shape) {
            (None, _) => (Problem::Elsewhere, ""),
            _ if found.untagged => (Problem::Untagged, ""),
            _ if found.other => (Problem::Other, ""),
            (Some(Place::Field(field)), Schema::Enum { .. }) => (Problem::None, field.name),
            (Some(Place::Field(_)), _) => (Problem::Elsewhere, ""),
            (Some(Place::Itself), Schema::Enum { .. }) => (Problem::Text, ""),
            (Some(Place::Itself), _) => match (tag, found.schema) {
                (Some(tag), _) => (Problem::None, tag.name),
                (None, Schema::Enum { .. } | Schema::Str) => (Problem::Text, ""),
                (None, _) if !found.aliases.is_empty() => (Problem::Aliases, ""),
                (None, _) => (Problem::None, found.name),
            },
        };
        On { key, problem, ..on }
    }

    /// How many values the filter lists.
    pub const fn count(&self) -> usize {
        match self.variant {
            Some(variant) if !self.is_key() => 1 + variant.aliases.len(),
            _ => 1,
        }
    }

    /// What the filter lists: the names of the variant; where the variant is itself the key, that it is there.
    pub const fn tests<const N: usize>(&self) -> [Test<&'static str>; N] {
        let mut tests = [Test::Exists(true); N];
        let Some(variant) = self.variant else { return tests };
        let mut n = 0;
        while n < N && !self.is_key() {
            let name = if n == 0 { variant.name } else { variant.aliases[n - 1] };
            tests[n] = Test::Literal(Scalar::Str(name));
            n += 1;
        }
        tests
    }

    /// Whether the variant is told by a key of its own name.
    const fn is_key(&self) -> bool {
        match self.variant {
            Some(Variant {
                name, schema: Schema::Struct { fields: [Field { name: key, .. }], .. }, ..
            }) => is_same(key, name) && is_same(self.key, name),
            _ => false,
        }
    }

    /// Refuses a variant that no filter can ask for, and one that the filter beside it asks for too.
    #[track_caller]
    pub const fn check(
        &self,
        enumeration: &'static Schema,
        payload: Option<&'static Schema>,
        root: Root,
        filter: &Pattern<'static>,
        variant: &str,
    ) {
        let mut message = Message::new();
        let m = &mut message;
        let whole = Spot::top(enumeration);
        match self.problem {
            Problem::None if self.is_asked_for(root, filter) => {
                m.text("`filter` asks for ")
                    .name(self.key)
                    .text(" too, which `on` decides\nhelp: remove one of them");
            }
            Problem::None => return,
            Problem::NoEnum => {
                m.text("`on` takes a variant of an enum, and this is ").kind(whole);
            }
            Problem::Skipped => {
                m.text("the variant ")
                    .name(variant)
                    .text(" is never in the JSON: it is marked `#[serde(skip)]`");
            }
            Problem::Elsewhere => {
                m.text("`on` finds no ").name(name_of(whole.shape)).text(" at the top of the payload");
                if let Some(payload) = payload {
                    m.text(", which is ").kind(Spot::top(payload));
                }
                m.text("\nhelp: write a `filter` that looks further inside");
            }
            Problem::Text => {
                m.text("the JSON of ").name(variant).text(" is a string, and `on` looks for a field\n");
                m.text("help: give the enum a `#[serde(tag = \"..\")]`");
            }
            Problem::Untagged => {
                m.text("the JSON does not name ").name(variant).text(": it is marked `#[serde(untagged)]`\n");
                m.text("help: write a `filter` on its fields");
            }
            Problem::Other => {
                m.name(variant)
                    .text(" is whatever has no variant of its own: it is marked `#[serde(other)]`\n");
                m.text("help: write a `filter` with `$anythingBut`");
            }
            Problem::Aliases => {
                m.name(variant).text(" is a key with several names, and `on` looks for one\n");
                m.text("help: write a `filter` on one of them");
            }
        }
        panic!("{}", message.as_str())
    }

    /// Whether the key stands twice in the whole filter.
    const fn is_asked_for(&self, root: Root, filter: &Pattern<'static>) -> bool {
        let Pattern::Object(top) = filter else { return false };
        let mut object = *top;
        if let Root::Request = root {
            let mut rest = *top;
            while let [(key, below), others @ ..] = rest {
                if let Pattern::Object(inner) = below
                    && is_same(key, "body")
                {
                    object = inner;
                }
                rest = others;
            }
        }
        let mut count = 0;
        while let [(key, _), others @ ..] = object {
            if is_same(key, self.key) {
                count += 1;
            }
            object = others;
        }
        count > 1
    }
}

enum Place {
    /// The payload is the enum, or holds it flattened.
    Itself,
    /// A field of the payload.
    Field(&'static Field),
}

const fn name_of(shape: &'static Schema) -> &'static str {
    match shape {
        Schema::Union { name, .. } | Schema::Enum { name, .. } => name,
        _ => "",
    }
}

const fn place_in(payload: Spot, name: &str) -> Option<Place> {
    match payload.shape {
        Schema::Any => Some(Place::Itself),
        Schema::Option(inner) => place_in(payload.to(inner), name),
        Schema::Union { .. } | Schema::Enum { .. } if is_same(name_of(payload.shape), name) => {
            Some(Place::Itself)
        }
        Schema::Struct { fields, flatten, .. } => {
            let mut flatten = *flatten;
            while let [schema, rest @ ..] = flatten {
                if let Some(place) = place_in(payload.seen_as(schema), name) {
                    return Some(place);
                }
                flatten = rest;
            }
            let mut fields = *fields;
            while let [field, rest @ ..] = fields {
                if is_same(name_of(without_option(payload.to(field.schema)).shape), name) {
                    return Some(Place::Field(field));
                }
                fields = rest;
            }
            None
        }
        _ => None,
    }
}

const fn without_option(spot: Spot) -> Spot {
    match spot.shape {
        Schema::Option(inner) => without_option(spot.to(inner)),
        _ => spot,
    }
}

const fn named(of: &'static [Variant], rust: &str) -> Option<&'static Variant> {
    let mut rest = of;
    while let [variant, others @ ..] = rest {
        if is_same(variant.rust, rust) {
            return Some(variant);
        }
        rest = others;
    }
    None
}

/// The variants that a key of the payload tells, with the keys above it.
pub(crate) fn variants_at(payload: &'static Schema, keys: &[&str]) -> Option<&'static [Variant]> {
    fn below(spot: Spot, keys: &[&str]) -> Option<&'static [Variant]> {
        match (without_option(spot).shape, keys) {
            (Schema::Enum { variants, .. }, []) => Some(variants),
            (Schema::Union { tag: Some(tag), of, .. }, [key]) if tag.name == *key => Some(of),
            (Schema::Map(value), [_, rest @ ..]) => below(spot.to(value), rest),
            (Schema::Struct { fields, flatten, .. }, [key, rest @ ..]) => {
                match fields.iter().find(|field| !field.skipped && field.name == *key) {
                    Some(field) => below(spot.to(field.schema), rest),
                    None => flatten.iter().find_map(|schema| below(spot.seen_as(schema), keys)),
                }
            }
            _ => None,
        }
    }
    below(Spot::top(payload), keys)
}
