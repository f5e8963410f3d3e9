//! What a person switches off at the dashboard holds for sources, too.

use super::{IDS, sent, with_ledger};
use crate::admin::{ask, get, post};
use crate::harness::{App, sqlite};
use serde_json::{Value, json};
use std::path::Path;
use std::time::SystemTime;
use triggerfish::store::{DeliveryOutcome, TraceOutcome};

fn entry(id: &str, amount: u32) -> Value {
    json!({ "id": id, "entries": [[id, amount]] })
}

async fn started(directory: &Path) -> App {
    let app = with_ledger(sqlite(directory, IDS)).dashboard().start().await;
    app.registered().await;
    app
}

#[tokio::test]
async fn a_job_that_is_switched_off_takes_no_event_of_a_source() {
    let directory = tempfile::tempdir().unwrap();
    let app = started(directory.path()).await;
    post(&app, "/jobs/ledger%2Fenter/pause", "").await;
    let jobs = get(&app, "/jobs").await;
    assert_eq!(jobs["jobs"][0]["paused"], true, "{jobs}");
    let answer = app.send(&sent(&entry("off", 1))).await;
    assert_eq!(answer.status, 200);
    let kept = answer.delivery();
    let delivery = app.store().delivery(kept).await.unwrap().unwrap();
    assert_eq!(delivery.outcome, DeliveryOutcome::Filtered);
    assert_eq!(delivery.verdicts.as_deref(), Some(r#"[{"job":"ledger/enter","off":true}]"#));
    app.stop().await;

    let app = started(directory.path()).await;
    assert_eq!(app.send(&sent(&entry("still off", 2))).await.status, 200);
    assert_eq!(get(&app, "/problems").await["off"][0]["id"], "ledger/enter");
    post(&app, "/jobs/ledger%2Fenter/resume", "").await;
    assert_eq!(app.send(&sent(&entry("on", 3))).await.status, 200);
    app.board.noted("entered 3 after 0").await;
    assert_eq!(post(&app, &format!("/requests/{kept}/replay"), "").await["outcome"], "accepted");
    app.board.noted("entered 1 after 0").await;
    app.all_ended().await;
    assert_eq!(app.board.count("entered 2 after 0"), 0);
    assert_eq!(ask(&app, "POST", "/jobs/nobody/pause", "").await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn the_webhook_of_a_source_is_switched_off_as_an_endpoint_is() {
    let directory = tempfile::tempdir().unwrap();
    let app = started(directory.path()).await;
    post(&app, "/endpoints/ledger%2Fmain/pause", "").await;
    app.stop().await;
    let app = started(directory.path()).await;
    let refused = app.send(&sent(&entry("off", 1))).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(app.traces().await[0].outcome, TraceOutcome::Paused);
    post(&app, "/endpoints/ledger%2Fmain/resume", "").await;
    assert_eq!(app.send(&sent(&entry("off", 1))).await.status, 200, "as its provider sends it again");
    app.board.noted("entered 1 after 0").await;
    app.stop().await;
}

/// What a job that is switched off would have taken is known by then.
#[tokio::test]
async fn a_backfill_runs_no_job_that_is_switched_off() {
    let fake = crate::fakes::stripe::Stripe::start().await;
    let ids = ["stripe/on-update", "stripe_one"];
    let app = crate::harness::memory(&ids).provider(&fake.url()).dashboard().start().await;
    app.registered().await;
    post(&app, "/jobs/stripe%2Fon-update/pause", "").await;
    let since = SystemTime::now();
    let then = crate::harness::now() + 1;
    fake.happens("price.updated", json!({ "id": "price_1", "currency": "usd" }), then);
    let sources = app.running.sources();
    assert_eq!(sources.backfill("stripe/stripe.webhook", since).await.unwrap().new, 1);
    post(&app, "/jobs/stripe%2Fon-update/resume", "").await;
    fake.happens("price.updated", json!({ "id": "price_2", "currency": "usd" }), then);
    assert_eq!(sources.backfill("stripe/stripe.webhook", since).await.unwrap().new, 1);
    app.board.noted("updated price_2").await;
    app.all_ended().await;
    assert_eq!(app.board.notes(), ["updated price_2"]);
    app.stop().await;
}
