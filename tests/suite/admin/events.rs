//! Events and schedules, as they are shown.

use super::{ask, get};
use crate::harness::{App, Board, Setup, memory, sqlite, until};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use triggerfish::event::Outgoing;
use triggerfish::prelude::*;
use triggerfish::schedule::Timing;
use triggerfish::time::Clock;
use uuid::Uuid;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Paid {
    pub(crate) order: u32,
    pub(crate) cents: u32,
}

/// What was paid at the desk.
#[event(
    name = "desk.paid",
    title = "Paid at the desk",
    example(id = "seven", name = "Seven", json = r#"{ "order": 7, "cents": 100 }"#)
)]
pub(crate) fn on_paid(paid: &Paid) -> Properties {
    let bad = format!("javascript:alert({})", paid.order);
    Properties::new().link("Order", paid.order, "https://desk.example/7").link("Bad", "link", bad)
}

#[job(id = "desk/book", version = "1.0.0", trigger = on_paid, filter = { cents: [{ $gt: 10 }] })]
async fn book(Json(paid): Json<Paid>, io: Io, State(board): State<Board>) -> Result<()> {
    board.note(format_args!("booked {}", paid.cents));
    io.send_event("tell", Outgoing::named("desk.booked", &paid.order)).await?;
    Ok(())
}

#[job(id = "desk/nightly", name = "Nightly", version = "1.0.0", trigger = cron("0 3 * * *", tz = "Europe/London", missed = "all"))]
async fn nightly() {}

#[job(id = "desk/often", version = "1.0.0", trigger = every("15m"))]
async fn often() {}

#[job(id = "desk/report", version = "1.0.0", trigger = schedule)]
async fn report(Json(customer): Json<u32>, State(board): State<Board>) {
    board.note(format_args!("report {customer}"));
}

pub(crate) const EVENTS: &[&str] = &["desk.paid", "desk/book"];
pub(crate) const SCHEDULED: &[&str] = &["desk/nightly", "desk/often", "desk/report"];

/// Sends an event and gives its id.
pub(crate) async fn sent(app: &App, name: &'static str, payload: &Value) -> Uuid {
    app.running.events().send(Outgoing::named(name, payload)).await.unwrap()
}

