//! External sources.

use super::super::answer::{Answer, json, tagged};
use super::super::extract::Acting;
use super::super::{Admin, Shared};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::HeaderMap;
use serde_json::json as object;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/sources", get(sources))
        .route("/sources/{id}", get(source))
        .route("/sources/{id}/register", post(register))
        .route("/sources/{id}/unregister", post(unregister))
        .route("/sources/{id}/backfill", post(backfill))
}

async fn sources(State(admin): Shared, headers: HeaderMap) -> Answer {
    tagged(&object!({ "sources": admin.sources().await? }), &headers)
}

async fn source(State(admin): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    tagged(&admin.source(&id).await?, &headers)
}

async fn register(State(admin): Shared, Path(id): Path<String>, _: Acting) -> Answer {
    json(&object!({ "run": admin.register(&id).await? }))
}

async fn unregister(State(admin): Shared, Path(id): Path<String>, _: Acting) -> Answer {
    json(&object!({ "run": admin.unregister(&id).await? }))
}

async fn backfill(State(admin): Shared, Path(id): Path<String>, Acting(fields): Acting) -> Answer {
    json(&admin.backfill(&id, &fields).await?)
}
