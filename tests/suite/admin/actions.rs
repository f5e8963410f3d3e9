//! What a person can do.

use super::{IDS, ask, desk_app, get, order, ordered, post};
use crate::harness::{Board, lines_with, secret, sqlite};
use serde_json::{Value, json};
use triggerfish::prelude::*;
use triggerfish::store::{RunState, StepState};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}")).parse().unwrap()
}

#[tokio::test]
async fn a_test_event_takes_the_way_of_every_request() {
    let app = desk_app().start().await;
    let sent = post(&app, "/endpoints/desk/send", r#"{"body":{"amount":40}}"#).await;
    assert_eq!(
        (&sent["outcome"], &sent["status"], &sent["jobs"]),
        (&"accepted".into(), &200.into(), &json!(["desk/charge"]))
    );
    assert_eq!(app.ended(id(&sent)).await.state, RunState::Done);
    let again = post(&app, "/endpoints/desk/send", r#"{"body":{"amount":40}}"#).await;
    assert_eq!(again["outcome"], "accepted", "sent by hand it is news");
    let repeat = r#"{"body":"{\"amount\":40,\"note\":\"x\"}","dedupe":true}"#;
    assert_eq!(post(&app, "/endpoints/desk/send", repeat).await["outcome"], "accepted");
    assert_eq!(post(&app, "/endpoints/desk/send", repeat).await["outcome"], "duplicate");
    let forged = r#"{"body":{"amount":41},"headers":{"x-desk-signature":"00"},"signature":"as_received"}"#;
    let forged = post(&app, "/endpoints/desk/send", forged).await;
    assert_eq!((&forged["outcome"], &forged["status"]), (&"rejected".into(), &401.into()));
    let small = post(&app, "/endpoints/desk/send", r#"{"body":{"amount":4}}"#).await;
    assert_eq!(small["outcome"], "filtered");
    assert_eq!(
        get(&app, &format!("/requests/{}", id(&small))).await["verdicts"][0]["clauses"][0]["wants"],
        "$gt: 10"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_request_is_sent_again_as_it_was_or_changed() {
    let app = desk_app().start().await;
    let first = ordered(&app, r#"{"amount":3}"#).await;
    let path = format!("/requests/{first}/replay");
    let again = post(&app, &path, "").await;
    assert_eq!(again["outcome"], "filtered");
    let shown = get(&app, &format!("/requests/{}", id(&again))).await;
    assert_eq!(
        (&shown["replay_of"], &shown["body"]["text"]),
        (&first.to_string().into(), &r#"{"amount":3}"#.into())
    );
    assert_eq!(shown["verified_with"], Value::Null, "a person vouched for it");
    let changed = post(&app, &path, r#"{"body":"{\"amount\":33}"}"#).await;
    assert_eq!(changed["outcome"], "accepted");
    let shown = get(&app, &format!("/requests/{}", id(&changed))).await;
    assert_eq!(shown["verified_with"], "DESK_SECRET", "it was signed anew");
    for (body, outcome) in [
        (r#"{"signature":"as_received"}"#, "filtered"),
        (r#"{"signature":"anew"}"#, "filtered"),
        (r#"{"signature":"as_received","body":"{\"amount\":34}"}"#, "rejected"),
        (r#"{"signature":"skip","body":"{\"amount\":34}"}"#, "accepted"),
        (r#"{"dedupe":true}"#, "filtered"),
    ] {
        assert_eq!(post(&app, &path, body).await["outcome"], outcome, "{body}");
    }
    let unknown = ask(&app, "POST", &path, r#"{"signature":"maybe"}"#).await;
    assert_eq!(unknown.status, 400);
    app.stop().await;
}

#[tokio::test]
async fn a_rejected_request_is_accepted_when_the_secret_is_right() {
    let directory = tempfile::tempdir().unwrap();
    let wrong = sqlite(directory.path(), IDS)
        .dashboard()
        .builder(|builder| builder.secrets(|_: &'static str| Some(Secret::from("not the provider's"))));
    let app = wrong.start().await;
    assert_eq!(app.send(&order(r#"{"amount":30}"#)).await.status, 401);
    app.store().flush().await.unwrap();
    let rejected = id(&get(&app, "/requests").await["requests"][0]);
    let still = post(&app, &format!("/requests/{rejected}/replay"), "").await;
    assert_eq!(still["outcome"], "rejected");
    app.stop().await;
    let app = sqlite(directory.path(), IDS).dashboard().start().await;
    assert_eq!(get(&app, &format!("/requests/{rejected}")).await["verification"]["passes"], true);
    let plan = post(&app, "/requests/replay", r#"{"outcome":"rejected","plan":true}"#).await;
    assert_eq!((&plan["count"], &plan["more"]), (&2.into(), &false.into()));
    assert_eq!(plan["sample"][1]["id"], rejected.to_string());
    for (body, status) in [
        (r#"{"outcome":"rejected"}"#, 400),
        (r#"{"outcome":"rejected","confirm":1}"#, 409),
        (r#"{"outcome":"rejected","confirm":2}"#, 200),
    ] {
        assert_eq!(ask(&app, "POST", "/requests/replay", body).await.status, status, "{body}");
    }
    let runs = app.all_ended().await;
    assert_eq!(runs.iter().map(|run| run.state).collect::<Vec<_>>(), [RunState::Done; 2]);
    app.stop().await;
}

#[tokio::test]
async fn a_failed_run_goes_on_where_it_failed_or_from_a_step() {
    let app = desk_app().start().await;
    let delivery = ordered(&app, r#"{"amount":30,"note":"declined"}"#).await;
    let run = app.ended(delivery).await.id;
    app.board.note("mended");
    let queued = post(&app, &format!("/runs/{run}/retry"), "").await;
    assert_ne!(queued["state"], "failed", "{queued}");
    assert_eq!(app.in_state(delivery, RunState::Done).await.id, run);
    assert_eq!((app.board.count("priced"), app.board.count("charged")), (1, 1));
    post(&app, &format!("/runs/{run}/retry"), r#"{"from":"charge"}"#).await;
    crate::harness::until("the second charge", async || (app.board.count("charged") == 2).then_some(()))
        .await;
    assert_eq!(app.in_state(delivery, RunState::Done).await.id, run);
    assert_eq!(app.board.count("priced"), 1, "what came before the step stays");
    let steps = app.store().steps(run).await.unwrap();
    assert!(steps.iter().all(|step| step.state == StepState::Done));
    let unknown = ask(&app, "POST", &format!("/runs/{run}/retry"), r#"{"from":"none"}"#).await;
    assert_eq!((unknown.status, unknown.text().contains("no step `none`")), (409, true));
    app.stop().await;
}

#[tokio::test]
async fn many_failed_runs_are_retried_by_their_error() {
    let app = desk_app().start().await;
    for n in 30..33 {
        app.ended(ordered(&app, &format!(r#"{{"amount":{n},"note":"declined"}}"#)).await).await;
    }
    app.ended(ordered(&app, r#"{"amount":50,"note":7}"#).await).await;
    app.board.note("mended");
    let groups = get(&app, "/problems").await["failures"].as_array().unwrap().clone();
    let declined = groups.iter().find(|group| group["count"] == 3).unwrap_or_else(|| panic!("{groups:?}"));
    let query = json!({ "job": "desk/charge", "error": declined["error"], "plan": true });
    assert_eq!(post(&app, "/runs/retry", &query.to_string()).await["count"], 3);
    let query = json!({ "job": "desk/charge", "error": declined["error"], "confirm": 3 });
    assert_eq!(post(&app, "/runs/retry", &query.to_string()).await, json!({ "done": 3, "failed": [] }));
    crate::harness::until("three charges", async || (app.board.count("charged") == 3).then_some(())).await;
    app.all_ended().await;
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_executes_is_ended_and_its_place_is_free() {
    let app = desk_app().config(|config| config.concurrency = 1).start().await;
    let delivery = ordered(&app, r#"{"amount":30,"note":"hangs"}"#).await;
    app.board.noted("at desk").await;
    let waiting = ordered(&app, r#"{"amount":31}"#).await;
    let run = app.in_state(delivery, RunState::Running).await.id;
    assert_eq!(ask(&app, "POST", &format!("/runs/{run}/retry"), "").await.status, 409);
    let ended = post(&app, &format!("/runs/{run}/cancel"), "").await;
    assert_eq!((&ended["state"], &ended["can_retry"]), (&"cancelled".into(), &true.into()));
    assert_eq!(app.ended(waiting).await.state, RunState::Done);
    assert_eq!(ask(&app, "POST", &format!("/runs/{run}/cancel"), "").await.status, 409);
    app.board.open("desk");
    post(&app, &format!("/runs/{run}/retry"), "").await;
    app.in_state(delivery, RunState::Done).await;
    app.stop().await;
}

#[tokio::test]
async fn what_is_switched_off_stays_off_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let board = Board::default();
    let start = async || sqlite(directory.path(), IDS).board(&board).dashboard().start().await;
    let app = start().await;
    post(&app, "/jobs/desk%2Fcharge/pause", "").await;
    let kept = ordered(&app, r#"{"amount":30}"#).await;
    let shown = get(&app, &format!("/requests/{kept}")).await;
    assert_eq!((&shown["outcome"], &shown["verdicts"][0]["off"]), (&"filtered".into(), &true.into()));
    assert_eq!(shown["reason"], "desk/charge is switched off");
    post(&app, "/endpoints/desk/pause", "").await;
    app.stop().await;
    let app = start().await;
    let refused = app.send(&order(r#"{"amount":31}"#)).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    app.store().flush().await.unwrap();
    assert_eq!(get(&app, "/requests").await["requests"][0]["outcome"], "paused");
    assert_eq!(get(&app, "/problems").await["off"].as_array().unwrap().len(), 2);
    post(&app, "/endpoints/desk/resume", "").await;
    post(&app, "/jobs/desk%2Fcharge/resume", "").await;
    let again = post(&app, &format!("/requests/{kept}/replay"), "").await;
    assert_eq!(again["outcome"], "accepted");
    app.stop().await;
    let app = start().await;
    assert_eq!(app.send(&order(r#"{"amount":32}"#)).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_log_line_says_where_the_request_is_shown() {
    let app = desk_app().start().await;
    let delivery = ordered(&app, r#"{"amount":7}"#).await;
    let page = format!("http://{}/_triggerfish/requests/{delivery}", app.address);
    assert!(!lines_with(&[page.as_str()]).is_empty(), "no line with {page}");
    assert!(secret("DESK_SECRET").is_some());
    app.stop().await;
}

#[tokio::test]
async fn a_command_sends_what_was_received_and_verifies() {
    let app = desk_app().start().await;
    let delivery = ordered(&app, r#"{"amount":3,"note":"it's"}"#).await;
    let command = ask(&app, "POST", &format!("/requests/{delivery}/curl"), "").await.text();
    assert!(
        command.contains("x-desk-signature: ") && command.contains(r#"'{"amount":3,"note":"it'\''s"}'"#),
        "{command}"
    );
    let command = command.replace("http://localhost/", &format!("http://{}/", app.address));
    let ran = move || std::process::Command::new("sh").args(["-c", &command]).output();
    match tokio::task::spawn_blocking(ran).await.unwrap() {
        Ok(output) if !output.stdout.is_empty() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        }
        _ => println!("without curl: not run"),
    }
    let test = ask(&app, "GET", &format!("/requests/{delivery}/test"), "").await.text();
    assert!(test.contains(r##"br#"{"amount":3,"note":"it's"}"#"##), "{test}");
    app.stop().await;
}

#[tokio::test]
async fn a_secret_that_the_program_keeps_is_replaced() {
    let key = |name: &'static str| {
        (name == "TRIGGERFISH_SECRET_KEY").then(|| Secret::from("07".repeat(32).as_str()))
    };
    let app = desk_app().ids(&["managed/hmac"]).builder(move |builder| builder.secrets(key)).start().await;
    assert_eq!(get(&app, "/endpoints/managed%2Fhmac").await["managed"], true);
    let value = |answer: &Value| answer["secrets"][0]["value"].as_str().unwrap().to_owned();
    let old = value(&post(&app, "/endpoints/managed%2Fhmac/reveal", "").await);
    let new = value(&post(&app, "/endpoints/managed%2Fhmac/rotate", r#"{"valid_for":"1h"}"#).await);
    assert_ne!(old, new);
    assert_eq!(value(&post(&app, "/endpoints/managed%2Fhmac/reveal", "").await), new);
    let sent = post(&app, "/endpoints/managed%2Fhmac/send", r#"{"body":{"x":1}}"#).await;
    assert_eq!(sent["status"], 200, "{sent}");
    for secret in [old, new] {
        let body = format!(r#"{{"said":"{secret}"}}"#);
        let request = json!({ "body": body, "signature": "anew" }).to_string();
        let sent = id(&post(&app, "/endpoints/managed%2Fhmac/send", &request).await);
        let shown = ask(&app, "GET", &format!("/requests/{sent}"), "").await.text();
        assert!(!shown.contains(&secret), "{shown}");
    }
    let fixed = ask(&app, "POST", "/endpoints/managed%2Fhmac/rotate", r#"{"valid_for":"soon"}"#).await;
    assert_eq!(fixed.status, 400);
    app.stop().await;
}
