//! Structs, and each attribute that stands on one or on its fields.

use crate::agree::{Subject, only_read, subjects};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use triggerfish::Payload;

#[derive(Serialize, Deserialize, Payload)]
struct Empty {}

#[derive(Serialize, Deserialize, Payload)]
struct Unit;

#[derive(Serialize, Deserialize, Payload)]
struct NoItems();

#[derive(Serialize, Deserialize, Payload)]
struct Newtype(u8);

/// Serde reads the one field of a newtype, skipped or not.
#[derive(Deserialize, Payload)]
struct SkippedNewtype(#[serde(skip)] u8);

#[derive(Serialize, Deserialize, Payload)]
struct Pair(u8, Option<String>);

#[derive(Deserialize, Payload)]
struct Shorter(u8, #[serde(skip)] u32, #[serde(default)] bool, #[serde(default)] Option<u8>);

#[derive(Deserialize, Payload, Default)]
#[serde(default)]
struct AllShorter(u8, bool);

#[derive(Serialize, Deserialize, Payload)]
struct Plain {
    number: u8,
    text: String,
    maybe: Option<bool>,
    inner: Newtype,
    pair: Pair,
    unit: Unit,
    list: Vec<Newtype>,
    r#type: i16,
}

#[derive(Serialize, Deserialize, Payload)]
struct Aliased {
    #[serde(rename = "a", alias = "b", alias = "c")]
    first: u8,
    #[serde(alias = "segundo")]
    second: Option<u8>,
}

#[derive(Deserialize, Payload)]
#[serde(rename_all(serialize = "UPPERCASE", deserialize = "kebab-case"))]
struct TwoWays {
    user_id: u8,
    #[serde(rename(serialize = "out", deserialize = "in"))]
    way: u8,
    #[serde(rename(deserialize = "x", deserialize = "y"))]
    two_names: u8,
    #[serde(rename(serialize = "never"))]
    only_written: u8,
}

#[derive(Serialize, Deserialize, Payload, Default)]
#[serde(default)]
struct AllDefault {
    a: u8,
    b: String,
    #[serde(deserialize_with = "any")]
    c: (),
}

fn seven() -> u8 {
    7
}

#[derive(Serialize, Deserialize, Payload)]
struct SomeDefault {
    #[serde(default)]
    a: u8,
    #[serde(default = "seven")]
    b: u8,
    c: u8,
}

#[derive(Serialize, Deserialize, Payload)]
struct Skipping {
    a: u8,
    #[serde(skip)]
    b: Opaque,
    #[serde(skip_deserializing, rename = "see")]
    c: u8,
    #[serde(skip_serializing, default)]
    d: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<u8>,
}

/// Without a shape of its own.
#[derive(Serialize, Deserialize, Default)]
struct Opaque;

#[derive(Deserialize, Payload)]
#[serde(deny_unknown_fields, expecting = "a strict one", rename = "Other")]
struct Denying {
    a: u8,
    b: Option<u8>,
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(transparent)]
struct Transparent {
    inner: Option<u8>,
    mark: PhantomData<Opaque>,
}

#[derive(Deserialize, Payload)]
#[serde(transparent)]
struct TransparentAmong {
    #[serde(default)]
    before: Vec<Opaque>,
    inner: u8,
    #[serde(skip)]
    after: Opaque,
}

#[derive(Serialize, Deserialize, Payload)]
struct HasTransparent {
    may_be_missing: Transparent,
}

/// An `Option` inside of a newtype may be `null`, and may not be missing.
#[derive(Serialize, Deserialize, Payload)]
struct HasNewtype {
    required: NewtypeOfOption,
    alias: Maybe,
}

#[derive(Serialize, Deserialize, Payload)]
struct NewtypeOfOption(Option<u8>);

type Maybe = Option<u8>;

#[derive(Clone, Serialize, Deserialize, Payload)]
#[serde(from = "u8", into = "String")]
struct From8(u8);

impl From<u8> for From8 {
    fn from(number: u8) -> Self {
        From8(number)
    }
}
impl From<From8> for String {
    fn from(from: From8) -> Self {
        from.0.to_string()
    }
}

#[derive(Deserialize, Payload)]
#[serde(try_from = "Option<Plain>")]
struct MaybePlain {
    opaque: Opaque,
}

impl TryFrom<Option<Plain>> for MaybePlain {
    type Error = std::convert::Infallible;

    fn try_from(_: Option<Plain>) -> Result<Self, Self::Error> {
        Ok(MaybePlain { opaque: Opaque })
    }
}

#[derive(Deserialize, Payload)]
struct HasFrom {
    a: From8,
    b: MaybePlain,
}

fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(deserializer).map(drop)
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Opaque, D::Error> {
    String::deserialize(deserializer).map(|_| Opaque)
}

fn from_maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Opaque>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|text| text.map(|_| Opaque))
}

mod text {
    use super::*;

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Opaque, D::Error> {
        from_text(deserializer)
    }
}

#[derive(Deserialize, Payload)]
struct Custom {
    #[serde(deserialize_with = "any")]
    anything: (),
    #[serde(with = "text")]
    #[payload(as = String)]
    text: Opaque,
    #[serde(deserialize_with = "from_text", default)]
    #[payload(as = String)]
    optional: Opaque,
    #[serde(deserialize_with = "from_maybe")]
    #[payload(as = Option<String>)]
    required: Option<Opaque>,
}

