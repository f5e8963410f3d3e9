//! `on = PluginEvent::TranscriptCompleted`: the filter that a variant stands for.
//!
//! Which key of the JSON tells the variant, and by which names, the runtime finds in the type's schema while the
//! program is compiled; the compiler itself checks the path.

use crate::args::Value;
use crate::checks::{Readable, constants, hashes_of};
use crate::emit::call;
use crate::errors::{Errors, Place};
use crate::pattern;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Path;
use syn::ext::IdentExt;
use triggerfish_filter::{Field, Tree};

/// A variant of an enum.
pub(crate) struct On {
    /// The whole, as written.
    path: Path,
    enumeration: Path,
    variant: Ident,
}

impl On {
    pub(crate) fn read(value: &Value, errors: &mut Errors) -> Option<Self> {
        let wanted = "a variant of the payload's enum";
        let Some(path) = value.path() else { return value.refuse(wanted, errors) };
        let mut enumeration = path.clone();
        let variant = enumeration.segments.pop()?.ident;
        enumeration.segments.pop_punct();
        if enumeration.segments.is_empty() {
            return value.refuse(wanted, errors);
        }
        Some(On { path, enumeration, variant })
    }

    /// `__FILTER`, what it is checked by, and the constants that check it: with what `filter` asks for beside it.
    pub(crate) fn emit(
        &self,
        filter: Option<&Readable>,
        root: &TokenStream,
        payload: &TokenStream,
    ) -> TokenStream {
        let On { path, enumeration, variant } = self;
        let variant = variant.unraw().to_string();
        // The body comes last, so that what is added to it comes after all that is written.
        let mut fields: Vec<_> = filter.map(|filter| filter.fields.clone()).unwrap_or_default();
        fields.sort_by_key(|field| &*field.name == "body");
        let (inside, beside) = match fields.split_last() {
            Some((Field { name, tree: Tree::Object(inside), .. }, beside)) if &**name == "body" => {
                (inside.as_slice(), beside)
            }
            _ => (&[][..], fields.as_slice()),
        };
        let (in_body, in_request, in_payload) =
            (pattern::entries(inside), pattern::entries(beside), pattern::entries(&fields));
        let mut hashes = Vec::new();
        hashes_of(&fields, &mut hashes);
        let body = (fields.len() == beside.len()).then(|| quote!(__rt::hash("body"),));
        let check = call(
            quote!(__rt::On::check),
            quote!(&__ON, <#enumeration as __rt::Payload>::SCHEMA, __checked().payload, #root, &__FILTER, #variant),
            Place::of(path),
        );
        let filter = quote! {
            match #root {
                __rt::Root::Request => __rt::Pattern::Object(&[#(#in_request,)* ("body", __rt::Pattern::Object(
                    &[#(#in_body,)* (__ON.key, __rt::Pattern::List(&__NAMES))]
                ))]),
                _ => __rt::Pattern::Object(&[#(#in_payload,)* (__ON.key, __rt::Pattern::List(&__NAMES))]),
            }
        };
        let all = quote! {
            match #root {
                __rt::Root::Request => &[#(#hashes,)* #body __rt::hash(__ON.key)],
                _ => &[#(#hashes,)* __rt::hash(__ON.key)],
            }
        };
        let constants = constants(&fields, &filter, &all, root, payload);
        quote! {
            const __ON: __rt::On = __rt::On::of(<#enumeration as __rt::Payload>::SCHEMA, #payload, #variant);
            const __NAMES: [__rt::Test<&'static ::core::primitive::str>; __ON.count()] = __ON.tests();
            #constants
            const _: () = {
                // The compiler says whether there is such a variant; if not, this constant is not evaluated.
                let __on: fn(&#enumeration) -> ::core::primitive::bool = |__event| ::core::matches!(__event, #path { .. });
                #check
            };
        }
    }

    /// The variant as a pattern, for `handles_all!`: a macro of the function's name.
    pub(crate) fn pattern(&self, function: &Ident) -> TokenStream {
        let (name, variant) = (format_ident!("__on_{}", function.unraw()), &self.variant);
        let variant = Ident::new(&variant.to_string(), proc_macro2::Span::call_site());
        quote! {
            #[doc(hidden)]
            #[allow(unused_macros)]
            macro_rules! #name {
                ($($enumeration:tt)*) => { $($enumeration)* :: #variant { .. } };
            }
            #[doc(hidden)]
            #[allow(unused_imports)]
            pub(crate) use #name as #function;
        }
    }
}
