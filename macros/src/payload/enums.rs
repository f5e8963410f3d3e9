//! An enum: how its variants are told apart, and what each looks like.

use super::fields::{self, Around, Content, Rules};
use super::options::{Bearer, Options, Told};
use super::serde::Serde;
use super::shape::{Absent, Field, Name, Shape, Variant};
use crate::errors::Place;
use proc_macro2::{Ident, Span};
use std::rc::Rc;
use syn::ext::IdentExt;
use syn::{DataEnum, Fields};

/// A variant as declared.
struct Declared {
    name: Name,
    content: Content,
    /// Tried where no name fits: `#[serde(untagged)]` on the variant.
    untagged: bool,
    other: bool,
}

/// Where the name of the variant stands.
enum Tagging<'s> {
    External,
    Internal { tag: &'s str },
    Adjacent { tag: &'s str, content: &'s str },
    None,
}

pub(crate) fn read(
    data: &DataEnum,
    ident: &Ident,
    serde: &Serde,
    strict: Option<Place>,
    around: &mut Around<'_>,
) -> Shape {
    let tagging = match (&serde.tag, &serde.content) {
        _ if serde.untagged => Tagging::None,
        (Some(tag), Some(content)) => Tagging::Adjacent { tag, content },
        (Some(tag), None) => Tagging::Internal { tag },
        (None, _) => Tagging::External,
    };
    let of_type = ident.unraw().to_string();
    let mut variants: Vec<_> =
        data.variants.iter().filter_map(|variant| declared(variant, &of_type, serde, around)).collect();
    if let Some(place) = strict {
        let before = variants.len();
        variants.retain(|variant| !variant.other && !variant.untagged);
        if variants.len() == before {
            around.errors.at(
                place,
                "`strict` leaves out the variants that take what no other takes, and there is none\n\
                 help: remove it; it is for `#[serde(other)]` and `#[serde(untagged)]` variants",
            );
        }
    }
    let is_unit = |variant: &Declared| matches!(variant.content, Content::Unit(_)) && !variant.untagged;
    let is_plain = variants.iter().all(is_unit) && matches!(tagging, Tagging::External);
    if is_plain || serde.identifier {
        let is_open = !is_plain || variants.iter().any(|variant| variant.other);
        return if is_open { Shape::Str } else { names(of_type, &variants) };
    }
    let tag = match tagging {
        Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } => {
            Some(tag_field(tag, &of_type, &variants))
        }
        Tagging::External | Tagging::None => None,
    };
    let of = variants.into_iter().map(|variant| variant.placed(&of_type, &tagging)).collect();
    Shape::Union { name: of_type, tag: tag.map(Box::new), of }
}

fn names(name: String, variants: &[Declared]) -> Shape {
    let named = variants.iter().filter(|variant| !variant.other && !variant.untagged);
    Shape::Enum { name, variants: named.map(|variant| variant.name.clone()).collect() }
}

fn tag_field(tag: &str, of_type: &str, variants: &[Declared]) -> Field {
    let untagged = variants.iter().any(|variant| variant.untagged);
    let is_open = untagged || variants.iter().any(|variant| variant.other);
    Field {
        name: name_of_ours(tag),
        shape: if is_open { Shape::Str } else { names(of_type.to_owned(), variants) },
        absent: if untagged { Absent::Always } else { Absent::Never },
        skipped: false,
    }
}

/// A key that no field of the user's stands for.
pub(crate) fn name_of_ours(json: &str) -> Name {
    Name { json: json.to_owned(), aliases: Vec::new(), rust: json.to_owned(), span: Span::call_site() }
}

fn declared(
    variant: &syn::Variant,
    of_type: &str,
    container: &Serde,
    around: &mut Around<'_>,
) -> Option<Declared> {
    let serde = Serde::read(&variant.attrs);
    let Options { told, place, .. } = Options::read(&variant.attrs, Bearer::Variant, around.errors);
    let rust = variant.ident.unraw().to_string();
    let rules = Rules { case: serde.rename_all.or(container.rename_all_fields), default: false };
    let content = fields::read(&variant.fields, format!("{of_type}::{rust}"), rules, around);
    if told.is_some() && (serde.skip || matches!(content, Content::Unit(_)) && !serde.custom) {
        let why = if serde.skip { "is skipped" } else { "holds nothing" };
        around.errors.at(place, format!("the variant {why}: there is nothing to say about its content"));
    }
    if serde.skip {
        return None;
    }
    let content = match told {
        Some(Told::Opaque) => Content::Newtype(Shape::Any, Absent::Never),
        Some(Told::As(ty)) => {
            let absent = if serde.custom { Absent::Never } else { Absent::As(Rc::clone(&ty)) };
            Content::Newtype(fields::known(&ty, around), absent)
        }
        None if serde.custom => Content::Newtype(Shape::Any, Absent::Never),
        None => skipped(&variant.fields).unwrap_or(content),
    };
    Some(Declared {
        name: Name {
            json: serde.rename.unwrap_or_else(|| container.rename_all.of_variant(&rust)),
            aliases: serde.aliases,
            rust,
            span: variant.ident.span(),
        },
        content,
        untagged: serde.untagged,
        other: serde.other,
    })
}

/// One field without a name that is skipped: the variant is then one of nothing, but serde asks for the
/// content's key as the field's type would.
fn skipped(fields: &Fields) -> Option<Content> {
    let Fields::Unnamed(fields) = fields else { return None };
    match Vec::from_iter(&fields.unnamed).as_slice() {
        [field] if Serde::read(&field.attrs).skip => {
            let is_option = fields::last_word_is(&field.ty, "Option");
            Some(Content::Unit(if is_option { Absent::Always } else { Absent::Never }))
        }
        _ => None,
    }
}

impl Declared {
    /// The whole value, with its name at its place, but for the tag.
    fn placed(self, of_type: &str, tagging: &Tagging<'_>) -> Variant {
        let Declared { name, content, untagged, other } = self;
        let whole = format!("{of_type}::{}", name.rust);
        let empty = |name| Shape::Struct { name, fields: Vec::new(), flatten: Vec::new() };
        let object =
            |whole, name, shape, absent| Shape::object(whole, Field { name, shape, absent, skipped: false });
        let untagged = untagged || matches!(tagging, Tagging::None);
        let shape = match (tagging, content) {
            (_, content) if untagged => content.into_shape(),
            (Tagging::External, Content::Unit(_)) if other => Shape::Str,
            (Tagging::External, Content::Unit(_)) => {
                Shape::Enum { name: of_type.to_owned(), variants: vec![name.clone()] }
            }
            (Tagging::External, content) => object(whole, name.clone(), content.into_shape(), Absent::Never),
            (Tagging::Internal { .. }, Content::Unit(_)) => empty(whole),
            (Tagging::Internal { .. }, Content::Newtype(Shape::Of(ty), _)) => Shape::BesideTag(ty),
            (Tagging::Adjacent { content: key, .. }, content) => {
                let key = name_of_ours(key);
                match content {
                    Content::Unit(absent) => object(whole, key, Shape::Null, absent),
                    Content::Newtype(shape, absent) => object(whole, key, shape, absent),
                    content => object(whole, key, content.into_shape(), Absent::Never),
                }
            }
            (_, content) => content.into_shape(),
        };
        Variant { name, shape, untagged, other }
    }
}
