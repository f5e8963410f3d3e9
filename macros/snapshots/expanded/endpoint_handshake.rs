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
            let __answer = (handshake::answer_challenge)(__request, __verify).await;
            (__rt::IntoAnswer::into_answer)(__answer)
        })
    }
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
    const __HASHES: &[::core::primitive::u64] = &[
        2525399976365011888, 10142610562009045833, 3432462304078449045,
        12756040312452126403, 17105479830668135661,
    ];
    const fn __checked() -> __rt::Checked {
        __rt::Checked {
            root: __rt::Root::Request,
            payload: <whatsapp as __rt::Trigger>::PAYLOAD,
            filter: __FILTER,
            hashes: __HASHES,
        }
    }
    const __FAULTS: [::core::primitive::u8; 3] = __checked().faults();
    const _: () = match __FAULTS[0] {
        1 => (__rt::Checked::refuse)(&__checked(), 0, __FAULTS[0]),
        3 => (__rt::Checked::refuse)(&__checked(), 0, __FAULTS[0]),
        _ => {}
    };
    const _: () = match __FAULTS[1] {
        1 => (__rt::Checked::refuse)(&__checked(), 1, __FAULTS[1]),
        3 => (__rt::Checked::refuse)(&__checked(), 1, __FAULTS[1]),
        4 => (__rt::Checked::refuse)(&__checked(), 1, __FAULTS[1]),
        _ => {}
    };
    const _: () = match __FAULTS[2] {
        1 => (__rt::Checked::refuse)(&__checked(), 2, __FAULTS[2]),
        3 => (__rt::Checked::refuse)(&__checked(), 2, __FAULTS[2]),
        4 => (__rt::Checked::refuse)(&__checked(), 2, __FAULTS[2]),
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
