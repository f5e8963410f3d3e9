async fn a() {}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct a {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[cfg(rust_analyzer)]
    fn __ide() {
        let _ = endpoints::caldotcom;
    }
    fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
        __rt::run(
            __invocation,
            |__invocation| ::core::result::Result::Ok((::std::boxed::Box::pin)(a())),
            __rt::IntoOutcome::into_outcome,
        )
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        __rt::missing([])
    }
    #[automatically_derived]
    impl __rt::Job for a {
        const SPEC: __rt::JobSpec = __rt::JobSpec {
            id: "a",
            name: "a",
            version: "0.1.0",
            enabled: true,
            trigger: <endpoints::caldotcom as __rt::Trigger>::TRIGGER,
            filter: ::core::option::Option::None,
            is_typed: false,
            retry: __rt::RetryPolicy::DEFAULT,
            timeout: ::core::option::Option::None,
            log_level: ::core::option::Option::None,
            flow: __rt::Flow::NONE,
            hooks: __rt::Hooks::NONE,
            run: __run,
            missing: __missing,
            location: __rt::Location {
                package: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: ::core::line!(),
                column: ::core::column!(),
            },
        };
    }
    __rt::inventory::submit! {
        __rt::Registration::Job(& < a as __rt::Job > ::SPEC)
    }
};
