#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rt::Payload for Location {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::Union {
            name: "Location",
            tag: ::core::option::Option::Some(
                &__rt::Field {
                    name: "type",
                    hash: 12075340201627130925u64,
                    aliases: &[],
                    alias_hashes: &[],
                    rust: "type",
                    schema: &__rt::Schema::Str,
                    may_be_absent: false,
                    skipped: false,
                },
            ),
            of: &[
                __rt::Variant {
                    name: "inperson",
                    aliases: &[],
                    rust: "InPerson",
                    schema: &__rt::Schema::Struct {
                        name: "Location::InPerson",
                        fields: &[
                            __rt::Field {
                                name: "address",
                                hash: 1673076945917317811u64,
                                aliases: &[],
                                alias_hashes: &[],
                                rust: "address",
                                schema: <String as __rt::Payload>::SCHEMA,
                                may_be_absent: <String as __rt::Payload>::MAY_BE_ABSENT,
                                skipped: false,
                            },
                        ],
                        flatten: &[],
                    },
                    untagged: false,
                    other: false,
                },
                __rt::Variant {
                    name: "link",
                    aliases: &[],
                    rust: "Link",
                    schema: __rt::beside_tag(<Link as __rt::Payload>::SCHEMA),
                    untagged: false,
                    other: false,
                },
                __rt::Variant {
                    name: "unknown",
                    aliases: &[],
                    rust: "Unknown",
                    schema: &__rt::Schema::Struct {
                        name: "Location::Unknown",
                        fields: &[],
                        flatten: &[],
                    },
                    untagged: false,
                    other: true,
                },
            ],
        };
    }
    #[cfg(rust_analyzer)]
    const _: () = {
        #[allow(non_snake_case, dead_code)]
        pub struct Keys1 {
            pub r#type: (),
            pub address: <String as __rt::Ide>::J,
        }
        impl ::core::ops::Deref for Keys1 {
            type Target = <Link as __rt::Ide>::J;
            fn deref(&self) -> &Self::Target {
                ::core::unreachable!()
            }
        }
        impl __rt::Ide for Location {
            type J = Keys1;
        }
    };
};
