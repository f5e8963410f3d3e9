//! One filter against one event, as simply as it can be said: what every faster way is measured against.

use std::borrow::Cow;

use serde_json::Value;

use super::parts::{Decoded, Parts};
use super::test::{Elements, Seen, list_holds};
use crate::{Field, Filter, Item, Number, Root, Scalar, Tree};

impl Filter {
    /// Whether a payload passes. A filter of requests sees it as the body of a request without other parts.
    pub fn matches_payload(&self, payload: &Value) -> bool {
        match self.root() {
            Root::Payload => fields_hold(self.fields(), Some(payload)),
            Root::Request => {
                let decoded = Decoded {
                    parts: Parts::payload(&[]),
                    query: Vec::new(),
                    body: Ok(Cow::Borrowed(payload)),
                };
                self.holds(&decoded)
            }
        }
    }

    /// Whether a request passes. A filter of payloads looks at its body.
    pub fn matches(&self, parts: &Parts<'_>) -> bool {
        self.holds(&Decoded::new(parts))
    }

    fn holds(&self, decoded: &Decoded<'_>) -> bool {
        event_holds(self.root(), self.fields(), decoded)
    }
}

pub(super) fn event_holds(root: Root, fields: &[Field], decoded: &Decoded<'_>) -> bool {
    match root {
        Root::Request => fields.iter().all(|field| section_holds(field, decoded)),
        Root::Payload => decoded.body.as_ref().is_ok_and(|body| fields_hold(fields, Some(body))),
    }
}

fn section_holds(section: &Field, decoded: &Decoded<'_>) -> bool {
    match (&*section.name, &section.tree) {
        ("method", Tree::List(items)) => items_hold(items, &Seen::<()>::Str(decoded.parts.method)),
        ("headers", Tree::Object(fields)) => texts_hold(fields, |name| decoded.header(name)),
        ("query", Tree::Object(fields)) => texts_hold(fields, |name| decoded.parameter(name)),
        ("body", Tree::Object(fields)) => {
            decoded.body.as_ref().is_ok_and(|body| fields_hold(fields, Some(body)))
        }
        // The checks let nothing else pass.
        _ => false,
    }
}

fn texts_hold<'v>(fields: &[Field], values: impl Fn(&str) -> Vec<Cow<'v, str>>) -> bool {
    fields.iter().all(|field| match &field.tree {
        Tree::List(items) => text_holds(items, &values(&field.name)),
        Tree::Object(_) => false,
    })
}

/// Headers and parameters: one value must satisfy the whole list.
pub(super) fn text_holds(items: &[Item], values: &[Cow<'_, str>]) -> bool {
    if values.is_empty() {
        return items_hold(items, &Seen::<()>::Missing);
    }
    values.iter().any(|value| items_hold(items, &Seen::<()>::Str(value)))
}

/// What must hold for the fields of a value, which need not be an object.
pub(super) fn fields_hold(fields: &[Field], value: Option<&Value>) -> bool {
    if matches!(value, None | Some(Value::Null)) {
        return fields.is_empty();
    }
    fields.iter().all(|field| tree_holds(&field.tree, value.and_then(|value| value.get(&*field.name))))
}

pub(super) fn tree_holds(tree: &Tree, value: Option<&Value>) -> bool {
    match (tree, value) {
        (Tree::List(items), value) => items_hold(items, &seen(value)),
        (Tree::Object(fields), Some(Value::Array(elements))) => {
            elements.iter().any(|element| fields_hold(fields, Some(element)))
        }
        (Tree::Object(fields), value) => fields_hold(fields, value),
    }
}

pub(super) fn items_hold<A: Elements<Num = Number>>(items: &[Item], seen: &Seen<'_, A>) -> bool {
    list_holds(items.iter().map(|item| &item.test), |text| text.as_ref(), seen)
}

fn seen(value: Option<&Value>) -> Seen<'_, &[Value]> {
    match value {
        None => Seen::Missing,
        Some(Value::Null) => Seen::Null,
        Some(Value::Bool(bool)) => Seen::Bool(*bool),
        Some(Value::Number(value)) => number(value).map_or(Seen::Null, Seen::Num),
        Some(Value::String(text)) => Seen::Str(text),
        Some(Value::Array(elements)) => Seen::Array(elements),
        Some(Value::Object(_)) => Seen::Object,
    }
}

/// `serde_json` tells `1` and `1.0` apart, so its own comparison is of no use here.
fn number(number: &serde_json::Number) -> Option<Number> {
    let int = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    int.map(Number::Int).or_else(|| number.as_f64().map(Number::Float))
}

impl Elements for &[Value] {
    type Num = Number;

    fn any(&self, test: impl Fn(Scalar<&str>) -> bool) -> bool {
        self.iter().any(|element| match element {
            Value::String(text) => test(Scalar::Str(text)),
            Value::Bool(bool) => test(Scalar::Bool(*bool)),
            Value::Number(value) => number(value).is_some_and(|number| test(Scalar::Num(number))),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        })
    }
}