/// Reads a string, and says so nowhere.
#[derive(Debug)]
struct Foreign;

impl<'de> Deserialize<'de> for Foreign {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|_| Foreign)
    }
}

#[derive(Deserialize, Payload)]
struct Told {
    #[payload(as = String)]
    plain: Foreign,
    #[payload(as = String)]
    maybe: Option<Foreign>,
    #[payload(as = Option<String>)]
    same: Option<Foreign>,
    #[payload(as = Vec<String>)]
    list: Vec<Foreign>,
    #[payload(opaque)]
    opaque: Value,
    #[payload(opaque)]
    maybe_opaque: Option<Value>,
}

#[derive(Payload)]
#[payload(as = String)]
struct ToldWhole {
    foreign: Foreign,
}

impl<'de> Deserialize<'de> for ToldWhole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Foreign::deserialize(deserializer).map(|foreign| ToldWhole { foreign })
    }
}

#[derive(Payload)]
#[payload(opaque)]
union Bits {
    number: u8,
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Bits { number: 0 })
    }
}

/// The fields of a type that serde does not know.
#[derive(Serialize, Deserialize, Payload)]
#[serde(remote = "Elsewhere")]
struct Remote {
    number: u8,
}

struct Elsewhere {
    number: u8,
}

#[derive(Serialize, Deserialize, Payload)]
struct HasRemote {
    #[serde(with = "Remote")]
    #[payload(as = Remote)]
    elsewhere: Elsewhere,
}

#[derive(Serialize, Deserialize, Payload)]
struct Page {
    offset: u8,
    #[serde(alias = "max")]
    limit: Option<u8>,
}

#[derive(Serialize, Deserialize, Payload)]
struct Flat {
    own: u8,
    #[serde(flatten)]
    page: Page,
    #[serde(flatten)]
    inner: InnerFlat,
}

#[derive(Serialize, Deserialize, Payload)]
struct InnerFlat {
    deep: bool,
    #[serde(flatten)]
    deeper: Deeper,
}

#[derive(Serialize, Deserialize, Payload)]
struct Deeper {
    deepest: String,
}

#[derive(Serialize, Deserialize, Payload)]
struct FlatOption {
    own: u8,
    #[serde(flatten)]
    page: Option<Page>,
}

#[derive(Serialize, Deserialize, Payload)]
struct FlatMap {
    own: u8,
    #[serde(skip)]
    skipped: u8,
    #[serde(flatten)]
    rest: HashMap<String, u8>,
}

#[derive(Serialize, Deserialize, Payload)]
struct FlatAfter {
    #[serde(flatten)]
    page: Page,
    #[serde(flatten)]
    rest: BTreeMap<String, bool>,
}

#[derive(Serialize, Deserialize, Payload)]
struct FlatValue {
    own: u8,
    #[serde(flatten)]
    rest: Value,
}

#[derive(Serialize, Deserialize, Payload)]
struct FlatUnit {
    own: u8,
    #[serde(flatten)]
    nothing: (),
}

#[derive(Deserialize, Payload)]
struct FlatCustom {
    own: u8,
    #[serde(flatten, deserialize_with = "any")]
    rest: (),
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "kind")]
struct Tagged {
    number: u8,
}

#[derive(Serialize, Deserialize, Payload)]
struct Comment {
    text: String,
    replies: Vec<Comment>,
    parent: Option<Box<Self>>,
    by_name: BTreeMap<String, Comment>,
    #[expect(unused_qualifications, reason = "it is understood so, too")]
    pairs: Vec<(u8, self::Comment)>,
}

#[derive(Serialize, Deserialize, Payload)]
struct List(Vec<List>);

/// A type that contains itself, inside of one that does.
#[derive(Serialize, Deserialize, Payload)]
struct Outer {
    list: List,
    thread: Vec<Comment>,
    more: Wrapped<Outer>,
}

#[derive(Serialize, Deserialize, Payload)]
struct Wrapped<T> {
    inner: Vec<T>,
    again: Vec<Wrapped<T>>,
    done: bool,
}

/// Two types that contain each other: one of them says no more.
#[derive(Serialize, Deserialize, Payload)]
struct Chicken {
    eggs: Vec<Egg>,
}

#[derive(Serialize, Deserialize, Payload)]
struct Egg {
    size: u8,
    #[payload(opaque)]
    #[serde(default)]
    of: Option<IgnoredValue>,
}

/// As a chicken would be, but that anything is one: serde has to agree.
type IgnoredValue = Value;

pub(crate) fn all() -> Vec<Subject> {
    let mut all = subjects![
        Empty,
        Unit,
        NoItems,
        Newtype,
        Pair,
        Plain,
        Aliased,
        AllDefault,
        SomeDefault,
        Transparent,
        HasTransparent,
        HasNewtype,
        Flat,
        FlatOption,
        FlatMap,
        FlatAfter,
        FlatValue,
        FlatUnit,
        Tagged,
        Comment,
        List,
        Outer,
        Chicken,
        HasRemote,
    ];
    all.extend(only_read![
        SkippedNewtype,
        Shorter,
        AllShorter,
        TwoWays,
        Skipping,
        Denying,
        From8,
        MaybePlain,
        TransparentAmong,
        HasFrom,
        Custom,
        Told,
        ToldWhole,
        Bits,
        FlatCustom,
    ]);
    all
}
