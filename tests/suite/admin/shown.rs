//! What is there to see.

use super::{API, ask, counted, desk_app, get, order, ordered, token};
use crate::harness::{Call, memory, until};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use triggerfish::prelude::*;

#[tokio::test]
async fn an_endpoint_says_where_it_is_and_how_it_is_verified() {
    let app = desk_app().start().await;
    let shown = get(&app, "/endpoints/desk").await;
    assert_eq!(shown["url"], "http://localhost/hooks/desk");
    assert_eq!(shown["title"], "The desk");
    assert_eq!(shown["verified"], "hmac-sha256 hex of body in x-desk-signature");
    assert_eq!(
        shown["secrets"],
        json!([{ "index": 0, "variable": "DESK_SECRET", "newest": true, "last_used": null }])
    );
    assert_eq!(shown["jobs"][0]["id"], "desk/charge");
    assert_eq!(shown["jobs"][0]["filter"], "{ body: { amount: [{ $gt: 10 }] } }");
    assert_eq!(shown["can_sign"], true);
    app.stop().await;
}

#[tokio::test]
async fn every_request_is_listed_with_its_outcome_and_why() {
    let app = desk_app().start().await;
    let accepted = ordered(&app, r#"{"amount":30}"#).await;
    app.ended(accepted).await;
    let filtered = ordered(&app, r#"{"amount":3}"#).await;
    app.send(&order(r#"{"amount":30}"#)).await;
    app.send(&order(r#"{"amount":31}"#).with("x-desk-signature", "00")).await;
    app.store().flush().await.unwrap();
    let rows = get(&app, "/requests").await["requests"].as_array().unwrap().clone();
    let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["rejected", "duplicate", "filtered", "accepted"]);
    let [rejected, duplicate, second, first] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((&rejected["status"], &rejected["body_length"]), (&401.into(), &13.into()));
    assert!(rejected["reason"].as_str().unwrap().starts_with("the signature is not written"), "{rejected}");
    assert_eq!(duplicate["repeats"], accepted.to_string());
    assert_eq!(second["reason"], "desk/charge: body.amount is 3, wants $gt: 10");
    assert_eq!(
        (&first["runs"][0]["job"], &first["runs"][0]["state"]),
        (&"desk/charge".into(), &"done".into())
    );
    for (query, count) in [
        ("?outcome=accepted,filtered", 2),
        ("?endpoint=desk&outcome=rejected", 1),
        ("?endpoint=none", 0),
        ("?text=%22amount%22%3A31", 1),
        ("?since=1h&until=0s", 4),
        ("?until=1h", 0),
        ("?limit=3", 3),
    ] {
        let found = get(&app, &format!("/requests{query}")).await;
        assert_eq!(found["requests"].as_array().unwrap().len(), count, "{query}: {found}");
    }
    let next = get(&app, "/requests?limit=3").await["next"].as_str().unwrap().to_owned();
    let last = get(&app, &format!("/requests?limit=3&before={next}")).await;
    assert_eq!((&last["requests"][0]["id"], &last["next"]), (&accepted.to_string().into(), &Value::Null));
    let stats = counted(&app, "/stats", |stats| stats["jobs"]["desk/charge"]["runs"] == 1).await;
    assert_eq!(
        stats["endpoints"]["desk"]["outcomes"],
        json!({ "accepted": 1, "duplicate": 1, "filtered": 1, "rejected": 1 })
    );
    assert_eq!(stats["jobs"]["desk/charge"], json!({ "runs": 1, "failed": 0 }));
    assert_eq!(get(&app, &format!("/requests/{filtered}")).await["verdicts"][0]["clauses"][0]["got"], "3");
    app.stop().await;
}

#[tokio::test]
async fn a_request_is_shown_whole_with_each_clause_and_verdict() {
    let app = desk_app().start().await;
    let before = ordered(&app, r#"{"amount":2}"#).await;
    let body = r#"{"amount":30, "note":"caf\u00e9"}"#;
    let delivery = ordered(&app, body).await;
    app.ended(delivery).await;
    let shown = get(&app, &format!("/requests/{delivery}")).await;
    assert_eq!(shown["body"]["text"], body);
    assert_eq!(shown["body"]["pretty"], "{\n  \"amount\": 30,\n  \"note\": \"caf\\u00e9\"\n}");
    assert!(shown["body"]["hex"].as_str().unwrap().starts_with("00000000  7b 22 61"));
    let verification = &shown["verification"];
    assert_eq!((&verification["passes"], &verification["secret"]), (&true.into(), &"DESK_SECRET".into()));
    assert!(verification["clauses"].as_array().unwrap().iter().all(|clause| clause["holds"] == true));
    assert_eq!(
        (&shown["verdicts"][0]["ran"], &shown["verdicts"][0]["state"]),
        (&true.into(), &"done".into())
    );
    assert_eq!(
        shown["verdicts"][0]["clauses"],
        json!([{ "path": "body.amount", "wants": "$gt: 10", "got": "30", "holds": true }])
    );
    assert_eq!(shown["previous"], before.to_string());
    let raw = ask(&app, "GET", &format!("/requests/{delivery}/body"), "").await;
    assert_eq!(raw.body, body.as_bytes());
    assert!(raw.header("content-disposition").unwrap().starts_with("attachment"));
    app.send(&order(body).with("x-desk-signature", &"0".repeat(64))).await;
    app.store().flush().await.unwrap();
    let id = get(&app, "/requests?outcome=rejected").await["requests"][0]["id"].as_str().unwrap().to_owned();
    let shown = get(&app, &format!("/requests/{id}")).await;
    let holds: Vec<_> =
        shown["verification"]["clauses"].as_array().unwrap().iter().map(|c| &c["holds"]).collect();
    assert_eq!(holds, [&json!(true), &json!(true), &json!(true), &json!(false)]);
    app.stop().await;
}

#[http_endpoint(id = "desk/keyed", dedupe = none)]
fn keyed() -> Verifier {
    Verifier::none("what counts is the filter")
}

#[job(
    id = "desk/by-key",
    version = "1.0.0",
    trigger = keyed,
    filter = { headers: { "x-api-key": ["right"] }, body: { items: { n: [{ $gt: 1 }], kind: ["a"] } } },
)]
async fn by_key() {}

#[tokio::test]
async fn what_is_not_known_any_more_is_not_shown_as_a_verdict() {
    let app = memory(&["desk/keyed", "desk/by-key"]).dashboard().start().await;
    let verdict = async |key: Option<&str>, body: Value| {
        let call = Call::post("/hooks/desk/keyed", body.to_string());
        let call = if let Some(key) = key { call.header("x-api-key", key) } else { call };
        let delivery = app.send(&call).await.delivery();
        get(&app, &format!("/requests/{delivery}")).await["verdicts"][0].clone()
    };
    let items = |n: u32| json!({ "items": [{ "n": 0, "kind": "b" }, { "n": n, "kind": "a" }] });
    // The header was right, and is not kept: nothing says that it was wrong.
    let shown = verdict(Some("right"), items(1)).await;
    assert_eq!((&shown["ran"], &shown["complete"]), (&false.into(), &false.into()));
    assert_eq!(
        shown["clauses"],
        json!([{ "path": "body.items.n", "wants": "$gt: 1", "got": "1", "holds": false }])
    );
    let shown = verdict(Some("right"), items(2)).await;
    assert_eq!(
        (&shown["ran"], &shown["complete"], &shown["clauses"]),
        (&true.into(), &false.into(), &json!([]))
    );
    let shown = verdict(None, items(1)).await;
    assert_eq!(shown["complete"], true);
    let told: Vec<_> = shown["clauses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clause| (&clause["path"], &clause["holds"]))
        .collect();
    assert_eq!(
        told,
        [
            (&"headers.x-api-key".into(), &false.into()),
            (&"body.items[1].n".into(), &false.into()),
            (&"body.items[1].kind".into(), &true.into()),
        ]
    );
    app.stop().await;
}

#[tokio::test]
async fn a_run_is_shown_with_its_steps_and_its_log() {
    let app = desk_app().start().await;
    let run = app.ended(ordered(&app, r#"{"amount":30,"note":"declined 1234"}"#).await).await.id;
    let shown = get(&app, &format!("/runs/{run}")).await;
    assert_eq!((&shown["state"], &shown["name"]), (&"failed".into(), &"Charge".into()));
    assert_eq!((&shown["steps"][0]["key"], &shown["steps"][0]["output"]), (&"price".into(), &"3000".into()));
    assert_eq!(
        (&shown["logs"][0]["message"], &shown["logs"][0]["level"]),
        (&"an order".into(), &"info".into())
    );
    assert_eq!(get(&app, &format!("/runs/{run}/logs?level=warn")).await["logs"], json!([]));
    let runs = get(&app, "/runs?job=desk/charge&state=failed").await;
    assert_eq!(runs["runs"][0]["id"], run.to_string());
    app.ended(ordered(&app, r#"{"amount":31,"note":"declined 5678"}"#).await).await;
    let problems = get(&app, "/problems").await;
    assert_eq!(problems["failures"].as_array().unwrap().len(), 1, "{problems}");
    assert_eq!(problems["failures"][0]["count"], 2);
    let map = get(&app, "/map").await;
    assert_eq!(map["edges"][0]["from"], "endpoint:desk");
    assert_eq!((&map["nodes"][1]["count"], &map["nodes"][1]["bad"]), (&2.into(), &2.into()));
    app.stop().await;
}

#[tokio::test]
async fn a_list_goes_on_by_itself_and_ends_with_the_program() {
    let app = desk_app().start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let ask = format!(
        "GET {API}/requests/live?outcome=filtered,rejected HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n",
        token(&app)
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    let mut until_seen = async |text: &str| {
        while !String::from_utf8_lossy(&seen).contains(text) {
            let read = tokio::time::timeout(crate::harness::PATIENCE, stream.read_buf(&mut seen));
            assert!(read.await.expect(text).unwrap() > 0, "{}", String::from_utf8_lossy(&seen));
        }
        String::from_utf8_lossy(&seen).into_owned()
    };
    until_seen("text/event-stream").await;
    ordered(&app, r#"{"amount":30}"#).await;
    let filtered = ordered(&app, r#"{"amount":3}"#).await;
    let text = until_seen(&filtered.to_string()).await;
    let stored = get(&app, &format!("/requests/{filtered}")).await["reason"].to_string();
    assert!(
        text.contains(&format!(r#""reason":{stored}"#)),
        "the same words as when it is read again: {text}"
    );
    assert!(text.contains(r#""outcome":"filtered""#) && text.contains(r#""took":"#), "{text}");
    assert!(!text.contains("accepted"), "only what was asked for: {text}");
    app.send(&Call::post("/hooks/desk", "{}")).await;
    until_seen("the signature is missing").await;
    // The time that a request took is remembered for who looks later.
    until("a remembered time", async || {
        let rows = get(&app, "/requests?outcome=filtered").await;
        rows["requests"][0]["took"].is_u64().then_some(())
    })
    .await;
    app.stop().await;
}
