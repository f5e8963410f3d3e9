//! Names, keywords and lints that a careless expansion would trip over. It is enough that this compiles.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub,
    unnameable_types,
    unused_qualifications,
    unused_results,
    unused_lifetimes,
    unused_import_braces,
    unused_macro_rules,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    non_ascii_idents,
    redundant_imports,
    redundant_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    variant_size_differences,
    meta_variable_misuse,
    absolute_paths_not_starting_with_crate
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(
    clippy::pub_use,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::question_mark_used,
    clippy::items_after_statements,
    clippy::let_underscore_untyped,
    clippy::default_numeric_fallback,
    clippy::exhaustive_structs,
    clippy::wildcard_enum_match_arm,
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    clippy::indexing_slicing
)]
#![allow(
    // Of this file itself.
    dead_code,
    clippy::unused_async,
    clippy::redundant_pub_crate,
    clippy::cargo_common_metadata,
    clippy::multiple_crate_versions
)]

extern crate alloc;

/// Shadows the crate in paths that do not start with `::`.
mod core {}
/// Shadows the crate.
mod std {}
/// Shadows the crate.
mod triggerfish {}

/// Names of the standard library and of the runtime, each meaning something else here.
macro_rules! shadow {
    ($($name:ident)*) => { $(
        /// Not what you think.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
        struct $name;
    )* };
}

/// An endpoint and a job among all of them.
mod shadowed {
    shadow! {
        Option Some None Result Ok Err Box Vec String Iterator IntoIterator Future Pin Send Sync Default Duration
        Pattern Test Scalar Number Root Location EndpointSpec JobSpec Trigger Endpoint Job Registration
        RetryPolicy Invocation StateMap VerifySpec Dedupe RespondSpec
        Payload Schema Field Variant Json Event Outcome Checked Faults Typed Untyped On
    }

    /// Not the one of the language.
    #[expect(non_camel_case_types, reason = "to shadow it")]
    type str = u8;
    /// Not the one of the language.
    #[expect(non_camel_case_types, reason = "to shadow it")]
    type bool = u8;

    /// The macros of the standard library, with another meaning.
    macro_rules! file {
        () => {
            0_u8
        };
    }
    /// Used, or it would be a warning.
    const FILE: u8 = file!();

    /// Signed by Cal.com.
    #[::triggerfish::http_endpoint(
        id = "cal.com",
        source = "cal.com",
        payload = crate::Payload,
        max_body = "1KiB",
        dedupe = body(window = "1h"),
        unmatched = 400,
        secrets("CALDOTCOM_SECRET"),
        respond_with(filter = { method: ["GET"] }, handler = super::answer, skip_triggering_runs = true),
    )]
    pub(crate) fn caldotcom() -> ::triggerfish::prelude::Verifier {
        ::triggerfish::prelude::Verifier::calcom(::triggerfish::prelude::env("CALDOTCOM_SECRET"))
    }

    /// Runs.
    #[::triggerfish::job(
        id = "a",
        version = "1.0.0",
        trigger = caldotcom,
        filter = { body: { a: [1, -2, 1.5, 9007199254740993], b: ["x"], c: [true], d: [exists()], e: [{ $gt: -1.5 }] } },
        retry(limit = 5, factor = 2.0, min = "1s", max = "5m"),
        timeout = "30s",
        log_level = "debug",
    )]
    pub(crate) async fn a(
        ::triggerfish::job::Json(payload): ::triggerfish::job::Json<crate::Payload>,
        io: ::triggerfish::prelude::Io,
        request: ::triggerfish::prelude::Request,
    ) -> ::triggerfish::error::Result<()> {
        ::core::mem::drop((payload, io, request));
        ::core::result::Result::Ok(())
    }
}

/// What is checked by its type, among names that mean something else.
mod typed {
    shadow! {
        Option Some None Result Ok Err Box Vec String Iterator Payload Schema Field Variant Json Event Outcome
        Checked Faults Typed Untyped On
    }

    /// Not the one of the language.
    #[expect(non_camel_case_types, reason = "to shadow it")]
    type str = u8;
    /// Not the one of the language.
    #[expect(non_camel_case_types, reason = "to shadow it")]
    type bool = u8;
    /// Shadows the crate.
    mod core {}

    /// An object of everything.
    #[derive(::core::fmt::Debug, ::triggerfish::Payload)]
    #[serde(rename_all = "camelCase")]
    struct Local<T> {
        /// Text.
        user_name: ::alloc::string::String,
        /// A text, told by another type.
        #[payload(as = ::core::option::Option<::core::primitive::bool>)]
        told: Some,
        /// Not read.
        #[serde(skip)]
        skipped: None,
        /// Itself.
        children: ::alloc::vec::Vec<Self>,
        /// Of any type.
        inner: T,
        /// A keyword.
        r#type: Words,
    }

    /// Strings.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::triggerfish::Payload)]
    enum Words {
        /// One.
        One,
        /// Another.
        #[serde(other)]
        Two,
    }

    /// What is inside.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::triggerfish::Payload)]
    struct Wrapped(u8);

