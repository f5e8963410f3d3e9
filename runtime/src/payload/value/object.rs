//! Objects with known keys, and what is flattened into them.

use super::{At, Fit, all, is_called, no, of_shape};
use crate::payload::{Field, Schema};
use serde_json::{Map, Value};

type Object = Map<String, Value>;

pub(super) fn fit(
    fields: &'static [Field],
    flatten: &'static [&'static Schema],
    object: &Object,
    at: At,
) -> Fit {
    let own = of_fields(fields, object, at);
    let mut rest = object.clone();
    rest.retain(|key, _| !is_of(fields, key));
    let mut taken = Taken { rest, all: at.among_others };
    let inner: Vec<_> = flatten.iter().map(|inner| taken.flattened(inner, at)).collect();
    // Some types refuse other keys: the schema does not say which.
    let left = if taken.all || taken.rest.is_empty() { Fit::Yes } else { Fit::Maybe };
    all([own, left].into_iter().chain(inner))
}

/// Whether each field has a value of its shape.
fn of_fields(fields: &'static [Field], object: &Object, at: At) -> Fit {
    let read = fields.iter().filter(|field| !field.skipped);
    all(read.map(|field| {
        let mut given = object.iter().filter(|(key, _)| is_called(key, field.name, field.aliases));
        match (given.next(), given.next()) {
            (Some((key, value)), None) => of_shape(field.schema, value, at.inner()).inside(|| key.clone()),
            (Some((key, _)), Some((second, _))) => {
                no(format!("`{key}` and `{second}` are the same field, given twice"))
            }
            (None, _) if field.may_be_absent => Fit::Yes,
            (None, _) => no(format!("the key `{}` is missing", field.name)),
        }
    }))
}

fn is_of(fields: &[Field], key: &str) -> bool {
    fields.iter().any(|field| !field.skipped && is_called(key, field.name, field.aliases))
}

/// The keys that are left for what is flattened, each in its turn.
struct Taken {
    rest: Object,
    /// Something takes whatever is left.
    all: bool,
}

impl Taken {
    fn flattened(&mut self, schema: &'static Schema, mut at: At) -> Fit {
        let schema = at.scope.open(schema);
        let among_others = At { among_others: true, ..at };
        match schema {
            Schema::Any => {
                self.all = true;
                Fit::Yes
            }
            Schema::Null => Fit::Yes,
            // What cannot be read is `None`.
            Schema::Option(inner) => {
                self.flattened(inner, at);
                Fit::Yes
            }
            Schema::Map(item) => {
                self.all = true;
                all(self
                    .rest
                    .iter()
                    .map(|(key, value)| of_shape(item, value, at.inner()).inside(|| key.clone())))
            }
            Schema::Struct { fields, flatten: [], .. } => {
                let fits = of_fields(fields, &self.rest, at);
                self.rest.retain(|key, _| !is_of(fields, key));
                fits
            }
            Schema::Struct { fields, flatten, .. } => {
                self.all = true;
                fit(fields, flatten, &self.rest, among_others)
            }
            Schema::Union { tag: None, of, .. } if of.iter().all(|variant| !variant.untagged) => {
                let by_key = |key: &str| of.iter().find(|v| is_called(key, v.name, v.aliases));
                let mut given = self.rest.iter().filter_map(|(key, _)| Some((key.clone(), by_key(key)?)));
                match (given.next(), given.next()) {
                    (Some((key, variant)), None) => {
                        let value = self.rest.remove(&key).unwrap_or_default();
                        match variant.schema {
                            Schema::Struct { fields: [field], .. } => {
                                of_shape(field.schema, &value, at.inner()).inside(|| key)
                            }
                            _ => Fit::Maybe,
                        }
                    }
                    // The first of the text counts, and a `Value` does not know which that was.
                    (Some(_), Some(_)) => Fit::Maybe,
                    (None, _) => no("there is no key of a variant".to_owned()),
                }
            }
            Schema::Union { name, tag, of } => {
                self.all = true;
                super::union::fit(name, *tag, of, &Value::Object(self.rest.clone()), among_others)
            }
            _ => Fit::Maybe,
        }
    }
}
