//! A filter that holds for a value which serde reads is never refused; one that is refused for keys which never
//! stand together holds for no such value.

use crate::agree::Subject;
use crate::generate::{Random, value};
use crate::types;
use serde_json::{Map, Value};
use triggerfish::payload::{Checked, hash};
use triggerfish_filter::{Number, Pattern, Root, Scalar, Test};

const ROUNDS: usize = 200;

#[test]
fn a_filter_that_holds_for_a_value_is_not_refused() {
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for subject in types::all() {
        let mut random = Random::new(subject.name.len() as u64);
        for _ in 0..ROUNDS {
            let Some(object) = read(&subject, &mut random) else { continue };
            let Some(filter) = some_of(&object, &mut random) else { continue };
            asked += 1;
            if is_refused(&subject, filter) {
                wrong.push(format!("{}: {filter:?} holds for {}", subject.name, Value::Object(object)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are refused:\n{}", wrong.len(), wrong.join("\n"));
    assert!(asked > 2_000, "{asked} filters");
}

#[test]
fn keys_that_are_refused_together_stand_together_in_no_value() {
    let (mut refused, mut wrong) = (0, Vec::new());
    for subject in types::all() {
        let mut random = Random::new(subject.name.len() as u64);
        let objects: Vec<_> = (0..ROUNDS).filter_map(|_| read(&subject, &mut random)).collect();
        for pair in objects.windows(2) {
            let keys: Vec<_> = pair.iter().flat_map(Map::keys).collect();
            let filter = object(keys.iter().map(|key| (key.as_str(), leak([Test::Exists(true)]))));
            if is_refused(&subject, filter) {
                refused += 1;
                let has_all = |object: &&Map<_, _>| keys.iter().all(|key| object.contains_key(*key));
                if let Some(object) = objects.iter().find(has_all) {
                    wrong.push(format!("{}: {keys:?} are all in {object:?}", subject.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(refused > 200, "{refused} pairs are refused");
}

/// An object that serde reads.
fn read(subject: &Subject, random: &mut Random) -> Option<Map<String, Value>> {
    let made = value(subject.schema, random)?;
    (subject.read)(&made.to_string()).ok()?;
    match made {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn is_refused(subject: &Subject, filter: Pattern<'static>) -> bool {
    let mut hashes = Vec::new();
    hashes_of(filter, &mut hashes);
    let hashes = Box::leak(hashes.into_boxed_slice());
    let checked = Checked { root: Root::Payload, payload: Some(subject.schema), filter, hashes };
    checked.check::<64>().all != [0; 64]
}

fn hashes_of(pattern: Pattern<'static>, hashes: &mut Vec<u64>) {
    if let Pattern::Object(fields) = pattern {
        for (key, below) in fields {
            hashes.push(hash(key));
            hashes_of(*below, hashes);
        }
    }
}

/// A filter on some of an object's values.
fn some_of(object_of: &Map<String, Value>, random: &mut Random) -> Option<Pattern<'static>> {
    let mut fields = Vec::new();
    for (key, value) in object_of {
        if random.below(3) > 0 {
            fields.push((key.as_str(), of(value, random)));
        }
    }
    (!fields.is_empty()).then(|| object(fields.into_iter()))
}

/// What holds for a value.
fn of(value: &Value, random: &mut Random) -> Pattern<'static> {
    let there = || leak([Test::Exists(true)]);
    match value {
        _ if random.below(5) == 0 => there(),
        Value::Null => leak([Test::IsNull(true)]),
        Value::Object(object) => some_of(object, random).unwrap_or_else(there),
        Value::Array(items) => match items.first() {
            Some(Value::Object(item)) => some_of(item, random).unwrap_or_else(there),
            Some(item) => scalar(item).map_or_else(there, |item| leak([Test::Includes(item)])),
            None => there(),
        },
        other => scalar(other).map_or_else(there, |value| leak([Test::Literal(value)])),
    }
}

fn scalar(value: &Value) -> Option<Scalar<&'static str>> {
    Some(match value {
        Value::String(text) => Scalar::Str(Box::leak(text.clone().into_boxed_str())),
        Value::Bool(value) => Scalar::Bool(*value),
        Value::Number(number) => Scalar::Num(match number.as_i128() {
            Some(int) => Number::Int(int),
            None => Number::Float(number.as_f64()?),
        }),
        _ => return None,
    })
}

fn object<'k>(fields: impl Iterator<Item = (&'k str, Pattern<'static>)>) -> Pattern<'static> {
    let leaked = |key: &str| -> &'static str { Box::leak(key.to_owned().into_boxed_str()) };
    let fields: Vec<_> = fields.map(|(key, below)| (leaked(key), below)).collect();
    Pattern::Object(Box::leak(fields.into_boxed_slice()))
}

fn leak<const N: usize>(tests: [Test<&'static str>; N]) -> Pattern<'static> {
    Pattern::List(Box::leak(Box::new(tests)))
}
