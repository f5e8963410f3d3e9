//! Waits that a person completes.

use super::events::{on_paid, sent};
use super::{API, ask, get, post, token};
use crate::harness::{App, Board, Call, Setup, lines_with, memory, sqlite, until};
use serde_json::{Value, json};
use std::time::Duration;
use triggerfish::dashboard::Dashboard;
use triggerfish::prelude::*;
use triggerfish::store::RunState;

const HOUR: Duration = Duration::from_secs(3600);

#[job(id = "desk/waits", name = "Waits", version = "1.0.0", trigger = event("desk.order"), retry(limit = 1))]
async fn waits(io: Io, State(board): State<Board>) -> Result<()> {
    io.wait("sleep", HOUR).await?;
    board.note("awake");
    let filter = json!({ "order": [7] });
    let paid = io.wait_for_event::<on_paid>("paid", filter, HOUR).await?;
    board.note(format_args!("paid {:?}", paid.map(|paid| paid.cents)));
    let announce = async |_: String| Ok::<_, Error>(());
    let answer: Option<String> = io.wait_for_request("answer", HOUR, announce).await?;
    board.note(format_args!("answered {answer:?}"));
    Ok(())
}

/// A short wait stays in memory: its run executes all the time.
#[job(id = "desk/naps", version = "1.0.0", trigger = event("desk.nap"), retry(limit = 1))]
async fn naps(io: Io, State(board): State<Board>) -> Result<()> {
    let (nap, held) = tokio::join!(
        io.wait("nap", HOUR),
        io.run_task("hold", || async {
            board.pass("nap").await;
            done(())
        })
    );
    nap?;
    held?;
    Ok(())
}

pub(crate) const WAITS: &[&str] = &["desk.paid", "desk/waits", "desk/naps"];

pub(crate) fn with_url(setup: Setup) -> Setup {
    setup.dashboard().config(|config| config.public_url = Some("https://desk.example".to_owned()))
}

/// The run, when it waits at a key.
pub(crate) async fn waiting(app: &App, key: &str) -> String {
    until(&format!("the wait {key}"), async || {
        let run = app.runs().await.into_iter().find(|run| run.state == RunState::Waiting)?;
        let open = app.store().waits(run.id).await.unwrap();
        open.iter().any(|wait| wait.key == key && wait.ended.is_none()).then(|| run.id.to_string())
    })
    .await
}

