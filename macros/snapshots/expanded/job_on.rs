async fn on_test(Json(event): Json<PluginEvent>) {}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __on_on_test {
    ($($enumeration:tt)*) => {
        $($enumeration)* ::TestCompleted { .. }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub(crate) use __on_on_test as on_test;
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct on_test {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[cfg(rust_analyzer)]
    fn __ide() {
        let _ = plugin;
    }
    #[cfg(rust_analyzer)]
    fn __keys(__payload: &<Json<PluginEvent> as __rt::Ide>::J) {
        let _ = &__payload.id;
    }
    fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
        __rt::run(
            __invocation,
            |__invocation| ::core::result::Result::Ok(
                (::std::boxed::Box::pin)(
                    on_test(
                        <Json<PluginEvent> as __rt::FromRun>::from_run(__invocation)?,
                    ),
                ),
            ),
            __rt::IntoOutcome::into_outcome,
        )
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        __rt::missing([<Json<PluginEvent> as __rt::FromRun>::missing(__state)])
    }
    const __ON: __rt::On = __rt::On::of(
        <PluginEvent as __rt::Payload>::SCHEMA,
        {
            #[allow(unused_imports)]
            use __rt::Untyped as _;
            __rt::payload_of(
                &[__rt::Typed::<Json<PluginEvent>>::PAYLOAD],
                <plugin as __rt::Trigger>::PAYLOAD,
            )
        },
        "TestCompleted",
    );
    const __NAMES: [__rt::Test<&'static ::core::primitive::str>; __ON.count()] = __ON
        .tests();
    const __FILTER: __rt::Pattern<'static> = match <plugin as __rt::Trigger>::ROOT {
        __rt::Root::Request => {
            __rt::Pattern::Object(
                &[
                    (
                        "body",
                        __rt::Pattern::Object(
                            &[
                                ("id", __rt::Pattern::List(&[__rt::Test::StartsWith("a")])),
                                (__ON.key, __rt::Pattern::List(&__NAMES)),
                            ],
                        ),
                    ),
                ],
            )
        }
        _ => {
            __rt::Pattern::Object(
                &[
                    (
                        "body",
                        __rt::Pattern::Object(
                            &[
                                ("id", __rt::Pattern::List(&[__rt::Test::StartsWith("a")])),
                            ],
                        ),
                    ),
                    (__ON.key, __rt::Pattern::List(&__NAMES)),
                ],
            )
        }
    };
    const __HASHES: &[::core::primitive::u64] = match <plugin as __rt::Trigger>::ROOT {
        __rt::Root::Request => {
            &[14793735007222968981, 628021283683842752, __rt::hash(__ON.key)]
        }
        _ => &[14793735007222968981, 628021283683842752, __rt::hash(__ON.key)],
    };
    const fn __checked() -> __rt::Checked {
        __rt::Checked {
            root: <plugin as __rt::Trigger>::ROOT,
            payload: {
                #[allow(unused_imports)]
                use __rt::Untyped as _;
                __rt::payload_of(
                    &[__rt::Typed::<Json<PluginEvent>>::PAYLOAD],
                    <plugin as __rt::Trigger>::PAYLOAD,
                )
            },
            filter: __FILTER,
            hashes: __HASHES,
        }
    }
    const __FAULTS: __rt::Faults<1> = __checked().check();
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
        let __on: fn(&PluginEvent) -> ::core::primitive::bool = |__event| {
            ::core::matches!(__event, PluginEvent::TestCompleted { .. })
        };
        (__rt::On::check)(
            &__ON,
            <PluginEvent as __rt::Payload>::SCHEMA,
            __checked().payload,
            <plugin as __rt::Trigger>::ROOT,
            &__FILTER,
            "TestCompleted",
        )
    };
    #[automatically_derived]
    impl __rt::Job for on_test {
        const SPEC: __rt::JobSpec = __rt::JobSpec {
            id: "a",
            name: "a",
            version: "1.0.0",
            enabled: true,
            trigger: <plugin as __rt::Trigger>::TRIGGER,
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
        __rt::Registration::Job(& < on_test as __rt::Job > ::SPEC)
    }
};
