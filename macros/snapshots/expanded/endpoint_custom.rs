#[cfg(feature = "acme")]
pub async fn acme(request: &Request) -> Result<Verification, AcmeError> {
    check(request).await
}
#[cfg(feature = "acme")]
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
pub struct Acme {}
#[cfg(feature = "acme")]
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use crate::hooks::__private as __rt;
    #[automatically_derived]
    impl __rt::Trigger for Acme {
        const ROOT: __rt::Root = __rt::Root::Request;
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Endpoint(
            &<Acme as __rt::Endpoint>::SPEC,
        );
    }
    fn __verify(__request: &__rt::Request) -> __rt::BoxFuture<'_, __rt::Verification> {
        (::std::boxed::Box::pin)(async move {
            (<Result<
                Verification,
                AcmeError,
            > as __rt::IntoVerification>::into_verification)(acme(__request).await)
        })
    }
    #[automatically_derived]
    impl __rt::Endpoint for Acme {
        const SPEC: __rt::EndpointSpec = __rt::EndpointSpec {
            id: "tenants/acme",
            source: ::core::option::Option::None,
            icon: ::core::option::Option::None,
            title: ::core::option::Option::Some("Acme"),
            enabled: false,
            path: ::core::option::Option::Some("/webhooks/acme"),
            payload: ::core::option::Option::None,
            verify: __rt::VerifySpec::Custom(__verify),
            secrets: &["ACME_SECRET", "ACME_OLD_SECRET"],
            respond_with: ::core::option::Option::None,
            max_body: ::core::option::Option::Some(65536),
            dedupe: ::core::option::Option::Some(
                __rt::Dedupe::Body(__rt::Duration::from_millis(900000)),
            ),
            unmatched: ::core::option::Option::Some(400),
            location: __rt::Location {
                package: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: ::core::line!(),
                column: ::core::column!(),
            },
        };
    }
    __rt::inventory::submit! {
        __rt::Registration::Endpoint(& < Acme as __rt::Endpoint > ::SPEC)
    }
};
