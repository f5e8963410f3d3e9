/// Runs.
pub async fn a(State(pool): State<Pool>, State(mail): State<Mail>) -> impl IntoOutcome {}
/// Runs.
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
pub struct A {}
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
            |__invocation| ::core::result::Result::Ok(
                (::std::boxed::Box::pin)(
                    a(
                        <State<Pool> as __rt::FromRun>::from_run(__invocation)?,
                        <State<Mail> as __rt::FromRun>::from_run(__invocation)?,
                    ),
                ),
            ),
            (__rt::IntoOutcome::into_outcome),
        )
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        __rt::missing([
            <State<Pool> as __rt::FromRun>::missing(__state),
            <State<Mail> as __rt::FromRun>::missing(__state),
        ])
    }
    const __FILTER: __rt::Pattern<'static> = __rt::Pattern::Object(
        &[
            (
                "bdy",
                __rt::Pattern::Object(
                    &[
                        (
                            "n",
                            __rt::Pattern::List(
                                &[
                                    __rt::Test::Literal(
                                        __rt::Scalar::Num(__rt::Number::Int(-1)),
                                    ),
                                    __rt::Test::Literal(
                                        __rt::Scalar::Num(__rt::Number::Int(2)),
                                    ),
                                    __rt::Test::Literal(
                                        __rt::Scalar::Num(__rt::Number::Int(-9223372036854775808)),
                                    ),
                                    __rt::Test::Literal(
                                        __rt::Scalar::Num(__rt::Number::Int(18446744073709551615)),
                                    ),
                                ],
                            ),
                        ),
                    ],
                ),
            ),
        ],
    );
    const __HASHES: &[::core::primitive::u64] = &[
        12990837578213502, 12638194897137039473,
    ];
    const fn __checked() -> __rt::Checked {
        __rt::Checked {
            root: <endpoints::caldotcom as __rt::Trigger>::ROOT,
            payload: {
                #[allow(unused_imports)]
                use __rt::Untyped as _;
                __rt::payload_of(&[], <endpoints::caldotcom as __rt::Trigger>::PAYLOAD)
            },
            filter: __FILTER,
            hashes: __HASHES,
        }
    }
    const __FAULTS: __rt::Faults<4> = __checked().check();
    #[track_caller]
    const fn __refuse(value: ::core::primitive::usize, fault: ::core::primitive::u8) {
        if __FAULTS.all[value] == fault {
            __checked().refuse(value, fault)
        }
    }
    const _: () = {
        (__refuse)(0, 1);
        (__refuse)(0, 3);
        (__refuse)(0, 4);
    };
    const _: () = {
        (__refuse)(1, 1);
    };
    const _: () = {
        (__refuse)(2, 1);
    };
    const _: () = {
        (__refuse)(3, 1);
    };
    const _: () = (__rt::refuse_for_request)(
        <endpoints::caldotcom as __rt::Trigger>::ROOT,
        "a request has no part `bdy`\nhelp: did you mean `body`?",
    );
    #[automatically_derived]
    impl __rt::Job for A {
        const SPEC: __rt::JobSpec = __rt::JobSpec {
            id: "a",
            name: "a",
            version: "0.1.0",
            enabled: false,
            trigger: <endpoints::caldotcom as __rt::Trigger>::TRIGGER,
            filter: ::core::option::Option::Some(__FILTER),
            is_typed: __FAULTS.is_typed,
            retry: __rt::RetryPolicy {
                limit: 5,
                min: __rt::Duration::from_millis(1000),
                ..__rt::RetryPolicy::DEFAULT
            },
            timeout: ::core::option::Option::Some(__rt::Duration::from_millis(30000)),
            log_level: ::core::option::Option::Some(__rt::Level::Debug),
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
        __rt::Registration::Job(& < A as __rt::Job > ::SPEC)
    }
};
