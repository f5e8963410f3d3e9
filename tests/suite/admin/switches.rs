//! Jobs that a person switches off, whatever starts them.

use super::events::{EVENTS, sent};
use super::{ask, get, post, token};
use crate::harness::{Board, Call, memory, sqlite, until};
use serde_json::{Value, json};
use std::time::Duration;
use triggerfish::event::{Outgoing, SendError};
use triggerfish::prelude::*;
use triggerfish::store::RunState;
use triggerfish::time::{Clock, Timestamp};

const HOUR: Duration = Duration::from_secs(3600);
/// 21 November 2025, in UTC.
const MIDNIGHT: Timestamp = Timestamp(1_763_683_200_000_000);

#[job(id = "off/cron", version = "1.0.0", trigger = cron("0 * * * *"))]
async fn by_cron(State(board): State<Board>) {
    board.note("by cron");
}

#[job(id = "off/every", version = "1.0.0", trigger = every("1h"))]
async fn by_interval(State(board): State<Board>) {
    board.note("by interval");
}

#[job(id = "off/called", version = "1.0.0", trigger = invoke)]
async fn called(Json(who): Json<String>, State(board): State<Board>) {
    board.note(format_args!("called by {who}"));
}

#[job(id = "off/caller", version = "1.0.0", trigger = event("off.call"), retry(limit = 2, min = "1ms", max = "1ms"))]
async fn caller(io: Io) -> Result<()> {
    io.invoke("call", called::call(&"a run".to_owned())).await?;
    Ok(())
}

#[tokio::test]
async fn a_job_that_is_switched_off_takes_no_event() {
    let directory = tempfile::tempdir().unwrap();
    let start = async || sqlite(directory.path(), EVENTS).dashboard().start().await;
    let app = start().await;
    post(&app, "/jobs/desk%2Fbook/pause", "").await;
    assert_eq!(get(&app, "/jobs").await["jobs"][0]["paused"], true);
    let lost = sent(&app, "desk.paid", &json!({ "order": 1, "cents": 100 })).await;
    assert_eq!(get(&app, &format!("/events/{lost}")).await["runs"], json!([]));
    app.stop().await;

    let app = start().await;
    let lost = sent(&app, "desk.paid", &json!({ "order": 1, "cents": 200 })).await;
    assert_eq!(get(&app, &format!("/events/{lost}")).await["runs"], json!([]));
    assert_eq!(get(&app, "/problems").await["off"], json!([{ "kind": "job", "id": "desk/book" }]));
    post(&app, "/jobs/desk%2Fbook/resume", "").await;
    sent(&app, "desk.paid", &json!({ "order": 1, "cents": 300 })).await;
    app.board.noted("booked 300").await;
    app.all_ended().await;
    assert_eq!(app.board.notes(), ["booked 300"]);
    app.stop().await;
}

#[tokio::test]
async fn the_ticks_of_a_job_that_is_switched_off_start_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (clock, board) = (Clock::manual(MIDNIGHT), Board::default());
    let start = async || {
        let manual = clock.clone();
        let setup = sqlite(directory.path(), &["off/cron", "off/every"]).board(&board).dashboard();
        setup.builder(move |builder| builder.clock(manual)).start().await
    };
    let app = start().await;
    for job in ["cron", "every"] {
        post(&app, &format!("/jobs/off%2F{job}/pause"), "").await;
    }
    app.stop().await;
    let app = start().await;
    let shown = get(&app, "/schedules").await;
    assert!(shown["schedules"].as_array().unwrap().iter().all(|one| one["paused"] == true), "{shown}");
    clock.advance(HOUR);
    let ticks = until("the ticks", async || {
        let ticks = get(&app, "/events?name=triggerfish.tick").await["events"].take();
        (ticks.as_array()?.len() == 2).then_some(ticks)
    })
    .await;
    assert!(ticks.as_array().unwrap().iter().all(|tick| tick["runs"] == json!([])), "{ticks}");
    for job in ["cron", "every"] {
        post(&app, &format!("/jobs/off%2F{job}/resume"), "").await;
    }
    clock.advance(HOUR);
    app.board.noted("by cron").await;
    app.board.noted("by interval").await;
    assert_eq!(app.all_ended().await.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_job_that_is_switched_off_takes_no_calls() {
    let clock = Clock::manual(MIDNIGHT);
    let manual = clock.clone();
    let setup = memory(&["off/called", "off/caller"]).dashboard();
    let app = setup.builder(move |builder| builder.clock(manual)).start().await;
    let events = app.running.events();
    events.invoke(called::call(&"one before".to_owned()).delay(HOUR)).await.unwrap();
    post(&app, "/jobs/off%2Fcalled/pause", "").await;
    let error = events.invoke(called::call(&"a program".to_owned())).await.unwrap_err();
    assert!(matches!(&error, SendError::SwitchedOff(id) if id == "off/called"), "{error}");
    assert!(error.to_string().contains("until somebody switches it on"), "{error}");

    events.send(Outgoing::named("off.call", &Value::Null)).await.unwrap();
    let failed = until("the end of the caller", async || {
        clock.advance(Duration::from_millis(1));
        app.runs().await.into_iter().find(|run| run.state == RunState::Failed)
    })
    .await;
    assert_eq!(failed.attempt, 2, "it is tried again: somebody may switch it on");
    assert!(failed.error.as_ref().unwrap().contains("\"off/called\" is switched off"), "{failed:?}");

    clock.advance(HOUR);
    app.board.noted("called by one before").await;
    post(&app, "/jobs/off%2Fcalled/resume", "").await;
    post(&app, &format!("/runs/{}/retry", failed.id), "").await;
    app.board.noted("called by a run").await;
    app.all_ended().await;
    app.stop().await;
}

#[tokio::test]
async fn the_switch_of_a_job_is_where_its_runs_are() {
    let app = memory(EVENTS).dashboard().start().await;
    let bearer = format!("Bearer {}", token(&app));
    let page = async |query: &str| {
        let call = Call::new("GET", &format!("/_triggerfish/runs{query}"));
        app.send(&call.header("authorization", &bearer)).await.text()
    };
    assert!(!page("").await.contains("Switch off"));
    assert!(!page("?job=nobody").await.contains("Switch off"));
    let shown = page("?job=desk%2Fbook").await;
    assert!(shown.contains("/jobs/desk%2Fbook/pause") && shown.contains("Switch off"), "{shown}");
    let call = Call::post("/_triggerfish/jobs/desk%2Fbook/pause", "runs=1")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", &bearer);
    let answer = app.send(&call).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/_triggerfish/runs?job=desk%2Fbook")));
    let shown = page("?job=desk%2Fbook").await;
    assert!(shown.contains("is switched off") && shown.contains("Switch on"), "{shown}");
    assert_eq!(ask(&app, "POST", "/jobs/nobody/pause", "").await.status, 404);
    app.stop().await;
}
