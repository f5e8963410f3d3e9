//! Where values stand in a request, and how they are written there.

use std::time::Duration;

/// Where the signature stands and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Where it stands.
    pub at: Place,
    /// How it is written there.
    pub syntax: Syntax,
    /// How its bytes are encoded.
    pub encoding: Encoding,
}

impl Signature {
    /// A signature that is the whole of a header, in hexadecimal.
    pub const fn header(name: &'static str) -> Signature {
        Signature { at: Place::Header(name), syntax: Syntax::Whole, encoding: Encoding::Hex }
    }

    /// A signature that is the whole of a header, in base64.
    pub const fn base64(name: &'static str) -> Signature {
        Signature { encoding: Encoding::Base64, ..Signature::header(name) }
    }
}

/// Where a value stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The header of this name, which must come once.
    Header(&'static str),
    /// The first header, or the second where the first is missing.
    HeaderOr(&'static str, &'static str),
    /// Headers with this prefix and a number, each of which may hold one value.
    HeaderSeries(&'static str),
    /// The text or number at this JSON pointer of the body. A segment `*`
    /// stands for every element of an array, which must then all be equal.
    Json(&'static str),
    /// The entry of this key in the signature header ([`Syntax::KeyValue`]).
    Entry(&'static str),
}

/// How signatures are written at their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// The whole text.
    Whole,
    /// A fixed text, then the signature.
    Prefix(&'static str),
    /// The name of an authentication scheme in any case, a space, then the
    /// credential (RFC 9110 §11.4).
    AuthScheme(&'static str),
    /// `key=value` entries; every entry of `key` is tried, others are ignored.
    KeyValue {
        /// What stands between two entries.
        separator: &'static str,
        /// The key of the signatures.
        key: &'static str,
    },
    /// Entries that start with their version; every entry of `version` is
    /// tried, others are ignored.
    Versions {
        /// What stands between two entries.
        separator: &'static str,
        /// The version with what follows it, for example `v1,`.
        version: &'static str,
    },
}

/// How the bytes of a signature are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Hexadecimal, in either case.
    Hex,
    /// Base64 with padding, of the standard alphabet, in its canonical form.
    Base64,
    /// The text is the value: tokens and JSON web signatures.
    Plain,
}

/// The time at which a request was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// Where it stands.
    pub at: Place,
    /// What its text means.
    pub unit: TimeUnit,
    /// How far from now it may be; `None` where the provider gives no rule and
    /// its text is only part of what is signed.
    pub window: Option<Window>,
    /// Whether a JSON string is refused where a JSON number is expected.
    pub json_number: bool,
}

impl Timestamp {
    /// Unix seconds in a header, five minutes either way.
    pub const fn header(name: &'static str) -> Timestamp {
        Timestamp::at(Place::Header(name))
    }

    /// Unix seconds at a place, five minutes either way.
    pub const fn at(at: Place) -> Timestamp {
        Timestamp { at, unit: TimeUnit::Seconds, window: Some(Window::of(300)), json_number: false }
    }
}

/// What the text of a timestamp means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Unix seconds: 1 to 15 digits and nothing else.
    Seconds,
    /// Unix milliseconds: 1 to 15 digits and nothing else.
    Milliseconds,
    /// RFC 3339, for example `2025-11-21T19:06:40.634Z`.
    Rfc3339,
    /// Whatever the provider sends: signed, but not read.
    Opaque,
}

/// How far from now a timestamp may be, in seconds; the bounds are inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How old it may be.
    pub past: u32,
    /// How far ahead it may be, for clocks that differ.
    pub future: u32,
}

impl Window {
    /// The same number of seconds either way.
    pub const fn of(seconds: u32) -> Window {
        Window { past: seconds, future: seconds }
    }
}

impl From<u32> for Window {
    fn from(seconds: u32) -> Self {
        Window::of(seconds)
    }
}

impl From<Duration> for Window {
    fn from(length: Duration) -> Self {
        Window::of(u32::try_from(length.as_secs()).unwrap_or(u32::MAX))
    }
}

/// The signed id of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageId {
    /// Where it stands.
    pub at: Place,
    /// A character that an id must not hold, because it separates the parts of
    /// the signed content: two messages could share one content otherwise.
    pub forbid: Option<char>,
}
