//! Events: sent by the program and by runs, once, and taken by the jobs that are meant.

use crate::harness::{App, Board, Call, memory, sqlite, until};
use crate::steps::runs;
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};
use triggerfish::event::{Outgoing, Properties, SendError};
use triggerfish::prelude::*;
use triggerfish::store::{EventState, OriginId, Run, RunQuery, RunState};
use triggerfish::time::{Clock, Timestamp};
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct User {
    id: u64,
    name: String,
}

fn user(id: u64) -> User {
    User { id, name: format!("user {id}") }
}

#[event(
    name = "events/user.created",
    title = "User created",
    example(id = "ada", name = "Ada", json = r#"{ "id": 15, "name": "Ada" }"#),
    example(id = "file", file = "events/user.json")
)]
fn on_user_created(user: &User) -> Properties {
    Properties::new().text("Name", &user.name).link("User", user.id, format!("https://a.example/{}", user.id))
}

#[job(id = "events/typed", version = "1.0.0", trigger = on_user_created, filter = { id: [{ $gt: 10 }] })]
async fn typed(user: Event<User>, ctx: Context, State(board): State<Board>) {
    assert_eq!((ctx.event_id, ctx.event_name.as_deref()), (Some(user.id()), Some("events/user.created")));
    assert!(ctx.delivery_id.is_none() && ctx.endpoint_id.is_none());
    assert_eq!(user.name(), "events/user.created");
    board.note(format_args!("typed {} {:?}", user.name, user.context()));
}

#[job(id = "events/named", version = "1.0.0", trigger = event("events/user.created", "events/other"))]
async fn named(Json(user): Json<serde_json::Value>, State(board): State<Board>) {
    board.note(format_args!("named {}", user["id"]));
}

async fn all_ended(app: &App, event: Uuid) -> Vec<Run> {
    until(&format!("the end of the runs of event {event}"), async || {
        let origin = Some(OriginId::Event(event));
        let runs = app.store().runs(RunQuery { origin, ..RunQuery::default() }).await.unwrap();
        (!runs.is_empty() && runs.iter().all(|run| run.state.is_final())).then_some(runs)
    })
    .await
}

#[tokio::test]
async fn an_event_starts_each_job_that_takes_it() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["events/typed", "events/named"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let events = app.running.events();
        let small = events.send(on_user_created::event(&user(5))).await.unwrap();
        assert_eq!(all_ended(&app, small).await.len(), 1, "the filter is rooted at the payload");
        let large = events.send(on_user_created::event(&user(15)).context(&"why")).await.unwrap();
        let runs = all_ended(&app, large).await;
        assert_eq!(runs.len(), 2);
        assert!(runs.iter().all(|run| run.state == RunState::Done), "{runs:?}");
        let mut notes = app.board.notes();
        notes.sort();
        assert_eq!(notes, ["named 15", "named 5", "typed user 15 Some(String(\"why\"))"]);
        let nobody = events.send(Outgoing::named("events/nobody-listens", &1)).await.unwrap();
        let stored = app.store().event(nobody).await.unwrap().unwrap();
        assert_eq!((stored.state, &*stored.payload), (EventState::Sent, &b"1"[..]));
        app.stop().await;
    }
}

#[tokio::test]
async fn what_is_shown_is_stored_with_the_event() {
    let app = memory(&["events/typed"]).start().await;
    let shown =
        r#"[{"label":"Name","text":"user 15"},{"label":"User","text":"15","url":"https://a.example/15"}]"#;
    for event in [on_user_created::event(&user(15)), Outgoing::named("events/user.created", &user(15))] {
        let id = app.running.events().send(event).await.unwrap();
        let stored = app.store().event(id).await.unwrap().unwrap();
        assert_eq!(stored.properties.as_deref(), Some(shown));
    }
    app.stop().await;
}

#[tokio::test]
async fn an_event_with_an_id_is_sent_once() {
    let app = memory(&["events/named"]).start().await;
    let events = app.running.events();
    let first = events.send(on_user_created::event(&user(1)).id("user-1")).await.unwrap();
    let again = events.send(on_user_created::event(&user(2)).id("user-1")).await.unwrap();
    assert_eq!(again, first);
    let other = events.send(Outgoing::named("events/other", &user(3)).id("user-1")).await.unwrap();
    assert_ne!(other, first, "an id counts among events of its name");
    all_ended(&app, first).await;
    all_ended(&app, other).await;
    let mut notes = app.board.notes();
    notes.sort();
    assert_eq!(notes, ["named 1", "named 3"]);
    app.stop().await;
}

