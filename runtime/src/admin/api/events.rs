//! Events and schedules.

use super::super::answer::{Answer, Id, tagged};
use super::super::extract::Asked;
use super::super::{Admin, Shared};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::HeaderMap;
use serde_json::json as object;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/events", get(events))
        .route("/events/{id}", get(event))
        .route("/schedules", get(schedules))
}

async fn events(State(admin): Shared, Asked(fields): Asked, headers: HeaderMap) -> Answer {
    tagged(&admin.events(admin.event_search(&fields)?).await?, &headers)
}

async fn event(State(admin): Shared, Id(id): Id, headers: HeaderMap) -> Answer {
    tagged(&admin.event(id).await?, &headers)
}

async fn schedules(State(admin): Shared, headers: HeaderMap) -> Answer {
    tagged(&object!({ "schedules": admin.schedules().await? }), &headers)
}
