/// How Cal.com's requests are verified.
pub(crate) fn caldotcom() -> Verifier {
    Verifier::calcom(env("CALDOTCOM_SECRET"))
}
/// How Cal.com's requests are verified.
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
pub(crate) struct caldotcom {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    impl __rt::Trigger for caldotcom {
        const ROOT: __rt::Root = __rt::Root::Request;
        const PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
            #[allow(unused_imports)]
            use __rt::Untyped as _;
            __rt::Typed::<__rt::Json<BookingEvent>>::PAYLOAD
        };
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Endpoint(
            &<caldotcom as __rt::Endpoint>::SPEC,
        );
    }
    fn __verify() -> __rt::Verifier {
        (caldotcom)()
    }
    #[automatically_derived]
    impl __rt::Endpoint for caldotcom {
        const SPEC: __rt::EndpointSpec = __rt::EndpointSpec {
            id: "cal.com",
            source: ::core::option::Option::Some("cal.com"),
            icon: ::core::option::Option::Some("caldotcom"),
            title: ::core::option::Option::None,
            enabled: true,
            path: ::core::option::Option::None,
            payload: ::core::option::Option::Some(__rt::type_name::<BookingEvent>),
            verify: __rt::VerifySpec::Scheme(__verify),
            secrets: &[],
            respond_with: ::core::option::Option::None,
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
        __rt::Registration::Endpoint(& < caldotcom as __rt::Endpoint > ::SPEC)
    }
};
