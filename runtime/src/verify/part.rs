//! The parts of which signed content is made.

use super::url::UrlForm;

/// A part of the signed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Fixed text.
    Literal(&'static str),
    /// The text of the timestamp, as it was received.
    Timestamp,
    /// The text of the message id, as it was received.
    Id,
    /// The exact bytes of the body.
    Body,
    /// The CRC-32 (ISO-HDLC) of the body, in decimal.
    BodyCrc32,
    /// The method, in upper case.
    Method,
    /// The public URL.
    Url(UrlForm),
    /// Path and query in the form that Contentful signs: the query escaped as
    /// one text, then the whole escaped once more.
    EscapedTarget,
    /// The headers that the header of this name lists (with commas), as
    /// `name:value`, sorted and joined with `;`. Those in `cover` must be in it.
    SignedHeaders {
        /// The header that lists the names.
        list: &'static str,
        /// Names that the list must hold.
        cover: &'static [&'static str],
    },
    /// The fields of a form body, names and values without separators, sorted by name;
    /// repeated values once each and sorted. Where the query has the parameter
    /// `hash`, nothing, and that parameter must be the body's hexadecimal SHA-256.
    SortedForm {
        /// The query parameter that carries a hash of the body.
        hash: Option<&'static str>,
    },
    /// Values of a JSON body, joined with a separator; a missing one is empty.
    JsonFields {
        /// The pointer under which all fields stand.
        base: &'static str,
        /// Pointers below `base`, in order.
        fields: &'static [&'static str],
        /// What stands between two values.
        separator: &'static str,
    },
    /// Lines of name and value of top-level JSON strings; which ones, depends
    /// on the value of one of them. A name that ends in `?` may be missing.
    JsonLines {
        /// The name of the field that decides.
        by: &'static str,
        /// The fields for each of its values.
        fields: &'static [(&'static str, &'static [&'static str])],
    },
    /// A compact JSON object.
    JsonObject(&'static [(&'static str, JsonPart)]),
    /// The secret itself ([`super::Algorithm::Sha256`] only).
    Secret,
    /// What the user gave with `Verifier::param` under this name.
    Param(&'static str),
}

/// A value in a [`Part::JsonObject`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonPart {
    /// The body's text as a JSON string.
    BodyText,
    /// An entry of the signature header as a JSON string.
    Entry(&'static str),
    /// The digits of the timestamp as a JSON number.
    Timestamp,
}

/// Fixed text.
pub const fn lit(text: &'static str) -> Part {
    Part::Literal(text)
}

/// The text of the timestamp, as it was received.
pub const fn timestamp() -> Part {
    Part::Timestamp
}

/// The text of the message id, as it was received.
pub const fn id() -> Part {
    Part::Id
}

/// The exact bytes of the body.
pub const fn body() -> Part {
    Part::Body
}

/// The method, in upper case.
pub const fn method() -> Part {
    Part::Method
}

/// The endpoint's public URL with the query as it was sent.
pub const fn url() -> Part {
    Part::Url(UrlForm::AsCalled)
}

/// How much of the body a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// Nothing: whoever can repeat the signature can send any body.
    Nothing,
    /// Some of its fields.
    Fields,
    /// All of it.
    Body,
}

impl Part {
    /// How much of the body this part covers.
    pub const fn coverage(&self) -> Coverage {
        match self {
            Part::Body | Part::BodyCrc32 | Part::SortedForm { .. } | Part::JsonObject(_) => Coverage::Body,
            Part::JsonFields { .. } | Part::JsonLines { .. } => Coverage::Fields,
            _ => Coverage::Nothing,
        }
    }

    /// Whether the part needs the public URL.
    pub(super) const fn needs_url(&self) -> bool {
        matches!(self, Part::Url(_))
    }
}
