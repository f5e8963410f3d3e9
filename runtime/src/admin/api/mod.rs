//! The routes of the API. `openapi.json` describes them; a test compares the two.

mod endpoints;
mod events;
mod requests;
mod runs;
mod sources;

use super::act::{self, Effect};
use super::actions::RevealedSecret;
use super::answer::{Answer, Problem, json, respond, tagged, tagged_bytes};
use super::call::{Asked, Call};
use super::compact::compact_file;
use super::route::{Face, Route, answered, get};
use super::tally::{EndpointCounts, JobCounts};
use crate::time::Timestamp;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// Where the API is, below the root of all.
pub(super) const ROOT: &str = "/api/v1";

/// What describes it.
static OPENAPI: &[u8] = compact_file!("openapi.json");

/// How far back problems are looked for, where nothing else is asked.
const PROBLEMS_SINCE: Duration = Duration::from_secs(7 * 24 * 3600);

static GENERAL: &[Route] = &[
    get("/about", about),
    get("/openapi.json", description),
    get("/problems", problems),
    get("/stats", stats),
    get("/map", map),
];

static API: Face = Face {
    routes: &[
        GENERAL,
        endpoints::ROUTES,
        requests::ROUTES,
        runs::ROUTES,
        events::ROUTES,
        sources::ROUTES,
        act::ROUTES,
    ],
    told,
};

/// Answers for one who was let in; `path` is that below the API's own.
pub(super) fn answer(asked: Asked, path: &str) -> Response {
    answered(&API, path, asked).unwrap_or_else(|| Err(nothing())).into_response()
}

fn nothing() -> Problem {
    let text = "there is no such path; `GET openapi.json` describes those that there are".to_owned();
    Problem { status: StatusCode::NOT_FOUND, text }
}

/// What an action came to.
fn told(call: &Call, effect: Effect) -> Answer {
    #[derive(Serialize)]
    struct Secrets {
        secrets: Vec<RevealedSecret>,
    }
    #[derive(Serialize)]
    struct Switched<'a> {
        id: &'a str,
        paused: bool,
    }
    #[derive(Serialize)]
    struct Started {
        run: Uuid,
    }
    match effect {
        Effect::Landed(landed) => json(&landed),
        Effect::Secrets(secrets) => json(&Secrets { secrets }),
        Effect::EndpointSwitched { off } | Effect::JobSwitched { off } => {
            json(&Switched { id: &call.id, paused: off })
        }
        Effect::RunChanged(run) => json(&call.admin.run_view(&call.admin.stored_run(run)?)),
        Effect::RunStarted(run) => json(&Started { run }),
        Effect::Backfilled(done) => json(&done),
        Effect::Command(command) => Ok(text(command)),
    }
}

fn text(text: String) -> Response {
    respond(StatusCode::OK, "text/plain; charset=utf-8", text)
}

fn about(call: &Call) -> Answer {
    #[derive(Serialize)]
    struct About<'a> {
        name: &'static str,
        version: &'static str,
        api: &'static str,
        time: Timestamp,
        may_act: bool,
        csrf: Option<&'a str>,
        pages: String,
    }
    let Call { admin, visit, .. } = call;
    json(&About {
        name: "triggerfish",
        version: env!("CARGO_PKG_VERSION"),
        api: "v1",
        time: admin.app.clock.now(),
        may_act: visit.may_act,
        csrf: visit.csrf.as_deref(),
        pages: format!("{}{}", visit.origin, visit.root),
    })
}

fn description(call: &Call) -> Answer {
    Ok(tagged_bytes("application/json", Bytes::from_static(OPENAPI), &call.headers))
}

fn problems(call: &Call) -> Answer {
    let now = call.admin.app.clock.now();
    let since = call.fields.time("since", now)?.unwrap_or_else(|| now.minus(PROBLEMS_SINCE));
    tagged(&call.admin.problems(since)?, &call.headers)
}

fn stats(call: &Call) -> Answer {
    #[derive(Serialize)]
    struct Stats {
        hours: u8,
        #[serde(serialize_with = "super::view::as_object")]
        endpoints: Vec<(&'static str, EndpointCounts)>,
        #[serde(serialize_with = "super::view::as_object")]
        jobs: Vec<(&'static str, JobCounts)>,
    }
    let counts = call.admin.counts();
    let endpoints = call.admin.registry.endpoints().iter().map(|spec| (spec.id, counts.endpoint(spec.id)));
    let jobs = call.admin.registry.jobs().iter().map(|job| (job.id, counts.job(job.id)));
    let stats = Stats { hours: 24, endpoints: endpoints.collect(), jobs: jobs.collect() };
    tagged(&stats, &call.headers)
}

fn map(call: &Call) -> Answer {
    tagged(&call.admin.map()?, &call.headers)
}

#[cfg(test)]
mod tests {
    use super::{API, OPENAPI};
    use std::collections::BTreeSet;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let described: serde_json::Value = serde_json::from_slice(OPENAPI).unwrap();
        let readable: serde_json::Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
        assert_eq!(described, readable, "nothing but white space is left out");
        assert_eq!(described["openapi"], "3.1.0");
        let paths = described["paths"].as_object().unwrap();
        let described: BTreeSet<_> = paths
            .iter()
            .flat_map(|(path, methods)| {
                methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
            })
            .collect();
        let routes = API.routes.iter().copied().flatten();
        let routes = routes.map(|route| format!("{} {}", route.method.as_str().to_lowercase(), route.path));
        assert!(described.len() > 20);
        assert_eq!(routes.collect::<BTreeSet<_>>(), described);
    }
}
