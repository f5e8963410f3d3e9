//! Whether a value is of a shape: what serde would say, told from the schema alone.

mod object;
mod union;

use super::{Schema, Scope};
use serde_json::Value;
use std::fmt::{self, Display};

/// Whether serde reads a value as a type of this shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// It does.
    Yes,
    /// The schema does not say: keys that no field stands for are refused by some types, and serde takes
    /// a list for a struct, or `{"A": null}` for the variant `A`, in some places.
    Maybe,
    /// It does not.
    No(Misfit),
}

/// Where a value is not of its shape, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// From the outermost value inwards: `items[2].price`. Empty for the value as a whole.
    pub path: String,
    /// What is wrong there.
    pub why: String,
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.why),
            path => write!(f, "`{path}`: {}", self.why),
        }
    }
}

/// Tells whether a value is of a shape.
///
/// ```
/// use triggerfish::payload::{Fit, Payload, fit};
///
/// assert_eq!(fit(<Vec<u8>>::SCHEMA, &serde_json::json!([1, 255])), Fit::Yes);
/// let Fit::No(misfit) = fit(<Vec<u8>>::SCHEMA, &serde_json::json!([1, 256])) else { panic!() };
/// assert_eq!(misfit.to_string(), "`[1]`: expected a number from 0 to 255 (`u8`), found 256");
/// ```
pub fn fit(schema: &'static Schema, value: &Value) -> Fit {
    of_shape(schema, value, At { scope: Scope::new(), among_others: false })
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct At {
    scope: Scope,
    /// Its keys are among those of others, into which it is flattened.
    among_others: bool,
}

impl At {
    /// At a value inside of this one.
    fn inner(self) -> Self {
        At { among_others: false, ..self }
    }
}

fn of_shape(schema: &'static Schema, value: &Value, mut at: At) -> Fit {
    let schema = at.scope.open(schema);
    let inner = at.inner();
    match (schema, value) {
        (Schema::Any, _)
        | (Schema::Null, Value::Null)
        | (Schema::Bool, Value::Bool(_))
        | (Schema::Str, Value::String(_))
        | (Schema::Float { .. }, Value::Number(_))
        | (Schema::Option(_), Value::Null) => Fit::Yes,
        (Schema::Int { name, min, max }, Value::Number(number)) => {
            let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            match whole {
                Some(0) if name.starts_with("NonZero") => unexpected(schema, value),
                Some(whole) if (*min..=*max).contains(&whole) => Fit::Yes,
                // A `Value` holds no integers that large.
                None if *max > i128::from(u64::MAX) && number.as_f64().is_some_and(|n| n.fract() == 0.0) => {
                    Fit::Maybe
                }
                _ => unexpected(schema, value),
            }
        }
        (Schema::Enum { name, variants }, Value::String(text)) => {
            match variants.iter().any(|variant| is_called(text, variant.name, variant.aliases)) {
                true => Fit::Yes,
                false => no(format!("{text:?} is no variant of `{name}`")),
            }
        }
        // Inside of a flattened or an untagged type a variant may come by its number.
        (Schema::Enum { .. }, Value::Number(_)) => Fit::Maybe,
        (Schema::Enum { variants, .. }, Value::Object(object)) => {
            let is_variant = |key: &String| variants.iter().any(|v| is_called(key, v.name, v.aliases));
            if object.len() == 1 && object.keys().all(is_variant) {
                Fit::Maybe
            } else {
                unexpected(schema, value)
            }
        }
        // Inside of a tagged type these stand for nothing as well.
        (Schema::Null, Value::Object(object)) if object.is_empty() => Fit::Maybe,
        (Schema::Null, Value::Array(list)) if list.is_empty() => Fit::Maybe,
        (Schema::Option(shape), _) => of_shape(shape, value, at),
        (Schema::Seq(item), Value::Array(list)) => all(list
            .iter()
            .enumerate()
            .map(|(n, value)| of_shape(item, value, inner).inside(|| format!("[{n}]")))),
        (Schema::Tuple { items, least }, Value::Array(list)) => {
            if list.len() < *least || list.len() > items.len() {
                return no(format!("expected {} items, found {}", items.len(), list.len()));
            }
            all(items
                .iter()
                .zip(list)
                .enumerate()
                .map(|(n, (item, value))| of_shape(item, value, inner).inside(|| format!("[{n}]"))))
        }
        (Schema::Map(item), Value::Object(object)) => {
            all(object.iter().map(|(key, value)| of_shape(item, value, inner).inside(|| key.clone())))
        }
        (Schema::Struct { fields, flatten, .. }, Value::Object(object)) => {
            object::fit(fields, flatten, object, at)
        }
        (Schema::Struct { flatten: [], .. }, Value::Array(_)) => Fit::Maybe,
        (Schema::Union { name, tag, of }, _) => union::fit(name, *tag, of, value, at),
        _ => unexpected(schema, value),
    }
}

/// Whether this is the name or one of the aliases.
fn is_called(text: &str, name: &str, aliases: &[&str]) -> bool {
    text == name || aliases.contains(&text)
}

/// All must fit.
fn all(parts: impl Iterator<Item = Fit>) -> Fit {
    let mut whole = Fit::Yes;
    for part in parts {
        match part {
            Fit::Yes => {}
            Fit::Maybe => whole = Fit::Maybe,
            Fit::No(misfit) => return Fit::No(misfit),
        }
    }
    whole
}

fn no(why: String) -> Fit {
    Fit::No(Misfit { path: String::new(), why })
}

fn unexpected(schema: &Schema, value: &Value) -> Fit {
    no(format!("expected {}, found {}", Expected(schema), Found(value)))
}

impl Fit {
    /// The same, of a value inside another one.
    fn inside(self, step: impl FnOnce() -> String) -> Self {
        let Fit::No(Misfit { path, why }) = self else { return self };
        let step = step();
        let path = match path.chars().next() {
            None => step,
            Some('[') => format!("{step}{path}"),
            Some(_) => format!("{step}.{path}"),
        };
        Fit::No(Misfit { path, why })
    }
}

/// What a shape takes, for messages.
struct Expected<'s>(&'s Schema);

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Schema::Any | Schema::Recursive { .. } | Schema::SelfRef(_) => f.write_str("anything"),
            Schema::Null => f.write_str("`null`"),
            Schema::Bool => f.write_str("`true` or `false`"),
            Schema::Str => f.write_str("a string"),
            Schema::Int { name, min, max } if name.ends_with("128") || name.ends_with("128>") => {
                write!(
                    f,
                    "a whole number (`{name}`, {})",
                    if *min < 0 && *max > 0 { "signed" } else { "unsigned" }
                )
            }
            Schema::Int { name, min, max } => write!(f, "a number from {min} to {max} (`{name}`)"),
            Schema::Float { name } => write!(f, "a number (`{name}`)"),
            Schema::Enum { name, .. } => write!(f, "a variant of `{name}`"),
            Schema::Option(inner) => write!(f, "{} or `null`", Expected(inner)),
            Schema::Seq(_) | Schema::Tuple { .. } => f.write_str("a list"),
            Schema::Map(_) => f.write_str("an object"),
            Schema::Struct { name, .. } | Schema::Union { name, .. } => write!(f, "an object (`{name}`)"),
        }
    }
}

struct Found<'v>(&'v Value);

impl Display for Found<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Array(_) => f.write_str("a list"),
            Value::Object(_) => f.write_str("an object"),
            Value::String(text) if text.chars().count() > 40 => f.write_str("a string"),
            plain => write!(f, "{plain}"),
        }
    }
}
