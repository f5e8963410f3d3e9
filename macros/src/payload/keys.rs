//! The keys of a payload as the fields of a struct, where rust-analyzer looks and nowhere else: so it
//! completes the keys of a filter, and finds the field behind each.

use super::shape::{Field, Shape};
use super::{Payload, TokenStream};
use proc_macro2::Ident;
use quote::{format_ident, quote};
use std::collections::BTreeSet;
use syn::Generics;

/// The struct, and the types of objects inside of it that have no name of their own.
pub(crate) fn keys(payload: &Payload<'_>, generics: &Generics) -> TokenStream {
    let mut structs = Structs { generics, written: TokenStream::new(), count: 0 };
    let name = &payload.input.ident;
    let (implemented, parameters, clause) = generics.split_for_impl();
    let ty = structs.view(&payload.shape).unwrap_or_else(|| quote!(#name #parameters));
    let written = structs.written;
    quote! {
        #[cfg(rust_analyzer)]
        const _: () = {
            #written

            impl #implemented __rt::Ide for #name #parameters #clause {
                type J = #ty;
            }
        };
    }
}

struct Structs<'g> {
    generics: &'g Generics,
    written: TokenStream,
    count: usize,
}

/// What stands in one object.
#[derive(Default)]
struct Object<'s> {
    fields: Vec<&'s Field>,
    /// Where other keys are found, of which the language can follow one.
    others: Option<TokenStream>,
}

impl<'s> Object<'s> {
    fn add(&mut self, shape: &'s Shape) {
        match shape {
            Shape::Of(ty) | Shape::BesideTag(ty) => {
                self.others.get_or_insert_with(|| quote!(<#ty as __rt::Ide>::J));
            }
            Shape::Struct { fields, flatten, .. } => {
                self.fields.extend(fields.iter().filter(|field| !field.skipped));
                flatten.iter().for_each(|inner| self.add(inner));
            }
            Shape::Union { tag, of, .. } => {
                self.fields.extend(tag.as_deref());
                of.iter().for_each(|variant| self.add(&variant.shape));
            }
            Shape::Any => {
                self.others.get_or_insert_with(unknown);
            }
            Shape::Null | Shape::Str | Shape::Tuple { .. } | Shape::Enum { .. } => {}
        }
    }
}

/// A type without an answer: of what it has, an editor says nothing.
fn unknown() -> TokenStream {
    quote!(<__rt::Unknown as __rt::Ide>::J)
}

impl Structs<'_> {
    /// The type with the keys of a shape, if it has keys.
    fn view(&mut self, shape: &Shape) -> Option<TokenStream> {
        if let Shape::Of(ty) | Shape::BesideTag(ty) = shape {
            return Some(quote!(<#ty as __rt::Ide>::J));
        }
        let mut object = Object::default();
        object.add(shape);
        if object.fields.is_empty() {
            return object.others;
        }
        let mut seen = BTreeSet::new();
        let mut fields = TokenStream::new();
        for field in object.fields {
            for json in std::iter::once(&field.name.json).chain(&field.name.aliases) {
                let Some(mut key) = identifier(json).filter(|_| seen.insert(json.clone())) else { continue };
                key.set_span(field.name.span);
                let ty = self.view(&field.shape).unwrap_or_else(|| quote!(()));
                fields.extend(quote!(pub #key: #ty,));
            }
        }
        self.count += 1;
        let name = format_ident!("Keys{}", self.count);
        let (implemented, parameters, clause) = self.generics.split_for_impl();
        let others = object.others.map(|ty| {
            quote! {
                impl #implemented ::core::ops::Deref for #name #parameters #clause {
                    type Target = #ty;
                    fn deref(&self) -> &Self::Target {
                        ::core::unreachable!()
                    }
                }
            }
        });
        self.written.extend(quote! {
            #[allow(non_snake_case, dead_code)]
            pub struct #name #implemented #clause { #fields }
            #others
        });
        Some(quote!(#name #parameters))
    }
}

/// The key as an identifier, if it can be one.
fn identifier(json: &str) -> Option<Ident> {
    let raw = || syn::parse_str::<Ident>(&format!("r#{json}"));
    syn::parse_str::<Ident>(json).or_else(|_| raw()).ok()
}