#[tokio::test]
async fn several_events_are_sent_all_or_none() {
    let app = memory(&["events/named", "events/typed"]).start().await;
    let events = app.running.events();
    let wrong = Outgoing::named("events/user.created", &serde_json::json!({ "id": "x" }));
    let sent = events.send_all([on_user_created::event(&user(1)), wrong]).await;
    let error = sent.unwrap_err();
    assert!(matches!(error, SendError::Undeclared { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("events/user.created") && text.contains("at `id`: invalid type"), "{text}");
    assert!(app.events().await.is_empty());
    let ids = events.send_all((1..=3).map(|n| on_user_created::event(&user(n)))).await.unwrap();
    for id in ids {
        all_ended(&app, id).await;
    }
    assert_eq!(app.board.notes().len(), 3);
    app.stop().await;
}

#[tokio::test]
async fn a_delayed_event_waits_for_its_time_and_can_be_cancelled() {
    let start = Timestamp(1_763_683_200_000_000);
    let clock = Clock::manual(start);
    let directory = tempfile::tempdir().unwrap();
    let clock_of = |clock: &Clock| {
        let clock = clock.clone();
        move |builder: triggerfish::runtime::Builder| builder.clock(clock)
    };
    let app = sqlite(directory.path(), &["events/named"]).builder(clock_of(&clock)).start().await;
    let events = app.running.events();
    let hour = Duration::from_secs(3600);
    let soon = events.send(on_user_created::event(&user(1)).delay(hour)).await.unwrap();
    let late = on_user_created::event(&user(2)).at(SystemTime::from(start) + 2 * hour);
    let late = events.send(late).await.unwrap();
    let never = events.send(on_user_created::event(&user(3)).delay(hour)).await.unwrap();
    let past = on_user_created::event(&user(4)).at(SystemTime::from(start) - hour);
    let past = events.send(past).await.unwrap();
    all_ended(&app, past).await;
    assert!(events.cancel(never).await.unwrap());
    assert!(!events.cancel(past).await.unwrap(), "it was sent");
    assert_eq!(app.store().event(soon).await.unwrap().unwrap().state, EventState::Pending);
    clock.advance(hour);
    all_ended(&app, soon).await;
    assert!(!events.cancel(soon).await.unwrap());
    let board = app.board.clone();
    app.stop().await;
    // The rest waits over a restart.
    clock.advance(hour);
    let app =
        sqlite(directory.path(), &["events/named"]).board(&board).builder(clock_of(&clock)).start().await;
    all_ended(&app, late).await;
    assert_eq!(app.board.notes(), ["named 4", "named 1", "named 2"]);
    app.stop().await;
}

#[event(name = "events/told")]
fn on_told(_: &u32) {}

#[job(id = "events/listens", version = "1.0.0", trigger = on_told)]
async fn listens(Json(number): Json<u32>, State(board): State<Board>) {
    board.note(format_args!("told {number}"));
}

#[job(id = "events/sends", version = "1.0.0", trigger = runs, retry(limit = 4, min = "1ms", max = "1ms"))]
async fn sends(io: Io, ctx: Context) -> Result<()> {
    let first = io.send_event("first", on_told::event(&1)).await?;
    let inside = io
        .run_task("step", async || {
            let id = io.send_event("inside", on_told::event(&2)).await?;
            if ctx.attempt == 1 {
                return Err(Error::msg("the step fails"));
            }
            done(id)
        })
        .await?;
    if ctx.attempt == 2 {
        return Err(Error::msg("the run fails after the step"));
    }
    assert_ne!(first, inside);
    Ok(())
}

#[tokio::test]
async fn a_run_sends_each_event_once_with_its_step() {
    let directory = tempfile::tempdir().unwrap();
    let ids = &["runs", "events/sends", "events/listens"];
    for setup in [memory(ids), sqlite(directory.path(), ids)] {
        let app = setup.start().await;
        let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
        let run = app.ended(delivery).await;
        assert_eq!((run.state, run.attempt), (RunState::Done, 3), "{run:?}");
        app.all_ended().await;
        let mut notes = app.board.notes();
        notes.sort();
        assert_eq!(notes, ["told 1", "told 2"], "the step that failed sent nothing");
        let events = app.events().await;
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| event.sender == Some(run.id)));
        let steps = app.store().steps(run.id).await.unwrap();
        let first = steps.iter().find(|step| step.key == "first").unwrap();
        let id: Uuid = serde_json::from_str(&first.output).unwrap();
        assert!(events.iter().any(|event| event.id == id), "a replay returns the id of the event");
        app.stop().await;
    }
}

