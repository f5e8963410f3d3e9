//! Turns external sources and their instances into code.

use crate::emit::{block, call, location, twin_struct};
use crate::errors::Place;
use crate::source::{ExternalSource, Instance};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

pub(crate) fn external_source(source: &ExternalSource) -> TokenStream {
    let ExternalSource { item, runtime, ty, cfgs, id, version, events } = source;
    let location = location();
    let body = quote! {
        fn __params() -> ::core::result::Result<__rt::Value, ::std::string::String> {
            let __params: <#ty as __rt::ExternalSource>::Params = ::core::default::Default::default();
            __rt::source_params(&__params)
        }

        #[automatically_derived]
        impl __rt::Source for #ty {
            const SOURCE: __rt::SourceSpec = __rt::SourceSpec {
                id: #id,
                version: #version,
                events: &[#(&<#events as __rt::EventType>::SPEC),*],
                params: __params,
                location: #location,
            };
        }

        #(
            #[automatically_derived]
            impl __rt::SourceEventOf for #events {
                type Source = #ty;
            }
        )*
    };
    let block = block(cfgs.iter(), runtime, &body);
    quote!(#item #block)
}

pub(crate) fn instance(instance: &Instance) -> TokenStream {
    let Instance { function, runtime, twin, output } = instance;
    let (item, name) = (&function.item, function.name());
    let location = location();
    let made = call(name.to_token_stream(), TokenStream::new(), Place::of(output));
    let text = name.to_string();
    let body = quote! {
        fn __make(
            __secrets: &dyn __rt::ResolveSecrets,
        ) -> ::core::result::Result<__rt::ErasedSource, ::std::vec::Vec<__rt::SecretProblem>> {
            __rt::erase_source::<#output>(#made, __secrets)
        }

        #[automatically_derived]
        impl __rt::SourceInstance for #twin {
            type Source = #output;
            const INSTANCE: __rt::InstanceSpec = __rt::InstanceSpec {
                name: #text,
                source: &<#output as __rt::Source>::SOURCE,
                make: __make,
                location: #location,
            };
        }

        __rt::inventory::submit! {
            __rt::Registration::Instance(&<#twin as __rt::SourceInstance>::INSTANCE)
        }

        // For the editor alone: a rename that starts at `account = ..` then finds the function as well.
        #[cfg(rust_analyzer)]
        fn __ide() {
            let _ = #name;
        }
    };
    let (twin, block) =
        (twin_struct(function, twin), block(function.attributes_named("cfg"), runtime, &body));
    quote!(#item #twin #block)
}
