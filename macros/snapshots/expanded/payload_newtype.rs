#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::hooks::__private as __rt;
    #[automatically_derived]
    #[allow(deprecated)]
    impl __rt::Payload for Amount {
        const SCHEMA: &'static __rt::Schema = <u32 as __rt::Payload>::SCHEMA;
        const MAY_BE_ABSENT: ::core::primitive::bool = false;
    }
    #[cfg(rust_analyzer)]
    const _: () = {
        impl __rt::Ide for Amount {
            type J = <u32 as __rt::Ide>::J;
        }
    };
};
