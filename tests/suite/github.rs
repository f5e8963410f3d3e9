//! Webhooks of repositories at a fake GitHub: the same kit, another provider.

use crate::fakes::github::{Github as Fake, TOKEN};
use crate::harness::{App, Board, Setup, memory, sqlite, until};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::time::Duration;
use triggerfish::prelude::*;
use triggerfish::store::RunState;
use triggerfish_github as github;
use triggerfish_github::{Github, IssuesEvent, PushEvent};

thread_local! {
    /// Where the fake of the test is that is being built on this thread.
    static FAKE: RefCell<String> = const { RefCell::new(String::new()) };
}

#[source]
fn github_bot() -> Github {
    let base = FAKE.with_borrow(Clone::clone);
    Github::new("github", Secret::from(TOKEN)).base_url(base).repeats(1, Duration::from_millis(1))
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

pub(crate) fn setup(setup: Setup, fake: &Fake) -> Setup {
    FAKE.set(fake.url());
    setup.config(|config| config.public_url = Some("https://hooks.example.com".to_owned()))
}

async fn registered(app: &App) {
    until("the registration of all webhooks", async || {
        app.running.sources().list().iter().all(|source| source.registered.is_some()).then_some(())
    })
    .await;
}

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
    let app = setup(sqlite(directory.path(), &["github/on-issues"]), &fake).start().await;
    registered(&app).await;
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
    let app = setup(sqlite(directory.path(), &ids), &fake).start().await;
    registered(&app).await;
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
    let moved = setup(sqlite(directory.path(), &["github/on-issues"]), &fake);
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

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_found_again() {
    let fake = Fake::start().await;
    fake.lose(1);
    let app = setup(memory(&["github/on-issues"]), &fake).start().await;
    registered(&app).await;
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
    let error = setup(memory(&["github/nameless"]), &fake).build().map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("github/nameless") && error.contains("octocat/hello-world"), "{error}");
}
