//! Types whose JSON is known at compile time.

mod schema;
mod typed;

pub use schema::{Field, Schema, Variant, hash};
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
}
