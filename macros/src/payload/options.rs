//! What `#[payload(...)]` says.

use crate::args::{Args, Known, Value, known};
use crate::errors::{Errors, Place};
use crate::names;
use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use quote::quote;
use std::rc::Rc;
use syn::{Attribute, Meta, Type};

/// What carries the attribute.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Bearer {
    Container,
    Variant,
    Field,
}

/// What is known instead of what the declaration says.
pub(crate) enum Told {
    /// Its JSON is that of another type: `as = T`.
    As(Rc<Type>),
    /// Nothing: `opaque`.
    Opaque,
}

pub(crate) struct Options {
    pub(crate) told: Option<Told>,
    /// Where `strict` stands.
    pub(crate) strict: Option<Place>,
    /// The path of the runtime.
    pub(crate) runtime: TokenStream,
    /// Where the first of them stands.
    pub(crate) place: Place,
}

const OPTIONS: &[Known] = known! {
    "as" => "as = String",
    "opaque" => "opaque",
    "strict" => "strict",
    "crate" => "crate = ::triggerfish",
};

impl Options {
    pub(crate) fn read(attributes: &[Attribute], bearer: Bearer, errors: &mut Errors) -> Self {
        let mut list = TokenStream::new();
        let mut place = Place::attribute();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("payload")) {
            place = Place::of(attribute.path());
            match &attribute.meta {
                Meta::List(meta) if !meta.tokens.is_empty() => {
                    if !list.is_empty() {
                        list.extend([TokenTree::from(Punct::new(',', Spacing::Alone))]);
                    }
                    list.extend(meta.tokens.clone());
                }
                _ => errors.at(place, "expected options in parentheses; for example `#[payload(opaque)]`"),
            }
        }
        let mut args = Args::read(list, OPTIONS, errors);
        if bearer != Bearer::Container {
            for (name, owner) in [("strict", "the enum"), ("crate", "the type")] {
                if let Some(place) = args.remove(name) {
                    errors.at(place, format!("`{name}` stands on {owner} as a whole"));
                }
            }
        }
        let both = args.has("as") && args.has("opaque");
        let opaque = args.bare("opaque", errors);
        let strict = args.bare("strict", errors);
        let other = args.value("as", errors).and_then(|value| other_type(&value, errors));
        let told = match (other, opaque) {
            (_, Some(place)) if both => {
                let why = "`as` says what the JSON is, `opaque` that nothing is known of it";
                errors.at(place, format!("{why}\nhelp: write one of the two"));
                None
            }
            (Some(ty), _) => Some(Told::As(Rc::new(ty))),
            (None, Some(_)) => Some(Told::Opaque),
            (None, None) => None,
        };
        let runtime = names::runtime(&mut args, errors).unwrap_or_else(|| quote!(::triggerfish));
        Options { told, strict, runtime, place }
    }
}

fn other_type(value: &Value, errors: &mut Errors) -> Option<Type> {
    match (value.ty(), value.as_text()) {
        (Some(ty), _) => Some(ty),
        (None, Some(text)) => {
            errors.at(value.place(), format!("`as` is a type, without quotes\nhelp: write `as = {text}`"));
            None
        }
        (None, None) => value.refuse("a type", errors),
    }
}
