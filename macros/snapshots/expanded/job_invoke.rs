pub async fn send_invite(Json(invite): Json<Invite>, io: Io) -> Result<()> {
    Ok(())
}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
pub struct send_invite {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    struct __Trigger;
    #[automatically_derived]
    impl __rt::Trigger for __Trigger {
        const ROOT: __rt::Root = __rt::Root::Payload;
        const PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
            #[allow(unused_imports)]
            use __rt::Untyped as _;
            __rt::Typed::<__rt::Json<<Json<Invite> as __rt::Reads>::Payload>>::PAYLOAD
        };
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Invoke;
    }
    fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
        __rt::run(
            __invocation,
            |__invocation| ::core::result::Result::Ok(
                (::std::boxed::Box::pin)(
                    send_invite(
                        <Json<Invite> as __rt::FromRun>::from_run(__invocation)?,
                        <Io as __rt::FromRun>::from_run(__invocation)?,
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
            <Json<Invite> as __rt::FromRun>::missing(__state),
            <Io as __rt::FromRun>::missing(__state),
        ])
    }
    #[automatically_derived]
    impl __rt::Job for send_invite {
        const SPEC: __rt::JobSpec = __rt::JobSpec {
            id: "a",
            name: "a",
            version: "1.0.0",
            enabled: true,
            trigger: <__Trigger as __rt::Trigger>::TRIGGER,
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
        __rt::Registration::Job(& < send_invite as __rt::Job > ::SPEC)
    }
    #[automatically_derived]
    impl __rt::Invocable for send_invite {
        type Output = <Result<()> as __rt::IntoOutcome>::Output;
    }
    impl send_invite {
        /// Makes a call of this job.
        pub fn call(
            payload: &<Json<Invite> as __rt::Reads>::Payload,
        ) -> __rt::Call<<Result<()> as __rt::IntoOutcome>::Output> {
            __rt::call::<send_invite>(payload)
        }
    }
};
