#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    #[allow(deprecated)]
    impl<T> __rt::Payload for BookingEvent<T>
    where
        T: __rt::Payload,
    {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::Struct {
            name: "BookingEvent",
            fields: &[
                __rt::Field {
                    name: "triggerEvent",
                    hash: 7662094713281125809u64,
                    aliases: &[],
                    alias_hashes: &[],
                    rust: "trigger_event",
                    schema: <TriggerEvent as __rt::Payload>::SCHEMA,
                    may_be_absent: <TriggerEvent as __rt::Payload>::MAY_BE_ABSENT,
                    skipped: false,
                },
                __rt::Field {
                    name: "length",
                    hash: 16866358008026078901u64,
                    aliases: &["extent"],
                    alias_hashes: &[413871252811560857u64],
                    rust: "length",
                    schema: <u32 as __rt::Payload>::SCHEMA,
                    may_be_absent: true,
                    skipped: false,
                },
                __rt::Field {
                    name: "notes",
                    hash: 4652337650770631594u64,
                    aliases: &[],
                    alias_hashes: &[],
                    rust: "notes",
                    schema: <Option<T> as __rt::Payload>::SCHEMA,
                    may_be_absent: <Option<T> as __rt::Payload>::MAY_BE_ABSENT,
                    skipped: false,
                },
                __rt::Field {
                    name: "cache",
                    hash: 2032197906964685637u64,
                    aliases: &[],
                    alias_hashes: &[],
                    rust: "cache",
                    schema: &__rt::Schema::Any,
                    may_be_absent: true,
                    skipped: true,
                },
                __rt::Field {
                    name: "raw",
                    hash: 9941345542212637073u64,
                    aliases: &[],
                    alias_hashes: &[],
                    rust: "raw",
                    schema: &__rt::Schema::Any,
                    may_be_absent: false,
                    skipped: false,
                },
                __rt::Field {
                    name: "total",
                    hash: 3300820206774538237u64,
                    aliases: &[],
                    alias_hashes: &[],
                    rust: "total",
                    schema: <String as __rt::Payload>::SCHEMA,
                    may_be_absent: <String as __rt::Payload>::MAY_BE_ABSENT,
                    skipped: false,
                },
            ],
            flatten: &[<Host as __rt::Payload>::SCHEMA],
        };
    }
    #[cfg(rust_analyzer)]
    const _: () = {
        #[allow(non_snake_case, dead_code)]
        pub struct Keys1<T>
        where
            T: __rt::Payload,
        {
            pub triggerEvent: <TriggerEvent as __rt::Ide>::J,
            pub length: <u32 as __rt::Ide>::J,
            pub extent: <u32 as __rt::Ide>::J,
            pub notes: <Option<T> as __rt::Ide>::J,
            pub raw: <__rt::Unknown as __rt::Ide>::J,
            pub total: <String as __rt::Ide>::J,
        }
        impl<T> ::core::ops::Deref for Keys1<T>
        where
            T: __rt::Payload,
        {
            type Target = <Host as __rt::Ide>::J;
            fn deref(&self) -> &Self::Target {
                ::core::unreachable!()
            }
        }
        impl<T> __rt::Ide for BookingEvent<T>
        where
            T: __rt::Payload,
        {
            type J = Keys1<T>;
        }
    };
};
