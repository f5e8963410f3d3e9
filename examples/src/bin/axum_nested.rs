//! Webhooks in an axum app that has routes and state of its own.
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin axum_nested
//!
//! secret=$(sed -n 's/^GITHUB_WEBHOOK_SECRET=//p' triggerfish.db.secrets)
//! body='{"action":"opened","issue":{"number":7,"title":"It fails"}}'
//! signature=$(printf %s "$body" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
//! curl -i localhost:3000/webhooks/hooks/github \
//!   -H "X-Hub-Signature-256: sha256=$signature" -H "X-GitHub-Event: issues" \
//!   -H "X-GitHub-Delivery: $(openssl rand -hex 8)" -d "$body"
//! sleep 1; curl localhost:3000/issues
//! ```

use axum::routing::get;
use axum::{Router, extract};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Mutex;
use triggerfish::prelude::*;
use triggerfish::runtime::Runtime;

/// What the app's handlers and the jobs share.
#[derive(Clone, Default)]
struct Issues {
    opened: Arc<Mutex<Vec<String>>>,
}

#[http_endpoint(id = "github", source = "github.com", icon = "github")]
fn github() -> Verifier {
    Verifier::github(env("GITHUB_WEBHOOK_SECRET"))
}

#[derive(Deserialize, Payload)]
struct IssueEvent {
    action: Action,
    issue: Issue,
}

#[derive(Debug, Deserialize, Payload)]
#[serde(rename_all = "snake_case")]
enum Action {
    Opened,
    Reopened,
    Closed,
}

#[derive(Deserialize, Payload)]
struct Issue {
    number: u64,
    title: String,
}

#[job(
    id = "list-issue",
    version = "1.0.0",
    trigger = github,
    filter = { headers: { "X-GitHub-Event": ["issues"] }, body: { action: ["opened"] } },
)]
async fn on_issue_opened(Json(event): Json<IssueEvent>, issues: State<Issues>) {
    let IssueEvent { action, issue } = event;
    issues.opened.lock().await.push(format!("#{} {} ({action:?})", issue.number, issue.title));
}

fn app(issues: Issues, hooks: Router) -> Router {
    Router::new().route("/issues", get(list_issues)).with_state(issues).nest("/webhooks", hooks)
}

/// A handler of axum takes axum's `State`, a job takes the one of the prelude.
async fn list_issues(extract::State(issues): extract::State<Issues>) -> String {
    issues.opened.lock().await.join("\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let issues = Issues::default();
    let hooks = Runtime::builder().state(issues.clone()).build()?.start().await?;

    let listener = tokio::net::TcpListener::bind(hooks.config().address).await?;
    let base = format!("http://{}/webhooks", listener.local_addr()?);
    tracing::info!("{}", hooks.table(&base).await);
    let stop = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, app(issues, hooks.router())).with_graceful_shutdown(stop).await?;

    // After the last request: ends what runs, or gives it back to the store.
    hooks.shutdown().await;
    Ok(())
}
