fn whatsapp() -> Verifier {
    Verifier::meta(env("WHATSAPP_APP_SECRET"))
}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct whatsapp {}
#[allow(unused_qualifications, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    impl __rt::Trigger for whatsapp {
        const ROOT: __rt::Root = __rt::Root::Request;
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Endpoint(
            &<whatsapp as __rt::Endpoint>::SPEC,
        );
    }
    fn __verify() -> __rt::Verifier {
        (whatsapp)()
    }
    fn __respond<'a>(
        __request: &'a __rt::Request,
        __verify: __rt::Verify<'a>,
    ) -> __rt::BoxFuture<'a, __rt::Response> {
        (::std::boxed::Box::pin)(async move {
            (__rt::response)((handshake::answer_challenge)(__request, __verify).await)
        })
    }
    const __PAYLOAD: ::core::option::Option<&'static __rt::Schema> = <whatsapp as __rt::Trigger>::PAYLOAD;
    const __FILTER: __rt::Pattern<'static> = __rt::Pattern::Object(
        &[
            (
                "method",
                __rt::Pattern::List(&[__rt::Test::Literal(__rt::Scalar::Str("GET"))]),
            ),
            (
                "headers",
                __rt::Pattern::Object(
                    &[("x-hub", __rt::Pattern::List(&[__rt::Test::StartsWith("sub")]))],
                ),
            ),
            (
                "query",
                __rt::Pattern::Object(
                    &[
                        (
                            "hub.mode",
                            __rt::Pattern::List(&[__rt::Test::StartsWith("sub")]),
                        ),
                    ],
                ),
            ),
        ],
    );
    const __CHECK: &__rt::Check<3> = &__rt::Check::new(
        __rt::Root::Request,
        __PAYLOAD,
        &__FILTER,
    );
    const _: () = match __CHECK.wrong[0] {
        1 => (__rt::refuse)(__CHECK, 0),
        3 => (__rt::refuse)(__CHECK, 0),
        _ => {}
    };
    const _: () = match __CHECK.wrong[1] {
        1 => (__rt::refuse)(__CHECK, 1),
        3 => (__rt::refuse)(__CHECK, 1),
        4 => (__rt::refuse)(__CHECK, 1),
        _ => {}
    };
    const _: () = match __CHECK.wrong[2] {
        1 => (__rt::refuse)(__CHECK, 2),
        3 => (__rt::refuse)(__CHECK, 2),
        4 => (__rt::refuse)(__CHECK, 2),
        _ => {}
    };
    #[automatically_derived]
    impl __rt::Endpoint for whatsapp {
        const SPEC: __rt::EndpointSpec = __rt::EndpointSpec {
            id: "whatsapp",
            source: ::core::option::Option::None,
            icon: ::core::option::Option::None,
            title: ::core::option::Option::None,
            enabled: true,
            path: ::core::option::Option::None,
            payload: ::core::option::Option::None,
            verify: __rt::VerifySpec::Scheme(__verify),
            secrets: &[],
            respond_with: ::core::option::Option::Some(__rt::RespondSpec {
                filter: ::core::option::Option::Some(__FILTER),
                handler: __respond,
                skip_triggering_runs: true,
                verified: false,
                unverified_body: false,
            }),
            max_body: ::core::option::Option::None,
            dedupe: ::core::option::Option::None,
            unmatched: ::core::option::Option::None,
            location: __rt::Location {
                package: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: ::core::line!(),
                column: ::core::column!(),
            },
        };
    }
    __rt::inventory::submit! {
        __rt::Registration::Endpoint(& < whatsapp as __rt::Endpoint > ::SPEC)
    }
};
