//! What `openapi.json` says is what the server does.

use super::events::sent;
use super::waits::waiting;
use super::{ask, desk_app, get, ordered};
use crate::fakes::stripe::Stripe;
use crate::harness::{App, Call, memory, until};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use triggerfish::store::{RunState, SourceRow};

/// What something of the description refers to, or the thing itself.
fn found<'a>(thing: &'a Value, all: &'a Value) -> &'a Value {
    let Some(reference) = thing["$ref"].as_str() else { return thing };
    let target = all.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
    assert!(target.is_object(), "{reference} is described nowhere");
    target
}

/// Compares a value with a schema, as far as the description uses schemas.
fn fits(schema: &Value, value: &Value, all: &Value, at: &str, wrong: &mut Vec<String>) {
    let schema = found(schema, all);
    if let Some(pieces) = schema["allOf"].as_array() {
        let mut whole = json!({ "type": "object", "additionalProperties": schema["unevaluatedProperties"] });
        let mut properties = serde_json::Map::new();
        let mut required = Vec::new();
        for piece in pieces.iter().map(|piece| found(piece, all)) {
            properties.extend(piece["properties"].as_object().unwrap().clone());
            required.extend(piece["required"].as_array().unwrap().iter().cloned());
        }
        (whole["properties"], whole["required"]) = (properties.into(), required.into());
        return fits(&whole, value, all, at, wrong);
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

/// An app of which every described path has something to tell.
async fn full_app(fake: &Stripe) -> App {
    let ids =
        ["desk", "desk/charge", "managed/hmac", "desk.paid", "desk/waits", "desk/often", "stripe/on-price"];
    let app = memory(&ids).dashboard().provider(&fake.url()).start().await;
    until("the registration of the webhook", async || {
        app.running.sources().list().iter().all(|source| source.registered.is_some()).then_some(())
    })
    .await;
    app
}

/// A webhook that no job wants.
async fn orphan(app: &App) -> String {
    let webhook = app.running.sources().list().remove(0).registered.unwrap();
    let address = "stripe/gone".to_owned();
    app.store().keep_source(SourceRow { address, ..webhook }).await.unwrap();
    "stripe%2Fgone".to_owned()
}

#[tokio::test]
async fn every_described_path_answers_as_it_is_described() {
    let fake = Stripe::start().await;
    let app = full_app(&fake).await;
    let delivery = ordered(&app, r#"{"amount":30,"note":"declined"}"#).await;
    let run = app.ended(delivery).await.id.to_string();
    ordered(&app, r#"{"amount":3}"#).await;
    app.send(&Call::post("/hooks/desk", r#"{"amount":30}"#).header("x-desk-signature", "00")).await;
    let hanging = ordered(&app, r#"{"amount":60,"note":"hangs"}"#).await;
    app.board.noted("at desk").await;
    let hanging = app.in_state(hanging, RunState::Running).await.id.to_string();
    let event = sent(&app, "desk.order", &json!(1)).await.to_string();
    let sleeping = waiting(&app, "sleep").await;
    let orphan = orphan(&app).await;
    app.store().flush().await.unwrap();
    let described = get(&app, "/openapi.json").await;
    let mut seen = 0;
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let delivery = delivery.to_string();
            let id = match path.as_str() {
                // The others have a secret that is not the program's to replace.
                "/endpoints/{id}/rotate" => "managed%2Fhmac",
                "/runs/{id}/cancel" => &hanging,
                "/runs/{id}/complete" => &sleeping,
                "/sources/{id}/unregister" => &orphan,
                path if path.starts_with("/endpoints") => "desk",
                path if path.starts_with("/jobs") => "desk%2Fcharge",
                path if path.starts_with("/runs") => &run,
                path if path.starts_with("/events") => &event,
                path if path.starts_with("/sources") => "stripe%2Fstripe.webhook",
                _ => &delivery,
            };
            let bodies: &[&str] = match path.as_str() {
                "/requests/live" => {
                    live(&app, operation, &described).await;
                    seen += 1;
                    continue;
                }
                "/requests/replay" => &[
                    r#"{"plan":true,"endpoint":"desk"}"#,
                    r#"{"confirm":4,"endpoint":"desk","outcome":"filtered,rejected"}"#,
                ],
                "/runs/retry" => &[r#"{"plan":true}"#, r#"{"state":"crashed","confirm":0}"#],
                "/runs/{id}/complete" => &[r#"{"wait":"sleep"}"#],
                _ => &[""],
            };
            for body in bodies {
                let target = path.replace("{id}", id);
                let answer = ask(&app, &method.to_uppercase(), &target, body).await;
                let told = format!("{method} {path} {body}: {} {}", answer.status, answer.text());
                let response = found(&operation["responses"][answer.status.to_string()], &described);
                let content = response["content"].as_object();
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
    assert!(seen > 40, "{seen}");
    app.board.open("desk");
    app.stop().await;
}

/// The list that goes on: each of its events is a row as it is described.
async fn live(app: &App, operation: &Value, described: &Value) {
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let token = super::token(app);
    let ask = format!(
        "GET {}/requests/live HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n",
        super::API
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut read = async || {
        let read = tokio::time::timeout(crate::harness::PATIENCE, stream.read_buf(&mut seen));
        assert!(read.await.unwrap().unwrap() > 0, "{}", String::from_utf8_lossy(&seen));
        String::from_utf8_lossy(&seen).into_owned()
    };
    while !read().await.contains("text/event-stream") {}
    assert!(operation["responses"]["200"]["content"]["text/event-stream"].is_object());
    ordered(app, r#"{"amount":2}"#).await;
    let row = loop {
        let text = read().await;
        let data = text.split("data: ").nth(1).and_then(|rest| rest.split_once('\n'));
        if let Some((data, _)) = data {
            break serde_json::from_str(data).unwrap();
        }
    };
    let mut wrong = Vec::new();
    fits(&json!({ "$ref": "#/components/schemas/Request" }), &row, described, "", &mut wrong);
    assert!(wrong.is_empty(), "{row}\n{wrong:#?}");
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
