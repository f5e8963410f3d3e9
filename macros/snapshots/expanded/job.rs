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
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[cfg(rust_analyzer)]
    fn __ide() {
        let _ = caldotcom;
    }
    #[cfg(rust_analyzer)]
    fn __keys(__payload: &<Json<BookingEvent> as __rt::Ide>::J) {
        let _ = &__payload.triggerEvent;
        let _ = &__payload.payload;
        let _ = &__payload.payload.length;
    }
    fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
        __rt::run(
            __invocation,
            |__invocation| ::core::result::Result::Ok(
                (::std::boxed::Box::pin)(
                    on_booking_cancelled(
                        <Json<BookingEvent> as __rt::FromRun>::from_run(__invocation)?,
                        <Io as __rt::FromRun>::from_run(__invocation)?,
                        <Context as __rt::FromRun>::from_run(__invocation)?,
                    ),
                ),
            ),
            (<Result<()> as __rt::IntoOutcome>::into_outcome),
        )
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        __rt::missing([
            <Json<BookingEvent> as __rt::FromRun>::missing(__state),
            <Io as __rt::FromRun>::missing(__state),
            <Context as __rt::FromRun>::missing(__state),
        ])
    }
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
    const __HASHES: &[::core::primitive::u64] = &[
        14793735007222968981, 7662094713281125809, 14967900074057001445,
        16866358008026078901,
    ];
    const fn __checked() -> __rt::Checked {
        __rt::Checked {
            root: <caldotcom as __rt::Trigger>::ROOT,
            payload: {
                #[allow(unused_imports)]
                use __rt::Untyped as _;
                __rt::payload_of(
                    &[__rt::Typed::<Json<BookingEvent>>::PAYLOAD],
                    <caldotcom as __rt::Trigger>::PAYLOAD,
                )
            },
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
        (__refuse)(0, 4);
    };
    const _: () = {
        (__refuse)(1, 1);
        (__refuse)(1, 4);
        (__refuse)(1, 5);
    };
    const _: () = {
        (__refuse)(2, 1);
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
            is_typed: __FAULTS.is_typed,
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
};
