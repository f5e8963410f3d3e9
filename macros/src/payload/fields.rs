//! The fields of a struct or of a variant.

use super::case::Case;
use super::itself::Itself;
use super::options::{Bearer, Options, Told};
use super::serde::Serde;
use super::shape::{Absent, Field, Name, Shape};
use crate::errors::Errors;
use std::rc::Rc;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Fields, Token, Type};

/// What is known around the fields.
pub(crate) struct Around<'a> {
    pub(crate) itself: &'a Itself<'a>,
    pub(crate) errors: &'a mut Errors,
}

/// What the type or the variant says about its fields.
#[derive(Clone, Copy, Default)]
pub(crate) struct Rules {
    pub(crate) case: Case,
    /// Each has a default: `#[serde(default)]` on the struct.
    pub(crate) default: bool,
}

/// What is read: an object, a list, or the one thing that is inside.
pub(crate) enum Content {
    /// Nothing, and whether that may be missing where it has a key of its own.
    Unit(Absent),
    /// The one field, and whether it may be missing where it stands as a field itself.
    Newtype(Shape, Absent),
    Tuple(Shape),
    Object(Shape),
}

impl Content {
    /// The whole of it as a value of its own.
    pub(crate) fn into_shape(self) -> Shape {
        match self {
            Content::Unit(_) => Shape::Null,
            Content::Newtype(shape, _) | Content::Tuple(shape) | Content::Object(shape) => shape,
        }
    }
}

/// Reads the fields. `name` is what messages call them.
pub(crate) fn read(fields: &Fields, name: String, rules: Rules, around: &mut Around<'_>) -> Content {
    match fields {
        Fields::Unit => Content::Unit(Absent::Always),
        Fields::Named(fields) => Content::Object(object(&fields.named, name, rules, around)),
        Fields::Unnamed(fields) => match Vec::from_iter(&fields.unnamed).as_slice() {
            [field] => {
                let Part { shape, absent, .. } = Part::read(field, around);
                Content::Newtype(shape, absent)
            }
            fields => Content::Tuple(tuple(fields, rules, around)),
        },
    }
}

/// The one field that a `#[serde(transparent)]` struct is read as.
pub(crate) fn transparent(fields: &Fields, around: &mut Around<'_>) -> Option<(Shape, Absent)> {
    let is_inside = |field: &&syn::Field| {
        let serde = Serde::read(&field.attrs);
        !serde.skip && !serde.default && !last_word_is(&field.ty, "PhantomData")
    };
    let field = fields.iter().find(is_inside)?;
    let part = Part::read(field, around);
    Some((part.shape, part.absent))
}

fn object(
    fields: &Punctuated<syn::Field, Token![,]>,
    name: String,
    rules: Rules,
    around: &mut Around<'_>,
) -> Shape {
    let (mut own, mut flatten) = (Vec::new(), Vec::new());
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let rust = ident.unraw().to_string();
        let Part { serde, shape, absent } = Part::read(field, around);
        if serde.flatten && !serde.skip {
            flatten.push(shape);
            continue;
        }
        let json = serde.rename.unwrap_or_else(|| rules.case.of_field(&rust));
        own.push(Field {
            name: Name { json, aliases: serde.aliases, rust, span: ident.span() },
            shape,
            absent: if rules.default { Absent::Always } else { absent },
            skipped: serde.skip,
        });
    }
    Shape::Struct { name, fields: own, flatten }
}

fn tuple(fields: &[&syn::Field], rules: Rules, around: &mut Around<'_>) -> Shape {
    let (mut items, mut least) = (Vec::new(), 0);
    for field in fields {
        let Part { serde, shape, .. } = Part::read(field, around);
        if serde.skip {
            continue;
        }
        items.push(shape);
        if !serde.default && !rules.default {
            least = items.len();
        }
    }
    Shape::Tuple { items, least }
}

/// One field.
struct Part {
    serde: Serde,
    shape: Shape,
    absent: Absent,
}

impl Part {
    fn read(field: &syn::Field, around: &mut Around<'_>) -> Self {
        let serde = Serde::read(&field.attrs);
        let Options { told, place, .. } = Options::read(&field.attrs, Bearer::Field, around.errors);
        // One that stands alone in a tuple struct is read, skipped or not.
        if serde.skip && field.ident.is_some() {
            if told.is_some() {
                around.errors.at(place, "the field is skipped: nothing is read, so there is nothing to say");
            }
            return Part { serde, shape: Shape::Any, absent: Absent::Always };
        }
        let is_option = last_word_is(&field.ty, "Option");
        let (shape, absent) = match told {
            Some(Told::Opaque) if is_option && !serde.custom => (Shape::Any, Absent::Always),
            Some(Told::Opaque) => (Shape::Any, Absent::Never),
            Some(Told::As(ty)) if serde.custom => (known(&ty, around), Absent::Never),
            Some(Told::As(ty)) if is_option && !last_word_is(&ty, "Option") => {
                let ty = Rc::new(optional(&ty));
                (known(&ty, around), Absent::As(ty))
            }
            Some(Told::As(ty)) => (known(&ty, around), Absent::As(ty)),
            None if serde.custom => (Shape::Any, Absent::Never),
            None => {
                let ty = Rc::new(field.ty.clone());
                (known(&ty, around), Absent::As(ty))
            }
        };
        let absent = if serde.default { Absent::Always } else { absent };
        Part { serde, shape, absent }
    }
}

/// What the type says of itself.
pub(crate) fn known(ty: &Rc<Type>, around: &mut Around<'_>) -> Shape {
    around.itself.check(ty, around.errors);
    Shape::Of(Rc::clone(ty))
}

/// `Option<ty>`, in its full name.
fn optional(ty: &Type) -> Type {
    syn::parse_quote!(::core::option::Option<#ty>)
}

/// Whether the path of the type ends in this name: all that a macro can know of a type.
pub(crate) fn last_word_is(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Group(group) => last_word_is(&group.elem, name),
        Type::Paren(paren) => last_word_is(&paren.elem, name),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    }
}
