//! The routes of the API. `openapi.json` describes them; a test compares the two.

use super::answer::{Answer, Id, Problem, json, respond, tagged};
use super::bulk::Plan;
use super::fields::Fields;
use super::live::{self, Pace, Wanted};
use super::view::run::LEVELS;
use super::{Admin, Visit, acting};
use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::CONTENT_DISPOSITION;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use serde::Serialize;
use serde_json::json as object;
use std::sync::Arc;
use std::time::Duration;

type Shared = State<Arc<Admin>>;
type Visitor = Extension<Visit>;

/// The description of the API.
const OPENAPI: &str = include_str!("openapi.json");

/// How far back problems are looked for, where nothing else is asked.
const PROBLEMS_SINCE: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/about", get(about))
        .route("/openapi.json", get(openapi))
        .route("/endpoints", get(endpoints))
        .route("/endpoints/{id}", get(endpoint))
        .route("/endpoints/{id}/send", post(send))
        .route("/endpoints/{id}/reveal", post(reveal))
        .route("/endpoints/{id}/rotate", post(rotate))
        .route("/endpoints/{id}/pause", post(pause_endpoint))
        .route("/endpoints/{id}/resume", post(resume_endpoint))
        .route("/jobs", get(jobs))
        .route("/jobs/{id}/pause", post(pause_job))
        .route("/jobs/{id}/resume", post(resume_job))
        .route("/requests", get(requests))
        .route("/requests/live", get(live_requests))
        .route("/requests/replay", post(replay_all))
        .route("/requests/{id}", get(request))
        .route("/requests/{id}/body", get(request_body))
        .route("/requests/{id}/replay", post(replay))
        .route("/requests/{id}/curl", post(curl))
        .route("/requests/{id}/test", get(test))
        .route("/runs", get(runs))
        .route("/runs/retry", post(retry_all))
        .route("/runs/{id}", get(run))
        .route("/runs/{id}/steps", get(steps))
        .route("/runs/{id}/logs", get(logs))
        .route("/runs/{id}/retry", post(retry))
        .route("/runs/{id}/cancel", post(cancel))
        .route("/problems", get(problems))
        .route("/stats", get(stats))
        .route("/map", get(map))
        .fallback(nothing)
}

async fn nothing() -> Problem {
    let text = "there is no such path; `GET openapi.json` describes those that there are".to_owned();
    Problem { status: StatusCode::NOT_FOUND, text }
}

/// The fields of a request's query.
pub(crate) fn asked(uri: &Uri) -> Fields {
    Fields::form(uri.query().unwrap_or_default())
}

async fn about(State(admin): Shared, Extension(visit): Visitor) -> Answer {
    json(&object!({
        "name": "triggerfish",
        "version": env!("CARGO_PKG_VERSION"),
        "api": "v1",
        "time": super::view::time(admin.app.clock.now()),
        "may_act": visit.may_act,
        "csrf": visit.csrf,
        "pages": format!("{}{}", visit.origin, visit.root),
    }))
}

async fn openapi(headers: HeaderMap) -> Response {
    super::answer::tagged_bytes("application/json", OPENAPI.into(), &headers)
}

async fn endpoints(State(admin): Shared, Extension(visit): Visitor, headers: HeaderMap) -> Answer {
    tagged(&object!({ "endpoints": admin.endpoints(&visit).await }), &headers)
}

async fn endpoint(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let spec = admin.spec(&id)?;
    tagged(&admin.endpoint_view(spec, &visit).await, &headers)
}

async fn send(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let fields = acting(&visit, request).await?;
    json(&admin.send(&id, &fields).await?)
}

async fn reveal(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    acting(&visit, request).await?;
    json(&object!({ "secrets": admin.reveal(&id)? }))
}

async fn rotate(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let fields = acting(&visit, request).await?;
    json(&object!({ "secrets": admin.rotate(&id, &fields).await? }))
}

async fn pause_endpoint(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    acting(&visit, request).await?;
    admin.switch_endpoint(&id, true).await?;
    json(&object!({ "id": id, "paused": true }))
}

async fn resume_endpoint(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    acting(&visit, request).await?;
    admin.switch_endpoint(&id, false).await?;
    json(&object!({ "id": id, "paused": false }))
}

async fn jobs(State(admin): Shared, headers: HeaderMap) -> Answer {
    let counts = admin.counts().await;
    let jobs: Vec<_> = admin.registry.jobs().iter().map(|job| admin.job_view(job, &counts)).collect();
    tagged(&object!({ "jobs": jobs }), &headers)
}

async fn pause_job(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    acting(&visit, request).await?;
    admin.switch_job(&id, true).await?;
    json(&object!({ "id": id, "paused": true }))
}

async fn resume_job(
    State(admin): Shared,
    Extension(visit): Visitor,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    acting(&visit, request).await?;
    admin.switch_job(&id, false).await?;
    json(&object!({ "id": id, "paused": false }))
}

async fn requests(State(admin): Shared, uri: Uri, headers: HeaderMap) -> Answer {
    let query = admin.request_query(&asked(&uri))?;
    tagged(&admin.requests(query).await?, &headers)
}

async fn live_requests(State(admin): Shared, uri: Uri) -> impl IntoResponse {
    live::requests(&admin, Wanted::of(&asked(&uri)), Pace::API, |_, row| {
        serde_json::to_string(row).unwrap_or_default()
    })
}

