//! The code of an event.

use super::{associated, block, call, converted, location, option, twin_struct};
use crate::errors::Place;
use crate::event::{Event, Example, Json};
use crate::pattern::Checked;
use crate::signature::Function;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

pub(crate) fn event(event: &Event) -> TokenStream {
    let Event { function, runtime, twin, payload, names, .. } = event;
    let (item, name, visibility) = (&function.item, function.name(), &function.visibility);
    let (source, title, icon) = (option(&event.source), option(&event.title), option(&event.icon));
    let (checks, filter) =
        (checks(twin, &event.filter), option(&event.filter.readable.as_ref().map(|_| quote!(__FILTER))));
    let examples = event.examples.iter().map(example);
    let shown = shown(function);
    let payload_type = associated("Payload", &quote!(#payload), payload);
    let location = location();
    let implementation = quote! {
        #checks

        #[automatically_derived]
        impl __rt::EventType for #twin {
            #payload_type
            const SPEC: __rt::EventSpec = __rt::EventSpec {
                names: &[#(#names),*],
                source: #source,
                title: #title,
                icon: #icon,
                payload: __rt::type_name::<#payload>,
                schema: <#twin as __rt::Trigger>::PAYLOAD,
                filter: #filter,
                examples: &[#(#examples),*],
                properties: __properties,
                location: #location,
            };
        }

        // An event without properties returns nothing, which is passed on.
        #[allow(clippy::unit_arg)]
        fn __shown(__payload: &#payload) -> __rt::Properties {
            #shown
        }

        fn __properties(
            __payload: &[::core::primitive::u8],
        ) -> ::core::result::Result<__rt::Properties, ::std::string::String> {
            __rt::properties_of::<#twin>(__payload, __shown)
        }

        impl #twin {
            /// Makes an event of this kind, to be sent.
            #visibility fn event(payload: &#payload) -> __rt::Outgoing {
                __rt::outgoing::<#twin>(payload, __shown(payload))
            }
        }

        __rt::inventory::submit! {
            __rt::Registration::Event(&<#twin as __rt::EventType>::SPEC)
        }
    };
    let trigger =
        trigger(twin, Some(payload), &quote!(__rt::TriggerSpec::Event(&<#twin as __rt::EventType>::SPEC)));
    let test = (!event.examples.is_empty()).then(|| test(name, runtime, twin, function));
    let body = quote!(#trigger #implementation);
    let (twin, block) =
        (twin_struct(function, twin), block(function.attributes_named("cfg"), runtime, &body));
    quote!(#item #twin #block #test)
}

/// What stands in for an event that is broken: jobs that it triggers, and code that sends it, still find it.
pub(crate) fn event_stand_in(
    function: &Function,
    runtime: &TokenStream,
    twin: &Ident,
    payload: Option<&Type>,
    filter: &Checked,
) -> TokenStream {
    let checks = checks(twin, filter);
    let trigger = trigger(twin, payload, &quote!(__rt::TriggerSpec::Dynamic));
    let visibility = &function.visibility;
    let event = payload.map(|payload| {
        quote! {
            impl #twin {
                #visibility fn event(_: &#payload) -> __rt::Outgoing {
                    ::core::unreachable!()
                }
            }
        }
    });
    let body = quote!(#trigger #checks #event);
    let (twin, block) =
        (twin_struct(function, twin), block(function.attributes_named("cfg"), runtime, &body));
    quote!(#twin #block)
}

/// The event's own filter, checked by what the event carries.
fn checks(twin: &Ident, filter: &Checked) -> Option<TokenStream> {
    let payload = quote!(<#twin as __rt::Trigger>::PAYLOAD);
    Some(filter.readable.as_ref()?.emit(&quote!(__rt::Root::Payload), &payload))
}

/// The type as something that triggers a job with a payload.
pub(super) fn trigger(twin: &Ident, payload: Option<&Type>, spec: &TokenStream) -> TokenStream {
    let payload = payload.map(|payload| {
        quote! {
            const PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
                #[allow(unused_imports)]
                use __rt::Untyped as _;
                __rt::Typed::<__rt::Json<#payload>>::PAYLOAD
            };
        }
    });
    quote! {
        #[automatically_derived]
        impl __rt::Trigger for #twin {
            const ROOT: __rt::Root = __rt::Root::Payload;
            #payload
            const TRIGGER: __rt::TriggerSpec = #spec;
        }
    }
}

/// The call of the user's function.
fn shown(function: &Function) -> TokenStream {
    let name = function.name();
    let value = quote!(#name(__payload));
    match function.output() {
        Some(output) => converted("IntoProperties", "into_properties", output, &value),
        None => call(quote!(__rt::IntoProperties::into_properties), value, Place::of(name)),
    }
}

fn example(Example { id, name, json }: &Example) -> TokenStream {
    let json = match json {
        Json::Text(text) => quote!(#text),
        Json::File(path) => quote!(::core::include_str!(#path)),
    };
    quote!(__rt::Example { id: #id, name: #name, json: #json })
}

/// A test of the user's that reads the examples. It stands beside the function: tests inside of a block do not run.
fn test(name: &Ident, runtime: &TokenStream, twin: &Ident, function: &Function) -> TokenStream {
    let test = format_ident!("__{}_examples", name);
    let cfgs = function.attributes_named("cfg");
    quote! {
        #(#cfgs)*
        #[cfg(test)]
        #[test]
        fn #test() {
            #runtime::__private::check_examples::<#twin>();
        }
    }
}
