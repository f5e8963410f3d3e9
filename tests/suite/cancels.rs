//! Runs that are cancelled while they execute: what executes them is dropped.

use crate::harness::{App, Board, Call, memory, sqlite, until};
use crate::steps::runs;
use triggerfish::event::Outgoing;
use triggerfish::prelude::*;
use triggerfish::store::RunState;

/// Notes that the function which held it is gone.
struct Guard(Board);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.note("dropped");
    }
}

/// Waits outside of all steps: it would write nothing that could be refused.
#[job(
    id = "cancels/held",
    version = "1.0.0",
    trigger = runs,
    concurrency(limit = 1),
    cancel_on(event = "cancels.stop", when = event.id == body.id),
)]
async fn held(ctx: Context, board: State<Board>) {
    let _guard = Guard(board.0.as_ref().clone());
    board.pass(&format!("held {}", ctx.attempt)).await;
    board.note("went on");
}

const IDS: &[&str] = &["runs", "cancels/held"];

async fn by_event(app: &App) {
    let event = Outgoing::named("cancels.stop", &serde_json::json!({ "id": 1 }));
    app.running.events().send(event).await.unwrap();
}

async fn by_hand(app: &App) {
    let run = app.runs().await.into_iter().find(|run| run.state == RunState::Running).unwrap();
    app.running.runs().cancel(run.id).await.unwrap();
}

/// The one that waits behind it in its lane gets its place at once.
async fn dropped_at_once(app: App, cancel: impl AsyncFn(&App), attempt: u32) {
    app.board.noted(&format!("at held {attempt}")).await;
    let next = app.send(&Call::post("/hooks/runs", r#"{"id":2}"#)).await.delivery();
    cancel(&app).await;
    app.board.noted("dropped").await;
    app.in_state(next, RunState::Running).await;
    app.board.open(&format!("held {attempt}"));
    app.board.open("held 1");
    app.ended(next).await;
    assert_eq!(app.board.count("went on"), 1, "the second alone");
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_executes_and_is_cancelled_is_dropped_where_it_awaits() {
    for by_an_event in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        for setup in [memory(IDS), sqlite(directory.path(), IDS)] {
            let app = setup.start().await;
            app.send(&Call::post("/hooks/runs", r#"{"id":1}"#)).await;
            if by_an_event {
                dropped_at_once(app, by_event, 1).await;
            } else {
                dropped_at_once(app, by_hand, 1).await;
            }
        }
    }
}

#[tokio::test]
async fn a_run_that_executes_again_after_a_restart_is_dropped_too() {
    for by_an_event in [true, false] {
        let directory = tempfile::tempdir().unwrap();
        let grace = |config: &mut triggerfish::runtime::Config| {
            config.shutdown_grace = std::time::Duration::from_millis(1);
        };
        let app = sqlite(directory.path(), IDS).config(grace).start().await;
        app.send(&Call::post("/hooks/runs", r#"{"id":1}"#)).await;
        app.board.noted("at held 1").await;
        app.stop().await;
        let app = sqlite(directory.path(), IDS).start().await;
        if by_an_event {
            dropped_at_once(app, by_event, 2).await;
        } else {
            dropped_at_once(app, by_hand, 2).await;
        }
    }
}

#[tokio::test]
async fn runs_that_are_cancelled_while_they_start_never_hold_their_places() {
    let app = memory(IDS).config(|config| config.concurrency = 1).start().await;
    for _ in 0..50 {
        app.send(&Call::post("/hooks/runs", r#"{"id":1}"#)).await;
        by_event(&app).await;
    }
    until("the end of all", async || {
        app.runs().await.iter().all(|run| run.state == RunState::Cancelled).then_some(())
    })
    .await;
    app.board.open("held 1");
    let last = app.send(&Call::post("/hooks/runs", r#"{"id":2}"#)).await.delivery();
    assert_eq!(app.ended(last).await.state, RunState::Done);
    app.stop().await;
}
