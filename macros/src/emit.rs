//! Turns a checked model into code: names, paths and constants. What can be a function is one of the runtime.
//!
//! Spans: only tokens that the user wrote carry the user's spans, and pairs of parentheses (see [`call`]).
//! A name of ours with such a span would be one more target of the editor's go-to-definition.

mod event;
mod trigger;

pub(crate) use event::{event, event_stand_in};

use crate::endpoint::{Dedupe, Endpoint, RespondWith, Verifier};
use crate::errors::Place;
use crate::hooks;
use crate::ide;
use crate::job::{Job, Retry};
use crate::pattern::{Checked, Refusal};
use crate::signature::Function;
use crate::trigger::Trigger;
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Path, Type, Visibility};

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

fn respond_function(respond_with: &RespondWith) -> TokenStream {
    let handler = &respond_with.handler;
    let place = Place::of(handler);
    // What is wrong with the handler is told where it is named: also what its call and its `.await` say.
    let here = |name: &str| Ident::new(name, Span::call_site().located_at(place.to));
    let (request, verify, wait) = (here("__request"), here("__verify"), here("await"));
    let mut dot = Punct::new('.', Spacing::Alone);
    dot.set_span(wait.span());
    let answer = call(handler.to_token_stream(), quote!(#request, #verify), place);
    let given = here("__answer");
    let into_answer = quote_spanned!(given.span()=> __rt::IntoAnswer::into_answer);
    let response = call(into_answer, given.to_token_stream(), place);
    let response = quote!(let #given = #answer #dot #wait; #response);
    let future = call(quote!(::std::boxed::Box::pin), quote!(async move { #response }), place);
    quote! {
        fn __respond<'a>(
            __request: &'a __rt::Request,
            __verify: __rt::Verify<'a>,
        ) -> __rt::BoxFuture<'a, __rt::Response> {
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
    let Job { function, runtime, twin, id, name, version, enabled, trigger, filter, .. } = job;
    let item = &function.item;
    let checks = job_checks(Some(function), Some(&trigger.path), filter);
    let variant = filter.on.as_ref().map(|on| on.pattern(function.name()));
    // A trigger such as `cron(..)` has no function that a rename could find.
    let item_trigger = trigger.written.is_none().then_some(&trigger.path);
    let ide = ide::job(Some(function), item_trigger, &filter.names);
    let (filter, is_typed) = match filter.readable.is_some() || filter.on.is_some() {
        true => (quote!(::core::option::Option::Some(__FILTER)), quote!(__checked().is_typed())),
        false => (quote!(::core::option::Option::None), quote!(false)),
    };
    let retry = retry(&job.retry);
    let timeout = option(&job.timeout.map(duration));
    let log_level = option(&job.log_level.as_ref().map(|level| quote!(__rt::Level::#level)));
    let location = location();
    let functions = job_functions(function);
    let (written, callable) = (trigger::written(trigger, Some(function)), trigger::callable(job));
    let parameters = trigger::parameters(trigger, function);
    let (subscription, trigger) = (trigger.subscription.as_ref(), &trigger.path);
    let (trigger_spec, params) = match subscription {
        Some(subscription) => subscription.emit(trigger),
        None => (quote!(<#trigger as __rt::Trigger>::TRIGGER), TokenStream::new()),
    };
    let flow = job.flow.emit();
    let of = hooks::Of { id, version, trigger: &trigger.to_token_stream(), flow: &flow, location: &location };
    let (hook_functions, hooks) = job.hooks.emit(&of);
    let batch = batch(function, job.flow.is_batched());
    let body = quote! {
        #ide
        #written
        #functions
        #params
        #hook_functions
        #batch
        #checks

        #[automatically_derived]
        impl __rt::Job for #twin {
            const SPEC: __rt::JobSpec = __rt::JobSpec {
                id: #id,
                name: #name,
                version: #version,
                enabled: #enabled,
                trigger: #trigger_spec,
                filter: #filter,
                is_typed: #is_typed,
                retry: #retry,
                timeout: #timeout,
                log_level: #log_level,
                flow: #flow,
                hooks: #hooks,
                run: __run,
                missing: __missing,
                location: #location,
            };
        }

        __rt::inventory::submit! {
            __rt::Registration::Job(&<#twin as __rt::Job>::SPEC)
        }

        #callable
        #parameters
    };
    let (twin, block) =
        (twin_struct(function, twin), block(function.attributes_named("cfg"), runtime, &body));
    quote!(#item #variant #twin #block)
}

/// What stands in for a job that is broken: its name, and all that the compiler can say about the parts that
/// were right, so that it is not said one build later.
pub(crate) fn job_stand_in(
    function: Option<&Function>,
    runtime: &TokenStream,
    twin: Option<&Ident>,
    trigger: Option<&Trigger>,
    filter: &Checked,
) -> TokenStream {
    let twin = function.zip(twin).map(|(function, twin)| twin_struct(function, twin));
    let sound = function.filter(|function| function.is_sound);
    let functions = sound.map(job_functions);
    let path = trigger.map(|trigger| &trigger.path);
    let checks = job_checks(sound, path, filter);
    let item_trigger = trigger.filter(|trigger| trigger.written.is_none()).map(|trigger| &trigger.path);
    let ide = ide::job(function, item_trigger, &filter.names);
    let named = trigger.map(|trigger| {
        let (written, path) = (trigger::written(trigger, sound), &trigger.path);
        quote! {
            #written
            const __TRIGGER: __rt::TriggerSpec = <#path as __rt::Trigger>::TRIGGER;
        }
    });
    let cfgs = function.into_iter().flat_map(|function| function.attributes_named("cfg"));
    let block = block(cfgs, runtime, &quote!(#ide #functions #named #checks));
    quote!(#twin #block)
}

/// The filter of a job, checked by what its function reads the body as, or by what its trigger carries.
fn job_checks(function: Option<&Function>, trigger: Option<&Path>, filter: &Checked) -> Option<TokenStream> {
    let refusals = trigger
        .into_iter()
        .flat_map(|trigger| filter.refusals.iter().map(move |refusal| refuse(trigger, refusal)));
    let types = function.into_iter().flat_map(Function::parameters).map(|parameter| &parameter.ty);
    let (root, payload) = match trigger {
        Some(trigger) => {
            (quote!(<#trigger as __rt::Trigger>::ROOT), quote!(<#trigger as __rt::Trigger>::PAYLOAD))
        }
        None => (quote!(__rt::Root::Request), quote!(::core::option::Option::None)),
    };
    if filter.readable.is_none() && filter.on.is_none() && filter.paths.is_empty() {
        return None;
    }
    let payload = quote!({
        #[allow(unused_imports)]
        use __rt::Untyped as _;
        __rt::payload_of(&[#(__rt::Typed::<#types>::PAYLOAD),*], #payload)
    });
    let checks = match (&filter.on, &filter.readable) {
        (Some(on), readable) => Some(on.emit(readable.as_ref(), &root, &payload)),
        (None, readable) => readable.as_ref().map(|readable| readable.emit(&root, &payload)),
    };
    let paths = filter.paths.iter().map(|path| path.emit(&root, &payload));
    Some(quote! {
        #checks
        #(const _: () = { #paths };)*
        #(#refusals)*
    })
}

/// The functions that call the user's with what its parameters ask for.
fn job_functions(function: &Function) -> TokenStream {
    let name = function.name();
    let types: Vec<_> = function.parameters().map(|parameter| &parameter.ty).collect();
    let arguments: Vec<_> = (0..types.len()).map(|n| format_ident!("__{n}")).collect();
    let value = quote!(#name(#(#arguments),*).await);
    let outcome = match function.output() {
        Some(output) => converted("IntoOutcome", "into_outcome", output, &value),
        None => quote!(__rt::IntoOutcome::into_outcome(#value)),
    };
    let future = future(
        name,
        &quote!(#(let #arguments = <#types as __rt::FromRun>::from_run(&__invocation)?;)* #outcome),
    );
    let missing = match types.as_slice() {
        [] => quote!(::std::vec::Vec::new()),
        types => quote! {
            let __all = [#(<#types as __rt::FromRun>::missing(__state)),*];
            ::core::iter::Iterator::collect(::core::iter::Iterator::flatten(
                ::core::iter::IntoIterator::into_iter(__all),
            ))
        },
    };
    quote! {
        fn __run(
            __invocation: __rt::Invocation,
        ) -> __rt::BoxFuture<'static, __rt::Outcome> {
            #future
        }

        fn __missing(__state: &__rt::StateMap) -> ::std::vec::Vec<&'static ::core::primitive::str> {
            #missing
        }
    }
}

/// Asks whether each parameter of a job that runs in batches can be taken from several deliveries.
fn batch(function: &Function, is_batched: bool) -> Option<TokenStream> {
    let types: Vec<_> = function.parameters().map(|parameter| &parameter.ty).collect();
    (is_batched && !types.is_empty()).then(|| {
        quote! {
            const _: () = {
                #(__rt::of_batch::<#types>();)*
            };
        }
    })
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

/// `<Output as Trait>::method(value)`: the user's own type there brings the error to where it is written, and
/// names nothing of ours but the trait. An `impl Trait` or `!` cannot stand there.
fn converted(into: &str, method: &str, output: &Type, value: &TokenStream) -> TokenStream {
    let (into, method) = (format_ident!("{into}"), format_ident!("{method}"));
    let cannot_be_named = matches!(output, Type::Never(_)) || names_impl(output.to_token_stream());
    let function = match cannot_be_named {
        true => quote!(__rt::#into::#method),
        false => quote!(<#output as __rt::#into>::#method),
    };
    call(function, value.clone(), Place::of(output))
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
    let groups = [(function, place.from), (arguments, place.to)].map(|(inner, span)| {
        let mut group = Group::new(Delimiter::Parenthesis, inner);
        group.set_span(span);
        TokenTree::Group(group)
    });
    groups.into_iter().collect()
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
        #[allow(unused_qualifications, unexpected_cfgs)]
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
