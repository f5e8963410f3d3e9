//! The code of a job.

use super::trigger::is_named;
use super::{block, call, conversion, duration, location, option, trigger, twin_struct};
use crate::hooks;
use crate::ide;
use crate::job::{Job, Retry};
use crate::pattern::{Checked, Refusal};
use crate::signature::Function;
use crate::trigger::Trigger;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::Path;

pub(crate) fn job(job: &Job) -> TokenStream {
    let Job { function, runtime, twin, id, name, version, enabled, trigger, filter, .. } = job;
    let item = &function.item;
    let checks = job_checks(Some(function), Some(&trigger.path), filter);
    let variant = filter.on.as_ref().map(|on| on.pattern(function.name()));
    // A trigger such as `cron(..)` has no function that a rename could find.
    let item_trigger = trigger.written.is_none().then_some(&trigger.path);
    let ide = ide::job(Some(function), item_trigger, &filter.names);
    let (filter, is_typed) = match filter.readable.is_some() || filter.on.is_some() {
        true => (quote!(::core::option::Option::Some(__FILTER)), quote!(__FAULTS.is_typed)),
        false => (quote!(::core::option::Option::None), quote!(false)),
    };
    let retry = retry(&job.retry);
    let timeout = option(&job.timeout.map(duration));
    let log_level = option(&job.log_level.as_ref().map(|level| quote!(__rt::Level::#level)));
    let location = location();
    let functions = functions(function);
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
    let functions = sound.map(functions);
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
    // Each costs the compiler a search for its shape.
    let types = types.filter(|ty| !is_named(ty, &["Io", "Context", "Request", "State", "Tick"]));
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

/// The functions that call the user's with what its parameters ask for. What stands around the call is one function
/// of the runtime: a future of each job's own would cost the compiler as much as all the rest of the job.
fn functions(function: &Function) -> TokenStream {
    let name = function.name();
    let types: Vec<_> = function.parameters().map(|parameter| &parameter.ty).collect();
    let future = call(
        quote!(::std::boxed::Box::pin),
        quote!(#name(#(<#types as __rt::FromRun>::from_run(__invocation)?),*)),
        name.span().into(),
    );
    let into_outcome = match function.output() {
        Some(output) => conversion("IntoOutcome", "into_outcome", output),
        None => quote!(__rt::IntoOutcome::into_outcome),
    };
    quote! {
        fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
            __rt::run(
                __invocation,
                |__invocation| ::core::result::Result::Ok(#future),
                #into_outcome,
            )
        }

        fn __missing(__state: &__rt::StateMap) -> ::std::vec::Vec<&'static ::core::primitive::str> {
            __rt::missing([#(<#types as __rt::FromRun>::missing(__state)),*])
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
