//! Types whose JSON is known at compile time.
//!
//! `derive(Payload)` says what a type's JSON looks like, so that filters over it
//! can be checked while the program is compiled.

mod containers;
mod foreign;
mod ide;
mod plain;
mod schema;
mod scope;
mod standard;
mod typed;

pub use schema::{Field, Schema, Variant};
pub use scope::Scope;
pub use triggerfish_filter::hash;

#[doc(hidden)]
pub use ide::Ide;
#[doc(hidden)]
pub use typed::{Typed, Untyped};

/// A type whose JSON shape is known, so that filters over it are checked while
/// the program is compiled.
#[diagnostic::on_unimplemented(
    message = "filters cannot look inside `{Self}`",
    label = "its JSON shape is not known",
    note = "add `#[derive(Payload)]` to `{Self}`",
    note = "for a type of another crate, say what its JSON is: `#[payload(as = String)]`, or \
            `#[payload(opaque)]` to check nothing below this field"
)]
pub trait Payload {
    /// The shape of its JSON.
    const SCHEMA: &'static Schema;

    /// Whether a field of this type may be missing, as serde allows for an `Option`.
    const MAY_BE_ABSENT: bool = matches!(Self::SCHEMA, Schema::Option(_));
}
