//! What a Rust type looks like as JSON: constant data, so that a filter can be
//! checked against it while the user's program is compiled.

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
    /// The type that this stands in, which is how a type contains itself.
    SelfRef,
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
}

/// FNV-1a. Names are compared by it where checks succeed, because comparing
/// text costs the compiler much more.
pub const fn hash(text: &str) -> u64 {
    let mut bytes = text.as_bytes();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    while let [first, rest @ ..] = bytes {
        hash = (hash ^ *first as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    hash
}
