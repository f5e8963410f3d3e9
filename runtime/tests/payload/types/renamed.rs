//! The eight rules, on names that trip simple ones.

use crate::agree::{Subject, subjects};

macro_rules! rules {
    ($($module:ident $rule:literal)+) => {
        $(
            pub(crate) mod $module {
                use serde::{Deserialize, Serialize};
                use triggerfish::Payload;

                #[derive(Default, Serialize, Deserialize, Payload)]
                #[serde(rename_all = $rule)]
                #[allow(non_snake_case)]
                pub(crate) struct Fields {
                    pub(crate) a: u8,
                    pub(crate) user_id: u8,
                    pub(crate) http_2_url: u8,
                    pub(crate) x_y_z: u8,
                    pub(crate) r#type: u8,
                    pub(crate) alreadyCamel: u8,
                    pub(crate) _leading: u8,
                    pub(crate) trailing_: u8,
                    pub(crate) double__underscore: u8,
                    pub(crate) SHOUTED_NAME: u8,
                    pub(crate) naïve_café: u8,
                    pub(crate) n1: u8,
                    #[serde(rename = "Kept As-Is")]
                    pub(crate) kept: u8,
                }

                #[derive(Clone, Copy, Serialize, Deserialize, Payload)]
                #[serde(rename_all = $rule)]
                #[allow(non_camel_case_types)]
                pub(crate) enum Variants {
                    A,
                    BookingCancelled,
                    HTTPServer,
                    X2Y,
                    Snake_case,
                    lower,
                    CaféBar,
                    V1,
                    r#Raw,
                    #[serde(rename = "Kept As-Is")]
                    Kept,
                }

                impl Variants {
                    pub(crate) const ALL: [Self; 10] = [
                        Self::A, Self::BookingCancelled, Self::HTTPServer, Self::X2Y, Self::Snake_case, Self::lower,
                        Self::CaféBar, Self::V1, Self::Raw, Self::Kept,
                    ];
                }

                #[derive(Serialize, Deserialize, Payload)]
                #[serde(tag = "kind", rename_all_fields = $rule)]
                pub(crate) enum InVariants {
                    FirstVariant { user_id: u8, r#type: u8 },
                    #[serde(rename_all = "UPPERCASE")]
                    OwnRule { user_id: u8 },
                }
            }
        )+

        pub(crate) fn all() -> Vec<Subject> {
            subjects![$($module::Fields, $module::Variants, $module::InVariants),+]
        }

        /// For each rule, what serde writes: the keys of a struct and the names of variants. And what the
        /// schema says.
        pub(crate) fn names() -> Vec<(&'static str, [Names; 2])> {
            vec![$(($rule, [
                Names::of_fields(&$module::Fields::default()),
                Names::of_variants(&$module::Variants::ALL),
            ])),+]
        }
    };
}
rules! {
    lower "lowercase"
    upper "UPPERCASE"
    pascal "PascalCase"
    camel "camelCase"
    snake "snake_case"
    screaming "SCREAMING_SNAKE_CASE"
    kebab "kebab-case"
    screaming_kebab "SCREAMING-KEBAB-CASE"
}

/// Names as serde writes them, and as the schema has them.
pub(crate) struct Names {
    pub(crate) written: Vec<String>,
    pub(crate) told: Vec<&'static str>,
}

impl Names {
    fn of_fields<T: serde::Serialize + triggerfish::Payload>(value: &T) -> Self {
        let serde_json::Value::Object(object) = serde_json::to_value(value).expect("a struct") else {
            panic!()
        };
        let triggerfish::payload::Schema::Struct { fields, .. } = T::SCHEMA else { panic!() };
        let mut told: Vec<_> = fields.iter().map(|field| field.name).collect();
        told.sort_unstable();
        Names { written: object.keys().cloned().collect(), told }
    }

    fn of_variants<T: serde::Serialize + triggerfish::Payload>(values: &[T]) -> Self {
        let write = |value| match serde_json::to_value(value) {
            Ok(serde_json::Value::String(name)) => name,
            other => panic!("{other:?} is no name"),
        };
        let triggerfish::payload::Schema::Enum { variants, .. } = T::SCHEMA else { panic!() };
        Names { written: values.iter().map(write).collect(), told: variants.iter().map(|v| v.name).collect() }
    }
}
