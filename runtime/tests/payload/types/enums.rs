//! Enums in each tagging, and each attribute that stands on one or on its variants.

use crate::agree::{Subject, only_read, subjects};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use triggerfish::Payload;

fn any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    IgnoredAny::deserialize(deserializer).map(drop)
}

#[derive(Serialize, Deserialize, Payload)]
struct Inner {
    number: u8,
    maybe: Option<bool>,
}

#[derive(Serialize, Deserialize, Payload, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
enum Units {
    FirstOne,
    #[serde(rename = "2", alias = "zwei", alias = "due")]
    Second,
    #[serde(skip)]
    Never,
}

#[derive(Deserialize, Payload)]
enum OpenUnits {
    A,
    #[serde(other)]
    Other,
}

/// A whole enum in each tagging.
macro_rules! tagged {
    ($name:ident, #[$attribute:meta]) => {
        #[derive(Serialize, Deserialize, Payload)]
        #[$attribute]
        #[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
        enum $name {
            JustUnit,
            #[serde(alias = "link", alias = "url")]
            NewType(Inner),
            BoxedMap(BTreeMap<String, u8>),
            WithFields {
                some_field: String,
                #[serde(default)]
                other_field: u8,
                #[serde(skip)]
                skipped_field: u8,
            },
            #[serde(rename = "Renamed!", rename_all = "SCREAMING-KEBAB-CASE")]
            OwnRule {
                some_field: Option<u8>,
            },
            #[serde(skip_deserializing)]
            Skipped(Unreadable),
            SkippedInside(#[serde(skip)] u8),
            FlatInside {
                own: u8,
                #[serde(flatten)]
                inner: Inner,
            },
        }
    };
}
tagged!(External, #[serde(expecting = "one of them")]);
tagged!(Internal, #[serde(tag = "type")]);
tagged!(Adjacent, #[serde(tag = "t", content = "the content")]);

#[derive(Serialize, Deserialize, Default)]
struct Unreadable;

#[derive(Serialize, Deserialize, Payload)]
enum ExternalTuples {
    None(),
    Pair(u8, String),
    Numbers(Vec<u8>),
    Maybe(Option<u8>),
    Unit(()),
    Shorter(u8, #[serde(skip)] u8),
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "t", content = "c")]
enum AdjacentTuples {
    Pair(u8, String),
    Numbers(Vec<u8>),
    Maybe(Option<u8>),
    Unit(()),
    Nothing,
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(untagged)]
enum Untagged {
    Unit,
    Number(u8),
    Pair(u8, u8),
    Object { required: String },
    Inner(Inner),
    List(Vec<bool>),
}

#[derive(Deserialize, Payload)]
enum ExternalOpen {
    A(u8),
    B,
    #[serde(other)]
    Other,
}

#[derive(Deserialize, Payload)]
#[serde(tag = "type")]
enum InternalOpen {
    A {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize, Payload)]
#[serde(tag = "type", content = "data")]
enum AdjacentOpen {
    A {
        a: u8,
    },
    #[serde(other)]
    Other,
}

#[derive(Serialize, Deserialize, Payload)]
enum Language {
    En,
    De,
    #[serde(untagged)]
    Other(String),
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "type")]
enum InternalUntagged {
    A {
        a: u8,
    },
    #[serde(untagged)]
    Else {
        id: u8,
    },
    #[serde(untagged)]
    Text(String),
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "type", content = "data")]
enum AdjacentUntagged {
    A(u8),
    #[serde(untagged)]
    Else(Vec<u8>),
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "type")]
enum InternalOdd {
    Unit(()),
    Maybe(Option<Inner>),
    Boxed(Box<Inner>),
    Nested(Box<External2>),
}

#[derive(Serialize, Deserialize, Payload)]
enum External2 {
    A(u8),
    B { b: bool },
}

#[derive(Deserialize, Payload)]
enum Custom {
    #[serde(deserialize_with = "any_custom")]
    Fields {
        unreadable: Unreadable,
    },
    #[serde(deserialize_with = "text")]
    #[payload(as = String)]
    Text(Unreadable),
    #[payload(as = u8)]
    Told(Told),
    #[payload(opaque)]
    Opaque(serde_json::Value),
    Field(#[serde(deserialize_with = "any")] ()),
}

struct Told;

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(|_| Told)
    }
}

fn any_custom<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unreadable, D::Error> {
    any(deserializer).map(|()| Unreadable)
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unreadable, D::Error> {
    String::deserialize(deserializer).map(|_| Unreadable)
}

#[derive(Deserialize, Payload)]
#[serde(try_from = "u8")]
enum Small {
    One,
    Any,
}

impl TryFrom<u8> for Small {
    type Error = std::convert::Infallible;

    fn try_from(_: u8) -> Result<Self, Self::Error> {
        Ok(Small::Any)
    }
}

#[derive(Serialize, Deserialize, Payload)]
enum Expression {
    Number(i8),
    Sum(Box<Expression>, Box<Self>),
    Call { name: String, of: Vec<Expression> },
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "op")]
enum Tree {
    Leaf,
    Branch { left: Box<Tree>, right: Box<Tree> },
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(untagged)]
enum Json {
    Null,
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

#[derive(Serialize, Deserialize, Payload)]
struct HasFlatEnums {
    id: u8,
    #[serde(flatten)]
    of_tag: Internal2,
    #[serde(flatten)]
    of_two: Adjacent2,
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "type")]
enum Internal2 {
    A { a: u8 },
    B { b: Option<u8> },
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(tag = "t", content = "c")]
enum Adjacent2 {
    X(bool),
    Y { y: u8 },
}

#[derive(Serialize, Deserialize, Payload)]
struct HasFlatExternal {
    id: u8,
    #[serde(flatten)]
    by_key: External2,
}

#[derive(Serialize, Deserialize, Payload)]
struct HasFlatUntagged {
    id: u8,
    #[serde(flatten)]
    by_shape: Shapes,
}

#[derive(Serialize, Deserialize, Payload)]
#[serde(untagged)]
enum Shapes {
    Circle { radius: u8 },
    Square { side: u8 },
}

#[derive(Serialize, Deserialize, Payload)]
struct Mixed {
    units: Vec<Units>,
    by_unit: BTreeMap<String, Units>,
    either: Option<Untagged>,
    pair: (Units, Internal2),
}

/// The names of another type's fields.
#[derive(Deserialize, Payload)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Identifier {
    First,
    Other(String),
}

#[derive(Deserialize, Payload)]
#[serde(variant_identifier)]
enum ClosedIdentifier {
    First,
    Second,
}

pub(crate) fn all() -> Vec<Subject> {
    let mut all = subjects![
        Units,
        External,
        Internal,
        ExternalTuples,
        AdjacentTuples,
        Untagged,
        Language,
        InternalUntagged,
        AdjacentUntagged,
        Expression,
        Tree,
        Json,
        HasFlatEnums,
        HasFlatExternal,
        HasFlatUntagged,
        Mixed,
    ];
    all.extend(only_read![
        // Serde writes a skipped field's variant without the key that it asks for.
        Adjacent,
        InternalOdd,
        OpenUnits,
        ExternalOpen,
        InternalOpen,
        AdjacentOpen,
        Custom,
        Small,
        Identifier,
        ClosedIdentifier,
    ]);
    all
}
