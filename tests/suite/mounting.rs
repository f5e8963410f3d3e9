//! Where endpoints are: at their id, at a path of their own, inside other apps.

use crate::harness::{Board, Call, memory};
use axum::Router;
use axum::routing::get;
use triggerfish::prelude::*;
use triggerfish::store::{DeliveryOutcome, RunState};

#[http_endpoint(id = "mounting/by-id")]
fn by_id() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("MOUNTED"))
}

#[job(id = "mounting/by-id", version = "1.0.0", trigger = by_id)]
async fn on_by_id(State(board): State<Board>, request: Request) {
    board.note(request.uri());
}

#[http_endpoint(id = "mounting/by-path", path = "/webhooks/acme")]
fn by_path() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("MOUNTED"))
}

#[job(id = "mounting/by-path", version = "1.0.0", trigger = by_path)]
async fn on_by_path(State(board): State<Board>, request: Request) {
    board.note(request.uri());
}

#[http_endpoint(id = "mounting/off", enabled = false)]
fn off() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("MOUNTED"))
}

#[job(id = "mounting/off", version = "1.0.0", trigger = off)]
async fn on_off() {}

#[http_endpoint(id = "mounting/job-off")]
fn job_off() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("MOUNTED"))
}

#[job(id = "mounting/job-off", version = "1.0.0", trigger = job_off, enabled = false)]
async fn on_job_off(State(board): State<Board>) {
    board.note("must not run");
}

const BOTH: &[&str] = &["mounting/by-id", "mounting/by-path"];

/// Sends to both endpoints below a prefix, and gives what the jobs saw.
async fn both(app: crate::harness::App, prefix: &str) -> Vec<String> {
    let by_id = Call::post(&format!("{prefix}/hooks/mounting/by-id?x=1"), "{}").sign(by_id());
    let by_path = Call::post(&format!("{prefix}/webhooks/acme?x=1"), "{}").sign(by_path());
    for call in [by_id, by_path] {
        let answer = app.send(&call).await;
        assert_eq!(answer.status, 200, "{}: {}", call.0.uri, answer.text());
        assert_eq!(app.ended(answer.delivery()).await.state, RunState::Done);
    }
    let notes = app.board.notes();
    app.stop().await;
    notes
}

#[tokio::test]
async fn an_endpoint_with_a_path_is_there_and_not_at_its_id() {
    let app = memory(BOTH).start().await;
    let at_id = app.send(&Call::post("/hooks/mounting/by-path", "{}").sign(by_path())).await;
    assert_eq!(at_id.status, 404);
    assert_eq!(both(app, "").await, ["/hooks/mounting/by-id?x=1", "/webhooks/acme?x=1"]);
}

#[tokio::test]
async fn the_routes_nest_in_an_app_and_a_job_sees_the_whole_path() {
    let app = memory(BOTH)
        .mount(|ours| {
            Router::new()
                .route("/", get(|| async { "home" }))
                .nest("/api", ours)
                .fallback(|| async { (http::StatusCode::IM_A_TEAPOT, "theirs") })
        })
        .start()
        .await;
    assert_eq!(app.send(&Call::new("GET", "/")).await.text(), "home");
    assert_eq!(app.send(&Call::new("GET", "/else")).await.status, 418);
    assert_eq!(app.send(&Call::post("/hooks/mounting/by-id", "{}")).await.status, 418);
    assert_eq!(both(app, "/api").await, ["/api/hooks/mounting/by-id?x=1", "/api/webhooks/acme?x=1"]);
}

#[tokio::test]
async fn the_routes_nest_twice_deep() {
    let app =
        memory(BOTH).mount(|ours| Router::new().nest("/a", Router::new().nest("/b", ours))).start().await;
    assert_eq!(both(app, "/a/b").await, ["/a/b/hooks/mounting/by-id?x=1", "/a/b/webhooks/acme?x=1"]);
}

#[tokio::test]
async fn the_routes_merge_into_an_app_that_has_its_own_and_a_fallback() {
    let app = memory(BOTH)
        .mount(|ours| {
            Router::new()
                .route("/users/{id}", get(|| async { "user" }))
                .fallback(|| async { (http::StatusCode::IM_A_TEAPOT, "theirs") })
                .merge(ours)
        })
        .start()
        .await;
    assert_eq!(app.send(&Call::new("GET", "/users/1")).await.text(), "user");
    assert_eq!(app.send(&Call::new("GET", "/else")).await.status, 418);
    assert_eq!(both(app, "").await, ["/hooks/mounting/by-id?x=1", "/webhooks/acme?x=1"]);
}

#[tokio::test]
async fn a_disabled_endpoint_is_not_there() {
    let app = memory(&["mounting/by-id", "mounting/off"]).config(|config| config.dev = true).start().await;
    let answer = app.send(&Call::post("/hooks/mounting/off", "{}").sign(off())).await;
    assert_eq!(answer.status, 404);
    assert!(!answer.text().contains("mounting/off"), "{}", answer.text());
    app.stop().await;
}

#[tokio::test]
async fn a_disabled_job_takes_nothing() {
    let app = memory(&["mounting/job-off"]).start().await;
    let answer = app.send(&Call::post("/hooks/mounting/job-off", "{}").sign(job_off())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(app.deliveries().await[0].outcome, DeliveryOutcome::Filtered);
    assert!(app.runs().await.is_empty());
    app.stop().await;
}
