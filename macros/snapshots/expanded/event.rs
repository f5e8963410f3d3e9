pub fn on_user_created(user: &User) -> Properties {
    Properties::new().text("Id", user.id)
}
#[doc(hidden)]
#[non_exhaustive]
#[allow(non_camel_case_types)]
pub struct on_user_created {}
#[allow(unused_qualifications, unused_parens, unexpected_cfgs)]
const _: () = {
    use ::triggerfish::__private as __rt;
    #[automatically_derived]
    impl __rt::Trigger for on_user_created {
        const ROOT: __rt::Root = __rt::Root::Payload;
        const PAYLOAD: ::core::option::Option<&'static __rt::Schema> = {
            #[allow(unused_imports)]
            use __rt::Untyped as _;
            __rt::Typed::<__rt::Json<User>>::PAYLOAD
        };
        const TRIGGER: __rt::TriggerSpec = __rt::TriggerSpec::Event(
            &<on_user_created as __rt::EventType>::SPEC,
        );
    }
    const __FILTER: __rt::Pattern<'static> = __rt::Pattern::Object(
        &[("id", __rt::Pattern::List(&[__rt::Test::Gt(__rt::Number::Int(0))]))],
    );
    const __HASHES: &[::core::primitive::u64] = &[628021283683842752];
    const fn __checked() -> __rt::Checked {
        __rt::Checked {
            root: __rt::Root::Payload,
            payload: <on_user_created as __rt::Trigger>::PAYLOAD,
            filter: __FILTER,
            hashes: __HASHES,
        }
    }
    const __FAULTS: __rt::Faults<1> = __checked().check();
    #[track_caller]
    const fn __refuse(value: ::core::primitive::usize, fault: ::core::primitive::u8) {
        if __FAULTS.all[value] == fault {
            __checked().refuse(value, fault)
        }
    }
    const _: () = {
        (__refuse)(0, 1);
        (__refuse)(0, 3);
    };
    #[automatically_derived]
    impl __rt::EventType for on_user_created {
        type Payload = User;
        const SPEC: __rt::EventSpec = __rt::EventSpec {
            names: &["user.created"],
            source: ::core::option::Option::None,
            title: ::core::option::Option::Some("User created"),
            icon: ::core::option::Option::None,
            payload: __rt::type_name::<User>,
            schema: <on_user_created as __rt::Trigger>::PAYLOAD,
            filter: ::core::option::Option::Some(__FILTER),
            examples: &[
                __rt::Example {
                    id: "ada",
                    name: "Ada",
                    json: "{ \"id\": 15 }",
                },
                __rt::Example {
                    id: "file",
                    name: "file",
                    json: ::core::include_str!("user.json"),
                },
            ],
            properties: __properties,
            location: __rt::Location {
                package: ::core::env!("CARGO_PKG_NAME"),
                file: ::core::file!(),
                line: ::core::line!(),
                column: ::core::column!(),
            },
        };
    }
    #[allow(clippy::unit_arg)]
    fn __shown(__payload: &User) -> __rt::Properties {
        (<Properties as __rt::IntoProperties>::into_properties)(
            on_user_created(__payload),
        )
    }
    fn __properties(
        __payload: &[::core::primitive::u8],
    ) -> ::core::result::Result<__rt::Properties, ::std::string::String> {
        __rt::properties_of::<on_user_created>(__payload, __shown)
    }
    impl on_user_created {
        /// Makes an event of this kind, to be sent.
        pub fn event(payload: &User) -> __rt::Outgoing {
            __rt::outgoing::<on_user_created>(payload, __shown(payload))
        }
    }
    __rt::inventory::submit! {
        __rt::Registration::Event(& < on_user_created as __rt::EventType > ::SPEC)
    }
};
#[cfg(test)]
#[test]
fn __on_user_created_examples() {
    ::triggerfish::__private::check_examples::<on_user_created>();
}
