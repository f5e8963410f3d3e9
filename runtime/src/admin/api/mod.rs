//! The routes of the API. `openapi.json` describes them; a test compares the two.

mod endpoints;
mod events;
mod requests;
mod runs;
mod sources;

use super::answer::{Answer, Problem, json, tagged, tagged_bytes};
use super::extract::Asked;
use super::{Admin, Shared, Visit};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use serde_json::json as object;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The description of the API.
const OPENAPI: &str = include_str!("../openapi.json");

/// How far back problems are looked for, where nothing else is asked.
const PROBLEMS_SINCE: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) fn router() -> Router<Arc<Admin>> {
    Router::new()
        .route("/about", get(about))
        .route("/openapi.json", get(openapi))
        .route("/problems", get(problems))
        .route("/stats", get(stats))
        .route("/map", get(map))
        .merge(endpoints::routes())
        .merge(requests::routes())
        .merge(runs::routes())
        .merge(events::routes())
        .merge(sources::routes())
        .fallback(nothing)
}

async fn nothing() -> Problem {
    let text = "there is no such path; `GET openapi.json` describes those that there are".to_owned();
    Problem { status: StatusCode::NOT_FOUND, text }
}

async fn about(State(admin): Shared, visit: Visit) -> Answer {
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
    tagged_bytes("application/json", OPENAPI.into(), &headers)
}

async fn problems(State(admin): Shared, Asked(fields): Asked, headers: HeaderMap) -> Answer {
    let now = admin.app.clock.now();
    let since = fields.time("since", now)?.unwrap_or_else(|| now.minus(PROBLEMS_SINCE));
    tagged(&admin.problems(since).await?, &headers)
}

async fn stats(State(admin): Shared, headers: HeaderMap) -> Answer {
    let counts = admin.counts().await;
    let endpoints = admin.registry.endpoints().iter().map(|spec| (spec.id, counts.endpoint(spec.id)));
    let jobs = admin.registry.jobs().iter().map(|job| (job.id, counts.job(job.id)));
    let (endpoints, jobs): (BTreeMap<_, _>, BTreeMap<_, _>) = (endpoints.collect(), jobs.collect());
    tagged(&object!({ "hours": 24, "endpoints": endpoints, "jobs": jobs }), &headers)
}

async fn map(State(admin): Shared, headers: HeaderMap) -> Answer {
    tagged(&admin.map().await?, &headers)
}

#[cfg(test)]
mod tests {
    use super::OPENAPI;
    use std::collections::BTreeSet;

    /// The routes as the code says them: a method and a path each.
    fn routes() -> BTreeSet<String> {
        let files = [
            include_str!("mod.rs"),
            include_str!("endpoints.rs"),
            include_str!("events.rs"),
            include_str!("requests.rs"),
            include_str!("runs.rs"),
            include_str!("sources.rs"),
        ];
        let lines = files.into_iter().flat_map(str::lines);
        let lines = lines.filter_map(|line| line.trim().strip_prefix(".route(\""));
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
