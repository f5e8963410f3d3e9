//! Waits for events and requests: what ends them, in every state of the run.

use crate::harness::Board;
use crate::kit::{both, kit};
use crate::steps::runs;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use triggerfish::event::Outgoing;
use triggerfish::prelude::*;
use triggerfish::store::RunState;
use triggerfish::testing::App;

const HOUR: Duration = Duration::from_secs(3600);

async fn send(app: &App, name: &'static str, payload: &str) {
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
    app.send_event(Outgoing::named(name, &payload)).await.unwrap();
}

#[event(name = "order.paid", filter = { cents: [{ $gt: 0 }] })]
fn on_paid(_: &Paid) {}

#[derive(Serialize, Deserialize)]
struct Paid {
    order: u32,
    cents: u32,
}

#[job(id = "answers/event", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn on_event(io: Io, State(board): State<Board>) -> Result<()> {
    board.note("top");
    let mut sum = 0;
    for n in 0..2_u32 {
        let filter = serde_json::json!({ "order": [7] });
        let paid = io.wait_for_event::<on_paid>(("paid", n), filter, HOUR).await?;
        sum += paid.filter(|paid| paid.order == 7).map_or(1000, |paid| paid.cents);
    }
    board.note(format_args!("sum {sum}"));
    Ok(())
}

