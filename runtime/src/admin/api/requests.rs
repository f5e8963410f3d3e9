//! Requests.

use super::super::answer::{Answer, Id, Problem, json, respond, tagged};
use super::super::extract::{Acting, Asked};
use super::super::live::{self, Pace, Wanted};
use super::super::redact::Shown;
use super::super::{Admin, Shared, Visit};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::header::CONTENT_DISPOSITION;
use http::{HeaderMap, HeaderValue, StatusCode};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/requests", get(requests))
        .route("/requests/live", get(live_requests))
        .route("/requests/replay", post(replay_all))
        .route("/requests/{id}", get(request))
        .route("/requests/{id}/body", get(request_body))
        .route("/requests/{id}/replay", post(replay))
        .route("/requests/{id}/curl", post(curl))
        .route("/requests/{id}/test", get(test))
}

async fn requests(State(admin): Shared, Asked(fields): Asked, headers: HeaderMap) -> Answer {
    tagged(&admin.requests(admin.request_query(&fields)?).await?, &headers)
}

async fn live_requests(State(admin): Shared, Asked(fields): Asked) -> impl IntoResponse {
    live::requests(&admin, Wanted::of(&fields), Pace::API, |_, row| {
        serde_json::to_string(row).unwrap_or_default()
    })
}

async fn request(State(admin): Shared, Id(id): Id, headers: HeaderMap) -> Answer {
    tagged(&admin.request(id).await?, &headers)
}

/// The exact bytes, as a file: nothing of a stranger's is drawn as a page.
async fn request_body(State(admin): Shared, Id(id): Id) -> Answer {
    let kept = admin.kept(id).await?;
    let Shown::Exact(body) = admin.redaction.body(kept.request.body()) else {
        return Err(Problem::forbidden("a part of this body is not to be shown"));
    };
    let mut response = respond(StatusCode::OK, "application/octet-stream", body.into_owned());
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{id}.bin\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn replay(State(admin): Shared, Id(id): Id, Acting(fields): Acting) -> Answer {
    json(&admin.replay(id, &fields).await?)
}

async fn replay_all(State(admin): Shared, Acting(fields): Acting) -> Answer {
    if fields.is_on("plan") {
        return json(&admin.plan_replay(&fields).await?);
    }
    json(&admin.replay_all(&fields).await?)
}

async fn curl(State(admin): Shared, visit: Visit, Id(id): Id, _: Acting) -> Answer {
    Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", admin.curl(id, &visit).await?))
}

async fn test(State(admin): Shared, Id(id): Id) -> Answer {
    Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", admin.test(id).await?))
}
