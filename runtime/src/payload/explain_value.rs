//! What is said of a value that can never hold.

use super::fits::{Fault, ends_together, has_whole_number};
use super::message::Message;
use super::nearest::Nearest;
use super::steps::{Value, is_same};
use super::walk::Spot;
use super::words::{kind_of, name_of};
use super::{Field, Schema, Variant};
use triggerfish_filter::{Number, Scalar, Test};

/// The message about a value that the field `key` cannot have.
pub(super) const fn explain_value(key: &str, value: &Value, fault: Fault, at: Spot) -> Message {
    let mut message = Message::new();
    let Some(test) = value.test() else { return message };
    let m = &mut message;
    match fault {
        Fault::None => {}
        Fault::Operator => operator(m, test, at),
        Fault::Type => {
            if let Some(scalar) = scalar_of(test) {
                wrong_type(m, test, scalar, at);
            }
        }
        Fault::Fraction => {
            in_vain(m, test);
            m.text("the value is ").kind(at).text(", which has no fraction");
        }
        Fault::Range => {
            if let Some(scalar) = scalar_of(test) {
                in_vain(m, test);
                if !m.scalar(scalar) {
                    m.text("it");
                }
                out_of_range(m, at);
            }
        }
        Fault::Never => never(m, test, at),
        Fault::Together => {
            m.name(name_of(test)).text(" can never match together with ");
            match ends_together(value) {
                Some(other) => m.name(name_of(other)).text(" before it: no whole number lies between"),
                None => m.text("the operators before it: no whole number is left"),
            };
        }
        Fault::Variant => variant(m, test, at),
        Fault::Null => {
            m.text("`$isNull: true` can never match: the value is never null, it is ").kind(at);
            m.text("\nnote: only what is an `Option<..>` can be null");
        }
        Fault::Absence => {
            m.text("`$exists: false` can never match: ").name(key).text(" is always there");
            m.text("\nnote: a field may be missing if it is an `Option<..>` or has `#[serde(default)]`");
        }
    }
    message
}

const fn scalar_of(test: &'static Test<&'static str>) -> Option<&'static Scalar<&'static str>> {
    match test {
        Test::Literal(scalar) | Test::Not(scalar) | Test::AnythingBut(scalar) | Test::Includes(scalar) => {
            Some(scalar)
        }
        _ => None,
    }
}

/// How a message begins about a value that nothing equals.
const fn in_vain(m: &mut Message, test: &Test<&'static str>) {
    match test {
        Test::Literal(_) => m.text("this value can never match: "),
        Test::Includes(_) => m.text("`$includes` can never match: "),
        _ => m.name(name_of(test)).text(" excludes nothing here: "),
    };
}

const fn operator(m: &mut Message, test: &'static Test<&'static str>, at: Spot) {
    let does = match test {
        Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_) => " looks at strings",
        Test::Includes(_) => " looks inside a list",
        Test::Not(_) => " compares strings, numbers and booleans",
        _ => " compares numbers",
    };
    m.name(name_of(test)).text(does).text(", but the value is ").kind(at);
    let is_number = matches!(at.shape, Schema::Int { .. } | Schema::Float { .. });
    let is_text = matches!(at.shape, Schema::Str | Schema::Enum { .. });
    match (test, at.shape) {
        (Test::Includes(scalar), Schema::Str | Schema::Enum { .. } | Schema::Bool | Schema::Int { .. }) => {
            m.text("\nhelp: list the values to accept: `[");
            if !m.scalar(scalar) {
                m.text("..");
            }
            m.text("]`");
        }
        (Test::StartsWith(_) | Test::EndsWith(_) | Test::IgnoreCaseEquals(_), _) if is_number => {
            m.text("\nhelp: for numbers there are `$gt`, `$gte`, `$lt`, `$lte` and `$between`");
        }
        (Test::Gt(_) | Test::Gte(_) | Test::Lt(_) | Test::Lte(_) | Test::Between(..), _) if is_text => {
            m.text("\nhelp: for strings there are `$startsWith`, `$endsWith` and `$ignoreCaseEquals`");
        }
        (_, Schema::Seq(_) | Schema::Tuple { .. }) => {
            m.text("\nhelp: to ask whether the list holds a value, write `{ $includes: .. }`");
        }
        (_, shape) => inside(m, shape),
    }
}

