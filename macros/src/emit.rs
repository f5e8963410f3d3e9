//! Turns a checked model into code: names, paths and constants. What can be a function is one of the runtime.
//!
//! Spans: only tokens that the user wrote carry the user's spans, and pairs of parentheses (see [`call`]).
//! A name of ours with such a span would be one more target of the editor's go-to-definition.

mod endpoint;
mod event;
mod job;
mod trigger;

pub(crate) use endpoint::{endpoint, endpoint_stand_in};
pub(crate) use event::{event, event_stand_in};
pub(crate) use job::{job, job_stand_in};

use crate::errors::Place;
use crate::signature::Function;
use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Type, Visibility};

/// `Box::pin(async move { .. })`; what is wrong with the future as a whole is told at the function's name.
fn future(name: &Ident, body: &TokenStream) -> TokenStream {
    call(quote!(::std::boxed::Box::pin), quote!(async move { #body }), name.span().into())
}

/// `<Output as Trait>::method(value)`.
fn converted(into: &str, method: &str, output: &Type, value: &TokenStream) -> TokenStream {
    call(method_of(into, method, output), value.clone(), Place::of(output))
}

/// The same method as a value.
fn conversion(into: &str, method: &str, output: &Type) -> TokenStream {
    parenthesized(method_of(into, method, output), Place::of(output).to).to_token_stream()
}

/// `<Output as Trait>::method`: the user's own type there brings the error to where it is written, and names
/// nothing of ours but the trait. An `impl Trait` or `!` cannot stand there.
fn method_of(into: &str, method: &str, output: &Type) -> TokenStream {
    let (into, method) = (format_ident!("{into}"), format_ident!("{method}"));
    match matches!(output, Type::Never(_)) || names_impl(output.to_token_stream()) {
        true => quote!(__rt::#into::#method),
        false => quote!(<#output as __rt::#into>::#method),
    }
}

fn names_impl(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "impl",
        TokenTree::Group(group) => names_impl(group.stream()),
        _ => false,
    })
}

/// `(function)(arguments)`, with the parentheses alone at `place`. The compiler reports a call from its callee
/// to its end, and stable has no other way to span more than one token; an editor finds no name there.
pub(crate) fn call(function: TokenStream, arguments: TokenStream, place: Place) -> TokenStream {
    [(function, place.from), (arguments, place.to)]
        .map(|(inner, span)| parenthesized(inner, span))
        .into_iter()
        .collect()
}

fn parenthesized(inner: TokenStream, span: Span) -> TokenTree {
    let mut group = Group::new(Delimiter::Parenthesis, inner);
    group.set_span(span);
    TokenTree::Group(group)
}

/// `type Name = ty;`, placed at what the user wrote: there the compiler says that a public function shows a private
/// type.
fn associated(name: &str, ty: &TokenStream, written: &Type) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let mut declared = quote_spanned!(Place::of(written).to=> type);
    declared.extend(quote!(#name));
    declared.extend(quote_spanned!(Place::of(written).to=> =));
    declared.extend(ty.clone());
    declared.extend(quote_spanned!(Place::of(written).to=> ;));
    declared
}

/// The type beside the function. Its braces keep it out of the namespace of values, where the function is.
pub(crate) fn twin_struct(function: &Function, twin: &Ident) -> TokenStream {
    // The item begins with this word. With the user's span it would be an item of the user's to the lints.
    let mut visibility = function.visibility.clone();
    match &mut visibility {
        Visibility::Public(word) => word.span = Span::call_site(),
        Visibility::Restricted(visibility) => visibility.pub_token.span = Span::call_site(),
        Visibility::Inherited => {}
    }
    let (cfgs, docs) = (function.attributes_named("cfg"), function.attributes_named("doc"));
    quote! {
        #(#cfgs)*
        #(#docs)*
        #[doc(hidden)]
        #[non_exhaustive]
        #[allow(non_camel_case_types)]
        #visibility struct #twin {}
    }
}

/// The code beside an item, where the runtime is `__rt`.
pub(crate) fn block<'f>(
    cfgs: impl Iterator<Item = &'f Attribute>,
    runtime: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    quote! {
        #(#cfgs)*
        #[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
        const _: () = {
            use #runtime::__private as __rt;
            #body
        };
    }
}

pub(crate) fn location() -> TokenStream {
    quote! {
        __rt::Location {
            package: ::core::env!("CARGO_PKG_NAME"),
            file: ::core::file!(),
            line: ::core::line!(),
            column: ::core::column!(),
        }
    }
}

fn duration(millis: u64) -> TokenStream {
    let millis = Literal::u64_unsuffixed(millis);
    quote!(__rt::Duration::from_millis(#millis))
}

fn option(value: &Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
