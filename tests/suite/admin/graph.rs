//! The map: what leads to what, and what nobody takes.

use super::events::sent;
use super::{counted, get, ordered};
use crate::harness::{App, Call, memory};
use serde_json::{Value, json};
use triggerfish::prelude::*;

#[http_endpoint(id = "desk/kinds", dedupe = none)]
fn kinds() -> Verifier {
    Verifier::github(env("DESK_KINDS"))
}

#[job(id = "desk/pushed", version = "1.0.0", trigger = kinds, filter = { headers: { "x-github-event": ["push"] }, body: { n: [{ $gt: 1 }] } })]
async fn pushed() {}

const IDS: &[&str] = &[
    "desk",
    "desk/charge",
    "desk/kinds",
    "desk/pushed",
    "desk.paid",
    "desk/book",
    "desk/nightly",
    "desk/report",
    "desk/waits",
];

fn node<'a>(map: &'a Value, key: &str) -> &'a Value {
    let nodes = map["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["key"] == key).unwrap_or_else(|| panic!("no {key} in {nodes:#?}"))
}

fn edge<'a>(map: &'a Value, from: &str, to: &str) -> &'a Value {
    let edges = map["edges"].as_array().unwrap();
    let found = edges.iter().find(|edge| edge["from"] == from && edge["to"] == to);
    found.unwrap_or_else(|| panic!("no {from} to {to} in {edges:#?}"))
}

async fn kind(app: &App, kind: &str, n: u32) {
    let call = Call::post("/hooks/desk/kinds", json!({ "n": n }).to_string());
    let answer = app.send(&call.header("x-github-event", kind).sign(kinds())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn the_map_leads_from_what_arrives_over_events_to_jobs() {
    let app = memory(IDS).dashboard().start().await;
    ordered(&app, r#"{"amount":30}"#).await;
    for cents in [5, 500, 600] {
        sent(&app, "desk.paid", &json!({ "order": 1, "cents": cents })).await;
    }
    sent(&app, "desk.lost", &json!(1)).await;
    for (name, n) in [("push", 1), ("push", 2), ("issues", 2), ("issues", 3)] {
        kind(&app, name, n).await;
    }
    app.all_ended().await;
    let is_all = |map: &Value| edge(map, "endpoint:desk", "job:desk/charge")["count"] == 1;
    let map = counted(&app, "/map", is_all).await;
    let paid = node(&map, "event::desk.paid");
    assert_eq!(
        (&paid["count"], &paid["title"], &paid["unhandled"]),
        (&3.into(), &"Paid at the desk".into(), &false.into())
    );
    let taken = edge(&map, "event::desk.paid", "job:desk/book");
    assert_eq!((&taken["count"], &taken["filter"]), (&2.into(), &"{ cents: [{ $gt: 10 }] }".into()));
    let nightly = node(&map, "schedule:desk/nightly");
    assert_eq!((&nightly["title"], &nightly["count"]), (&"0 3 * * * Europe/London".into(), &0.into()));
    assert_eq!(edge(&map, "schedule:desk/nightly", "job:desk/nightly")["count"], 0);
    assert_eq!(node(&map, "schedule:desk/report")["title"], "no schedule is registered");
    assert_eq!(node(&map, "event::desk.order")["count"], 0, "a job takes it, and none came");
    let lost = node(&map, "event::desk.lost");
    assert_eq!((&lost["count"], &lost["unhandled"]), (&1.into(), &true.into()));
    let booked = node(&map, "event::desk.booked");
    assert_eq!(booked["unhandled"], true, "what a run sends, and nobody takes");
    // A push was taken once, issues never.
    let issues = node(&map, "kind:desk/kinds:issues");
    assert_eq!((&issues["count"], &issues["unhandled"]), (&2.into(), &true.into()));
    assert!(!map.to_string().contains("kind:desk/kinds:push"), "{map}");
    let again = get(&app, "/map").await;
    assert_eq!(node(&again, "kind:desk/kinds:issues")["count"], 2);
    app.stop().await;
}
