//! Writes a shape as constant data.

use super::generics;
use super::itself::Itself;
use super::keys;
use super::shape::{Absent, Field, Name, Shape, Variant};
use super::{Payload, TokenStream};
use crate::emit::block;
use quote::quote;
use syn::Type;
use syn::ext::IdentExt;
use triggerfish_filter::hash;

pub(crate) fn payload(payload: &Payload<'_>) -> TokenStream {
    let Payload { input, itself, runtime, shape, absent } = payload;
    let mut types = Vec::new();
    shape.types(&mut types);
    let is_recursive = types.iter().any(|ty| itself.is_in(ty));
    let marked: Vec<Type> = types.into_iter().map(|ty| itself.marked(ty)).collect();
    let bounded = generics::bounded(&input.generics, marked.iter());
    let writer = Writer { itself };
    let schema = writer.shape(shape);
    let absent = absent.as_ref().map(|absent| {
        let absent = writer.absent(absent);
        quote!(const MAY_BE_ABSENT: ::core::primitive::bool = #absent;)
    });
    let (schema, mark) = match is_recursive {
        true => (quote!(&__rt::Schema::Recursive { id: __ID, schema: #schema }), Some(mark(payload))),
        false => (schema, None),
    };
    let name = &input.ident;
    let (implemented, _, clause) = bounded.split_for_impl();
    let (_, parameters, _) = input.generics.split_for_impl();
    let keys = keys::keys(payload, &bounded);
    let body = quote! {
        #mark

        #[automatically_derived]
        #[allow(deprecated)]
        impl #implemented __rt::Payload for #name #parameters #clause {
            const SCHEMA: &'static __rt::Schema = #schema;
            #absent
        }

        #keys
    };
    block(std::iter::empty(), runtime, &body)
}

/// A type about which nothing is known, for one whose attributes are wrong.
pub(crate) fn stand_in(payload: &Payload<'_>) -> TokenStream {
    let name = &payload.input.ident;
    let (implemented, parameters, clause) = payload.input.generics.split_for_impl();
    let body = quote! {
        #[automatically_derived]
        impl #implemented __rt::Payload for #name #parameters #clause {
            const SCHEMA: &'static __rt::Schema = &__rt::Schema::Any;
        }
    };
    block(std::iter::empty(), &payload.runtime, &body)
}

/// What stands for the type within itself.
fn mark(payload: &Payload<'_>) -> TokenStream {
    let (mark, name) = (Itself::mark(), payload.input.ident.unraw().to_string());
    quote! {
        const __ID: ::core::primitive::u64 = __rt::hash(::core::concat!(
            ::core::module_path!(), "::", #name, ":", ::core::line!(), ":", ::core::column!()
        ));

        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        struct #mark;

        #[automatically_derived]
        impl __rt::Payload for #mark {
            const SCHEMA: &'static __rt::Schema = &__rt::Schema::SelfRef(__ID);
        }
    }
}

struct Writer<'p> {
    itself: &'p Itself<'p>,
}

impl Writer<'_> {
    /// A `&'static Schema`.
    fn shape(&self, shape: &Shape) -> TokenStream {
        match shape {
            Shape::Any => quote!(&__rt::Schema::Any),
            Shape::Null => quote!(&__rt::Schema::Null),
            Shape::Str => quote!(&__rt::Schema::Str),
            Shape::Of(ty) => {
                let ty = self.itself.marked(ty);
                quote!(<#ty as __rt::Payload>::SCHEMA)
            }
            Shape::BesideTag(ty) => {
                let ty = self.itself.marked(ty);
                quote!(__rt::beside_tag(<#ty as __rt::Payload>::SCHEMA))
            }
            Shape::Tuple { items, least } => {
                let items = items.iter().map(|item| self.shape(item));
                quote!(&__rt::Schema::Tuple { items: &[#(#items),*], least: #least })
            }
            Shape::Struct { name, fields, flatten } => {
                let fields = fields.iter().map(|field| self.field(field));
                let flatten = flatten.iter().map(|inner| self.shape(inner));
                quote!(&__rt::Schema::Struct { name: #name, fields: &[#(#fields),*], flatten: &[#(#flatten),*] })
            }
            Shape::Enum { name, variants } => {
                let variants = variants.iter().map(|variant| {
                    let string = quote!(&__rt::Schema::Str);
                    self.variant(variant, &string, false, false)
                });
                quote!(&__rt::Schema::Enum { name: #name, variants: &[#(#variants),*] })
            }
            Shape::Union { name, tag, of } => {
                let tag = match tag.as_ref().map(|tag| self.field(tag)) {
                    Some(tag) => quote!(::core::option::Option::Some(&#tag)),
                    None => quote!(::core::option::Option::None),
                };
                let of = of.iter().map(|Variant { name, shape, untagged, other }| {
                    self.variant(name, &self.shape(shape), *untagged, *other)
                });
                quote!(&__rt::Schema::Union { name: #name, tag: #tag, of: &[#(#of),*] })
            }
        }
    }

    fn field(&self, Field { name, shape, absent, skipped }: &Field) -> TokenStream {
        let Name { json, aliases, rust, .. } = name;
        let (hashed, alias_hashes) = (hash(json), aliases.iter().map(|alias| hash(alias)));
        let (schema, absent) = (self.shape(shape), self.absent(absent));
        quote! {
            __rt::Field {
                name: #json,
                hash: #hashed,
                aliases: &[#(#aliases),*],
                alias_hashes: &[#(#alias_hashes),*],
                rust: #rust,
                schema: #schema,
                may_be_absent: #absent,
                skipped: #skipped,
            }
        }
    }

    fn variant(&self, name: &Name, schema: &TokenStream, untagged: bool, other: bool) -> TokenStream {
        let Name { json, aliases, rust, .. } = name;
        quote! {
            __rt::Variant {
                name: #json,
                aliases: &[#(#aliases),*],
                rust: #rust,
                schema: #schema,
                untagged: #untagged,
                other: #other,
            }
        }
    }

    fn absent(&self, absent: &Absent) -> TokenStream {
        match absent {
            Absent::Never => quote!(false),
            Absent::Always => quote!(true),
            Absent::As(ty) => {
                let ty = self.itself.marked(ty);
                quote!(<#ty as __rt::Payload>::MAY_BE_ABSENT)
            }
        }
    }
}
