async fn nightly(tick: Tick, io: Io) -> Result<()> {
    Ok(())
}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
struct nightly {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    struct __Trigger;
    #[automatically_derived]
    impl __rt::Trigger for __Trigger {
        const ROOT: __rt::Root = __rt::Root::Payload;
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Schedule(__rt::ScheduleSpec {
            timing: __rt::TimingSpec::Cron {
                text: "0 3 * * mon-fri",
                cron: __rt::Cron {
                    minutes: 1,
                    hours: 8,
                    days: 4294967294,
                    last_day: false,
                    months: 8190,
                    weekdays: 62,
                    both_days: true,
                    every_hour: false,
                },
                tz: ::core::option::Option::Some("Europe/London"),
            },
            missed: __rt::Missed::Skip,
        });
    }
    fn __run(__invocation: __rt::Invocation) -> __rt::BoxFuture<'static, __rt::Outcome> {
        __rt::run(
            __invocation,
            |__invocation| ::core::result::Result::Ok(
                (::std::boxed::Box::pin)(
                    nightly(
                        <Tick as __rt::FromRun>::from_run(__invocation)?,
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
            <Tick as __rt::FromRun>::missing(__state),
            <Io as __rt::FromRun>::missing(__state),
        ])
    }
    #[automatically_derived]
    impl __rt::Job for nightly {
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
        __rt::Registration::Job(& < nightly as __rt::Job > ::SPEC)
    }
    const _: () = (__rt::refuse_unless_given)(
        <Tick as __rt::FromRun>::NEEDS,
        <__Trigger as __rt::Trigger>::TRIGGER,
    );
};
