#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rt::Payload for Source {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::Union {
            name: "Source",
            tag: ::core::option::Option::None,
            of: &[
                __rt::Variant {
                    name: "Unknown",
                    aliases: &[],
                    rust: "Unknown",
                    schema: &__rt::Schema::Enum {
                        name: "Source",
                        variants: &[
                            __rt::Variant {
                                name: "Unknown",
                                aliases: &[],
                                rust: "Unknown",
                                schema: &__rt::Schema::Str,
                                untagged: false,
                                other: false,
                            },
                        ],
                    },
                    untagged: false,
                    other: false,
                },
                __rt::Variant {
                    name: "Person",
                    aliases: &[],
                    rust: "Person",
                    schema: &__rt::Schema::Struct {
                        name: "Source::Person",
                        fields: &[
                            __rt::Field {
                                name: "Person",
                                hash: 4672325318720331456u64,
                                aliases: &[],
                                alias_hashes: &[],
                                rust: "Person",
                                schema: <Attendee as __rt::Payload>::SCHEMA,
                                may_be_absent: false,
                                skipped: false,
                            },
                        ],
                        flatten: &[],
                    },
                    untagged: false,
                    other: false,
                },
                __rt::Variant {
                    name: "Other",
                    aliases: &[],
                    rust: "Other",
                    schema: &__rt::Schema::Tuple {
                        items: &[
                            <u64 as __rt::Payload>::SCHEMA,
                            <String as __rt::Payload>::SCHEMA,
                        ],
                        least: 2usize,
                    },
                    untagged: true,
                    other: false,
                },
            ],
        };
    }
    #[cfg(rust_analyzer)]
    const _: () = {
        #[allow(non_snake_case, dead_code)]
        pub struct Keys1 {
            pub Person: <Attendee as __rt::Ide>::J,
        }
        impl __rt::Ide for Source {
            type J = Keys1;
        }
    };
};
