//! What a Rust type looks like as JSON: constant data, so that a filter can be
//! checked against it while the user's program is compiled.

use triggerfish_filter::hash;

/// The shape of the JSON that a type is read from.
#[derive(Debug)]
#[non_exhaustive]
pub enum Schema {
    /// Nothing is known: everything is allowed.
    Any,
    /// `null` alone.
    Null,
    /// `true` or `false`.
    Bool,
    /// Any string.
    Str,
    /// A whole number within a range.
    Int {
        /// The Rust type.
        name: &'static str,
        /// The least value.
        min: i128,
        /// The greatest value.
        max: i128,
    },
    /// Any number.
    Float {
        /// The Rust type.
        name: &'static str,
    },
    /// One of these strings: an enum of unit variants.
    Enum {
        /// The Rust type.
        name: &'static str,
        /// Its variants; the strings are their names and aliases.
        variants: &'static [Variant],
    },
    /// What is inside, or `null`.
    Option(&'static Schema),
    /// A list, each item of this shape.
    Seq(&'static Schema),
    /// A list with a shape for each place.
    Tuple {
        /// The shapes, in order.
        items: &'static [&'static Schema],
        /// How many there are at least: those at the end may be left out, if they have a default.
        least: usize,
    },
    /// An object with any keys, each value of this shape.
    Map(&'static Schema),
    /// An object with known keys.
    Struct {
        /// The Rust type; with the variant, where it is one of an enum's: `Location::Link`.
        name: &'static str,
        /// Its fields, the skipped ones too.
        fields: &'static [Field],
        /// The shapes whose keys stand among its own.
        flatten: &'static [&'static Schema],
    },
    /// One of several shapes: an enum with data.
    Union {
        /// The Rust type.
        name: &'static str,
        /// The field that says which: that of `#[serde(tag = "...")]`. Its schema is an
        /// [`Enum`](Schema::Enum), or [`Str`](Schema::Str) where other tags are accepted too.
        tag: Option<&'static Field>,
        /// The shapes, each without the tag's field.
        of: &'static [Variant],
    },
    /// A type that contains itself; within it [`SelfRef`](Schema::SelfRef) stands for it.
    Recursive {
        /// Tells it from other types around the same place.
        id: u64,
        /// Its shape.
        schema: &'static Schema,
    },
    /// The [`Recursive`](Schema::Recursive) type of this id, which stands around this place. See
    /// [`Scope`](super::Scope).
    SelfRef(u64),
}

/// A field as it is found in JSON.
#[derive(Debug)]
pub struct Field {
    /// Its key.
    pub name: &'static str,
    /// [`hash`] of the key.
    pub hash: u64,
    /// Other keys that are read as this field.
    pub aliases: &'static [&'static str],
    /// [`hash`] of each alias.
    pub alias_hashes: &'static [u64],
    /// The field's name in Rust.
    pub rust: &'static str,
    /// Its shape.
    pub schema: &'static Schema,
    /// Whether the key may be missing.
    pub may_be_absent: bool,
    /// Whether it is never read: `#[serde(skip)]`.
    pub skipped: bool,
}

impl Field {
    /// A field that is always there, of this name in Rust too.
    pub const fn required(name: &'static str, schema: &'static Schema) -> Self {
        Field {
            name,
            hash: hash(name),
            aliases: &[],
            alias_hashes: &[],
            rust: name,
            schema,
            may_be_absent: false,
            skipped: false,
        }
    }
}

/// A variant of an enum.
#[derive(Debug)]
pub struct Variant {
    /// Its name in JSON: the tag, the key, or the string itself.
    pub name: &'static str,
    /// Other names that are read as this variant.
    pub aliases: &'static [&'static str],
    /// The variant's name in Rust.
    pub rust: &'static str,
    /// The whole shape of a value of this variant, but for the tag's field: for an external tag the
    /// object with its one key, for `tag` and `content` the object with the content's key.
    pub schema: &'static Schema,
    /// Whether it is chosen by its shape and has no name: `#[serde(untagged)]`.
    pub untagged: bool,
    /// Whether it is chosen by any name that no other variant has: `#[serde(other)]`.
    pub other: bool,
}

/// What stands among the keys beside a tag, where the variant holds a type of this shape: nothing where
/// that would be `null`.
#[doc(hidden)]
pub const fn beside_tag(schema: &'static Schema) -> &'static Schema {
    match schema {
        Schema::Null => &Schema::Struct { name: "()", fields: &[], flatten: &[] },
        Schema::Option(inner) => beside_tag(inner),
        shape => shape,
    }
}
