//! Webhooks of repositories at a fake GitHub: the same kit, another provider.

use crate::fakes::github::{Github as Fake, TOKEN};
use crate::harness::{Board, Call, base, memory, sqlite, until};
use axum::middleware::{self, Next};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use triggerfish::prelude::*;
use triggerfish::store::{RunState, TraceOutcome};
use triggerfish::time::Clock;
use triggerfish_github as github;
use triggerfish_github::{Github, IssuesEvent, PushEvent};

#[source]
fn github_bot() -> Github {
    Github::new("github", Secret::from(TOKEN)).base_url(base()).repeats(1, Duration::from_millis(1))
}

#[job(
    id = "github/on-issues",
    version = "0.1.0",
    trigger = github::on_issues(account = github_bot, repository = "octo/one"),
    filter = { action: ["opened"] },
)]
async fn on_issues(Json(event): Json<IssuesEvent>, State(board): State<Board>) {
    board.note(format_args!("issue #{} {}", event.issue.number, event.issue.title));
}

#[job(
    id = "github/on-push",
    version = "0.1.0",
    trigger = github::on_push(account = github_bot, repository = "octo/one"),
)]
async fn on_push(Json(event): Json<PushEvent>, State(board): State<Board>) {
    board.note(format_args!("push {} {}", event.r#ref, event.commits.len()));
}

#[job(
    id = "github/on-other",
    version = "0.1.0",
    trigger = github::on_push(account = github_bot, repository = "octo/two"),
)]
async fn on_other(Json(event): Json<PushEvent>, State(board): State<Board>) {
    board.note(format_args!("other {}", event.r#ref));
}

#[job(id = "github/nameless", version = "0.1.0", trigger = github::on_push(account = github_bot))]
async fn nameless() {}

fn issue(action: &str) -> Value {
    json!({
        "action": action,
        "issue": { "id": 1, "number": 7, "title": "It fails", "state": "open" },
        "repository": { "id": 1, "name": "one", "full_name": "octo/one" },
    })
}

fn push(repository: &str) -> Value {
    json!({ "ref": "refs/heads/main", "commits": [{ "id": "c1" }], "repository": { "full_name": repository } })
}

#[tokio::test]
async fn each_repository_has_one_webhook_with_a_secret_of_the_programs_own() {
    let directory = tempfile::tempdir().unwrap();
    let fake = Fake::start().await;
    let app = sqlite(directory.path(), &["github/on-issues"]).provider(&fake.url()).start().await;
    app.registered().await;
    let (repository, hook) = fake.hooks().remove(0);
    assert_eq!(repository, "octo/one");
    assert_eq!(hook["config"]["url"], "https://hooks.example.com/hooks/github/octo~one");
    let secret = hook["config"]["secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 64);
    assert_eq!(fake.deliver("issues", "d-1", &issue("opened"), app.address).await[0].status, 200);
    app.board.noted("issue #7 It fails").await;
    assert_eq!(fake.deliver("issues", "d-1", &issue("opened"), app.address).await[0].status, 200);
    assert_eq!(fake.deliver("issues", "d-2", &issue("closed"), app.address).await[0].status, 200);
    let runs = app.all_ended().await;
    assert_eq!(runs.iter().filter(|run| run.job == "github/on-issues").count(), 1);
    app.stop().await;
    let bytes = std::fs::read(directory.path().join("app.db")).unwrap();
    assert!(!bytes.windows(64).any(|part| part == secret.as_bytes()), "nor in a step's output");

    // Another event: the webhook keeps its secret, so that nothing is rejected meanwhile.
    let ids = ["github/on-issues", "github/on-push", "github/on-other"];
    let app = sqlite(directory.path(), &ids).provider(&fake.url()).start().await;
    app.registered().await;
    app.all_ended().await;
    let hooks = fake.hooks();
    assert_eq!(hooks.len(), 2);
    assert_eq!(hooks[0].1["events"], json!(["issues", "push"]));
    assert_eq!(hooks[0].1["config"]["secret"], secret.as_str());
    assert_ne!(hooks[1].1["config"]["secret"], secret.as_str());
    assert_eq!(fake.deliver("push", "d-3", &push("octo/one"), app.address).await[0].status, 200);
    assert_eq!(fake.deliver("push", "d-4", &push("octo/two"), app.address).await[0].status, 200);
    app.board.noted("push refs/heads/main 1").await;
    app.board.noted("other refs/heads/main").await;
    app.stop().await;

    // It moves to another URL, and is removed.
    let moved = sqlite(directory.path(), &["github/on-issues"]).provider(&fake.url());
    let app =
        moved.config(|config| config.public_url = Some("https://new.example.com".to_owned())).start().await;
    app.all_ended().await;
    let (_, hook) = fake.hooks().remove(0);
    assert_eq!(hook["config"]["url"], "https://new.example.com/hooks/github/octo~one");
    assert_eq!(hook["config"]["secret"], secret.as_str());
    app.running.sources().unregister("github/octo~two").await.unwrap();
    app.running.sources().unregister("github/octo~one").await.unwrap();
    until("the end of both", async || fake.hooks().is_empty().then_some(())).await;
    app.all_ended().await;
    assert_eq!(fake.deliver("issues", "d-5", &issue("opened"), app.address).await.len(), 0);
    app.stop().await;
}

/// GitHub sends the ping while it answers: before the program knows the webhook's id.
#[tokio::test]
async fn what_comes_before_the_answer_to_the_creation_is_accepted() {
    let fake = Fake::start().await;
    fake.holds();
    let app = memory(&["github/on-issues"]).provider(&fake.url()).start().await;
    until("the webhook", async || fake.hooks().pop()).await;
    let forged = Call::post("/hooks/github/octo~one", "{}").header("x-github-event", "ping");
    let guess = Verifier::github(Secret::from("a guess"));
    assert_eq!(forged.header("x-github-delivery", "p-0").sign(guess).send(app.address).await.status, 401);
    assert_eq!(fake.ping("p-1", app.address).await.status, 200, "it verifies");
    let told: Vec<_> = app.traces().await.into_iter().map(|trace| trace.outcome).collect();
    assert_eq!(told, [TraceOutcome::Handshake, TraceOutcome::Rejected]);
    let (sending, address) = (fake.clone(), app.address);
    let sent = tokio::spawn(async move { sending.deliver("issues", "d-1", &issue("opened"), address).await });
    fake.answers();
    assert_eq!(sent.await.unwrap()[0].status, 200);
    app.board.noted("issue #7 It fails").await;
    app.registered().await;
    app.stop().await;
}

/// A request has come to the program that says so.
static ARRIVED: Notify = Notify::const_new();

async fn arrives(request: axum::extract::Request, next: Next) -> axum::response::Response {
    ARRIVED.notify_one();
    next.run(request).await
}

/// Its webhook may have been made, and the answer never come.
#[tokio::test]
async fn a_request_waits_for_its_registration_for_a_time() {
    let fake = Fake::start().await;
    fake.holds();
    let clock = Clock::manual(SystemTime::now().into());
    let shown = clock.clone();
    let setup = memory(&["github/on-issues"]).provider(&fake.url());
    let setup = setup.mount(|router| router.layer(middleware::from_fn(arrives)));
    let app = setup.builder(move |builder| builder.clock(shown)).start().await;
    until("the webhook", async || fake.hooks().pop()).await;
    let (sending, address) = (fake.clone(), app.address);
    let sent = tokio::spawn(async move { sending.deliver("issues", "d-1", &issue("opened"), address).await });
    ARRIVED.notified().await;
    until("the end of its patience", async || {
        clock.advance(Duration::from_secs(1));
        sent.is_finished().then_some(())
    })
    .await;
    assert_eq!(sent.await.unwrap()[0].status, 500);
    assert!(app.deliveries().await.is_empty());
    assert!(app.traces().await[0].reason.contains("not registered"));
    fake.answers();
    app.registered().await;
    let again = fake.deliver("issues", "d-1", &issue("opened"), app.address).await;
    assert_eq!(again[0].status, 200, "as a person sends it again");
    app.stop().await;
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_found_again() {
    let fake = Fake::start().await;
    fake.lose(1);
    let clock = Clock::manual(SystemTime::now().into());
    let shown = clock.clone();
    let setup = memory(&["github/on-issues"]).provider(&fake.url());
    let app = setup.builder(move |builder| builder.clock(shown)).start().await;
    let failed = async || app.runs().await.into_iter().find(|run| run.failures == 1);
    let run = until("the failure of the first attempt", failed).await;
    assert_eq!(run.state, RunState::Queued);
    clock.advance(Duration::from_secs(60));
    app.registered().await;
    assert_eq!(fake.hooks().len(), 1);
    let made: Vec<_> = fake.seen().into_iter().map(|(method, ..)| method).collect();
    assert_eq!(made, ["GET", "POST", "GET", "PATCH"]);
    assert_eq!(fake.deliver("issues", "d-1", &issue("opened"), app.address).await[0].status, 200);
    let runs = app.all_ended().await;
    assert!(runs.iter().all(|run| run.state == RunState::Done));
    app.stop().await;
}

#[tokio::test]
async fn a_job_names_its_repository() {
    let fake = Fake::start().await;
    let error =
        memory(&["github/nameless"]).provider(&fake.url()).build().map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("github/nameless") && error.contains("octocat/hello-world"), "{error}");
}