#[tokio::test]
async fn each_wait_of_a_loop_takes_the_next_event_that_fits() {
    for (setup, _directory) in both(&["runs", "answers/event"]) {
        let board = Board::default();
        let mut app = setup.state(board.clone()).start().await.unwrap();
        send(&app, "order.paid", r#"{"order":7,"cents":100000}"#).await;
        app.deliver::<runs>("{}").await.unwrap();
        app.settle().await.unwrap();
        app.run_of::<on_event>().await.unwrap().assert_waiting();
        send(&app, "order.paid", r#"{"order":8,"cents":50}"#).await;
        send(&app, "order.paid", r#"{"order":7,"cents":0}"#).await;
        send(&app, "order.paid", r#"{"order":7,"cents":3}"#).await;
        send(&app, "order.paid", r#"{"order":7,"cents":4}"#).await;
        app.settle().await.unwrap();
        app.run_of::<on_event>().await.unwrap().assert_done().assert_steps(&["paid:0", "paid:1"]);
        assert!(board.notes().contains(&"sum 7".to_owned()), "{:?}", board.notes());
        app.stop().await;
    }
}

#[tokio::test]
async fn a_wait_for_an_event_that_does_not_come_ends_with_nothing() {
    for (setup, _directory) in both(&["runs", "answers/event"]) {
        let board = Board::default();
        let mut app = setup.state(board.clone()).start().await.unwrap();
        app.deliver::<runs>("{}").await.unwrap();
        app.run_until_idle().await.unwrap();
        app.run_of::<on_event>().await.unwrap().assert_done();
        assert!(board.notes().contains(&"sum 2000".to_owned()));
        app.stop().await;
    }
}

#[job(id = "answers/interrupted", version = "1.0.0", trigger = runs, retry(limit = 1))]
async fn interrupted(io: Io, State(board): State<Board>) -> Result<()> {
    let won = tokio::select! {
        made = io.run_task("slow", || async {
            board.note("slow begins");
            std::future::pending::<Result<()>>().await
        }) => made.map(|()| "slow"),
        stopped = io.wait_for_event_named::<serde_json::Value, _>("stop", "stop", None, HOUR) =>
            stopped.map(|_| "stop"),
    }?;
    board.note(won);
    io.wait("after", HOUR).await?;
    board.note(format_args!("{won} again"));
    Ok(())
}

#[tokio::test]
async fn an_event_interrupts_a_step_that_is_under_way() {
    for (setup, _directory) in both(&["runs", "answers/interrupted"]) {
        let board = Board::default();
        let mut app = setup.state(board.clone()).start().await.unwrap();
        app.deliver::<runs>("{}").await.unwrap();
        crate::harness::until("the step", async || (board.count("slow begins") == 1).then_some(())).await;
        send(&app, "stop", "{}").await;
        app.run_until_idle().await.unwrap();
        app.run_of::<interrupted>().await.unwrap().assert_done().assert_steps(&["stop", "after"]);
        assert_eq!(board.notes(), ["slow begins", "stop", "stop", "stop again"]);
        app.stop().await;
    }
}

#[job(id = "answers/filter", version = "1.0.0", trigger = runs)]
async fn wrong_filter(io: Io) -> Result<()> {
    let filter = serde_json::json!({ "order": [{ "$gtt": 7 }] });
    io.wait_for_event_named::<Paid, _>("paid", "order.paid", filter, HOUR).await?;
    Ok(())
}

#[tokio::test]
async fn a_wrong_filter_fails_the_run_with_what_is_wrong() {
    let mut app = kit(&["runs", "answers/filter"]).start().await.unwrap();
    app.deliver::<runs>("{}").await.unwrap();
    app.run_until_idle().await.unwrap();
    app.run_of::<wrong_filter>().await.unwrap().assert_failed("$gtt").assert_failed("`paid`");
    app.stop().await;
}

#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Vec<String>>>);

impl Inbox {
    fn urls(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

#[derive(Deserialize)]
struct Approval {
    by: String,
}

#[job(id = "answers/approval", version = "1.0.0", trigger = runs, retry(limit = 3))]
async fn approval(io: Io, State(inbox): State<Inbox>, State(board): State<Board>) -> Result<()> {
    let tell = async |url: String| {
        let mut inbox = inbox.0.lock().unwrap();
        inbox.push(url);
        // The first address is lost with its execution; it stays valid.
        if inbox.len() == 1 { Err(Error::msg("the mail server is down")) } else { Ok(()) }
    };
    let approval: Option<Approval> = io.wait_for_request("approval", HOUR * 24, tell).await?;
    board.note(approval.map_or_else(|| "nobody".to_owned(), |approval| approval.by));
    Ok(())
}

/// The status of a request to an address that was told.
async fn call(app: &App, method: &str, url: &str, body: &'static str) -> u16 {
    let target = url.strip_prefix("https://hooks.example.com").unwrap();
    app.call(method, target, body).await.unwrap().status.as_u16()
}

#[tokio::test]
async fn a_request_to_the_address_ends_the_wait_once() {
    for (setup, _directory) in both(&["runs", "answers/approval"]) {
        let (inbox, board) = (Inbox::default(), Board::default());
        let mut app = setup.state(inbox.clone()).state(board.clone()).start().await.unwrap();
        app.deliver::<runs>("{}").await.unwrap();
        app.settle().await.unwrap();
        app.advance(HOUR).await.unwrap();
        let waiting = app.run_of::<approval>().await.unwrap();
        waiting.assert_waiting().assert_steps(&["approval/url"]);
        let urls = inbox.urls();
        assert_eq!(urls.len(), 2, "the step that told it failed once");
        assert_ne!(urls[0], urls[1]);
        app.crash().await.unwrap();
        app.settle().await.unwrap();
        assert_eq!(inbox.urls().len(), 2, "it is told once");

        for (method, url, body, status) in [
            ("GET", &urls[1], "", 405),
            ("HEAD", &urls[1], "", 405),
            ("POST", &format!("{}0", urls[1]), r#"{"by":"eve"}"#, 404),
            ("POST", &urls[1], "by=eve", 400),
            ("POST", &urls[0], r#"{"by":"ann"}"#, 200),
            ("POST", &urls[0], r#"{"by":"bob"}"#, 410),
            ("POST", &urls[1], r#"{"by":"bob"}"#, 410),
        ] {
            assert_eq!(call(&app, method, url, body).await, status, "{method} {body}");
        }
        app.run_until_idle().await.unwrap();
        app.run_of::<approval>().await.unwrap().assert_done();
        assert_eq!(board.notes(), ["ann"]);
        assert_eq!(call(&app, "POST", &urls[1], "null").await, 410);
        app.stop().await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_given_is_none_and_one_of_another_type_fails_the_run() {
    let (inbox, board) = (Inbox::default(), Board::default());
    let setup = kit(&["runs", "answers/approval"]).state(inbox.clone()).state(board.clone());
    let mut app = setup.start().await.unwrap();
    app.deliver::<runs>("{\"n\":1}").await.unwrap();
    app.run_until_idle().await.unwrap();
    app.run_of::<approval>().await.unwrap().assert_done();
    assert_eq!(board.notes(), ["nobody"]);
    assert_eq!(call(&app, "POST", &inbox.urls()[0], "null").await, 410);

    app.deliver::<runs>("{\"n\":2}").await.unwrap();
    app.settle().await.unwrap();
    let url = inbox.urls().pop().unwrap();
    assert_eq!(call(&app, "POST", &url, r#"{"from":7}"#).await, 200);
    app.settle().await.unwrap();
    app.run_of::<approval>()
        .await
        .unwrap()
        .assert_failed("the body of the request that ended wait `approval`");
    app.stop().await;
}

#[tokio::test]
async fn without_a_public_url_no_address_is_made_up() {
    let setup = kit(&["runs", "answers/approval"]).config(|config| config.public_url = None);
    let mut app = setup.state(Inbox::default()).state(Board::default()).start().await.unwrap();
    app.deliver::<runs>("{}").await.unwrap();
    app.run_until_idle().await.unwrap();
    let run = app.run_of::<approval>().await.unwrap();
    run.assert_failed("TRIGGERFISH_PUBLIC_URL");
    assert_eq!(run.run.state, RunState::Failed);
    app.stop().await;
}
