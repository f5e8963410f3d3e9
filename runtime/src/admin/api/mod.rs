//! The routes of the API. `openapi.json` describes them; a test compares the two.

mod endpoints;
mod events;
mod requests;
mod runs;
mod sources;

use super::answer::{Answer, Problem, json, tagged, tagged_bytes};
use super::call::Call;
use super::route::{Route, answered, get};
use super::tally::{EndpointCounts, JobCounts};
use super::{Admin, Visit};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, request};
use serde::{Serialize, Serializer};
use serde_json::json as object;
use std::sync::Arc;
use std::time::Duration;

/// Where the API is, below the root of all.
pub(super) const ROOT: &str = "/api/v1";

/// The description of the API.
const OPENAPI: &str = include_str!("../openapi.json");

/// How far back problems are looked for, where nothing else is asked.
const PROBLEMS_SINCE: Duration = Duration::from_secs(7 * 24 * 3600);

static GENERAL: &[Route] = &[
    get("/about", &about),
    get("/openapi.json", &openapi),
    get("/problems", &problems),
    get("/stats", &stats),
    get("/map", &map),
];

static ROUTES: [&[Route]; 6] =
    [GENERAL, endpoints::ROUTES, requests::ROUTES, runs::ROUTES, events::ROUTES, sources::ROUTES];

/// Answers for one who was let in; `path` is that below the API's own.
pub(super) async fn answer(
    admin: Arc<Admin>,
    visit: Visit,
    path: &str,
    head: request::Parts,
    body: Body,
) -> Response {
    let answer = answered(&ROUTES, path, admin, visit, head, body).await;
    answer.unwrap_or_else(|| Err(nothing())).into_response()
}

fn nothing() -> Problem {
    let text = "there is no such path; `GET openapi.json` describes those that there are".to_owned();
    Problem { status: StatusCode::NOT_FOUND, text }
}

async fn about(call: Call) -> Answer {
    let Call { admin, visit, .. } = call;
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

async fn openapi(call: Call) -> Answer {
    Ok(tagged_bytes("application/json", OPENAPI.into(), &call.headers))
}

async fn problems(call: Call) -> Answer {
    let now = call.admin.app.clock.now();
    let since = call.fields.time("since", now)?.unwrap_or_else(|| now.minus(PROBLEMS_SINCE));
    tagged(&call.admin.problems(since).await?, &call.headers)
}

async fn stats(call: Call) -> Answer {
    #[derive(Serialize)]
    struct Stats {
        hours: u8,
        #[serde(serialize_with = "by_id")]
        endpoints: Vec<(&'static str, EndpointCounts)>,
        #[serde(serialize_with = "by_id")]
        jobs: Vec<(&'static str, JobCounts)>,
    }
    let counts = call.admin.counts().await;
    let endpoints = call.admin.registry.endpoints().iter().map(|spec| (spec.id, counts.endpoint(spec.id)));
    let jobs = call.admin.registry.jobs().iter().map(|job| (job.id, counts.job(job.id)));
    let stats = Stats { hours: 24, endpoints: endpoints.collect(), jobs: jobs.collect() };
    tagged(&stats, &call.headers)
}

/// Pairs as an object.
fn by_id<S: Serializer, T: Serialize>(pairs: &[(&str, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(id, value)| (id, value)))
}

async fn map(call: Call) -> Answer {
    tagged(&call.admin.map().await?, &call.headers)
}

#[cfg(test)]
mod tests {
    use super::{OPENAPI, ROUTES};
    use std::collections::BTreeSet;

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
        let routes = ROUTES.into_iter().flatten();
        let routes = routes.map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path));
        assert!(described.len() > 20);
        assert_eq!(routes.collect::<BTreeSet<_>>(), described);
    }
}
