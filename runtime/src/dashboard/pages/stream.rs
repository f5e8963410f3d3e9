//! The stream of requests.

use super::{Filter, render};
use crate::admin::answer::Answer;
use crate::admin::extract::Asked;
use crate::admin::live::{self, Pace, Wanted};
use crate::admin::view::endpoint::EndpointView;
use crate::admin::view::request::RequestView;
use crate::admin::{Admin, Shared, Visit};
use crate::store::RequestOutcome;
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use serde::Serialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new().route("/", get(stream)).route("/live", get(live_rows))
}

async fn stream(State(admin): Shared, visit: Visit, Asked(fields): Asked) -> Answer {
    #[derive(Serialize)]
    struct Page<'a> {
        endpoints: Vec<EndpointView>,
        requests: Vec<RequestView>,
        next: Option<String>,
        filter: Filter<'a>,
        outcomes: [&'static str; 8],
        live_query: String,
    }
    let query = admin.request_query(&fields)?;
    let is_first = query.before.is_none();
    let found = admin.requests(query).await?;
    let filter = Filter::of(&fields);
    // Only the newest go on by themselves, and a text is looked for in the store alone.
    let live_query = match is_first && filter.text.is_empty() {
        true => format!(
            "{}/live?endpoint={}&outcome={}",
            visit.root,
            render::segment(filter.endpoint),
            render::segment(filter.outcome)
        ),
        false => String::new(),
    };
    let page = Page {
        endpoints: admin.endpoints(&visit).await,
        requests: found.requests,
        next: filter.next(found.next),
        outcomes: RequestOutcome::ALL.map(RequestOutcome::name),
        live_query,
        filter,
    };
    render::page(&visit, "stream.html", "", page)
}

async fn live_rows(State(admin): Shared, visit: Visit, Asked(fields): Asked) -> impl IntoResponse {
    live::requests(&admin, Wanted::of(&fields), Pace::PAGE, move |_, row| render::row(&visit.root, row))
}
