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
use crate::admin::answer::{Problem, tagged_bytes};
use crate::admin::fields::Fields;
use crate::admin::{Admin, Visit};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::sync::Arc;

const STYLE: &str = include_str!("../style.css");
const SCRIPT: &str = include_str!("../script.js");
const ICON: &str = include_str!("../icon.svg");

/// The pages' routes.
pub(crate) fn pages() -> Router<Arc<Admin>> {
    Router::new()
        .merge(stream::routes())
        .merge(endpoints::routes())
        .merge(requests::routes())
        .merge(runs::routes())
        .merge(events::routes())
        .merge(sources::routes())
        .merge(overview::routes())
        .merge(plan::routes())
        .layer(from_fn(problems_as_pages))
        .route("/style.css", get(|headers: HeaderMap| asset("text/css; charset=utf-8", STYLE, headers)))
        .route(
            "/script.js",
            get(|headers: HeaderMap| asset("text/javascript; charset=utf-8", SCRIPT, headers)),
        )
        .route("/icon.svg", get(|headers: HeaderMap| asset("image/svg+xml", ICON, headers)))
}

/// Draws the problem that a handler came to, as a page.
async fn problems_as_pages(visit: Visit, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match response.extensions().get::<Problem>() {
        Some(problem) => render::problem(&visit, problem),
        None => response,
    }
}

async fn asset(content_type: &'static str, content: &'static str, headers: HeaderMap) -> Response {
    let mut response = tagged_bytes(content_type, Bytes::from_static(content.as_bytes()), &headers);
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
    fn next(&self, before: Option<String>) -> Option<String> {
        let before = before?;
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

/// A page that is not there.
pub(crate) async fn nothing(visit: Visit) -> Response {
    let text = "There is no such page.".to_owned();
    render::problem(&visit, &Problem { status: StatusCode::NOT_FOUND, text })
}
