//! Forms as Stripe takes them: `a[b]=c`, `a[0]=c`.

use serde_json::Value;
use std::fmt::Write;

/// Writes parameters as a form. What is null is left out.
pub(crate) fn write(params: &Value) -> String {
    let mut out = String::new();
    if let Value::Object(fields) = params {
        for (name, value) in fields {
            field(&mut out, &encode(name), value);
        }
    }
    out
}

fn field(out: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) => pair(out, name, &value.to_string()),
        Value::String(text) => pair(out, name, text),
        Value::Array(all) => {
            for (index, value) in all.iter().enumerate() {
                field(out, &format!("{name}[{index}]"), value);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                field(out, &format!("{name}[{}]", encode(key)), value);
            }
        }
    }
}

fn pair(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push('&');
    }
    out.push_str(name);
    out.push('=');
    out.push_str(&encode(value));
}

/// Text as a part of a form, or of a path.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a string does not fail.
            other => _ = write!(out, "%{other:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_and_lists_are_nested_names() {
        let params = json!({
            "amount": 100,
            "expand": ["a", "b.c"],
            "metadata": { "order id": "6/7 & é" },
            "nothing": null,
            "off": false,
            "items": [{ "price": "p_1" }],
        });
        let all = write(&params);
        let mut pairs: Vec<_> = all.split('&').collect();
        pairs.sort_unstable();
        assert_eq!(
            pairs,
            [
                "amount=100",
                "expand[0]=a",
                "expand[1]=b.c",
                "items[0][price]=p_1",
                "metadata[order%20id]=6%2F7%20%26%20%C3%A9",
                "off=false",
            ]
        );
        assert_eq!(write(&Value::Null), "");
    }
}
