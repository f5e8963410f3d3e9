//! Shapes and values in words.

use super::Schema;
use super::message::Message;
use super::walk::Spot;
use triggerfish_filter::{Number, Scalar, Test};

impl Message {
    /// "a number (`u8`)"
    pub(super) const fn kind(&mut self, spot: Spot) -> &mut Self {
        match spot.shape {
            Schema::Null => self.text("null"),
            Schema::Bool => self.text("a boolean"),
            Schema::Str => self.text("a string"),
            Schema::Int { name, .. } | Schema::Float { name } => {
                self.text("a number (`").text(name).text("`)")
            }
            Schema::Enum { name, .. } => self.text("a string, one of ").name(name),
            Schema::Option(inner) => self.kind(spot.to(inner)),
            Schema::Seq(item) => self.text("a list, each item ").kind(spot.to(item)),
            Schema::Tuple { items, .. } => match items {
                [] => self.text("an empty list"),
                [first, ..] => self.text("a list, its first item ").kind(spot.to(first)),
            },
            Schema::Map(value) => self.text("a map, each value ").kind(spot.to(value)),
            Schema::Struct { name, .. } | Schema::Union { name, tag: Some(_), .. } => {
                self.text("an object (`").text(name).text("`)")
            }
            Schema::Union { name, tag: None, .. } => self.text("one of the variants of ").name(name),
            _ => self.text("anything"),
        }
    }

    /// A value as it is written in a filter. Numbers with a fraction are not shown: false.
    pub(super) const fn scalar(&mut self, scalar: &Scalar<&'static str>) -> bool {
        match scalar {
            Scalar::Str(text) => {
                self.quoted(text);
            }
            Scalar::Num(Number::Int(int)) => {
                self.int(*int);
            }
            Scalar::Bool(true) => {
                self.text("true");
            }
            Scalar::Bool(false) => {
                self.text("false");
            }
            Scalar::Num(Number::Float(_)) => return false,
        }
        true
    }
}

/// "a string"
pub(super) const fn kind_of(scalar: &Scalar<&'static str>) -> &'static str {
    match scalar {
        Scalar::Str(_) => "a string",
        Scalar::Num(_) => "a number",
        Scalar::Bool(_) => "a boolean",
    }
}

/// The operator's name.
pub(super) const fn name_of(test: &Test<&'static str>) -> &'static str {
    match test {
        Test::Literal(_) => "this value",
        Test::StartsWith(_) => "$startsWith",
        Test::EndsWith(_) => "$endsWith",
        Test::IgnoreCaseEquals(_) => "$ignoreCaseEquals",
        Test::Exists(_) => "$exists",
        Test::IsNull(_) => "$isNull",
        Test::AnythingBut(_) => "$anythingBut",
        Test::Gt(_) => "$gt",
        Test::Gte(_) => "$gte",
        Test::Lt(_) => "$lt",
        Test::Lte(_) => "$lte",
        Test::Between(..) => "$between",
        Test::Includes(_) => "$includes",
        Test::Not(_) => "$not",
    }
}
