#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    const __ID: ::core::primitive::u64 = __rt::hash(
        ::core::concat!(
            ::core::module_path!(), "::", "Comment", ":", ::core::line!(), ":",
            ::core::column!()
        ),
    );
    #[derive(::core::clone::Clone, ::core::marker::Copy)]
    struct __Itself;
    #[automatically_derived]
    impl __rt::Payload for __Itself {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::SelfRef(__ID);
    }
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rt::Payload for Comment {
        const SCHEMA: &'static __rt::Schema = &__rt::Schema::Recursive {
            id: __ID,
            schema: &__rt::Schema::Struct {
                name: "Comment",
                fields: &[
                    __rt::Field {
                        name: "text",
                        hash: 18015793717152399486u64,
                        aliases: &[],
                        alias_hashes: &[],
                        rust: "text",
                        schema: <String as __rt::Payload>::SCHEMA,
                        may_be_absent: <String as __rt::Payload>::MAY_BE_ABSENT,
                        skipped: false,
                    },
                    __rt::Field {
                        name: "replies",
                        hash: 17892188286256861055u64,
                        aliases: &[],
                        alias_hashes: &[],
                        rust: "replies",
                        schema: <Vec<__Itself> as __rt::Payload>::SCHEMA,
                        may_be_absent: <Vec<__Itself> as __rt::Payload>::MAY_BE_ABSENT,
                        skipped: false,
                    },
                ],
                flatten: &[],
            },
        };
    }
    #[cfg(rust_analyzer)]
    const _: () = {
        #[allow(non_snake_case, dead_code)]
        pub struct Keys1 {
            pub text: <String as __rt::Ide>::J,
            pub replies: <Vec<Comment> as __rt::Ide>::J,
        }
        impl __rt::Ide for Comment {
            type J = Keys1;
        }
    };
};
