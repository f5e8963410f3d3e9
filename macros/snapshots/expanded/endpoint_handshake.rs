fn whatsapp() -> Verifier {
    Verifier::meta(env("WHATSAPP_APP_SECRET"))
}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct whatsapp {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
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
        (__rt::Answering::answering)((handshake::answer_challenge)(__request, __verify))
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
    const __FAULTS: __rt::Faults<3> = __checked().check();
    #[track_caller]
    const fn __refuse(value: ::core::primitive::usize, fault: ::core::primitive::u8) {
        if __FAULTS.all[value] == fault {
            __checked().refuse(value, fault)
        }
    }
    const _: () = {
        (__refuse)(0, 1);
        (__refuse)(0, 3);
    };
    const _: () = {
        (__refuse)(1, 1);
        (__refuse)(1, 3);
        (__refuse)(1, 4);
    };
    const _: () = {
        (__refuse)(2, 1);
        (__refuse)(2, 3);
        (__refuse)(2, 4);
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
