async fn on_booking_cancelled(
    Json(booking): Json<BookingEvent>,
    io: Io,
    ctx: Context,
) -> Result<()> {
    io.logger().info("Body", &booking);
    Ok(())
}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct on_booking_cancelled {}
#[allow(unused_qualifications, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    fn __run(
        __invocation: __rt::Invocation,
    ) -> __rt::BoxFuture<'static, ::core::result::Result<(), __rt::JobError>> {
        (::std::boxed::Box::pin)(async move {
            let __0 = <Json<BookingEvent> as __rt::FromRun>::from_run(&__invocation)?;
            let __1 = <Io as __rt::FromRun>::from_run(&__invocation)?;
            let __2 = <Context as __rt::FromRun>::from_run(&__invocation)?;
            (<Result<
                (),
            > as __rt::IntoOutcome>::into_outcome)(
                on_booking_cancelled(__0, __1, __2).await,
            )
        })
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        let __all = [
            <Json<BookingEvent> as __rt::FromRun>::missing(__state),
            <Io as __rt::FromRun>::missing(__state),
            <Context as __rt::FromRun>::missing(__state),
        ];
        ::core::iter::Iterator::collect(
            ::core::iter::Iterator::flatten(::core::iter::IntoIterator::into_iter(__all)),
        )
    }
    const __PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
        #[allow(unused_imports)]
        use __rt::Untyped as _;
        __rt::payload_of(
            &[
                __rt::Typed::<Json<BookingEvent>>::PAYLOAD,
                __rt::Typed::<Io>::PAYLOAD,
                __rt::Typed::<Context>::PAYLOAD,
            ],
            <caldotcom as __rt::Trigger>::PAYLOAD,
        )
    };
    const __FILTER: __rt::Pattern<'static> = __rt::Pattern::Object(
        &[
            (
                "body",
                __rt::Pattern::Object(
                    &[
                        (
                            "triggerEvent",
                            __rt::Pattern::List(
                                &[
                                    __rt::Test::Literal(__rt::Scalar::Str("BOOKING_CANCELLED")),
                                ],
                            ),
                        ),
                        (
                            "payload",
                            __rt::Pattern::Object(
                                &[
                                    (
                                        "length",
                                        __rt::Pattern::List(
                                            &[
                                                __rt::Test::Gt(__rt::Number::Int(15)),
                                                __rt::Test::Lt(__rt::Number::Float(60.5)),
                                            ],
                                        ),
                                    ),
                                ],
                            ),
                        ),
                    ],
                ),
            ),
        ],
    );
    const __CHECK: &__rt::Check<3> = &__rt::Check::new(
        <caldotcom as __rt::Trigger>::ROOT,
        __PAYLOAD,
        &__FILTER,
    );
    const _: () = match __CHECK.wrong[0] {
        1 => (__rt::refuse)(__CHECK, 0),
        3 => (__rt::refuse)(__CHECK, 0),
        4 => (__rt::refuse)(__CHECK, 0),
        _ => {}
    };
    const _: () = match __CHECK.wrong[1] {
        1 => (__rt::refuse)(__CHECK, 1),
        4 => (__rt::refuse)(__CHECK, 1),
        5 => (__rt::refuse)(__CHECK, 1),
        _ => {}
    };
    const _: () = if __CHECK.wrong[2] != 0 {
        (__rt::refuse)(__CHECK, 2)
    };
    #[automatically_derived]
    impl __rt::Job for on_booking_cancelled {
        const SPEC: __rt::JobSpec = __rt::JobSpec {
            id: "http-caldotcom",
            name: "HTTP Cal.com",
            version: "1.0.0",
            enabled: true,
            trigger: <caldotcom as __rt::Trigger>::TRIGGER,
            filter: ::core::option::Option::Some(__FILTER),
            payload: __PAYLOAD,
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
        __rt::Registration::Job(& < on_booking_cancelled as __rt::Job > ::SPEC)
    }
    #[cfg(rust_analyzer)]
    fn __ide() {
        let _ = caldotcom;
    }
};