async fn request(State(admin): Shared, Id(id): Id, headers: HeaderMap) -> Answer {
    tagged(&admin.request(id).await?, &headers)
}

/// The exact bytes, as a file: nothing of a stranger's is drawn as a page.
async fn request_body(State(admin): Shared, Id(id): Id) -> Answer {
    let kept = admin.kept(id).await?;
    let super::redact::Shown::Exact(body) = admin.redaction.body(kept.request.body()) else {
        return Err(Problem::forbidden("a part of this body is not to be shown"));
    };
    let mut response = respond(StatusCode::OK, "application/octet-stream", body.into_owned());
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{id}.bin\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

async fn replay(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Answer {
    let fields = acting(&visit, request).await?;
    json(&admin.replay(id, &fields).await?)
}

async fn replay_all(State(admin): Shared, Extension(visit): Visitor, request: Request) -> Answer {
    let fields = acting(&visit, request).await?;
    if fields.is_on("plan") {
        return planned(&admin.plan_replay(&fields).await?);
    }
    json(&admin.replay_all(&fields).await?)
}

fn planned<T: Serialize>(plan: &Plan<T>) -> Answer {
    json(plan)
}

async fn curl(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Answer {
    acting(&visit, request).await?;
    Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", admin.curl(id, &visit).await?))
}

async fn test(State(admin): Shared, Id(id): Id) -> Answer {
    Ok(respond(StatusCode::OK, "text/plain; charset=utf-8", admin.test(id).await?))
}

async fn runs(State(admin): Shared, uri: Uri, headers: HeaderMap) -> Answer {
    let search = admin.run_search(&asked(&uri))?;
    tagged(&admin.runs(search).await?, &headers)
}

async fn run(State(admin): Shared, Id(id): Id, uri: Uri, headers: HeaderMap) -> Answer {
    tagged(&admin.run(id, level(&asked(&uri))?).await?, &headers)
}

async fn steps(State(admin): Shared, Id(id): Id, headers: HeaderMap) -> Answer {
    tagged(&object!({ "steps": admin.run(id, 0).await?.steps }), &headers)
}

async fn logs(State(admin): Shared, Id(id): Id, uri: Uri, headers: HeaderMap) -> Answer {
    tagged(&object!({ "logs": admin.run(id, level(&asked(&uri))?).await?.logs }), &headers)
}

/// The level up to which lines of a log are asked for; all where none is named.
pub(crate) fn level(fields: &Fields) -> Answer<u8> {
    let Some(name) = fields.get("level") else { return Ok(u8::MAX) };
    let level = LEVELS.iter().position(|level| *level == name);
    let level = level.ok_or_else(|| Problem::field("level", name, &format!("of {}", LEVELS.join(", "))))?;
    Ok(u8::try_from(level).unwrap_or(u8::MAX))
}

async fn retry(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Answer {
    let fields = acting(&visit, request).await?;
    admin.retry(id, fields.get("from")).await?;
    json(&admin.run_view(&admin.stored_run(id).await?))
}

async fn retry_all(State(admin): Shared, Extension(visit): Visitor, request: Request) -> Answer {
    let fields = acting(&visit, request).await?;
    if fields.is_on("plan") {
        return planned(&admin.plan_retry(&fields).await?);
    }
    json(&admin.retry_all(&fields).await?)
}

async fn cancel(State(admin): Shared, Extension(visit): Visitor, Id(id): Id, request: Request) -> Answer {
    acting(&visit, request).await?;
    admin.cancel(id).await?;
    json(&admin.run_view(&admin.stored_run(id).await?))
}

async fn problems(State(admin): Shared, uri: Uri, headers: HeaderMap) -> Answer {
    let now = admin.app.clock.now();
    let since = asked(&uri).time("since", now)?.unwrap_or_else(|| now.minus(PROBLEMS_SINCE));
    tagged(&admin.problems(since).await?, &headers)
}

async fn stats(State(admin): Shared, headers: HeaderMap) -> Answer {
    let counts = admin.counts().await;
    let endpoints = admin.registry.endpoints().iter().map(|spec| (spec.id, counts.endpoint(spec.id)));
    let jobs = admin.registry.jobs().iter().map(|job| (job.id, counts.job(job.id)));
    let (endpoints, jobs): (std::collections::BTreeMap<_, _>, std::collections::BTreeMap<_, _>) =
        (endpoints.collect(), jobs.collect());
    tagged(&object!({ "hours": 24, "endpoints": endpoints, "jobs": jobs }), &headers)
}

async fn map(State(admin): Shared, headers: HeaderMap) -> Answer {
    tagged(&admin.map().await, &headers)
}

#[cfg(test)]
mod tests {
    use super::OPENAPI;
    use std::collections::BTreeSet;

    /// The routes as this file says them: a method and a path each.
    fn routes() -> BTreeSet<String> {
        let lines = include_str!("api.rs").lines().filter_map(|line| line.trim().strip_prefix(".route(\""));
        let named = lines.filter_map(|line| {
            let (path, rest) = line.split_once("\", ")?;
            Some(format!("{} {path}", rest.split_once('(')?.0))
        });
        named.collect()
    }

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let described: serde_json::Value = serde_json::from_str(OPENAPI).unwrap();
        assert_eq!(described["openapi"], "3.1.0");
        let paths = described["paths"].as_object().unwrap();
        let described: BTreeSet<_> = paths
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
            })
            .collect();
        assert!(described.len() > 20);
        assert_eq!(routes(), described);
    }
}