#[tokio::test]
async fn a_run_goes_on_with_what_a_person_says() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(WAITS), sqlite(directory.path(), WAITS)] {
        let app = with_url(setup).start().await;
        sent(&app, "desk.order", &json!(1)).await;
        let run = waiting(&app, "sleep").await;
        let path = format!("/runs/{run}/complete");
        let refused = async |body: Value, status: u16, why: &str| {
            let answer = ask(&app, "POST", &path, &body.to_string()).await;
            assert_eq!(answer.status, status, "{body}: {}", answer.text());
            let error = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(error.contains(why), "{body}: {error}");
        };
        refused(json!({}), 400, "`wait` is missing").await;
        refused(json!({ "wait": "none" }), 404, "no open wait of this run with the key none").await;
        refused(json!({ "wait": "sleep", "body": 1 }), 400, "a wait for a time ends with nothing").await;
        post(&app, &path, r#"{"wait":"sleep"}"#).await;
        app.board.noted("awake").await;
        refused(json!({ "wait": "sleep" }), 409, "the wait `sleep` has ended already").await;

        waiting(&app, "paid").await;
        let shown = get(&app, &format!("/runs/{run}")).await;
        assert_eq!(
            (&shown["waits"][0]["event"], &shown["waits"][0]["filters"], &shown["waits"][0]["takes_body"]),
            (&"desk.paid".into(), &json!(["{ order: [7] }"]), &true.into())
        );
        assert_eq!(shown["waits"][0]["example"], r#"{ "order": 7, "cents": 100 }"#);
        refused(json!({ "wait": "paid", "body": "{" }), 400, "`body` is no JSON").await;
        refused(json!({ "wait": "paid", "body": { "order": 7 } }), 400, "is declared at").await;
        refused(json!({ "wait": "paid", "body": { "order": 7 } }), 400, "missing field `cents`").await;
        refused(json!({ "wait": "paid", "body": { "order": 8, "cents": 1 } }), 400, "order is 8").await;
        refused(json!({ "wait": "paid" }), 400, "is declared at").await;
        post(&app, &path, r#"{"wait":"paid","body":{"order":7,"cents":300}}"#).await;
        app.board.noted("paid Some(300)").await;

        waiting(&app, "answer").await;
        post(&app, &path, r#"{"wait":"answer","body":"\"yes\""}"#).await;
        app.board.noted("answered Some(\"yes\")").await;
        app.all_ended().await;
        app.store().flush().await.unwrap();
        let shown = get(&app, &format!("/runs/{run}")).await;
        assert_eq!(shown["state"], "done");
        let steps: Vec<_> = shown["steps"].as_array().unwrap().iter().map(|step| &step["key"]).collect();
        assert_eq!(steps, ["sleep", "paid", "answer/url", "answer"]);
        let logged = shown["logs"].as_array().unwrap();
        let said: Vec<_> = logged.iter().filter_map(|line| line["message"].as_str()).collect();
        assert_eq!(
            said.iter().filter(|line| line.contains("was completed from the dashboard")).count(),
            3,
            "{said:?}"
        );
        assert!(!lines_with(&["a wait was completed from the dashboard", &run]).is_empty());
        refused(json!({ "wait": "answer", "body": 1 }), 409, "has ended already").await;
        refused(json!({ "wait": "answer/url", "body": 1 }), 404, "no open wait").await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_run_that_executes_need_not_wait_any_longer() {
    let app = with_url(memory(WAITS)).start().await;
    sent(&app, "desk.nap", &json!(1)).await;
    app.board.noted("at nap").await;
    let run = app.runs().await.remove(0);
    assert_eq!(run.state, RunState::Running);
    post(&app, &format!("/runs/{}/complete", run.id), r#"{"wait":"nap"}"#).await;
    until("the end of the wait", async || {
        let steps = app.store().steps(run.id).await.unwrap();
        steps.iter().any(|step| step.key == "nap").then_some(())
    })
    .await;
    app.board.open("nap");
    assert_eq!(app.all_ended().await.remove(0).state, RunState::Done);
    app.stop().await;
}

#[tokio::test]
async fn an_event_names_the_waits_that_it_ended() {
    let app = with_url(memory(WAITS)).start().await;
    sent(&app, "desk.order", &json!(1)).await;
    let run = waiting(&app, "sleep").await;
    post(&app, &format!("/runs/{run}/complete"), r#"{"wait":"sleep"}"#).await;
    waiting(&app, "paid").await;
    let paid = sent(&app, "desk.paid", &json!({ "order": 7, "cents": 9 })).await;
    app.board.noted("paid Some(9)").await;
    let shown = get(&app, &format!("/events/{paid}")).await;
    assert_eq!(shown["waits"], json!([{ "run": run, "job": "desk/waits", "wait": "paid" }]));
    waiting(&app, "answer").await;
    let shown = get(&app, &format!("/runs/{run}")).await;
    let step = shown["steps"].as_array().unwrap().iter().find(|step| step["key"] == "paid").unwrap().clone();
    assert_eq!(step["event"], paid.to_string());
    app.stop().await;
}

#[tokio::test]
async fn who_may_look_alone_or_brings_no_token_completes_nothing() {
    let setup =
        with_url(memory(WAITS)).builder(|builder| builder.dashboard(Dashboard::default().read_only()));
    let app = setup.start().await;
    sent(&app, "desk.order", &json!(1)).await;
    let run = waiting(&app, "sleep").await;
    let path = format!("/runs/{run}/complete");
    assert_eq!(ask(&app, "POST", &path, r#"{"wait":"sleep"}"#).await.status, 403);
    let page = Call::new("GET", &format!("/_triggerfish/runs/{run}"));
    let page = app.send(&page.header("authorization", &format!("Bearer {}", token(&app)))).await.text();
    assert!(page.contains("It waits for its time") && !page.contains("/complete"), "{page}");
    app.stop().await;

    let app = with_url(memory(WAITS)).start().await;
    sent(&app, "desk.order", &json!(1)).await;
    let run = waiting(&app, "sleep").await;
    let entered = app.send(&Call::new("GET", &format!("/_triggerfish?token={}", token(&app)))).await;
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    for path in [format!("{API}/runs/{run}/complete"), format!("/_triggerfish/runs/{run}/complete")] {
        let call =
            Call::post(&path, "wait=sleep").header("content-type", "application/x-www-form-urlencoded");
        let answer = app.send(&call.header("cookie", &cookie)).await;
        assert_eq!(answer.status, 403, "{path}: {}", answer.text());
    }
    assert_eq!(app.board.count("awake"), 0);
    app.stop().await;
}
