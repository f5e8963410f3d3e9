//! Turns a checked model into code: names, paths and constants. What can be a function is one of the runtime.
//!
//! Spans: only tokens that the user wrote carry the user's spans, and pairs of parentheses (see [`call`]).
//! A name of ours with such a span would be one more target of the editor's go-to-definition.

use crate::endpoint::{Dedupe, Endpoint, RespondWith, Verifier};
use crate::errors::Place;
use crate::job::{Job, Retry};
use crate::pattern::{self, Refusal};
use crate::signature::Function;
use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{Path, Type};

pub(crate) fn endpoint(endpoint: &Endpoint) -> TokenStream {
    let Endpoint { function, runtime, twin, id, enabled, secrets, .. } = endpoint;
    let item = &function.item;
    let (source, icon, title) = (option(&endpoint.source), option(&endpoint.icon), option(&endpoint.title));
    let (path, max_body, unmatched) = (
        option(&endpoint.path),
        option(&endpoint.max_body.map(Literal::u64_unsuffixed)),
        option(&endpoint.unmatched.map(Literal::u16_unsuffixed)),
    );
    let payload = option(&endpoint.payload.as_ref().map(|ty| quote!(__rt::type_name::<#ty>)));
    let dedupe = option(&endpoint.dedupe.as_ref().map(dedupe));
    let respond_with = option(&endpoint.respond_with.as_ref().map(respond_spec));
    let (verify, verify_function) = verify(function, &endpoint.verifier);
    let respond_function = endpoint.respond_with.as_ref().map(respond_function);
    let location = location();
    let body = quote! {
        #verify_function
        #respond_function

        #[automatically_derived]
        impl __rt::Endpoint for #twin {
            const SPEC: __rt::EndpointSpec = __rt::EndpointSpec {
                id: #id,
                source: #source,
                icon: #icon,
                title: #title,
                enabled: #enabled,
                path: #path,
                payload: #payload,
                verify: #verify,
                secrets: &[#(#secrets),*],
                respond_with: #respond_with,
                max_body: #max_body,
                dedupe: #dedupe,
                unmatched: #unmatched,
                location: #location,
            };
        }

        __rt::inventory::submit! {
            __rt::Registration::Endpoint(&<#twin as __rt::Endpoint>::SPEC)
        }
    };
    let (twin, block) = (twin_struct(function, twin), endpoint_block(function, runtime, twin, &body));
    quote!(#item #twin #block)
}

/// What stands in for an endpoint that is broken: the compiler then finds no further mistake in the jobs
/// that it triggers.
pub(crate) fn endpoint_stand_in(function: &Function, runtime: &TokenStream, twin: &Ident) -> TokenStream {
    let location = location();
    let body = quote! {
        fn __verify() -> __rt::Verifier {
            ::core::unreachable!()
        }

        #[automatically_derived]
        impl __rt::Endpoint for #twin {
            const SPEC: __rt::EndpointSpec = __rt::EndpointSpec {
                id: "",
                source: ::core::option::Option::None,
                icon: ::core::option::Option::None,
                title: ::core::option::Option::None,
                enabled: false,
                path: ::core::option::Option::None,
                payload: ::core::option::Option::None,
                verify: __rt::VerifySpec::Scheme(__verify),
                secrets: &[],
                respond_with: ::core::option::Option::None,
                max_body: ::core::option::Option::None,
                dedupe: ::core::option::Option::None,
                unmatched: ::core::option::Option::None,
                location: #location,
            };
        }
    };
    let (twin, block) = (twin_struct(function, twin), endpoint_block(function, runtime, twin, &body));
    quote!(#twin #block)
}

fn endpoint_block(
    function: &Function,
    runtime: &TokenStream,
    twin: &Ident,
    body: &TokenStream,
) -> TokenStream {
    let trigger = quote! {
        #[automatically_derived]
        impl __rt::Trigger for #twin {
            const ROOT: __rt::Root = __rt::Root::Request;
            const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Endpoint(&<#twin as __rt::Endpoint>::SPEC);
        }
    };
    block(function, runtime, &quote!(#trigger #body))
}

/// How it verifies, and the function that does it.
fn verify(function: &Function, verifier: &Verifier) -> (TokenStream, TokenStream) {
    let name = function.name();
    match verifier {
        Verifier::Scheme(output) => {
            let call = call(name.to_token_stream(), TokenStream::new(), Place::of(output));
            let function = quote!(fn __verify() -> __rt::Verifier { #call });
            (quote!(__rt::VerifySpec::Scheme(__verify)), function)
        }
        Verifier::Custom { request, output } => {
            // The argument stands where the parameter's type was written: that is what must change if it differs.
            let place = Place::of(request).to;
            let argument = Ident::new("__request", proc_macro2::Span::call_site().located_at(place));
            let verdict = converted("verification", output, &quote!(#name(#argument).await));
            let future = future(name, &verdict);
            let function = quote! {
                fn __verify(__request: &__rt::Request) -> __rt::BoxFuture<'_, __rt::Verification> { #future }
            };
            (quote!(__rt::VerifySpec::Custom(__verify)), function)
        }
    }
}

fn respond_spec(respond_with: &RespondWith) -> TokenStream {
    let RespondWith { filter, skip_triggering_runs, verified, unverified_body, .. } = respond_with;
    let filter = option(&filter.as_ref().map(pattern::emit));
    quote! {
        __rt::RespondSpec {
            filter: #filter,
            handler: __respond,
            skip_triggering_runs: #skip_triggering_runs,
            verified: #verified,
            unverified_body: #unverified_body,
        }
    }
}

fn respond_function(respond_with: &RespondWith) -> TokenStream {
    let handler = &respond_with.handler;
    let answer = call(handler.to_token_stream(), quote!(__request, __verify), Place::of(handler));
    let place = Place::of(handler);
    let response = call(quote!(__rt::response), quote!(#answer.await), place);
    let future = call(quote!(::std::boxed::Box::pin), quote!(async move { #response }), place);
    quote! {
        fn __respond<'__a>(
            __request: &'__a __rt::Request,
            __verify: __rt::Verify<'__a>,
        ) -> __rt::BoxFuture<'__a, __rt::Response> {
            #future
        }
    }
}

fn dedupe(dedupe: &Dedupe) -> TokenStream {
    match dedupe {
        Dedupe::Id => quote!(__rt::Dedupe::Id),
        Dedupe::None => quote!(__rt::Dedupe::None),
        Dedupe::Body(window) => {
            let window = duration(*window);
            quote!(__rt::Dedupe::Body(#window))
        }
    }
}

pub(crate) fn job(job: &Job) -> TokenStream {
    let Job { function, runtime, twin, id, name, version, enabled, trigger, refusals, .. } = job;
    let item = &function.item;
    let filter = option(&job.filter.as_ref().map(pattern::emit));
    let retry = retry(&job.retry);
    let timeout = option(&job.timeout.map(duration));
    let log_level = option(&job.log_level.as_ref().map(|level| quote!(__rt::Level::#level)));
    let location = location();
    let functions = job_functions(function);
    let refusals = refusals.iter().map(|refusal| refuse(trigger, refusal));
    let body = quote! {
        #functions

        #[automatically_derived]
        impl __rt::Job for #twin {
            const SPEC: __rt::JobSpec = __rt::JobSpec {
                id: #id,
                name: #name,
                version: #version,
                enabled: #enabled,
                trigger: <#trigger as __rt::Trigger>::TRIGGER,
                filter: #filter,
                retry: #retry,
                timeout: #timeout,
                log_level: #log_level,
                run: __run,
                missing: __missing,
                location: #location,
            };
        }

        __rt::inventory::submit! {
            __rt::Registration::Job(&<#twin as __rt::Job>::SPEC)
        }

        #(#refusals)*

        // For the editor alone: a rename that starts at `trigger = ..` then finds the function as well.
        #[cfg(rust_analyzer)]
        fn __ide() {
            let _ = #trigger;
        }
    };
    let (twin, block) = (twin_struct(function, twin), block(function, runtime, &body));
    quote!(#item #twin #block)
}

/// What stands in for a job that is broken: its name, and what the compiler can say about its filter.
pub(crate) fn job_stand_in(
    function: &Function,
    runtime: &TokenStream,
    twin: &Ident,
    trigger: Option<&Path>,
    refusals: &[Refusal],
) -> TokenStream {
    let twin = twin_struct(function, twin);
    let block = trigger.filter(|_| !refusals.is_empty()).map(|trigger| {
        let refusals = refusals.iter().map(|refusal| refuse(trigger, refusal));
        block(function, runtime, &quote!(#(#refusals)*))
    });
    quote!(#twin #block)
}

/// The functions that call the user's with what its parameters ask for.
fn job_functions(function: &Function) -> TokenStream {
    let name = function.name();
    let types: Vec<_> = function.parameters().map(|parameter| &parameter.ty).collect();
    let arguments: Vec<_> = (0..types.len()).map(|n| format_ident!("__{n}")).collect();
    let value = quote!(#name(#(#arguments),*).await);
    let outcome = match function.output() {
        Some(output) => converted("outcome", output, &value),
        None => quote!(__rt::outcome(#value)),
    };
    let future = future(name, &quote!(#(let #arguments = __rt::take::<#types>(&__invocation)?;)* #outcome));
    let missing = match types.as_slice() {
        [] => quote!(::std::vec::Vec::new()),
        types => quote! {
            let __all = [#(__rt::missing::<#types>(__state)),*];
            ::core::iter::Iterator::collect(::core::iter::Iterator::flatten(
                ::core::iter::IntoIterator::into_iter(__all),
            ))
        },
    };
    quote! {
        fn __run(
            __invocation: __rt::Invocation,
        ) -> __rt::BoxFuture<'static, ::core::result::Result<(), __rt::JobError>> {
            #future
        }

        fn __missing(__state: &__rt::StateMap) -> ::std::vec::Vec<&'static ::core::primitive::str> {
            #missing
        }
    }
}

fn retry(retry: &Retry) -> TokenStream {
    let Retry { limit, factor, min, max } = retry;
    let limit = limit.map(Literal::u32_unsuffixed).map(|limit| quote!(limit: #limit));
    let factor = factor.map(Literal::f64_unsuffixed).map(|factor| quote!(factor: #factor));
    let min = min.map(duration).map(|min| quote!(min: #min));
    let max = max.map(duration).map(|max| quote!(max: #max));
    let given: Vec<_> = [limit, factor, min, max].into_iter().flatten().collect();
    match given.len() {
        0 => quote!(__rt::RetryPolicy::DEFAULT),
        4 => quote!(__rt::RetryPolicy { #(#given),* }),
        _ => quote!(__rt::RetryPolicy { #(#given,)* ..__rt::RetryPolicy::DEFAULT }),
    }
}

/// A compile error at the place of the mistake, if the trigger is what makes it one.
fn refuse(trigger: &Path, Refusal { place, message }: &Refusal) -> TokenStream {
    let root = quote!(<#trigger as __rt::Trigger>::ROOT, #message);
    let call = call(quote!(__rt::refuse_for_request), root, *place);
    quote!(const _: () = #call;)
}

/// `Box::pin(async move { .. })`; what is wrong with the future as a whole is told at the function's name.
fn future(name: &Ident, body: &TokenStream) -> TokenStream {
    call(quote!(::std::boxed::Box::pin), quote!(async move { #body }), name.span().into())
}

/// `__rt::outcome::<Output>(value)`: the type in the turbofish brings the error to the user's return type.
/// An `impl Trait` or `!` cannot stand there.
fn converted(function: &str, output: &Type, value: &TokenStream) -> TokenStream {
    let function = format_ident!("{function}");
    let cannot_be_named = matches!(output, Type::Never(_)) || names_impl(output.to_token_stream());
    let turbofish = (!cannot_be_named).then(|| quote!(::<#output>));
    call(quote!(__rt::#function #turbofish), value.clone(), Place::of(output))
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
fn call(function: TokenStream, arguments: TokenStream, place: Place) -> TokenStream {
    let groups = [(function, place.from), (arguments, place.to)].map(|(inner, span)| {
        let mut group = Group::new(Delimiter::Parenthesis, inner);
        group.set_span(span);
        TokenTree::Group(group)
    });
    groups.into_iter().collect()
}

/// The type beside the function. Its braces keep it out of the namespace of values, where the function is.
fn twin_struct(function: &Function, twin: &Ident) -> TokenStream {
    let visibility = &function.visibility;
    let (cfgs, docs) = (function.attributes_named("cfg"), function.attributes_named("doc"));
    quote! {
        #(#cfgs)*
        #(#docs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #twin {}
    }
}

fn block(function: &Function, runtime: &TokenStream, body: &TokenStream) -> TokenStream {
    let cfgs = function.attributes_named("cfg");
    quote! {
        #(#cfgs)*
        #[allow(unused_qualifications, unexpected_cfgs)]
        const _: () = {
            use #runtime::__private as __rt;
            #body
        };
    }
}

fn location() -> TokenStream {
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
