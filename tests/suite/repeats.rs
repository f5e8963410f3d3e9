//! Deliveries that come again: one delivery, one run, one answer.

use crate::harness::{Board, Call, lines_with, memory, sqlite};
use std::collections::HashSet;
use std::time::{Duration, SystemTime};
use triggerfish::prelude::*;
use triggerfish::store::{DeliveryOutcome, RunState, TraceOutcome};
use triggerfish::time::Clock;

#[http_endpoint(id = "repeats/body")]
fn by_body() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("BY_BODY"))
}

#[job(id = "repeats/body", version = "1.0.0", trigger = by_body)]
async fn on_body(State(board): State<Board>) {
    board.note("ran");
}

#[http_endpoint(id = "repeats/id")]
fn by_id() -> Verifier {
    Verifier::github(env("BY_ID"))
}

#[job(id = "repeats/id", version = "1.0.0", trigger = by_id)]
async fn on_id(State(board): State<Board>, ctx: Context) {
    board.note(ctx.provider_delivery_id.unwrap_or_default());
}

#[http_endpoint(id = "repeats/none", dedupe = none)]
fn never() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("NEVER"))
}

#[job(id = "repeats/none", version = "1.0.0", trigger = never)]
async fn on_any(State(board): State<Board>) {
    board.note("ran");
}

/// The job of the first program, and the same job as its author corrects it.
mod changed {
    use crate::harness::Board;
    use triggerfish::prelude::*;

    #[http_endpoint(id = "repeats/changed")]
    pub(super) fn changed() -> Verifier {
        Verifier::github(env("CHANGED"))
    }

    #[job(id = "repeats/typo", version = "1.0.0", trigger = changed, filter = { body: { kind: ["wnated"] } })]
    async fn typo(State(board): State<Board>) {
        board.note("typo");
    }

    #[job(id = "repeats/corrected", version = "1.0.1", trigger = changed, filter = { body: { kind: ["wanted"] } })]
    async fn corrected(State(board): State<Board>) {
        board.note("corrected");
    }
}

#[tokio::test]
async fn a_hundred_posts_of_one_delivery_at_once_run_once_and_are_answered_alike() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(&["repeats/body"]), sqlite(directory.path(), &["repeats/body"])] {
        let app = setup.start().await;
        let bytes = Call::post("/hooks/repeats/body", "{\"one\":\"delivery\"}").sign(by_body()).bytes();
        let posts = (0..100).map(|_| crate::harness::exchange(app.address, &bytes));
        let answers: Vec<_> = futures_util::future::join_all(posts).await;
        let different: HashSet<_> = answers
            .into_iter()
            .map(|answer| answer.unwrap())
            .map(|answer| (answer.status, answer.body))
            .collect();
        assert_eq!(different.len(), 1, "{different:?}");
        assert_eq!(different.iter().next().unwrap().0, 200);
        let runs = app.all_ended().await;
        assert_eq!(runs.len(), 1);
        assert_eq!(runs[0].state, RunState::Done);
        assert_eq!(app.board.notes(), ["ran"]);
        assert_eq!(app.deliveries().await.len(), 1);
        let repeats = app.traces().await;
        assert_eq!(repeats.len(), 99);
        assert!(repeats.iter().all(|trace| trace.outcome == TraceOutcome::Duplicate));
        assert!(repeats.iter().all(|trace| trace.delivery == runs[0].origin.delivery()));
        app.stop().await;
    }
}

#[tokio::test]
async fn a_repeat_is_known_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let call = Call::post("/hooks/repeats/body", "{\"again\":true}").sign(by_body());
    let first = sqlite(directory.path(), &["repeats/body"]).start().await;
    let answer = first.send(&call).await;
    first.ended(answer.delivery()).await;
    let board = first.board.clone();
    first.stop().await;
    let second = sqlite(directory.path(), &["repeats/body"]).board(&board).start().await;
    let again = second.send(&call).await;
    assert_eq!((again.status, &again.body), (answer.status, &answer.body));
    assert_eq!(second.all_ended().await.len(), 1);
    assert_eq!(board.notes(), ["ran"]);
    second.stop().await;
}

