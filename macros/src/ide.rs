//! What is written for the editor alone: there the keys of a filter are fields, which it completes and finds.
//!
//! rust-analyzer sets `cfg(rust_analyzer)`; a compiler reads this and leaves it out. It stands before all that
//! depends on the text of a key: the editor expands what is typed with and without a mark, and looks for it at the
//! same place of both.

use crate::signature::Function;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Path, Type};

/// A use of the trigger's function, so that a rename that starts at `trigger = ..` finds it; and a use of each key.
pub(crate) fn job(function: Option<&Function>, trigger: Option<&Path>, keys: &[Vec<Ident>]) -> TokenStream {
    let trigger = trigger.map(|trigger| {
        quote! {
            #[cfg(rust_analyzer)]
            fn __ide() {
                let _ = #trigger;
            }
        }
    });
    let read =
        function.and_then(|function| function.parameters().find_map(|parameter| payload(&parameter.ty)));
    let keys = read.map(|(ty, is_body)| self::keys(ty, keys, is_body));
    quote!(#trigger #keys)
}

/// The keys below `body`, in a struct of the payload's keys.
pub(crate) fn keys(payload: &Type, keys: &[Vec<Ident>], is_body: bool) -> Option<TokenStream> {
    let fields = keys.iter().filter_map(|path| match (is_body, path.as_slice()) {
        (true, [first, below @ ..]) if first == "body" && !below.is_empty() => Some(below),
        (true, _) => None,
        (false, path) => Some(path),
    });
    let fields = fields.filter_map(|path| path.iter().map(field).collect::<Option<Vec<_>>>());
    let fields: Vec<_> = fields.map(|path| quote!(let _ = &__payload #(.#path)*;)).collect();
    (!fields.is_empty()).then(|| {
        quote! {
            #[cfg(rust_analyzer)]
            fn __keys(__payload: &<#payload as __rt::Ide>::J) {
                #(#fields)*
            }
        }
    })
}

/// The name as that of a field: keywords in their raw form. The words for paths have none.
fn field(name: &Ident) -> Option<Ident> {
    let text = name.to_string();
    let raw = || syn::parse_str::<Ident>(&format!("r#{text}"));
    let mut field = syn::parse_str::<Ident>(&text).or_else(|_| raw()).ok()?;
    field.set_span(name.span());
    Some(field)
}

/// The type that holds the payload, and whether a filter finds it below `body`.
fn payload(ty: &Type) -> Option<(&Type, bool)> {
    let Type::Path(path) = ty else { return None };
    let last = &path.path.segments.last()?.ident;
    match last {
        _ if last == "Json" => Some((ty, true)),
        _ if last == "Event" => Some((ty, false)),
        _ => None,
    }
}
