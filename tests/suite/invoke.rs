//! Calls of jobs, from code and from runs.

use crate::harness::{Board, Call, memory, until};
use crate::steps::runs;
use serde::{Deserialize, Serialize};
use triggerfish::event::SendError;
use triggerfish::prelude::*;
use triggerfish::store::RunState;

#[derive(Serialize, Deserialize)]
struct Invite {
    to: String,
}

fn invite(to: &str) -> Invite {
    Invite { to: to.to_owned() }
}

#[job(id = "invoke/invite", version = "1.0.0", trigger = invoke)]
async fn send_invite(Json(invite): Json<Invite>, ctx: Context, State(board): State<Board>) {
    assert_eq!(ctx.event_name.as_deref(), Some("triggerfish.invoke"));
    board.note(format_args!("invite {}", invite.to));
}

#[job(id = "invoke/other", version = "1.0.0", trigger = invoke)]
async fn other(State(board): State<Board>) {
    board.note("other");
}

#[tokio::test]
async fn a_call_runs_the_job_that_is_called_and_no_other() {
    let app = memory(&["invoke/invite", "invoke/other"]).start().await;
    let events = app.running.events();
    let calls = [
        events.invoke(send_invite::call(&invite("ada"))).await.unwrap(),
        events.invoke(other::call()).await.unwrap(),
    ];
    app.board.noted("invite ada").await;
    app.board.noted("other").await;
    let ended = app.all_ended().await;
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|run| calls.contains(&run.id)), "a run has the id of its call");
    app.stop().await;
}

#[tokio::test]
async fn a_call_with_an_id_is_made_once() {
    let app = memory(&["invoke/invite", "invoke/other"]).start().await;
    let events = app.running.events();
    let first = events.invoke(send_invite::call(&invite("ada")).id("1")).await.unwrap();
    assert_eq!(events.invoke(send_invite::call(&invite("eve")).id("1")).await.unwrap(), first);
    assert_ne!(events.invoke(other::call().id("1")).await.unwrap(), first, "an id is the job's own");
    app.all_ended().await;
    assert_eq!((app.board.count("invite ada"), app.board.count("invite eve")), (1, 0));
    app.stop().await;
}

#[tokio::test]
async fn a_job_that_the_program_does_not_run_cannot_be_called() {
    let app = memory(&["invoke/other"]).start().await;
    let error = app.running.events().invoke(send_invite::call(&invite("ada"))).await.unwrap_err();
    assert!(matches!(&error, SendError::NoJob(id) if id == "invoke/invite"), "{error}");
    app.stop().await;
}

#[job(id = "invoke/parent", version = "1.0.0", trigger = runs, retry(limit = 3, min = "1ms", max = "1ms"))]
async fn parent(io: Io, ctx: Context) -> Result<()> {
    io.invoke("call", send_invite::call(&invite("ada"))).await?;
    if ctx.attempt == 1 {
        return Err(Error::msg("after the call"));
    }
    Ok(())
}

#[tokio::test]
async fn a_run_calls_a_job_once() {
    let app = memory(&["runs", "invoke/parent", "invoke/invite"]).start().await;
    let delivery = app.send(&Call::post("/hooks/runs", "{}")).await.delivery();
    let run = app.ended(delivery).await;
    assert_eq!((run.state, run.attempt), (RunState::Done, 2));
    app.all_ended().await;
    assert_eq!(app.board.count("invite ada"), 1);
    let events = app.events().await;
    assert_eq!((events.len(), events[0].sender), (1, Some(run.id)));
    until("the end of the run that was called", async || {
        app.runs().await.iter().all(|run| run.state == RunState::Done).then_some(())
    })
    .await;
    app.stop().await;
}