    /// Told by a tag and a key.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::triggerfish::Payload)]
    #[serde(tag = "t", content = "c")]
    enum Told {
        /// A number.
        Number(Wrapped),
    }

    /// Signed by Cal.com.
    #[::triggerfish::http_endpoint(
        id = "typed",
        payload = Local<Told>,
        respond_with(
            filter = { body: { userName: ["a"], told: [true], children: { type: ["One"] }, inner: { t: ["Number"], c: [5] } } },
            handler = super::answer,
            verified = true,
        ),
    )]
    pub(crate) fn plugin() -> ::triggerfish::prelude::Verifier {
        ::triggerfish::prelude::Verifier::calcom(::triggerfish::prelude::env("CALDOTCOM_SECRET"))
    }

    /// Runs.
    #[::triggerfish::job(
        id = "installed",
        version = "1.0.0",
        trigger = plugin,
        on = super::payloads::Plugin::Installed,
        filter = { body: { owner: [{ $startsWith: "a" }] } },
    )]
    pub(crate) async fn on_installed(event: ::triggerfish::job::Json<super::payloads::Plugin>) {
        ::core::mem::drop(event);
    }

    /// Runs.
    #[::triggerfish::job(
        id = "removed",
        version = "1.0.0",
        trigger = plugin,
        on = super::payloads::Plugin::Removed,
    )]
    pub(crate) async fn on_removed(event: ::triggerfish::job::Json<super::payloads::Plugin>) {
        ::core::mem::drop(event);
    }

    ::triggerfish::handles_all!(super::payloads::Plugin: on_installed, on_removed);
}

/// What jobs read.
mod payloads {
    /// Told by a tag.
    #[derive(::core::fmt::Debug, ::serde::Deserialize, ::triggerfish::Payload)]
    #[serde(tag = "type")]
    pub(crate) enum Plugin {
        /// With its owner.
        Installed {
            /// Whose it is.
            owner: ::alloc::string::String,
        },
        /// Without.
        Removed,
    }
}

/// The body of a request.
pub type Payload = ::serde_json::Value;

/// Answers a handshake.
async fn answer(
    request: &::triggerfish::prelude::Request,
    verify: ::triggerfish::prelude::Verify<'_>,
) -> ::triggerfish::prelude::Response {
    ::core::mem::drop((request, verify.await));
    <::triggerfish::prelude::Response as ::core::default::Default>::default()
}

/// A keyword as a name.
#[::triggerfish::http_endpoint(id = "type")]
pub async fn r#type(_: &::triggerfish::prelude::Request) -> ::triggerfish::prelude::Verification {
    ::triggerfish::prelude::Verification::rejected("nobody signs here")
}

/// A keyword as a name, triggered by one.
#[::triggerfish::job(id = "b", version = "1.0.0", trigger = crate::r#type, filter = { body: { r#match: [1], type: ["x"] } })]
pub async fn r#match() {}

/// A name of its own for the type, because the other is taken.
#[::triggerfish::http_endpoint(id = "std", type = Std)]
fn std() -> ::triggerfish::prelude::Verifier {
    ::triggerfish::prelude::Verifier::calcom(::triggerfish::prelude::env("CALDOTCOM_SECRET"))
}

/// Runs.
#[::triggerfish::job(id = "c", version = "1.0.0", trigger = Std)]
async fn c() -> impl ::triggerfish::job::IntoOutcome {}

/// Not built, and neither is anything that belongs to it.
#[::triggerfish::job(id = "d", version = "1.0.0", trigger = crate::absent)]
#[cfg(any())]
async fn d() {}

/// Built where the attribute comes after.
#[cfg(not(any()))]
#[::triggerfish::job(id = "e", version = "1.0.0", trigger = Std)]
pub(crate) async fn e() {}

/// Attributes that come out of another macro: literals, names and types pass through invisible delimiters.
macro_rules! endpoint_and_job {
    ($endpoint:ident, $job:ident, $id:literal, $version:expr, $trigger:path, $state:ty, $size:literal) => {
        #[doc = "Made by a macro."]
        #[::triggerfish::http_endpoint(id = $id, payload = $state)]
        pub fn $endpoint() -> ::triggerfish::prelude::Verifier {
            ::triggerfish::prelude::Verifier::calcom(::triggerfish::prelude::env("CALDOTCOM_SECRET"))
        }

        #[doc = "Made by a macro."]
        #[::triggerfish::job(id = $id, version = $version, trigger = $trigger, filter = { body: { secs: [gt($size)] } })]
        pub async fn $job(state: ::triggerfish::job::State<$state>) {
            ::core::mem::drop(state);
        }
    };
}
endpoint_and_job!(made, on_made, "made", "1.0.0", crate::made, ::core::time::Duration, 5);

/// A function's body is a place like any other.
pub const fn inside() {
    #[::triggerfish::http_endpoint(id = "inner")]
    fn inner() -> ::triggerfish::prelude::Verifier {
        ::triggerfish::prelude::Verifier::calcom(::triggerfish::prelude::env("CALDOTCOM_SECRET"))
    }
    #[::triggerfish::job(id = "on-inner", version = "1.0.0", trigger = inner)]
    async fn on_inner() {}
}