const fn wrong_type(
    m: &mut Message,
    test: &'static Test<&'static str>,
    scalar: &'static Scalar<&'static str>,
    at: Spot,
) {
    if !matches!(test, Test::Literal(_)) {
        in_vain(m, test);
    }
    let items = matches!(test, Test::Includes(_));
    m.text("this is ").text(kind_of(scalar));
    m.text(if items { ", but an item is " } else { ", but the value is " }).kind(at);
    match (at.shape, scalar) {
        (Schema::Int { .. } | Schema::Float { .. }, Scalar::Str(text)) if is_number(text) => {
            m.text("\nhelp: write the number without quotes: `").text(text).text("`");
        }
        (Schema::Bool, Scalar::Str(text)) if is_same(text, "true") || is_same(text, "false") => {
            m.text("\nhelp: write it without quotes: `").text(text).text("`");
        }
        (Schema::Str | Schema::Enum { .. }, Scalar::Num(Number::Int(int))) => {
            m.text("\nhelp: write it in quotes: `\"").int(*int).text("\"`");
        }
        (Schema::Str | Schema::Enum { .. }, Scalar::Bool(bool)) => {
            m.text("\nhelp: write it in quotes: `\"").text(if *bool { "true" } else { "false" }).text("\"`");
        }
        (Schema::Bool, Scalar::Num(Number::Int(0))) => {
            m.text("\nhelp: write `false`");
        }
        (Schema::Bool, Scalar::Num(Number::Int(1))) => {
            m.text("\nhelp: write `true`");
        }
        (Schema::Seq(item), _) if has_fields(at.to(item).shape) => {
            m.text("\nhelp: to look into its items, ");
            field_of(m, at.to(item).shape);
        }
        (Schema::Seq(_) | Schema::Tuple { .. }, _) if !items => match test {
            Test::AnythingBut(_) => {
                m.text("\nhelp: to ask for lists without it, write `{ $not: .. }`");
            }
            _ => {
                m.text("\nhelp: to ask whether the list holds it, write `{ $includes: .. }`");
            }
        },
        (shape, _) => inside(m, shape),
    }
}

/// How to look into an object.
const fn inside(m: &mut Message, shape: &'static Schema) {
    if has_fields(shape) {
        m.text("\nhelp: ");
        field_of(m, shape);
    }
}

const fn has_fields(shape: &Schema) -> bool {
    matches!(shape, Schema::Struct { .. } | Schema::Map(_) | Schema::Union { tag: Some(_), .. })
}

const fn field_of(m: &mut Message, shape: &'static Schema) {
    let name = match shape {
        Schema::Struct { fields: [Field { name, skipped: false, .. }, ..], .. }
        | Schema::Union { tag: Some(Field { name, .. }), .. } => name,
        _ => "key",
    };
    m.text("name a field: `{ ").text(name).text(": [..] }`");
}

const fn out_of_range(m: &mut Message, at: Spot) {
    if let Schema::Int { name, min, max } = at.shape {
        m.text(" is out of range for ").name(name).text(" (").int(*min).text(" to ").int(*max).text(")");
    }
}

const fn never(m: &mut Message, test: &'static Test<&'static str>, at: Spot) {
    let Schema::Int { name, min, max } = at.shape else { return };
    m.name(name_of(test)).text(" can never match: ");
    if has_whole_number(test) {
        m.text("the value is a ").name(name).text(", between ").int(*min).text(" and ").int(*max);
    } else {
        m.text("no whole number lies between its bounds, and the value is a ").name(name);
    }
}

const fn variant(m: &mut Message, test: &'static Test<&'static str>, at: Spot) {
    let Schema::Enum { name, variants } = at.shape else { return };
    let (verb, text) = match test {
        Test::StartsWith(text) => (" starts with ", text),
        Test::EndsWith(text) => (" ends with ", text),
        Test::IgnoreCaseEquals(text)
        | Test::Literal(Scalar::Str(text))
        | Test::Not(Scalar::Str(text))
        | Test::AnythingBut(Scalar::Str(text))
        | Test::Includes(Scalar::Str(text)) => (" is ", text),
        _ => return,
    };
    m.text("no variant of ").name(name).text(verb).string(text).text(" in JSON");
    let mut nearest = Nearest::to(text);
    let mut rest = *variants;
    while let [variant, others @ ..] = rest {
        if is_same(variant.rust, text) {
            m.text("\nhelp: in JSON the variant ").name(text).text(" is ").string(variant.name);
            return;
        }
        nearest.consider(variant.name);
        nearest.consider_as(variant.rust, variant.name);
        let mut aliases = variant.aliases;
        while let [alias, more @ ..] = aliases {
            nearest.consider(alias);
            aliases = more;
        }
        rest = others;
    }
    match nearest.found() {
        Some(name) => {
            m.text("\nhelp: did you mean ").string(name).text("?");
        }
        None => list(m, variants),
    }
}

const fn list(m: &mut Message, variants: &[Variant]) {
    const SHOWN: usize = 8;
    m.text("\nnote: the variants are ");
    let mut shown = 0;
    let mut rest = variants;
    while let [variant, others @ ..] = rest {
        if shown == SHOWN {
            m.text(" and ").int(rest.len() as i128).text(" more");
            return;
        }
        m.text(if shown == 0 { "" } else { ", " }).string(variant.name);
        (shown, rest) = (shown + 1, others);
    }
}

/// Whether a text reads as a number of JSON: digits, one sign before, one point within.
const fn is_number(text: &str) -> bool {
    let mut rest = match text.as_bytes() {
        [b'-', rest @ ..] => rest,
        rest => rest,
    };
    let (mut digits, mut points) = (0, 0);
    while let [byte, others @ ..] = rest {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if digits > 0 && points == 0 && !others.is_empty() => points += 1,
            _ => return false,
        }
        rest = others;
    }
    digits > 0
}
