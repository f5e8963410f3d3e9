//! GitHub's events: `trigger = github::on_push(repository = "octocat/hello-world")`.

use crate::types::{IssuesEvent, PullRequestEvent, PushEvent, ReleaseEvent};
use serde_json::Value;
use triggerfish::event;
use triggerfish::event::Properties;

/// `issues`: something happened to an issue.
#[event(name = "issues", title = "Issue", source = "github.com", icon = "github")]
pub fn on_issues(event: &IssuesEvent) -> Properties {
    let issue = &event.issue;
    Properties::new().text("Action", &event.action).link(
        "Issue",
        format_args!("#{} {}", issue.number, issue.title),
        &issue.html_url,
    )
}

/// `pull_request`: something happened to a pull request.
#[event(name = "pull_request", title = "Pull request", source = "github.com", icon = "github")]
pub fn on_pull_request(event: &PullRequestEvent) -> Properties {
    let request = &event.pull_request;
    Properties::new().text("Action", &event.action).link(
        "Pull request",
        format_args!("#{} {}", request.number, request.title),
        &request.html_url,
    )
}

/// `push`: commits were pushed.
#[event(name = "push", title = "Push", source = "github.com", icon = "github")]
pub fn on_push(event: &PushEvent) -> Properties {
    Properties::new().text("Ref", &event.r#ref).text("Commits", event.commits.len())
}

/// `release`: something happened to a release.
#[event(name = "release", title = "Release", source = "github.com", icon = "github")]
pub fn on_release(event: &ReleaseEvent) -> Properties {
    let release = &event.release;
    Properties::new().text("Action", &event.action).link("Release", &release.tag_name, &release.html_url)
}

/// Every event, whatever its kind. The ping that follows the making of a webhook
/// is none: it is answered, and runs nothing.
#[event(name = "*", title = "Any event", source = "github.com", icon = "github")]
pub fn on_event(_event: &Value) -> Properties {
    Properties::new()
}
