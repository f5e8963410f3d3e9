//! Asks a type whether its JSON shape is known, and takes no for an answer.

use super::{Payload, Schema};
use crate::event::Event;
use crate::job::Json;
use std::fmt;
use std::marker::PhantomData;

/// `Typed::<T>::PAYLOAD`: the shape of the body, where `T` is a [`Json`] or an [`Event`] of a
/// type that has one.
///
/// The constant is found here if the bound holds, and in [`Untyped`] if not.
pub struct Typed<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed")
    }
}

impl<T: Payload> Typed<Json<T>> {
    /// The shape of the body.
    pub const PAYLOAD: Option<&'static Schema> = Some(T::SCHEMA);
}

impl<T: Payload> Typed<Event<T>> {
    /// The shape of the payload.
    pub const PAYLOAD: Option<&'static Schema> = Some(T::SCHEMA);
}

/// What [`Typed`] says of all other types.
pub trait Untyped {
    /// Nothing is known.
    const PAYLOAD: Option<&'static Schema> = None;
}

impl<T: ?Sized> Untyped for Typed<T> {}

/// The shape of what a job reads, or else of what its trigger carries.
pub const fn payload_of(
    parameters: &[Option<&'static Schema>],
    carried: Option<&'static Schema>,
) -> Option<&'static Schema> {
    let mut rest = parameters;
    while let [parameter, others @ ..] = rest {
        if parameter.is_some() {
            return *parameter;
        }
        rest = others;
    }
    carried
}
