//! The attributes of Triggerfish. They are documented where the crate `triggerfish` re-exports them.
//!
//! An attribute goes four ways: `args` reads its options, `endpoint`, `event` and `job` make a model of them
//! that holds only what has been checked, `emit` writes it as code, and what is here only wires them.
//! Nothing below this file knows `proc_macro`, so all of it can be tested.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod args;
mod checks;
mod emit;
mod endpoint;
mod errors;
mod event;
mod filter;
mod flow;
mod handles;
mod hooks;
mod ide;
mod job;
mod literals;
mod names;
mod on;
mod path;
mod pattern;
mod payload;
mod signature;
mod source;
mod source_emit;
mod subscription;
mod tokens;
mod trigger;

#[cfg(test)]
mod tests;

use errors::Broken;
use proc_macro::TokenStream;

/// Declares an endpoint: the function says how its requests are verified.
#[proc_macro_attribute]
pub fn http_endpoint(args: TokenStream, item: TokenStream) -> TokenStream {
    endpoint::Endpoint::read(args.into(), item.into())
        .map_or_else(Broken::into_tokens, |endpoint| emit::endpoint(&endpoint))
        .into()
}

/// Declares an external source: its events come through a webhook that the program registers.
#[proc_macro_attribute]
pub fn external_source(args: TokenStream, item: TokenStream) -> TokenStream {
    source::ExternalSource::read(args.into(), item.into())
        .map_or_else(Broken::into_tokens, |source| source_emit::external_source(&source))
        .into()
}

/// Declares an instance of an external source.
#[proc_macro_attribute]
pub fn source(args: TokenStream, item: TokenStream) -> TokenStream {
    source::Instance::read(args.into(), item.into())
        .map_or_else(Broken::into_tokens, |instance| source_emit::instance(&instance))
        .into()
}

/// Declares a job: an async function that a trigger runs.
#[proc_macro_attribute]
pub fn job(args: TokenStream, item: TokenStream) -> TokenStream {
    job::Job::read(args.into(), item.into()).map_or_else(Broken::into_tokens, |job| emit::job(&job)).into()
}

/// Says what a type's JSON looks like.
#[proc_macro_derive(Payload, attributes(payload, serde))]
pub fn payload(item: TokenStream) -> TokenStream {
    payload::derive(item.into()).unwrap_or_else(Broken::into_tokens).into()
}

/// Declares a kind of event: what it carries, and what is shown of it.
#[proc_macro_attribute]
pub fn event(args: TokenStream, item: TokenStream) -> TokenStream {
    event::Event::read(args.into(), item.into())
        .map_or_else(Broken::into_tokens, |event| emit::event(&event))
        .into()
}

/// Checks that each variant of an enum has a job.
#[proc_macro]
pub fn handles_all(input: TokenStream) -> TokenStream {
    handles::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
