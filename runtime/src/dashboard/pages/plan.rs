//! Many at once: what would be done, to be confirmed.

use super::{go, render};
use crate::admin::answer::Answer;
use crate::admin::bulk::Plan;
use crate::admin::extract::Acting;
use crate::admin::{Admin, Shared, Visit};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde::Serialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new().route("/replay", post(replay_all)).route("/retry", post(retry_all))
}

/// What would be done.
#[derive(Serialize)]
struct PlanPage<'a, T> {
    title: &'a str,
    what: &'a str,
    verb: &'a str,
    /// The page of one of them.
    kind: &'a str,
    action: String,
    back: String,
    fields: Vec<(&'a str, &'a str)>,
    plan: Plan<T>,
}

async fn replay_all(State(admin): Shared, visit: Visit, Acting(fields): Acting) -> Answer {
    if fields.get("confirm").is_some() {
        admin.replay_all(&fields).await?;
        return Ok(go(&visit, ""));
    }
    let names = ["text", "endpoint", "outcome", "since"];
    let page = PlanPage {
        title: "Send again",
        what: "requests are sent again",
        verb: "Send",
        kind: "requests",
        action: format!("{}/replay", visit.root),
        back: visit.root.clone(),
        fields: names.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect(),
        plan: admin.plan_replay(&fields).await?,
    };
    render::page(&visit, "plan.html", "", page)
}

async fn retry_all(State(admin): Shared, visit: Visit, Acting(fields): Acting) -> Answer {
    if fields.get("confirm").is_some() {
        admin.retry_all(&fields).await?;
        return Ok(go(&visit, "/runs"));
    }
    let names = ["job", "state", "error", "since"];
    let page = PlanPage {
        title: "Retry",
        what: "runs go on where they failed",
        verb: "Retry",
        kind: "runs",
        action: format!("{}/retry", visit.root),
        back: format!("{}/problems", visit.root),
        fields: names.into_iter().filter_map(|name| Some((name, fields.get(name)?))).collect(),
        plan: admin.plan_retry(&fields).await?,
    };
    render::page(&visit, "plan.html", "/problems", page)
}
