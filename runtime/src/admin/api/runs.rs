//! Runs.

use super::super::answer::{Answer, Id, json, tagged};
use super::super::extract::{Acting, Asked};
use super::super::{Admin, Shared};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use http::HeaderMap;
use serde_json::json as object;
use std::sync::Arc;
use uuid::Uuid;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/runs", get(runs))
        .route("/runs/retry", post(retry_all))
        .route("/runs/{id}", get(run))
        .route("/runs/{id}/steps", get(steps))
        .route("/runs/{id}/logs", get(logs))
        .route("/runs/{id}/retry", post(retry))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/runs/{id}/complete", post(complete))
}

async fn runs(State(admin): Shared, Asked(fields): Asked, headers: HeaderMap) -> Answer {
    tagged(&admin.runs(admin.run_search(&fields)?).await?, &headers)
}

async fn run(State(admin): Shared, Id(id): Id, Asked(fields): Asked, headers: HeaderMap) -> Answer {
    tagged(&admin.run(id, fields.level()?).await?, &headers)
}

async fn steps(State(admin): Shared, Id(id): Id, headers: HeaderMap) -> Answer {
    tagged(&object!({ "steps": admin.run(id, 0).await?.steps }), &headers)
}

async fn logs(State(admin): Shared, Id(id): Id, Asked(fields): Asked, headers: HeaderMap) -> Answer {
    tagged(&object!({ "logs": admin.run(id, fields.level()?).await?.logs }), &headers)
}

/// What became of a run that a person did something to.
async fn changed(admin: &Admin, id: Uuid) -> Answer {
    json(&admin.run_view(&admin.stored_run(id).await?))
}

async fn retry(State(admin): Shared, Id(id): Id, Acting(fields): Acting) -> Answer {
    admin.retry(id, fields.get("from")).await?;
    changed(&admin, id).await
}

async fn retry_all(State(admin): Shared, Acting(fields): Acting) -> Answer {
    if fields.is_on("plan") {
        return json(&admin.plan_retry(&fields).await?);
    }
    json(&admin.retry_all(&fields).await?)
}

async fn cancel(State(admin): Shared, Id(id): Id, _: Acting) -> Answer {
    admin.cancel(id).await?;
    changed(&admin, id).await
}

async fn complete(State(admin): Shared, Id(id): Id, Acting(fields): Acting) -> Answer {
    admin.complete(id, &fields).await?;
    changed(&admin, id).await
}
