#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rt::Payload for TriggerEvent {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::Enum {
            name: "TriggerEvent",
            variants: &[
                __rt::Variant {
                    name: "BOOKING_CREATED",
                    aliases: &[],
                    rust: "BookingCreated",
                    schema: &__rt::Schema::Str,
                    untagged: false,
                    other: false,
                },
                __rt::Variant {
                    name: "BOOKING_CANCELLED",
                    aliases: &["BOOKING_REMOVED"],
                    rust: "BookingCancelled",
                    schema: &__rt::Schema::Str,
                    untagged: false,
                    other: false,
                },
            ],
        };
    }
    #[cfg(rust_analyzer)]
    const _: () = {
        impl __rt::Ide for TriggerEvent {
            type J = TriggerEvent;
        }
    };
};
