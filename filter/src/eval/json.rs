//! Reads filters from JSON, so that they meet the same checks as those in a macro.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::filter::{Field, Tree, escape};
use crate::syntax::{Entry, Node, Value};
use crate::{Filter, Number, Problem, ProblemKind, Root, Scalar, Test, check};

/// What serde_json calls the only key of a number when some crate asked it for `arbitrary_precision`.
const NUMBER_KEY: &str = "$serde_json::private::Number";

impl Filter {
    /// Reads a filter from a JSON value. A repeated key is gone there: [`from_json_text`](Self::from_json_text)
    /// sees it.
    ///
    /// # Errors
    /// All problems, those that are compile errors in a macro. A place is a JSON pointer.
    pub fn from_json(json: &serde_json::Value, root: Root) -> Result<Filter, Vec<Problem<String>>> {
        checked(At(String::new()).deserialize(json), root)
    }

    /// Reads a filter from JSON text.
    ///
    /// # Errors
    /// All problems, or that the text is not JSON. A place is a JSON pointer.
    pub fn from_json_text(text: &str, root: Root) -> Result<Filter, Vec<Problem<String>>> {
        let mut reader = serde_json::Deserializer::from_str(text);
        checked(At(String::new()).deserialize(&mut reader).and_then(|node| reader.end().map(|()| node)), root)
    }

    /// The filter as JSON, for [`from_json`](Self::from_json) to read again.
    pub fn to_json(&self) -> serde_json::Value {
        fields_to_json(self.fields())
    }
}

fn fields_to_json(fields: &[Field]) -> serde_json::Value {
    let field = |field: &Field| {
        let tree = match &field.tree {
            Tree::Object(fields) => fields_to_json(fields),
            Tree::List(items) => items.iter().map(|item| test_to_json(item.test.as_ref())).collect(),
        };
        (field.name.to_string(), tree)
    };
    fields.iter().map(field).collect::<serde_json::Map<_, _>>().into()
}

fn test_to_json(test: Test<&str>) -> serde_json::Value {
    let (operator, operand) = match test {
        Test::Literal(literal) => return scalar_to_json(literal),
        Test::StartsWith(text) => ("$startsWith", text.into()),
        Test::EndsWith(text) => ("$endsWith", text.into()),
        Test::IgnoreCaseEquals(text) => ("$ignoreCaseEquals", text.into()),
        Test::Exists(wanted) => ("$exists", wanted.into()),
        Test::IsNull(wanted) => ("$isNull", wanted.into()),
        Test::AnythingBut(scalar) => ("$anythingBut", scalar_to_json(scalar)),
        Test::Gt(number) => ("$gt", number_to_json(number)),
        Test::Gte(number) => ("$gte", number_to_json(number)),
        Test::Lt(number) => ("$lt", number_to_json(number)),
        Test::Lte(number) => ("$lte", number_to_json(number)),
        Test::Between(low, high) => ("$between", [low, high].map(number_to_json).to_vec().into()),
        Test::Includes(scalar) => ("$includes", scalar_to_json(scalar)),
        Test::Not(scalar) => ("$not", scalar_to_json(scalar)),
    };
    serde_json::Map::from_iter([(operator.to_owned(), operand)]).into()
}

fn scalar_to_json(scalar: Scalar<&str>) -> serde_json::Value {
    match scalar {
        Scalar::Str(text) => text.into(),
        Scalar::Num(number) => number_to_json(number),
        Scalar::Bool(bool) => bool.into(),
    }
}

/// Every number of a filter is one that JSON has: the checks refuse the others.
fn number_to_json(number: Number) -> serde_json::Value {
    match number {
        Number::Float(float) => float.into(),
        Number::Int(int) => match (i64::try_from(int), u64::try_from(int)) {
            (Ok(int), _) => int.into(),
            (_, Ok(int)) => int.into(),
            _ => (int as f64).into(),
        },
    }
}

fn checked(node: serde_json::Result<Node<String>>, root: Root) -> Result<Filter, Vec<Problem<String>>> {
    let node = node.map_err(|error| {
        vec![Problem { at: String::new(), kind: ProblemKind::NotJson { why: error.to_string() } }]
    })?;
    check(&node, root).into_filter()
}

/// Reads the value at a JSON pointer.
struct At(String);

impl At {
    fn value<E>(self, value: Value) -> Result<Node<String>, E> {
        Ok(Node::Value { value, at: self.0 })
    }

    fn below(&self, step: &str) -> At {
        At(format!("{}/{}", self.0, escape(step)))
    }
}

impl<'de> DeserializeSeed<'de> for At {
    type Value = Node<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At {
    type Value = Node<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a filter")
    }

    fn visit_unit<E: Error>(self) -> Result<Node<String>, E> {
        self.value(Value::Null)
    }

    fn visit_bool<E: Error>(self, bool: bool) -> Result<Node<String>, E> {
        self.value(Value::Bool(bool))
    }

    fn visit_i64<E: Error>(self, int: i64) -> Result<Node<String>, E> {
        self.value(Value::Num(Number::Int(int.into())))
    }

    fn visit_u64<E: Error>(self, int: u64) -> Result<Node<String>, E> {
        self.value(Value::Num(Number::Int(int.into())))
    }

    fn visit_f64<E: Error>(self, float: f64) -> Result<Node<String>, E> {
        self.value(Value::Num(Number::Float(float)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node<String>, E> {
        self.value(Value::Str(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node<String>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = elements.next_element_seed(self.below(&items.len().to_string()))? {
            items.push(item);
        }
        Ok(Node::List { items, at: self.0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<String>, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_KEY {
                let text: String = map.next_value()?;
                return self.value(Number::parse(&text).map_or(Value::NotANumber(text), Value::Num));
            }
            let at = self.below(&key);
            let value = map.next_value_seed(At(at.0.clone()))?;
            entries.push(Entry::Field { key, at: at.0, value });
        }
        Ok(Node::Object { entries, at: self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_as_json_is_read_as_the_same_filter() {
        let written = serde_json::json!({
            "a": ["x", "y"], "m": [1, -2.5], "n": [true],
            "b": { "c": [{ "$startsWith": "x" }, { "$endsWith": "y" }], "d": [{ "$ignoreCaseEquals": "Z" }] },
            "e": [{ "$exists": true }], "f": [{ "$isNull": false }], "g": [{ "$anythingBut": "x" }],
            "h": [{ "$gt": 1 }, { "$lt": 9 }], "i": [{ "$gte": 1.5 }, { "$lte": u64::MAX }],
            "j": [{ "$between": [1, 2] }], "k": [{ "$includes": 3 }], "l": [{ "$not": false }],
        });
        let filter = Filter::from_json(&written, Root::Payload).unwrap();
        assert_eq!(Filter::from_json(&filter.to_json(), Root::Payload), Ok(filter));
    }
}
