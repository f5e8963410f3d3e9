//! Why a job did not run is kept with the delivery, whether another one did or not.

use crate::harness::{App, Board, Call, lines_with, memory, sqlite};
use serde_json::{Value, json};
use triggerfish::prelude::*;
use triggerfish::store::{Delivery, DeliveryOutcome};

#[http_endpoint(id = "verdicts/orders")]
fn orders() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("ORDERS"))
}

#[job(
    id = "verdicts/paid", version = "1.0.0", trigger = orders,
    filter = { body: { kind: ["paid"], amount: [{ $gt: 10 }] } },
)]
async fn on_paid(State(board): State<Board>) {
    board.note("paid");
}

#[job(
    id = "verdicts/large", version = "1.0.0", trigger = orders,
    filter = { method: ["POST"], body: { kind: ["paid", "refunded"], amount: [{ $gte: 1000 }, { $lt: 2000 }] } },
)]
async fn on_large(State(board): State<Board>) {
    board.note("large");
}

#[job(
    id = "verdicts/secret", version = "1.0.0", trigger = orders,
    filter = {
        headers: { "x-api-token": ["right"], "x-kind": ["right"] },
        query: { page: ["1"] },
        body: { password: ["right"], items: { sku: ["b"], count: [{ $gt: 1 }] } },
    },
)]
async fn on_secret(State(board): State<Board>) {
    board.note("secret");
}

const ALL: &[&str] = &["verdicts/orders", "verdicts/paid", "verdicts/large", "verdicts/secret"];

fn call(body: &Value) -> Call {
    Call::post("/hooks/verdicts/orders?page=2&page=3", body.to_string())
        .header("x-api-token", "hunter2")
        .header("x-kind", "\"odd\\\"")
        .sign(orders())
}

async fn newest(app: &App) -> (Delivery, Value) {
    let delivery = app.deliveries().await.remove(0);
    let verdicts =
        delivery.verdicts.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
    (delivery, verdicts)
}

fn large(amount: &Value) -> Value {
    let wants = "$gte: 1000 and $lt: 2000";
    json!({ "job": "verdicts/large", "failed": [{ "path": "body.amount", "wants": wants, "got": amount }] })
}

