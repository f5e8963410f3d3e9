//! Makes values of a shape, and changes them so that most no longer are.

use serde_json::{Map, Number, Value, json};
use triggerfish::payload::{Field, Schema, Scope, Variant};

/// The same values on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    pub(crate) fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// None is escaped in JSON: what is borrowed from the text cannot be.
const LETTERS: &[&str] = &["a", "Z", "7", "_", "é", "\u{1F41F}"];
/// No variant is called so.
const STRANGE: &str = "no-such-name";

/// A value that the schema takes, unless it has no end.
pub(crate) fn value(schema: &'static Schema, random: &mut Random) -> Option<Value> {
    of_shape(schema, Scope::new(), 6, random)
}

fn of_shape(schema: &'static Schema, mut scope: Scope, depth: usize, random: &mut Random) -> Option<Value> {
    let schema = scope.open(schema);
    let depth = depth.checked_sub(1)?;
    Some(match schema {
        Schema::Any => anything(random),
        Schema::Null => Value::Null,
        Schema::Bool => json!(random.below(2) == 0),
        Schema::Str => json!(random.one_of(LETTERS)),
        Schema::Int { min, max, .. } => integer(*min, *max, random),
        Schema::Float { .. } => {
            random.one_of(&[json!(0), json!(-7), json!(1.5), json!(-2e-3), json!(9e15)]).clone()
        }
        Schema::Enum { variants, .. } => json!(name(random.one_of(variants), random)),
        Schema::Option(inner) => match random.below(3) {
            0 => Value::Null,
            _ => of_shape(inner, scope, depth, random).unwrap_or(Value::Null),
        },
        Schema::Seq(item) => {
            (0..random.below(4)).filter_map(|_| of_shape(item, scope, depth, random)).collect()
        }
        Schema::Tuple { items, least } => {
            let many = least + random.below(items.len() - least + 1);
            let items = items.iter().take(many).map(|item| of_shape(item, scope, depth, random));
            Value::Array(items.collect::<Option<_>>()?)
        }
        Schema::Map(item) => {
            // Digits: keys may be numbers.
            let keys = (0..random.below(4)).map(|_| random.below(200).to_string()).collect::<Vec<_>>();
            let values =
                keys.into_iter().filter_map(|key| Some((key, of_shape(item, scope, depth, random)?)));
            Value::Object(values.collect())
        }
        Schema::Struct { fields, flatten, .. } => {
            let mut object = Map::new();
            for field in fields.iter().filter(|field| !field.skipped) {
                if field.may_be_absent && random.below(3) == 0 {
                    continue;
                }
                match of_shape(field.schema, scope, depth, random) {
                    Some(value) => object.insert(key(field, random), value),
                    None if field.may_be_absent => None,
                    None => return None,
                };
            }
            for inner in *flatten {
                if let Value::Object(inner) = of_shape(inner, scope, depth, random)? {
                    for (key, value) in inner {
                        object.entry(key).or_insert(value);
                    }
                }
            }
            Value::Object(object)
        }
        Schema::Union { tag, of, .. } => {
            let first = random.below(of.len());
            let mut turns = of.iter().cycle().skip(first).take(of.len());
            turns.find_map(|variant| of_variant(*tag, variant, scope, depth, random))?
        }
        other => panic!("the scope has opened {other:?}"),
    })
}

fn of_variant(
    tag: Option<&Field>,
    variant: &'static Variant,
    scope: Scope,
    depth: usize,
    random: &mut Random,
) -> Option<Value> {
    let mut value = of_shape(variant.schema, scope, depth, random)?;
    if let (Some(tag), Value::Object(object), false) = (tag, &mut value, variant.untagged) {
        let name = if variant.other { STRANGE } else { name(variant, random) };
        object.insert(tag.name.to_owned(), json!(name));
    }
    Some(value)
}

fn key(field: &Field, random: &mut Random) -> String {
    let names: Vec<_> = [field.name].iter().chain(field.aliases).copied().collect();
    (*random.one_of(&names)).to_owned()
}

fn name(variant: &Variant, random: &mut Random) -> &'static str {
    let names: Vec<_> = [variant.name].iter().chain(variant.aliases).copied().collect();
    random.one_of::<&'static str>(&names)
}

/// At the ends of the range as often as within it.
fn integer(min: i128, max: i128, random: &mut Random) -> Value {
    // What a `Value` can hold.
    let (min, max) = (min.max(i64::MIN.into()), max.min(u64::MAX.into()));
    let number = match random.below(4) {
        0 => min,
        1 => max,
        _ => (min + random.below(1000) as i128).min(max),
    };
    match Number::from_i128(if number == 0 && min < 0 { 1 } else { number }) {
        Some(number) => Value::Number(number),
        None => unreachable!("{number} is in range"),
    }
}

fn anything(random: &mut Random) -> Value {
    random
        .one_of(&[
            json!(null),
            json!(1),
            json!(-1.5),
            json!("x"),
            json!(true),
            json!([1]),
            json!({ "k": {} }),
        ])
        .clone()
}

/// Changes one thing somewhere in the value.
pub(crate) fn change(value: &mut Value, random: &mut Random) {
    let go_on = random.below(4) > 0;
    match value {
        Value::Object(object) if go_on && !object.is_empty() => {
            let key = random.one_of(&object.keys().cloned().collect::<Vec<_>>()).clone();
            match random.below(6) {
                0 => {
                    object.remove(&key);
                }
                1 => {
                    let value = object.remove(&key).unwrap_or_default();
                    object.insert(STRANGE.to_owned(), value);
                }
                _ => change(&mut object[&key], random),
            }
        }
        Value::Array(list) if go_on && !list.is_empty() => {
            let at = random.below(list.len());
            match random.below(6) {
                0 => {
                    list.remove(at);
                }
                1 => list.push(list[at].clone()),
                _ => change(&mut list[at], random),
            }
        }
        other => *other = replacement(other, random),
    }
}

fn replacement(value: &Value, random: &mut Random) -> Value {
    const NUMBERS: [i64; 8] = [-1, 0, 256, -129, 65_536, 4_294_967_296, i64::MIN, i64::MAX];
    match (value, random.below(4)) {
        (Value::String(_), 0 | 1) => json!(random.one_of(&[STRANGE, "a", ""])),
        (Value::Number(_), 0) => json!(random.one_of(&NUMBERS)),
        (Value::Number(_), 1) => json!(0.5),
        (Value::Number(_), 2) => json!("7"),
        _ => match random.below(7) {
            0 => json!(null),
            1 => json!(true),
            2 => json!(7),
            3 => json!(STRANGE),
            4 => json!([]),
            5 => json!({}),
            _ => json!([{ "x": 1 }]),
        },
    }
}
