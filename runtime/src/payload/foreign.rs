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
