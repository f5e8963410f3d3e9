//! Requests.

use super::super::Visit;
use super::super::answer::{Answer, Problem, joined, json, line, respond, tagged};
use super::super::call::Call;
use super::super::live::{self, Pace, Wanted};
use super::super::redact::Shown;
use super::super::route::{Route, get, post};
use super::super::view::request::RequestView;
use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[
    get("/requests", requests),
    get("/requests/live", live_requests),
    post("/requests/replay", replay_all),
    get("/requests/{id}", request),
    get("/requests/{id}/body", request_body),
    get("/requests/{id}/test", test),
];

fn requests(call: &Call) -> Answer {
    let query = call.admin.request_query(&call.fields)?;
    tagged(&call.admin.requests(query)?, &call.headers)
}

fn live_requests(call: &Call) -> Answer {
    let (admin, visit) = (Arc::clone(&call.admin), call.visit.clone());
    let write = |_: &Visit, row: &RequestView| line(row);
    Ok(live::requests(admin, visit, Wanted::of(&call.fields), Pace::API, write))
}

fn request(call: &Call) -> Answer {
    let request = call.admin.request(call.uuid()?)?;
    joined(&request.row, &request, &call.headers)
}

/// The exact bytes, as a file: nothing of a stranger's is drawn as a page.
fn request_body(call: &Call) -> Answer {
    let id = call.uuid()?;
    let kept = call.admin.kept(id)?;
    let Shown::Exact(body) = call.admin.redaction.body(kept.request.body()) else {
        return Err(Problem::forbidden("a part of this body is not to be shown"));
    };
    let mut response = respond(StatusCode::OK, "application/octet-stream", body.into_owned());
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{id}.bin\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

fn replay_all(call: &Call) -> Answer {
    if call.fields.is_on("plan") {
        return json(&call.admin.plan_replay(&call.fields)?);
    }
    json(&call.admin.replay_all(&call.fields)?)
}

fn test(call: &Call) -> Answer {
    Ok(super::text(call.admin.test(call.uuid()?)?))
}
