//! Enums with data: one of the variants must fit, the one that a tag names if there is a tag.

use super::{At, Fit, Misfit, is_called, no, of_shape};
use crate::payload::{Field, Schema, Variant};
use serde_json::{Map, Value};

pub(super) fn fit(
    name: &'static str,
    tag: Option<&'static Field>,
    of: &'static [Variant],
    value: &Value,
    at: At,
) -> Fit {
    let named = match tag {
        Some(tag) => tagged(name, tag, of, value, at),
        None => any(of.iter().filter(|v| !v.untagged).map(|variant| external(variant, value, at))),
    };
    let untagged = of.iter().filter(|variant| variant.untagged);
    let any_of_all = any([named].into_iter().chain(untagged.map(|v| of_shape(v.schema, value, at))));
    match any_of_all {
        // Where the shape alone decides, no variant's reason is the reason.
        Fit::No(_) if tag.is_none() => no(format!("this is no variant of `{name}`")),
        fit => fit,
    }
}

/// What names a variant by a field.
fn tagged(name: &'static str, tag: &'static Field, of: &'static [Variant], value: &Value, at: At) -> Fit {
    let object = match value {
        Value::Object(object) => object,
        Value::Array(_) => return Fit::Maybe,
        _ => return no(format!("expected an object (`{name}`), found {}", super::Found(value))),
    };
    let text = match object.get(tag.name) {
        Some(Value::String(text)) => text,
        Some(Value::Number(_)) => return Fit::Maybe,
        Some(other) => return super::unexpected(tag.schema, other).inside(|| tag.name.to_owned()),
        None => return no(format!("the key `{}` is missing: it names the variant", tag.name)),
    };
    let by_name = of.iter().filter(|v| !v.untagged).find(|v| is_called(text, v.name, v.aliases));
    let Some(variant) = by_name.or_else(|| of.iter().find(|variant| variant.other)) else {
        return no(format!("{text:?} is no variant of `{name}`")).inside(|| tag.name.to_owned());
    };
    let rest: Map<_, _> =
        object.iter().filter(|(key, _)| *key != tag.name).map(|(k, v)| (k.clone(), v.clone())).collect();
    of_shape(variant.schema, &Value::Object(rest), at)
}

/// What names a variant by the only key, or is a string.
fn external(variant: &'static Variant, value: &Value, at: At) -> Fit {
    match (variant.schema, value) {
        (Schema::Struct { .. }, Value::Object(object)) if object.len() != 1 => {
            no(format!("expected one key, found {}", object.len()))
        }
        (Schema::Struct { .. }, Value::Object(_)) | (_, Value::String(_)) => {
            of_shape(variant.schema, value, at)
        }
        (Schema::Str, Value::Object(object)) if object.len() == 1 => Fit::Maybe,
        (Schema::Enum { .. }, _) => of_shape(variant.schema, value, at),
        _ => no(String::new()),
    }
}

/// One must fit.
fn any(variants: impl Iterator<Item = Fit>) -> Fit {
    let mut whole = Fit::No(Misfit { path: String::new(), why: String::new() });
    for variant in variants {
        match (&whole, variant) {
            (_, Fit::Yes) => return Fit::Yes,
            (_, Fit::Maybe) => whole = Fit::Maybe,
            (Fit::No(first), misfit @ Fit::No(_)) if first.why.is_empty() => whole = misfit,
            _ => {}
        }
    }
    whole
}
