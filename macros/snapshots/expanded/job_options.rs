/// Runs.
pub async fn a(State(pool): State<Pool>, State(mail): State<Mail>) -> impl IntoOutcome {}
/// Runs.
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
pub struct A {}
#[allow(unused_qualifications, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    fn __run(
        __invocation: __rt::Invocation,
    ) -> __rt::BoxFuture<'static, ::core::result::Result<(), __rt::JobError>> {
        (::std::boxed::Box::pin)(async move {
            let __0 = <State<Pool> as __rt::FromRun>::from_run(&__invocation)?;
            let __1 = <State<Mail> as __rt::FromRun>::from_run(&__invocation)?;
            (__rt::IntoOutcome::into_outcome)(a(__0, __1).await)
        })
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        let __all = [
            <State<Pool> as __rt::FromRun>::missing(__state),
            <State<Mail> as __rt::FromRun>::missing(__state),
        ];
        ::core::iter::Iterator::collect(
            ::core::iter::Iterator::flatten(::core::iter::IntoIterator::into_iter(__all)),
        )
    }
    const __PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
        #[allow(unused_imports)]
        use __rt::Untyped as _;
        __rt::payload_of(
            &[__rt::Typed::<State<Pool>>::PAYLOAD, __rt::Typed::<State<Mail>>::PAYLOAD],
            <endpoints::caldotcom as __rt::Trigger>::PAYLOAD,
        )
    };
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
    const __CHECK: &__rt::Check<4> = &__rt::Check::new(
        <endpoints::caldotcom as __rt::Trigger>::ROOT,
        __PAYLOAD,
        &__FILTER,
    );
    const _: () = match __CHECK.wrong[0] {
        1 => (__rt::refuse)(__CHECK, 0),
        3 => (__rt::refuse)(__CHECK, 0),
        4 => (__rt::refuse)(__CHECK, 0),
        _ => {}
    };
    const _: () = if __CHECK.wrong[1] != 0 {
        (__rt::refuse)(__CHECK, 1)
    };
    const _: () = if __CHECK.wrong[2] != 0 {
        (__rt::refuse)(__CHECK, 2)
    };
    const _: () = if __CHECK.wrong[3] != 0 {
        (__rt::refuse)(__CHECK, 3)
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
            payload: __PAYLOAD,
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
    #[cfg(rust_analyzer)]
    fn __ide() {
        let _ = endpoints::caldotcom;
    }
};
