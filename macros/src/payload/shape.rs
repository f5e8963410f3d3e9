//! The JSON of a type, as far as its declaration tells it.

use proc_macro2::Span;
use std::rc::Rc;
use syn::Type;

/// The model of a `Schema` of the runtime.
pub(crate) enum Shape {
    Any,
    Null,
    Str,
    /// What another type says of itself.
    Of(Rc<Type>),
    /// The same, where it stands among the keys beside a tag.
    BesideTag(Rc<Type>),
    Tuple {
        items: Vec<Shape>,
        least: usize,
    },
    Struct {
        name: String,
        fields: Vec<Field>,
        flatten: Vec<Shape>,
    },
    /// Strings.
    Enum {
        name: String,
        variants: Vec<Name>,
    },
    Union {
        name: String,
        tag: Option<Box<Field>>,
        of: Vec<Variant>,
    },
}

/// What something is called.
#[derive(Clone)]
pub(crate) struct Name {
    /// In JSON.
    pub(crate) json: String,
    pub(crate) aliases: Vec<String>,
    /// In Rust.
    pub(crate) rust: String,
    /// Where it is declared.
    pub(crate) span: Span,
}

pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) shape: Shape,
    pub(crate) absent: Absent,
    pub(crate) skipped: bool,
}

/// Whether a field may be missing.
#[derive(Clone)]
pub(crate) enum Absent {
    Never,
    Always,
    /// As its type says.
    As(Rc<Type>),
}

pub(crate) struct Variant {
    pub(crate) name: Name,
    pub(crate) shape: Shape,
    pub(crate) untagged: bool,
    pub(crate) other: bool,
}

impl Shape {
    /// An object of this one key.
    pub(crate) fn object(name: String, field: Field) -> Self {
        Shape::Struct { name, fields: vec![field], flatten: Vec::new() }
    }

    /// The types that it takes its parts from.
    pub(crate) fn types<'s>(&'s self, found: &mut Vec<&'s Type>) {
        match self {
            Shape::Any | Shape::Null | Shape::Str | Shape::Enum { .. } => {}
            Shape::Of(ty) | Shape::BesideTag(ty) => found.push(ty),
            Shape::Tuple { items, .. } => items.iter().for_each(|item| item.types(found)),
            Shape::Struct { fields, flatten, .. } => {
                fields.iter().for_each(|field| field.types(found));
                flatten.iter().for_each(|inner| inner.types(found));
            }
            Shape::Union { tag, of, .. } => {
                tag.iter().for_each(|tag| tag.types(found));
                of.iter().for_each(|variant| variant.shape.types(found));
            }
        }
    }
}

impl Field {
    fn types<'s>(&'s self, found: &mut Vec<&'s Type>) {
        self.shape.types(found);
        if let Absent::As(ty) = &self.absent {
            found.push(ty);
        }
    }
}
