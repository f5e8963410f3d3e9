//! The pages' routes: what each shows, and what its forms do.

mod endpoints;
mod events;
mod overview;
mod plan;
mod requests;
mod runs;
mod sources;
mod stream;

use super::{graph, parts, render, text, waterfall};
use crate::admin::Visit;
use crate::admin::act::{self, Effect};
use crate::admin::answer::{Answer, Problem, tagged_bytes};
use crate::admin::call::{Asked, Call};
use crate::admin::compact::compact_file;
use crate::admin::fields::Fields;
use crate::admin::route::{Face, Route, answered, get};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use uuid::Uuid;

static STYLE: &[u8] = compact_file!("../style.css");
static SCRIPT: &[u8] = include_bytes!("../script.js");
static ICON: &[u8] = include_bytes!("../icon.svg");

static ASSETS: &[Route] = &[get("/style.css", style), get("/script.js", script), get("/icon.svg", icon)];

static PAGES: Face = Face {
    routes: &[
        stream::ROUTES,
        endpoints::ROUTES,
        requests::ROUTES,
        runs::ROUTES,
        events::ROUTES,
        sources::ROUTES,
        overview::ROUTES,
        plan::ROUTES,
        act::ROUTES,
        ASSETS,
    ],
    told,
};

/// Answers one who was let in; problems are drawn as pages.
pub(crate) fn answer(asked: Asked, path: &str) -> Response {
    let path = if path.is_empty() { "/" } else { path };
    let visit = asked.visit.clone();
    let answer = answered(&PAGES, path, asked);
    let nothing = || Problem { status: StatusCode::NOT_FOUND, text: "There is no such page.".to_owned() };
    match answer.unwrap_or_else(|| Err(nothing())) {
        Ok(response) => response,
        Err(problem) => render::problem(&visit, &problem),
    }
}

/// Leads to where one sees what an action came to.
fn told(call: &Call, effect: Effect) -> Answer {
    let Call { admin, visit, id, fields, .. } = call;
    match effect {
        Effect::Landed(landed) => requests::landed(admin, visit, landed.id),
        Effect::Secrets(secrets) => endpoints::page(admin, visit, id, &secrets),
        Effect::EndpointSwitched { .. } => Ok(go(visit, &format!("/endpoints/{}", text::segment(id)))),
        // A job has its switch in several places.
        Effect::JobSwitched { .. } => Ok(match fields.get("endpoint") {
            Some(endpoint) => go(visit, &format!("/endpoints/{}", text::segment(endpoint))),
            None if fields.is_on("runs") => go(visit, &format!("/runs?job={}", text::segment(id))),
            None => go(visit, "/problems"),
        }),
        Effect::RunChanged(run) => Ok(go(visit, &format!("/runs/{run}"))),
        Effect::RunStarted(run) => Ok(go(visit, &format!("/runs/{run}"))),
        Effect::Backfilled(done) => sources::page(admin, visit, id, Some(done)),
        Effect::Command(command) => requests::command(visit, id, command),
    }
}

fn style(call: &Call) -> Answer {
    Ok(asset("text/css; charset=utf-8", STYLE, &call.headers))
}

fn script(call: &Call) -> Answer {
    Ok(asset("text/javascript; charset=utf-8", SCRIPT, &call.headers))
}

fn icon(call: &Call) -> Answer {
    Ok(asset("image/svg+xml", ICON, &call.headers))
}

fn asset(content_type: &'static str, content: &'static [u8], headers: &HeaderMap) -> Response {
    let mut response = tagged_bytes(content_type, Bytes::from_static(content), headers);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Goes to a page after an action.
fn go(visit: &Visit, path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::try_from(format!("{}{path}", visit.root)) {
        response.headers_mut().insert(LOCATION, to);
    }
    response
}

/// What the fields of a filter hold.
struct Filter<'a> {
    text: &'a str,
    endpoint: &'a str,
    outcome: &'a str,
    since: &'a str,
    job: &'a str,
    state: &'a str,
    name: &'a str,
    source: &'a str,
    any: bool,
}

impl<'a> Filter<'a> {
    fn of(fields: &'a Fields) -> Self {
        let field = |name| fields.get(name).unwrap_or_default();
        let all = ["text", "endpoint", "outcome", "since", "job", "state", "name", "source"].map(field);
        let [text, endpoint, outcome, since, job, state, name, source] = all;
        let any = all.iter().any(|value| !value.is_empty());
        Filter { text, endpoint, outcome, since, job, state, name, source, any }
    }

    /// The query of the same page further back.
    fn next(&self, before: Option<Uuid>) -> Option<String> {
        let before = before?.to_string();
        let set = [
            ("text", self.text),
            ("endpoint", self.endpoint),
            ("outcome", self.outcome),
            ("since", self.since),
            ("job", self.job),
            ("state", self.state),
            ("name", self.name),
            ("source", self.source),
            ("before", before.as_str()),
        ];
        let set = set.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = set.map(|(name, value)| format!("{name}={}", text::segment(value))).collect();
        Some(format!("?{}", pairs.join("&")))
    }
}