fn ids(page: &Value) -> Vec<&str> {
    page["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect()
}

/// The same over both stores.
fn both(ids: &[&'static str]) -> [(Setup, Option<tempfile::TempDir>); 2] {
    let directory = tempfile::tempdir().unwrap();
    [(memory(ids).dashboard(), None), (sqlite(directory.path(), ids).dashboard(), Some(directory))]
}

#[tokio::test]
async fn events_are_listed_and_say_what_they_set_off() {
    for (setup, _directory) in both(EVENTS) {
        let app = setup.start().await;
        assert_eq!(get(&app, "/events").await, json!({ "events": [], "next": null }));
        let small = sent(&app, "desk.paid", &json!({ "order": 1, "cents": 5 })).await.to_string();
        let large = sent(&app, "desk.paid", &json!({ "order": 2, "cents": 500 })).await.to_string();
        app.board.noted("booked 500").await;
        app.all_ended().await;
        let later = Outgoing::named("desk.later", &1).delay(Duration::from_secs(3600)).id("once");
        let later = app.running.events().send(later).await.unwrap().to_string();
        let page = get(&app, "/events").await;
        assert_eq!(page["events"].as_array().unwrap().len(), 4, "{page}");
        assert_eq!(ids(&page)[0], later, "the newest first");
        let booked = &page["events"][1];
        assert_eq!((&booked["name"], &booked["runs"]), (&"desk.booked".into(), &json!([])));
        let run = &get(&app, &format!("/events/{large}")).await["runs"][0];
        assert_eq!((&run["job"], &run["state"]), (&"desk/book".into(), &"done".into()));
        assert_eq!(booked["sender"], run["id"]);
        let run = get(&app, &format!("/runs/{}", run["id"].as_str().unwrap())).await;
        assert_eq!(run["event"], large, "and the run says which event started it");
        let rows: Vec<(&str, Vec<&str>)> = vec![
            ("?name=desk.paid", vec![large.as_str(), small.as_str()]),
            ("?name=desk.none", vec![]),
            ("?state=pending", vec![later.as_str()]),
            ("?source=none", vec![]),
            ("?since=1h&name=desk.paid&limit=1", vec![large.as_str()]),
            ("?until=1h", vec![]),
        ];
        for (query, expected) in rows {
            assert_eq!(ids(&get(&app, &format!("/events{query}")).await), expected, "{query}");
        }
        let first = get(&app, "/events?limit=3").await;
        let next = first["next"].as_str().unwrap();
        let second = get(&app, &format!("/events?limit=3&before={next}")).await;
        assert_eq!((ids(&second), &second["next"]), (vec![small.as_str()], &Value::Null));

        let shown = get(&app, &format!("/events/{large}")).await;
        assert_eq!(shown["title"], "Paid at the desk");
        assert_eq!(shown["payload"]["text"], r#"{"cents":500,"order":2}"#);
        assert_eq!(
            shown["properties"],
            json!([
                { "label": "Order", "text": "2", "url": "https://desk.example/7" },
                { "label": "Bad", "text": "link", "url": null },
            ])
        );
        assert!(shown["declared_at"].as_str().unwrap().contains("admin/events.rs"), "{shown}");
        let pending = get(&app, &format!("/events/{later}")).await;
        assert_eq!((&pending["state"], &pending["key"]), (&"pending".into(), &"once".into()));
        for (path, status) in [
            ("/events?state=lost", 400),
            ("/events?limit=0", 400),
            ("/events/none", 404),
            ("/events/01a2002a-b39a-73f2-aadb-fa204791d631", 404),
        ] {
            assert_eq!(ask(&app, "GET", path, "").await.status, status, "{path}");
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn schedules_say_when_they_were_and_are_due() {
    // 21 November 2025, midnight in UTC.
    let clock = Clock::manual(triggerfish::time::Timestamp(1_763_683_200_000_000));
    let manual = clock.clone();
    let setup = memory(SCHEDULED).dashboard().builder(move |builder| builder.clock(manual));
    let app = setup.start().await;
    let hourly = Timing::every(Duration::from_secs(3600)).unwrap();
    app.running.schedules().create::<report>("customer-15", hourly, &15).await.unwrap();
    let shown = get(&app, "/schedules").await["schedules"].as_array().unwrap().clone();
    let [nightly, often, report] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!(
        (&nightly["kind"], &nightly["rule"], &nightly["zone"], &nightly["missed"]),
        (&"cron".into(), &"0 3 * * *".into(), &"Europe/London".into(), &"all".into())
    );
    assert_eq!((&nightly["job_name"], &nightly["active"]), (&"Nightly".into(), &true.into()));
    assert!(nightly["next_at"].as_str().unwrap().starts_with("2025-11-21T03:00:00"), "{nightly}");
    assert_eq!(
        (&often["kind"], &often["rule"], &often["zone"]),
        (&"every".into(), &"900s".into(), &Value::Null)
    );
    assert_eq!((&often["last_at"], &often["dynamic"]), (&Value::Null, &false.into()));
    assert_eq!(
        (&report["id"], &report["dynamic"], &report["payload"]),
        (&"customer-15".into(), &true.into(), &"15".into())
    );
    clock.advance(Duration::from_secs(3600));
    app.board.noted("report 15").await;
    app.all_ended().await;
    let shown = get(&app, "/schedules").await;
    let report = &shown["schedules"][2];
    assert!(report["last_at"].as_str().unwrap().starts_with("2025-11-21T01:00:00"), "{report}");
    let ticks = get(&app, "/events?name=triggerfish.tick").await["events"].as_array().unwrap().clone();
    let tick = ticks.iter().find(|tick| tick["job"] == "desk/report").unwrap();
    let tick = get(&app, &format!("/events/{}", tick["id"].as_str().unwrap())).await;
    assert_eq!((&tick["schedule"], &tick["runs"][0]["job"]), (&"customer-15".into(), &"desk/report".into()));
    app.stop().await;
}

#[tokio::test]
async fn a_schedule_whose_job_is_gone_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let app = sqlite(directory.path(), SCHEDULED).dashboard().start().await;
    let daily = Timing::every(Duration::from_secs(24 * 3600)).unwrap();
    app.running.schedules().create::<report>("customer-15", daily, &15).await.unwrap();
    app.stop().await;
    let app = sqlite(directory.path(), &["desk/often"]).dashboard().start().await;
    let shown = get(&app, "/schedules").await["schedules"].as_array().unwrap().clone();
    let states: Vec<_> = shown.iter().map(|one| (&one["id"], &one["active"])).collect();
    assert_eq!(states, [(&"desk/often".into(), &true.into()), (&"customer-15".into(), &false.into())]);
    app.stop().await;
}

#[tokio::test]
async fn what_happened_elsewhere_in_time_is_in_its_place() {
    let app = memory(EVENTS).dashboard().start().await;
    let yesterday = SystemTime::now() - Duration::from_secs(30 * 3600);
    let old = Outgoing::named("desk.paid", &json!({ "order": 1, "cents": 1 })).timestamp(yesterday);
    let old = app.running.events().send(old).await.unwrap().to_string();
    let new = sent(&app, "desk.paid", &json!({ "order": 2, "cents": 2 })).await.to_string();
    until("both", async || (ids(&get(&app, "/events").await).len() == 2).then_some(())).await;
    assert_eq!(ids(&get(&app, "/events").await), [new.as_str(), old.as_str()]);
    assert_eq!(ids(&get(&app, "/events?since=24h").await), [new.as_str()]);
    assert_eq!(ids(&get(&app, "/events?until=24h").await), [old.as_str()]);
    app.stop().await;
}
