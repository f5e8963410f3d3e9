//! Requests.

use super::super::Visit;
use super::super::answer::{Answer, Problem, joined, json, respond, tagged};
use super::super::call::Call;
use super::super::live::{self, Pace, Wanted};
use super::super::redact::Shown;
use super::super::route::{Route, get, post};
use super::super::view::request::RequestView;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[
    get("/requests", &requests),
    get("/requests/live", &live_requests),
    post("/requests/replay", &replay_all),
    get("/requests/{id}", &request),
    get("/requests/{id}/body", &request_body),
    get("/requests/{id}/test", &test),
];

async fn requests(call: Arc<Call>) -> Answer {
    let query = call.admin.request_query(&call.fields)?;
    tagged(&call.admin.requests(query).await?, &call.headers)
}

async fn live_requests(call: Arc<Call>) -> Answer {
    let (admin, visit) = (Arc::clone(&call.admin), call.visit.clone());
    let write = |_: &Visit, row: &RequestView| serde_json::to_string(row).unwrap_or_default();
    Ok(live::requests(admin, visit, Wanted::of(&call.fields), Pace::API, write))
}

async fn request(call: Arc<Call>) -> Answer {
    let request = call.admin.request(call.uuid()?).await?;
    joined(&request.row, &request, &call.headers)
}

/// The exact bytes, as a file: nothing of a stranger's is drawn as a page.
async fn request_body(call: Arc<Call>) -> Answer {
    let id = call.uuid()?;
    let kept = call.admin.kept(id).await?;
    let Shown::Exact(body) = call.admin.redaction.body(kept.request.body()) else {
        return Err(Problem::forbidden("a part of this body is not to be shown"));
    };
    let mut response = respond(StatusCode::OK, "application/octet-stream", body.into_owned());
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{id}.bin\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn replay_all(call: Arc<Call>) -> Answer {
    if call.fields.is_on("plan") {
        return json(&call.admin.plan_replay(&call.fields).await?);
    }
    json(&call.admin.replay_all(&call.fields).await?)
}

async fn test(call: Arc<Call>) -> Answer {
    Ok(super::text(call.admin.test(call.uuid()?).await?))
}
