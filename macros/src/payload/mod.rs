//! `#[derive(Payload)]`: what a type's JSON looks like, as serde reads it.
//!
//! `options` and `serde` read the attributes, `fields` and `enums` make a [`shape`] of the declaration,
//! `emit` writes it as constant data, and `keys` once more as a struct for editors.

mod case;
mod emit;
mod enums;
mod fields;
mod generics;
mod itself;
mod keys;
mod options;
mod serde;
mod shape;

use crate::errors::{Broken, Errors, Place};
use fields::{Around, Content, Rules};
use itself::Itself;
use options::{Bearer, Options, Told};
use proc_macro2::TokenStream;
use serde::Serde;
use shape::{Absent, Field, Shape};
use std::rc::Rc;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput};

/// A type and its JSON.
pub(crate) struct Payload<'i> {
    input: &'i DeriveInput,
    itself: Itself<'i>,
    runtime: TokenStream,
    shape: Shape,
    /// Whether a field of this type may be missing, where that does not follow from the shape.
    absent: Option<Absent>,
}

/// The `impl` of the trait.
pub(crate) fn derive(input: TokenStream) -> Result<TokenStream, Broken> {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(errors) => return Err(Broken { errors, item: TokenStream::new(), stand_in: TokenStream::new() }),
    };
    let mut errors = Errors::default();
    let payload = Payload::read(&input, &mut errors);
    // Whoever uses the type shall not be told on top that it is no payload.
    let stand_in = emit::stand_in(&payload);
    errors.finish(Some(payload)).map(|payload| emit::payload(&payload)).map_err(|errors| Broken {
        errors,
        item: TokenStream::new(),
        stand_in,
    })
}

impl<'i> Payload<'i> {
    fn read(input: &'i DeriveInput, errors: &mut Errors) -> Self {
        let serde = Serde::read(&input.attrs);
        let options = Options::read(&input.attrs, Bearer::Container, errors);
        let itself = Itself::new(input);
        if let Some(place) = options.strict
            && (options.told.is_some() || !matches!(input.data, Data::Enum(_)))
        {
            errors.at(place, "`strict` is for an enum that says itself what its values are");
        }
        let mut around = Around { itself: &itself, errors };
        let (shape, absent) = match options.told {
            Some(Told::Opaque) => (Shape::Any, None),
            Some(Told::As(ty)) => (fields::known(&ty, &mut around), Some(Absent::As(ty))),
            None => read(input, &serde, options.strict, &mut around),
        };
        Payload { input, itself, runtime: options.runtime, shape, absent }
    }
}

fn read(
    input: &DeriveInput,
    serde: &Serde,
    strict: Option<Place>,
    around: &mut Around<'_>,
) -> (Shape, Option<Absent>) {
    if let Some(ty) = &serde.from {
        return (fields::known(ty, around), Some(Absent::As(Rc::clone(ty))));
    }
    match &input.data {
        Data::Enum(data) => (enums::read(data, &input.ident, serde, strict, around), None),
        Data::Struct(data) if serde.transparent => {
            match fields::transparent(&data.fields, around) {
                Some((shape, absent)) => (shape, Some(absent)),
                // Serde says what is missing.
                None => (Shape::Any, None),
            }
        }
        Data::Struct(data) => {
            let rules = Rules { case: serde.rename_all, default: serde.default };
            let content = fields::read(&data.fields, input.ident.unraw().to_string(), rules, around);
            let absent = matches!(content, Content::Newtype(..)).then_some(Absent::Never);
            let mut shape = content.into_shape();
            if let (Shape::Struct { fields, .. }, Some(tag), false) =
                (&mut shape, &serde.tag, serde.deny_unknown_fields)
            {
                // Serde writes the struct's name there, and takes whatever it reads.
                let name = enums::name_of_ours(tag);
                fields.insert(0, Field { name, shape: Shape::Any, absent: Absent::Always, skipped: false });
            }
            (shape, absent)
        }
        Data::Union(data) => {
            around.errors.on(
                data.union_token,
                "a union does not say what its JSON looks like\n\
                 help: say it with `#[payload(as = String)]`, or say that it is not known with `#[payload(opaque)]`",
            );
            (Shape::Any, None)
        }
    }
}
