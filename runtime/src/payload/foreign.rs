//! Types of other crates: those of serde_json, and behind features those that are often in payloads.

use super::Schema;
use super::plain::shapes;
use serde_json::value::RawValue;

shapes! {
    serde_json::Value => Schema::Any,
    serde_json::Map<String, serde_json::Value> => Schema::Map(&Schema::Any),
    serde_json::Number => Schema::Float { name: "Number" },
    RawValue => Schema::Any,
    &RawValue => Schema::Any,
}

#[cfg(feature = "chrono")]
shapes! {
    chrono::NaiveDate => Schema::Str,
    chrono::NaiveDateTime => Schema::Str,
    chrono::NaiveTime => Schema::Str,
    chrono::Weekday => Schema::Str,
    chrono::Month => Schema::Str,
}

#[cfg(feature = "chrono")]
#[diagnostic::do_not_recommend]
impl<Z: chrono::TimeZone> super::Payload for chrono::DateTime<Z> {
    const SCHEMA: &'static Schema = &Schema::Str;
}

#[cfg(feature = "jiff")]
shapes! {
    jiff::Timestamp => Schema::Str,
    jiff::Zoned => Schema::Str,
    jiff::SignedDuration => Schema::Str,
    jiff::Span => Schema::Str,
    jiff::civil::Date => Schema::Str,
    jiff::civil::DateTime => Schema::Str,
    jiff::civil::Time => Schema::Str,
    jiff::civil::ISOWeekDate => Schema::Str,
}

#[cfg(feature = "url")]
shapes! {
    url::Url => Schema::Str,
}

#[cfg(feature = "uuid")]
shapes! {
    uuid::Uuid => Schema::Str,
    uuid::NonNilUuid => Schema::Str,
}
