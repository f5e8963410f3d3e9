//! The code of an endpoint.

use super::{block, call, converted, duration, future, location, option, twin_struct};
use crate::endpoint::{Dedupe, Endpoint, RespondWith, Verifier};
use crate::errors::Place;
use crate::ide;
use crate::pattern::Checked;
use crate::signature::Function;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

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
    let respond_with = endpoint.respond_with.as_ref().map(|spec| respond_spec(spec, &endpoint.filter));
    let respond_with = option(&respond_with);
    let checks = respond_checks(twin, &endpoint.filter);
    let ide = endpoint.payload.as_ref().and_then(|payload| ide::keys(payload, &endpoint.filter.names, true));
    let (verify, verify_function) = verify(function, &endpoint.verifier);
    let respond_function = endpoint.respond_with.as_ref().map(respond_function);
    let location = location();
    let body = quote! {
        #verify_function
        #respond_function
        #ide
        #checks

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
    let (twin, block) = (
        twin_struct(function, twin),
        endpoint_block(function, runtime, twin, endpoint.payload.as_ref(), &body),
    );
    quote!(#item #twin #block)
}

/// What stands in for an endpoint that is broken: the compiler then finds no further mistake in the jobs
/// that it triggers.
pub(crate) fn endpoint_stand_in(
    function: &Function,
    runtime: &TokenStream,
    twin: &Ident,
    verifier: Option<&Verifier>,
    payload: Option<&Type>,
    filter: &Checked,
) -> TokenStream {
    let checks = respond_checks(twin, filter);
    let location = location();
    let (verify, verify_function) = match verifier.filter(|_| function.is_sound) {
        Some(verifier) => verify(function, verifier),
        None => (
            quote!(__rt::VerifySpec::Scheme(__verify)),
            quote!(
                fn __verify() -> __rt::Verifier {
                    ::core::unreachable!()
                }
            ),
        ),
    };
    let body = quote! {
        #verify_function
        #checks

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
                verify: #verify,
                secrets: &[],
                respond_with: ::core::option::Option::None,
                max_body: ::core::option::Option::None,
                dedupe: ::core::option::Option::None,
                unmatched: ::core::option::Option::None,
                location: #location,
            };
        }
    };
    let (twin, block) =
        (twin_struct(function, twin), endpoint_block(function, runtime, twin, payload, &body));
    quote!(#twin #block)
}

fn endpoint_block(
    function: &Function,
    runtime: &TokenStream,
    twin: &Ident,
    payload: Option<&Type>,
    body: &TokenStream,
) -> TokenStream {
    let payload = payload.map(|ty| {
        quote! {
            const PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
                #[allow(unused_imports)]
                use __rt::Untyped as _;
                __rt::Typed::<__rt::Json<#ty>>::PAYLOAD
            };
        }
    });
    let trigger = quote! {
        #[automatically_derived]
        impl __rt::Trigger for #twin {
            const ROOT: __rt::Root = __rt::Root::Request;
            #payload
            const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Endpoint(&<#twin as __rt::Endpoint>::SPEC);
        }
    };
    block(function.attributes_named("cfg"), runtime, &quote!(#trigger #body))
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
            let argument = Ident::new("__request", Span::call_site().located_at(place));
            let verdict =
                converted("IntoVerification", "into_verification", output, &quote!(#name(#argument).await));
            let future = future(name, &verdict);
            let function = quote! {
                fn __verify(__request: &__rt::Request) -> __rt::BoxFuture<'_, __rt::Verification> { #future }
            };
            (quote!(__rt::VerifySpec::Custom(__verify)), function)
        }
    }
}

/// The filter of `respond_with`, checked by the endpoint's own payload.
fn respond_checks(twin: &Ident, filter: &Checked) -> Option<TokenStream> {
    let payload = quote!(<#twin as __rt::Trigger>::PAYLOAD);
    Some(filter.readable.as_ref()?.emit(&quote!(__rt::Root::Request), &payload))
}

fn respond_spec(respond_with: &RespondWith, filter: &Checked) -> TokenStream {
    let RespondWith { skip_triggering_runs, verified, unverified_body, .. } = respond_with;
    let filter = option(&filter.readable.as_ref().map(|_| quote!(__FILTER)));
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

/// What is wrong with the handler is told where it is named: with its parameters, and with what it returns.
fn respond_function(respond_with: &RespondWith) -> TokenStream {
    let handler = &respond_with.handler;
    let place = Place::of(handler);
    let here = |name: &str| Ident::new(name, Span::call_site().located_at(place.to));
    let (request, verify) = (here("__request"), here("__verify"));
    let answer = call(handler.to_token_stream(), quote!(#request, #verify), place);
    let answer = call(quote!(__rt::Answering::answering), answer, place);
    quote! {
        fn __respond<'a>(
            __request: &'a __rt::Request,
            __verify: __rt::Verify<'a>,
        ) -> __rt::BoxFuture<'a, __rt::Response> {
            #answer
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