#[tokio::test]
async fn a_delivery_that_some_job_took_keeps_why_the_others_did_not() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(ALL), sqlite(directory.path(), ALL)] {
        let app = setup.start().await;
        let items = json!([{ "sku": "a", "count": 0 }, { "sku": "b", "count": 1 }, 7]);
        let body = json!({ "kind": "paid", "amount": 20.5, "password": "hunter3", "items": items });
        assert_eq!(app.send(&call(&body)).await.status, 200);
        let (delivery, verdicts) = newest(&app).await;
        assert_eq!(delivery.outcome, DeliveryOutcome::Accepted);
        let right = "one of [\"right\"]";
        let secret = json!([
            { "path": "headers.x-api-token", "wants": right, "is": "masked" },
            { "path": "headers.x-kind", "wants": right, "got": "\"odd\\\"" },
            { "path": "query.page", "wants": "one of [\"1\"]", "is": "there more than once" },
            { "path": "body.password", "wants": right, "is": "masked" },
            { "path": "body.items.count", "wants": "$gt: 1", "got": 1 },
        ]);
        assert_eq!(verdicts, json!([large(&json!(20.5)), { "job": "verdicts/secret", "failed": secret }]));
        app.all_ended().await;
        assert_eq!(app.board.notes(), ["paid"]);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_filtered_delivery_keeps_every_reason_and_its_log_line_the_first_ones() {
    let app = memory(ALL).start().await;
    let answer = app.send(&call(&json!({ "kind": "opened\nINFO forged", "amount": null }))).await;
    let (delivery, verdicts) = newest(&app).await;
    assert_eq!(delivery.outcome, DeliveryOutcome::Filtered);
    let kind = |wants| json!({ "path": "body.kind", "wants": wants, "got": "opened\nINFO forged" });
    assert_eq!(
        verdicts[1],
        json!({ "job": "verdicts/paid", "failed": [
            kind("one of [\"paid\"]"),
            { "path": "body.amount", "wants": "$gt: 10", "got": null },
        ] })
    );
    assert_eq!(verdicts[0]["failed"][0], kind("one of [\"paid\", \"refunded\"]"));
    assert_eq!(
        verdicts[2]["failed"][4],
        json!({ "path": "body.items.sku", "wants": "one of [\"b\"]", "is": "missing" })
    );
    assert_eq!(verdicts.as_array().map(Vec::len), Some(3));
    let lines = lines_with(&["filtered", &answer.delivery().to_string()]);
    assert_eq!(lines.len(), 1);
    for told in [
        r#"job "verdicts/paid" did not run: body.kind is "opened\nINFO forged", filter wants one of ["paid"]; "#,
        r#"job "verdicts/secret" did not run: headers.x-api-token is (masked), filter wants one of ["right"]"#,
    ] {
        assert!(lines[0].contains(told), "{lines:?}");
    }
    assert!(!lines[0].contains("hunter"), "{lines:?}");

    let answer = app.send(&call(&json!("{")).body("{")).await;
    assert_eq!(answer.status, 401, "another body than the one that was signed");
    let broken = Call::post("/hooks/verdicts/orders", "{").sign(orders());
    let answer = app.send(&broken).await;
    let (_, verdicts) = newest(&app).await;
    assert_eq!(
        verdicts[0]["failed"][0],
        json!({ "path": "body.kind", "wants": "one of [\"paid\", \"refunded\"]", "is": "unreadable" })
    );
    let lines = lines_with(&["filtered", &answer.delivery().to_string()]);
    assert!(lines[0].contains("body is not JSON: EOF"), "{lines:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_delivery_that_every_job_took_has_nothing_to_tell() {
    let app = memory(&["verdicts/orders", "verdicts/paid"]).start().await;
    app.send(&call(&json!({ "kind": "paid", "amount": 20 }))).await;
    assert_eq!(newest(&app).await.0.verdicts, None);
    app.stop().await;
}

/// Many jobs on one endpoint, each of which wants something of its own.
mod many {
    use super::{Board, State, job};
    use triggerfish::prelude::*;

    #[http_endpoint(id = "verdicts/many")]
    pub(super) fn many() -> Verifier {
        Verifier::hmac_sha256().header("X-Sig").secret(env("MANY"))
    }

    macro_rules! jobs {
        ($($name:ident $id:literal)*) => {$(
            #[job(
                id = $id, version = "1.0.0", trigger = many,
                filter = { body: { wanted: [$id], text: [{ $startsWith: $id }] } },
            )]
            async fn $name(State(board): State<Board>) {
                board.note($id);
            }
        )*
            pub(super) const JOBS: &[&str] = &[$($id),*];
        };
    }

    jobs! {
        a "many/a" b "many/b" c "many/c" d "many/d" e "many/e" f "many/f" g "many/g" h "many/h" i "many/i"
        j "many/j" k "many/k" l "many/l" m "many/m" n "many/n" o "many/o" p "many/p" q "many/q" r "many/r"
    }
}

#[tokio::test]
async fn what_is_kept_has_a_limit() {
    let app = memory(&[&["verdicts/many"], many::JOBS].concat()).start().await;
    let mut lengths = Vec::new();
    for wanted in ["many/c", "none"] {
        let body = json!({ "wanted": wanted, "text": format!("{wanted}{}", "x".repeat(5000)) });
        app.send(&Call::post("/hooks/verdicts/many", body.to_string()).sign(many::many())).await;
        let (delivery, verdicts) = newest(&app).await;
        let all = verdicts.as_array().unwrap();
        let told: Vec<_> = all.iter().filter_map(|verdict| verdict["job"].as_str()).collect();
        assert!(told.iter().all(|job| *job != wanted), "{told:?}");
        let more = all.last().and_then(|last| last["more"].as_u64()).unwrap_or(0);
        let unmatched = many::JOBS.iter().filter(|job| **job != wanted).count();
        assert_eq!(told.len() as u64 + more, unmatched as u64);
        assert!(all[0]["failed"][1]["got"].as_str().unwrap().ends_with("xxx.."));
        lengths.push((delivery.verdicts.unwrap().len(), more > 0));
    }
    assert!(lengths[0].0 < 2048 && lengths[0].1, "{lengths:?}");
    assert!(lengths[1].0 < 17 << 10 && !lengths[1].1, "{lengths:?}");
    app.stop().await;
}
