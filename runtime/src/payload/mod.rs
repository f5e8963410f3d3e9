//! Types whose JSON is known at compile time.
//!
//! [`derive(Payload)`](macro@Payload) says what a type's JSON looks like, so that filters over it
//! can be checked while the program is compiled.

mod apart;
mod check;
#[cfg(test)]
mod check_tests;
mod chosen;
mod containers;
mod explain_key;
mod explain_value;
mod fits;
mod foreign;
mod ide;
mod message;
mod names;
mod nearest;
mod on;
mod plain;
pub(crate) mod sample;
mod schema;
mod scope;
mod standard;
mod steps;
mod typed;
mod value;
mod walk;
mod words;

pub use schema::{Field, Schema, Variant};
pub use scope::Scope;
pub use triggerfish_filter::hash;
pub use value::{Fit, Misfit, fit};

/// Says what a type's JSON looks like, so that filters over it can be checked while the program is compiled.
///
/// It stands beside serde's `Deserialize`, reads serde's attributes, and needs nothing else. What it says is
/// what serde accepts when it reads JSON.
///
/// ```
/// use serde::Deserialize;
/// use triggerfish::Payload;
///
/// #[derive(Deserialize, Payload)]
/// #[serde(rename_all = "camelCase")]
/// struct BookingEvent {
///     trigger_event: TriggerEvent,
///     payload: Booking,
/// }
///
/// #[derive(Deserialize, Payload)]
/// #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
/// enum TriggerEvent {
///     BookingCreated,
///     BookingCancelled,
/// }
///
/// #[derive(Deserialize, Payload)]
/// struct Booking {
///     length: u32,
///     location: Option<Location>,
/// }
///
/// #[derive(Deserialize, Payload)]
/// #[serde(tag = "type", rename_all = "lowercase")]
/// enum Location {
///     InPerson { address: String },
///     Link { url: String },
/// }
/// ```
///
/// # Options
///
/// | `#[payload(..)]` | on | |
/// |---|---|---|
/// | `as = T` | a type, a variant, a field | its JSON is that of `T`; on an `Option`, that of `Option<T>` |
/// | `opaque` | a type, a variant, a field | nothing is known of its JSON: filters may ask anything of it |
/// | `strict` | an enum | leaves out the variants that take what no other takes, `#[serde(other)]` and `#[serde(untagged)]`: so a filter on a value that no other variant has is a mistake |
/// | `crate = path` | a type | how the program calls this crate |
///
/// Types of `chrono`, `jiff`, `url` and `uuid` are known with the features of these names, as strings. `as` is
/// for types of other crates whose JSON is known:
///
/// ```
/// # use serde::Deserialize;
/// # use triggerfish::Payload;
/// # mod money { #[derive(serde::Deserialize)] pub struct Money; #[derive(serde::Deserialize)] pub struct Coin; }
/// #[derive(Deserialize, Payload)]
/// struct Order {
///     #[payload(as = String)]
///     total: money::Money,
///     #[payload(opaque)]
///     paid_with: Vec<money::Coin>,
/// }
/// ```
///
/// [`testing::assert_payload`](crate::testing::assert_payload) asserts that a sample fits.
///
/// # What serde's attributes mean here
///
/// | attribute | |
/// |---|---|
/// | `rename`, `rename_all`, `rename_all_fields` | the names are those that are read: of two the one for `deserialize` |
/// | `alias` | a field's other keys, a variant's other names |
/// | `flatten` | the keys of the inner type stand among the others; a map or a `Value` takes any other key |
/// | none, `tag`, `tag` with `content`, `untagged` | an enum is told by one key, by a field, by two fields, by its shape |
/// | `untagged`, `other` on a variant | the tag may be anything, unless the enum is `strict` |
/// | `default` on a field or a struct | the key may be missing; so may that of an `Option` |
/// | `skip`, `skip_deserializing` | the key is never read, and no filter may ask for it |
/// | `transparent`, and a struct of one field without a name | what is inside |
/// | `from`, `try_from` | the type that is read first |
/// | `with`, `deserialize_with` | opaque, unless `as` says what it reads |
/// | `tag` on a struct | one more key, with any value: serde does not read it |
/// | `into`, `serialize_with`, `skip_serializing`, `skip_serializing_if`, `bound`, `borrow`, `remote`, `crate`, `expecting` | nothing |
///
/// # Generics
///
/// A type parameter whose JSON is part of the type's gets the bound `T: Payload`; the keys and the hasher of
/// a map, and what stands in a `PhantomData`, need none.
///
/// # Types that contain themselves
///
/// A type may name itself, as `Self` or by its name, in its own fields: `Vec<Comment>` in `Comment`. Where
/// two types contain each other, the compiler reports a cycle in `SCHEMA`: add `#[payload(opaque)]` to one of
/// the fields. So it is for a type that names itself by a longer path or an alias.
pub use triggerfish_macros::Payload;

#[doc(hidden)]
pub use check::{Checked, Faults};
pub(crate) use chosen::admits;
#[doc(hidden)]
pub use ide::{Ide, Unknown};
#[doc(hidden)]
pub use on::On;
pub(crate) use on::variants_at;
#[doc(hidden)]
pub use schema::beside_tag;
#[doc(hidden)]
pub use typed::{Typed, Untyped, payload_of};

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
