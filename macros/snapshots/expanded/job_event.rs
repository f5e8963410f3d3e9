async fn welcome(user: Event<User>) {}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct welcome {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[cfg(rust_analyzer)]
    fn __keys(__payload: &<Event<User> as __rt::Ide>::J) {
        let _ = &__payload.id;
    }
    struct __Trigger;
    #[automatically_derived]
    impl __rt::Trigger for __Trigger {
        const ROOT: __rt::Root = __rt::Root::Payload;
        const PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
            #[allow(unused_imports)]
            use __rt::Untyped as _;
            __rt::Typed::<__rt::Json<<Event<User> as __rt::Reads>::Payload>>::PAYLOAD
        };
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Named(__rt::EventNames {
            names: &["user.created"],
            source: ::core::option::Option::Some("crm"),
        });
    }
    fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
        __rt::run(
            __invocation,
            |__invocation| ::core::result::Result::Ok(
                (::std::boxed::Box::pin)(
                    welcome(<Event<User> as __rt::FromRun>::from_run(__invocation)?),
                ),
            ),
            __rt::IntoOutcome::into_outcome,
        )
    }
    fn __missing(
        __state: &__rt::StateMap,
    ) -> ::std::vec::Vec<&'static ::core::primitive::str> {
        __rt::missing([<Event<User> as __rt::FromRun>::missing(__state)])
    }
    const __FILTER: __rt::Pattern<'static> = __rt::Pattern::Object(
        &[
            (
                "id",
                __rt::Pattern::List(
                    &[__rt::Test::Literal(__rt::Scalar::Num(__rt::Number::Int(5)))],
                ),
            ),
        ],
    );
    const __HASHES: &[::core::primitive::u64] = &[628021283683842752];
    const fn __checked() -> __rt::Checked {
        __rt::Checked {
            root: <__Trigger as __rt::Trigger>::ROOT,
            payload: {
                #[allow(unused_imports)]
                use __rt::Untyped as _;
                __rt::payload_of(
                    &[__rt::Typed::<Event<User>>::PAYLOAD],
                    <__Trigger as __rt::Trigger>::PAYLOAD,
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
    };
    const _: () = (__rt::refuse_for_request)(
        <__Trigger as __rt::Trigger>::ROOT,
        "a request has no part `id`\nhelp: it has `method`, `headers`, `query` and `body`",
    );
    #[automatically_derived]
    impl __rt::Job for welcome {
        const SPEC: __rt::JobSpec = __rt::JobSpec {
            id: "a",
            name: "a",
            version: "1.0.0",
            enabled: true,
            trigger: <__Trigger as __rt::Trigger>::TRIGGER,
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
        __rt::Registration::Job(& < welcome as __rt::Job > ::SPEC)
    }
    const _: () = (__rt::refuse_unless_given)(
        <Event<User> as __rt::FromRun>::NEEDS,
        <__Trigger as __rt::Trigger>::TRIGGER,
    );
};