#[job(id = "events/unsendable", version = "1.0.0", trigger = runs)]
async fn unsendable(io: Io) -> Result<()> {
    io.send_event("wrong", Outgoing::named("events/told", &"no number")).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_not_of_the_declared_type_fails_the_run_at_once() {
    let app = memory(&["runs", "events/unsendable", "events/told"]).start().await;
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    let run = app.ended(delivery).await;
    let error = run.error.unwrap();
    assert_eq!((run.state, run.attempt), (RunState::Failed, 1));
    assert!(error.contains("`wrong` failed") && error.contains("is no `u32`"), "{error}");
    app.stop().await;
}

#[job(id = "events/globally", version = "1.0.0", trigger = runs)]
async fn globally() -> Result<()> {
    triggerfish::send_event(on_told::event(&7)).await?;
    Ok(())
}

#[tokio::test]
async fn code_without_a_handle_finds_the_runtime_that_is_started() {
    // Other tests of this process may run theirs; the names of the errors say which case it is.
    let none = triggerfish::send_event(on_told::event(&1)).await;
    let app = memory(&["runs", "events/globally", "events/listens"]).start().await;
    let other = memory(&["events/listens"]).start().await;
    let several = triggerfish::send_event(on_told::event(&1)).await;
    assert!(matches!(several, Err(SendError::Several(2..))), "{several:?}");
    // Inside of a run it is clear which one is meant.
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    assert_eq!(app.ended(delivery).await.state, RunState::Done);
    app.board.noted("told 7").await;
    assert!(other.board.notes().is_empty());
    other.stop().await;
    if matches!(none, Err(SendError::NotStarted)) {
        let id = triggerfish::send_event(on_told::event(&8)).await.unwrap();
        all_ended(&app, id).await;
        let later = on_told::event(&9).delay(Duration::from_secs(3600));
        let ids = triggerfish::send_events([later]).await.unwrap();
        assert!(triggerfish::cancel_event(ids[0]).await.unwrap());
    }
    app.stop().await;
}

#[tokio::test]
async fn names_of_the_runtime_are_refused() {
    let app = memory(&["events/listens"]).start().await;
    for name in ["", "triggerfish.tick", "triggerfish.invoke"] {
        let error = app.running.events().send(Outgoing::named(name, &1)).await.unwrap_err();
        assert!(matches!(error, SendError::Name(_)), "{error}");
    }
    app.stop().await;
}

#[event(name = "events/filtered", filter = { kind: ["a", "b"], size: [{ $gt: 5 }] })]
fn on_filtered(_: &serde_json::Value) {}

#[job(id = "events/narrower", version = "1.0.0", trigger = on_filtered, filter = { kind: ["b", "c"] })]
async fn narrower(event: Event<serde_json::Value>, State(board): State<Board>) {
    board.note(&*event);
}

#[job(id = "events/contradicting", version = "1.0.0", trigger = on_filtered, filter = { kind: ["c", "d"] })]
async fn contradicting() {}

#[job(id = "events/contradicting-wait", version = "1.0.0", trigger = crate::steps::runs, retry(limit = 3))]
async fn contradicting_wait(io: Io) -> Result<()> {
    let filter = serde_json::json!({ "kind": ["c"] });
    io.wait_for_event::<on_filtered>("never", filter, Duration::from_secs(3600)).await?;
    Ok(())
}

#[tokio::test]
async fn a_wait_whose_filter_contradicts_that_of_its_event_fails_at_once() {
    let (app, run) = crate::steps::run_of("events/contradicting-wait").await;
    let error = run.error.unwrap();
    assert!(error.contains("the wait `never` can never end with an event"), "{error}");
    assert_eq!((run.state, run.attempt), (RunState::Failed, 1));
    app.stop().await;
}

#[tokio::test]
async fn the_filter_of_an_event_and_that_of_a_job_must_both_hold() {
    let app = memory(&["events/narrower"]).start().await;
    for (kind, size) in [("a", 9), ("b", 9), ("c", 9), ("b", 1)] {
        let payload = serde_json::json!({ "kind": kind, "size": size });
        app.running.events().send(on_filtered::event(&payload)).await.unwrap();
    }
    app.all_ended().await;
    assert_eq!(app.board.notes(), [r#"{"kind":"b","size":9}"#]);
    app.stop().await;
}

#[tokio::test]
async fn a_filter_that_contradicts_that_of_its_event_is_refused_at_start_up() {
    let error = memory(&["events/contradicting"]).build().unwrap_err().to_string();
    for part in
        ["events/contradicting", "can never run", "`kind` to be [\"c\", \"d\"]", "tests/suite/events.rs"]
    {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[derive(Debug, serde::Serialize, Deserialize, Payload)]
struct Shipment {
    parcel: Parcel,
    stops: Vec<Parcel>,
}

#[derive(Debug, serde::Serialize, Deserialize, Payload)]
struct Parcel {
    weight: u32,
}

#[event(name = "events/shipped", filter = { parcel: { weight: [{ $gt: 5 }] }, stops: { weight: [1] } })]
fn on_shipped(_: &Shipment) {}

#[job(
    id = "events/light",
    version = "1.0.0",
    trigger = on_shipped,
    filter = { parcel: { weight: [{ $lt: 10 }, { $lte: 5 }] } },
)]
async fn light() {}

#[job(id = "events/two-stops", version = "1.0.0", trigger = on_shipped, filter = { stops: { weight: [2] } })]
async fn two_stops(State(board): State<Board>) {
    board.note("two stops");
}

#[tokio::test]
async fn operators_contradict_each_other_below_an_object_and_elements_of_a_list_do_not() {
    let error = memory(&["events/light"]).build().unwrap_err().to_string();
    let told = "its filter wants `parcel.weight` to be [{ $lt: 10 }, { $lte: 5 }], and that of its event";
    assert!(error.contains(told) && error.contains("wants [{ $gt: 5 }]"), "{error}");
    let app = memory(&["events/two-stops"]).start().await;
    let parcel = |weight| Parcel { weight };
    let shipment = Shipment { parcel: parcel(6), stops: vec![parcel(1), parcel(2)] };
    app.running.events().send(on_shipped::event(&shipment)).await.unwrap();
    app.board.noted("two stops").await;
    app.stop().await;
}

mod twice {
    use triggerfish::prelude::*;

    #[event(names("events/twice", "events/once"))]
    fn on_first(_: &u32) {}

    #[event(name = "events/twice")]
    fn on_second(_: &u64) {}

    #[event(name = "events/twice", source = "other")]
    fn on_other_source(_: &u64) {}
}

#[tokio::test]
async fn a_name_that_is_declared_twice_is_refused_with_both_places() {
    let error = memory(&["events/twice"]).build().unwrap_err().to_string();
    assert!(error.contains("event \"events/twice\" is declared twice"), "{error}");
    assert_eq!(error.matches("tests/suite/events.rs:").count(), 2, "{error}");
}

#[job(id = "events/of-a-source", version = "1.0.0", trigger = event("events/sourced", source = "crm"))]
async fn of_a_source(event: Event<u32>, State(board): State<Board>) {
    board.note(format_args!("{:?} {}", event.source(), *event));
}

#[tokio::test]
async fn a_trigger_may_name_the_source() {
    let app = memory(&["events/of-a-source"]).start().await;
    let events = app.running.events();
    events.send(Outgoing::named("events/sourced", &1)).await.unwrap();
    events.send(Outgoing::named("events/sourced", &2).source("shop")).await.unwrap();
    let taken = events.send(Outgoing::named("events/sourced", &3).source("crm")).await.unwrap();
    all_ended(&app, taken).await;
    app.all_ended().await;
    assert_eq!(app.board.notes(), ["Some(\"crm\") 3"]);
    app.stop().await;
}

#[job(id = "events/undecodable", version = "1.0.0", trigger = event("events/any"))]
async fn undecodable(_: Json<User>) {}

#[tokio::test]
async fn a_payload_that_does_not_decode_ends_the_run_without_retries() {
    let app = memory(&["events/undecodable"]).start().await;
    let id = app.running.events().send(Outgoing::named("events/any", &[1])).await.unwrap();
    let runs = all_ended(&app, id).await;
    assert_eq!((runs[0].state, runs[0].attempt), (RunState::InvalidPayload, 1));
    let error = runs[0].error.as_deref().unwrap();
    assert!(error.starts_with("the payload is no `"), "{error}");
    app.stop().await;
}

#[tokio::test]
async fn the_start_up_table_says_who_listens_to_what() {
    let app = memory(&["events/typed", "events/named", "events/of-a-source"]).start().await;
    let table = app.running.table("http://localhost").await;
    for part in [
        "event events/user.created\n  job events/typed 1.0.0  { id: [{ $gt: 10 }] }",
        "event events/user.created, events/other\n  job events/named 1.0.0  every event",
        "event events/sourced of crm\n  job events/of-a-source 1.0.0",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    app.stop().await;
}
