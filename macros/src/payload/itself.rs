//! A type that contains itself. Its constant cannot: instead of its name the parts name a mark.

use crate::errors::Errors;
use crate::tokens;
use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{DeriveInput, GenericArgument, GenericParam, Generics, Ident, Path, PathArguments, Type};

/// How a type is named inside its own declaration.
pub(crate) struct Itself<'d> {
    name: &'d Ident,
    generics: &'d Generics,
}

impl<'d> Itself<'d> {
    pub(crate) fn new(input: &'d DeriveInput) -> Self {
        Itself { name: &input.ident, generics: &input.generics }
    }

    /// The name of the mark.
    pub(crate) fn mark() -> Ident {
        Ident::new("__Itself", Span::call_site())
    }

    /// Whether the type is named in `ty`.
    pub(crate) fn is_in(&self, ty: &Type) -> bool {
        let mut found = false;
        self.each(&mut ty.clone(), &mut |_| found = true);
        found
    }

    /// `ty` with the mark for every mention of the type.
    pub(crate) fn marked(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        self.each(&mut ty, &mut |mention| *mention = Type::Path(path_of(Self::mark())));
        ty
    }

    /// Reports mentions with other parameters: such a type has no end.
    pub(crate) fn check(&self, ty: &Type, errors: &mut Errors) {
        self.each(&mut ty.clone(), &mut |mention| {
            if let Type::Path(path) = &*mention
                && !self.has_own_parameters(&path.path)
            {
                let (inner, outer) = (shown(&*mention), self.shown());
                errors.on(
                    &*mention,
                    format!(
                        "`{inner}` inside of `{outer}` has no end: filters cannot look into it\n\
                         help: add `#[payload(opaque)]` to the field"
                    ),
                );
            }
        });
    }

    fn shown(&self) -> String {
        let (_, parameters, _) = self.generics.split_for_impl();
        format!("{}{}", self.name.unraw(), shown(parameters))
    }

    /// Calls back for each mention, the outermost first.
    fn each(&self, ty: &mut Type, found: &mut impl FnMut(&mut Type)) {
        if matches!(ty, Type::Path(path) if path.qself.is_none() && self.is_named(&path.path)) {
            return found(ty);
        }
        match ty {
            Type::Array(array) => self.each(&mut array.elem, found),
            Type::Group(group) => self.each(&mut group.elem, found),
            Type::Paren(paren) => self.each(&mut paren.elem, found),
            Type::Reference(reference) => self.each(&mut reference.elem, found),
            Type::Slice(slice) => self.each(&mut slice.elem, found),
            Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|item| self.each(item, found)),
            Type::Path(path) => {
                for segment in &mut path.path.segments {
                    let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            self.each(ty, found);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// `Name`, `self::Name` or `Self`.
    fn is_named(&self, path: &Path) -> bool {
        let mut words = path.segments.iter().map(|segment| &segment.ident);
        let last = words.next_back();
        let before = words.next();
        path.leading_colon.is_none()
            && words.next().is_none()
            && match (before, last) {
                (None, Some(name)) => name == "Self" || name == self.name,
                (Some(module), Some(name)) => module == "self" && name == self.name,
                _ => false,
            }
    }

    fn has_own_parameters(&self, path: &Path) -> bool {
        let Some(last) = path.segments.last() else { return false };
        if last.ident == "Self" {
            return true;
        }
        let own = self.generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Lifetime(_) => None,
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
        });
        let given: Vec<String> = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments
                .args
                .iter()
                .filter(|argument| !matches!(argument, GenericArgument::Lifetime(_)))
                .map(|argument| argument.to_token_stream().to_string())
                .collect(),
            _ => Vec::new(),
        };
        own.eq(given)
    }
}

fn path_of(name: Ident) -> syn::TypePath {
    syn::TypePath { attrs: Vec::new(), qself: None, path: name.into() }
}

fn shown(tokens: impl ToTokens) -> String {
    tokens::written(tokens.to_token_stream())
}
