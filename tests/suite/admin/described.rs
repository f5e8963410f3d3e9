//! What `openapi.json` says is what the server does.

use super::{ask, desk_app, get, ordered};
use crate::harness::Call;
use serde_json::Value;

/// Compares a value with a schema, as far as the description uses schemas.
fn fits(schema: &Value, value: &Value, all: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = all.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        assert!(target.is_object(), "{reference} is described nowhere");
        return fits(target, value, all, at, wrong);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let one_fits = any.iter().any(|schema| {
            let mut none = Vec::new();
            fits(schema, value, all, at, &mut none);
            none.is_empty()
        });
        if !one_fits {
            wrong.push(format!("{at}: {value} is none of {any:?}"));
        }
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let of_kind = |wanted: &Value| wanted == kind || (wanted == "number" && kind == "integer");
    let kinds = &schema["type"];
    if !kinds.as_array().map_or_else(|| of_kind(kinds), |kinds| kinds.iter().any(of_kind)) {
        wrong.push(format!("{at}: {value} is no {kinds}"));
        return;
    }
    if let (Some(allowed), false) = (schema["enum"].as_array(), value.is_null())
        && !allowed.contains(value)
    {
        wrong.push(format!("{at}: {value} is none of {allowed:?}"));
    }
    if let Some(items) = value.as_array() {
        for (n, item) in items.iter().enumerate() {
            fits(&schema["items"], item, all, &format!("{at}/{n}"), wrong);
        }
    }
    let Some(fields) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            wrong.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, field) in fields {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(known), _) => fits(known, field, all, &format!("{at}/{name}"), wrong),
            (None, Value::Bool(false)) => wrong.push(format!("{at}: {name} is not described")),
            (None, Value::Null | Value::Bool(true)) => {}
            (None, other) => fits(other, field, all, &format!("{at}/{name}"), wrong),
        }
    }
}

#[tokio::test]
async fn every_described_path_answers_as_it_is_described() {
    let app = desk_app().start().await;
    let delivery = ordered(&app, r#"{"amount":30,"note":"declined"}"#).await;
    let run = app.ended(delivery).await.id;
    ordered(&app, r#"{"amount":3}"#).await;
    app.send(&Call::post("/hooks/desk", r#"{"amount":30}"#).header("x-desk-signature", "00")).await;
    app.store().flush().await.unwrap();
    let described = get(&app, "/openapi.json").await;
    let mut seen = 0;
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = match path.split('/').nth(1) {
                Some("endpoints") => "desk".to_owned(),
                Some("jobs") => "desk%2Fcharge".to_owned(),
                Some("runs") => run.to_string(),
                _ => delivery.to_string(),
            };
            let bodies: &[&str] = match path.as_str() {
                "/requests/live" => continue,
                "/requests/replay" => {
                    &[r#"{"plan":true}"#, r#"{"confirm":4,"outcome":"accepted,filtered,rejected"}"#]
                }
                "/runs/retry" => &[r#"{"plan":true}"#, r#"{"state":"crashed","confirm":0}"#],
                // Its secret is not the program's to replace.
                "/endpoints/{id}/rotate" => continue,
                // What it does depends on what was done before.
                "/runs/{id}/cancel" => continue,
                _ => &[""],
            };
            for body in bodies {
                let target = path.replace("{id}", &id);
                let answer = ask(&app, &method.to_uppercase(), &target, body).await;
                let told = format!("{method} {path} {body}: {} {}", answer.status, answer.text());
                let content = operation["responses"][answer.status.to_string()]["content"].as_object();
                let (kind, content) =
                    content.and_then(|all| all.iter().next()).unwrap_or_else(|| panic!("{told}"));
                assert_eq!(answer.status, 200, "{told}");
                assert_eq!(answer.header("content-type"), Some(kind.as_str()), "{told}");
                if kind == "application/json" {
                    let mut wrong = Vec::new();
                    fits(&content["schema"], &answer.json(), &described, "", &mut wrong);
                    assert!(wrong.is_empty(), "{told}\n{wrong:#?}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 25, "{seen}");
    app.stop().await;
}

#[tokio::test]
async fn a_mistake_is_answered_in_words() {
    let app = desk_app().start().await;
    let rows = [
        ("GET", "/requests?limit=0", 400, "`limit` is \"0\"; it must be a number from 1 to 500"),
        ("GET", "/requests?outcome=lost", 400, "`outcome` is \"lost\"; it must be of accepted, filtered"),
        ("GET", "/requests?since=yesterday", 400, "or how long ago: 15m, 24h, 7d"),
        ("GET", "/runs?state=lost", 400, "`state` is \"lost\""),
        ("GET", "/requests/none", 404, "there is no id none"),
        ("GET", "/requests/01a2002a-b39a-73f2-aadb-fa204791d631", 404, "there is no request 01a2002a"),
        ("GET", "/endpoints/none", 404, "there is no endpoint none"),
        ("GET", "/none", 404, "openapi.json"),
        ("POST", "/endpoints/desk/send", 400, "no JSON object"),
        ("POST", "/requests/replay", 400, "no JSON object"),
    ];
    for (method, path, status, text) in rows {
        let answer = ask(&app, method, path, if method == "POST" { "[" } else { "" }).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        let error = answer.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.contains(text), "{path}: {error}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let app = desk_app().start().await;
    ordered(&app, r#"{"amount":3}"#).await;
    let first = ask(&app, "GET", "/requests", "").await;
    let tag = first.header("etag").expect("a tag").to_owned();
    let token = super::token(&app);
    let again = async || {
        let call = Call::new("GET", &format!("{}/requests", super::API)).header("if-none-match", &tag);
        app.send(&call.header("authorization", &format!("Bearer {token}"))).await
    };
    let same = again().await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    ordered(&app, r#"{"amount":4}"#).await;
    assert_eq!(again().await.status, 200);
    app.stop().await;
}
