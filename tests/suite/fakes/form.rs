//! Forms with nested names, as Stripe takes them: `a[b][]=c`, `a[0]=c`.

use serde_json::{Map, Value};

/// Reads a form, or a query, into JSON. Every scalar is a text.
pub(crate) fn read(text: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        let (first, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
        let mut steps = vec![first.to_owned()];
        steps.extend(rest.split('[').filter_map(|part| Some(part.strip_suffix(']')?.to_owned())));
        put(&mut root, &steps, value);
    }
    root
}

fn put(at: &mut Value, steps: &[String], value: String) {
    let [step, rest @ ..] = steps else {
        *at = Value::String(value);
        return;
    };
    if step.is_empty() || step.parse::<usize>().is_ok() {
        if !at.is_array() {
            *at = Value::Array(Vec::new());
        }
        let all = at.as_array_mut().unwrap();
        let index = step.parse().unwrap_or(all.len());
        while all.len() <= index {
            all.push(Value::Null);
        }
        return put(&mut all[index], rest, value);
    }
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    put(at.as_object_mut().unwrap().entry(step.clone()).or_insert(Value::Null), rest, value);
}

fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn nested_names_become_objects_and_lists() {
    let read = read("a=1&b[x]=%5B2%5D&c[]=3&c[]=4&d[0][e]=5+6&f%5Bg%5D=7");
    assert_eq!(
        read,
        serde_json::json!({
            "a": "1", "b": { "x": "[2]" }, "c": ["3", "4"], "d": [{ "e": "5 6" }], "f": { "g": "7" },
        })
    );
}