#[tokio::test]
async fn a_delivery_that_no_job_took_is_matched_again_when_it_comes_again() {
    let directory = tempfile::tempdir().unwrap();
    let call = || {
        Call::post("/hooks/repeats/changed", "{\"kind\":\"wanted\"}")
            .header("x-github-delivery", "72d3162e")
            .header("x-github-event", "push")
            .sign(changed::changed())
    };
    let app = sqlite(directory.path(), &["repeats/changed", "repeats/typo"]).start().await;
    let first = app.send(&call()).await;
    assert_eq!(first.status, 200);
    assert_eq!(app.send(&call()).await.body, first.body, "still nothing that takes it");
    let stored = app.deliveries().await;
    assert_eq!((stored.len(), stored[0].outcome), (1, DeliveryOutcome::Filtered));
    assert!(stored[0].verdicts.as_ref().unwrap().contains("repeats/typo"));
    app.stop().await;

    let app = sqlite(directory.path(), &["repeats/changed", "repeats/corrected"]).start().await;
    let again = app.send(&call()).await;
    assert_eq!(again.body, first.body, "the delivery is the first one");
    let run = app.ended(first.delivery()).await;
    assert_eq!(
        (run.state, run.job.as_str(), run.version.as_str()),
        (RunState::Done, "repeats/corrected", "1.0.1")
    );
    assert_eq!(app.deliveries().await[0].outcome, DeliveryOutcome::Accepted);
    assert_eq!(app.send(&call()).await.body, first.body);
    assert_eq!(app.all_ended().await.len(), 1, "from now on it is a repeat");
    assert_eq!(app.board.notes(), ["corrected"]);
    app.stop().await;
}

#[tokio::test]
async fn the_providers_id_tells_deliveries_apart_where_there_is_one() {
    let app = memory(&["repeats/id"]).start().await;
    let call = |id: &str, body: &'static str| {
        Call::post("/hooks/repeats/id", body)
            .header("x-github-delivery", id)
            .header("x-github-event", "push")
            .sign(by_id())
    };
    let first = app.send(&call("a", "{\"n\":1}")).await;
    let same_id = app.send(&call("a", "{\"n\":2}")).await;
    let same_body = app.send(&call("b", "{\"n\":1}")).await;
    assert_eq!(same_id.delivery(), first.delivery());
    assert_ne!(same_body.delivery(), first.delivery());
    app.all_ended().await;
    let mut notes = app.board.notes();
    notes.sort();
    assert_eq!(notes, ["a", "b"]);
    let told = lines_with(&[&first.delivery().to_string(), "duplicate", "the provider's delivery id"]);
    assert_eq!(told.len(), 1, "{told:?}");
    app.stop().await;
}

#[http_endpoint(id = "repeats/hour", dedupe = body(window = "1h"))]
fn for_an_hour() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("FOR_AN_HOUR"))
}

#[job(id = "repeats/hour", version = "1.0.0", trigger = for_an_hour)]
async fn on_hour(State(board): State<Board>) {
    board.note("ran");
}

#[tokio::test]
async fn a_repeat_after_the_window_is_a_new_delivery() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(&["repeats/hour"]), sqlite(directory.path(), &["repeats/hour"])] {
        let clock = Clock::manual(SystemTime::now().into());
        let shared = clock.clone();
        let app = setup.builder(|builder| builder.clock(shared)).start().await;
        let call = Call::post("/hooks/repeats/hour", "{\"ping\":1}").sign(for_an_hour());
        let first = app.send(&call).await.delivery();
        clock.advance(Duration::from_secs(3599));
        assert_eq!(app.send(&call).await.delivery(), first);
        clock.advance(Duration::from_secs(2));
        let second = app.send(&call).await.delivery();
        assert_ne!(second, first, "a repeat does not make the window longer");
        assert_eq!(app.send(&call).await.delivery(), second);
        app.all_ended().await;
        assert_eq!(app.board.count("ran"), 2);
        app.stop().await;
    }
}

#[tokio::test]
async fn the_same_body_elsewhere_is_another_delivery() {
    let app = memory(&["repeats/body", "repeats/none"]).start().await;
    let body = "{\"same\":true}";
    let plain = app.send(&Call::post("/hooks/repeats/body", body).sign(by_body())).await;
    let query = app.send(&Call::post("/hooks/repeats/body?tenant=2", body).sign(by_body())).await;
    assert_ne!(plain.delivery(), query.delivery(), "another target");
    let never = || Call::post("/hooks/repeats/none", body).sign(never());
    let (one, two) = (app.send(&never()).await, app.send(&never()).await);
    assert_ne!(one.delivery(), two.delivery(), "`dedupe = none`");
    assert_eq!(app.all_ended().await.len(), 4);
    app.stop().await;
}
