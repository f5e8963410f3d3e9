//! Endpoints and jobs.

use super::super::answer::{Answer, json, tagged};
use super::super::extract::Acting;
use super::super::{Admin, Shared, Visit};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::HeaderMap;
use serde_json::json as object;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/endpoints", get(endpoints))
        .route("/endpoints/{id}", get(endpoint))
        .route("/endpoints/{id}/send", post(send))
        .route("/endpoints/{id}/reveal", post(reveal))
        .route("/endpoints/{id}/rotate", post(rotate))
        .route("/endpoints/{id}/pause", post(switch_endpoint::<true>))
        .route("/endpoints/{id}/resume", post(switch_endpoint::<false>))
        .route("/jobs", get(jobs))
        .route("/jobs/{id}/pause", post(switch_job::<true>))
        .route("/jobs/{id}/resume", post(switch_job::<false>))
}

async fn endpoints(State(admin): Shared, visit: Visit, headers: HeaderMap) -> Answer {
    tagged(&object!({ "endpoints": admin.endpoints(&visit).await }), &headers)
}

async fn endpoint(State(admin): Shared, visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let spec = admin.spec(&id)?;
    tagged(&admin.endpoint_view(spec, &visit).await, &headers)
}

async fn send(State(admin): Shared, Path(id): Path<String>, Acting(fields): Acting) -> Answer {
    json(&admin.send(&id, &fields).await?)
}

async fn reveal(State(admin): Shared, Path(id): Path<String>, _: Acting) -> Answer {
    json(&object!({ "secrets": admin.reveal(&id)? }))
}

async fn rotate(State(admin): Shared, Path(id): Path<String>, Acting(fields): Acting) -> Answer {
    json(&object!({ "secrets": admin.rotate(&id, &fields).await? }))
}

async fn switch_endpoint<const OFF: bool>(State(admin): Shared, Path(id): Path<String>, _: Acting) -> Answer {
    admin.switch_endpoint(&id, OFF).await?;
    json(&object!({ "id": id, "paused": OFF }))
}

async fn jobs(State(admin): Shared, headers: HeaderMap) -> Answer {
    let counts = admin.counts().await;
    let jobs: Vec<_> = admin.registry.jobs().iter().map(|job| admin.job_view(job, &counts)).collect();
    tagged(&object!({ "jobs": jobs }), &headers)
}

async fn switch_job<const OFF: bool>(State(admin): Shared, Path(id): Path<String>, _: Acting) -> Answer {
    admin.switch_job(&id, OFF).await?;
    json(&object!({ "id": id, "paused": OFF }))
}
