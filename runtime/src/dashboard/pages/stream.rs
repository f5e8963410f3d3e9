//! The stream of requests.

use super::render::{self, Head};
use super::{Filter, parts, text};
use crate::admin::Visit;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::live::{self, Pace, Wanted};
use crate::admin::route::{Route, get};
use crate::admin::view::endpoint::EndpointView;
use crate::admin::view::request::RequestView;
use crate::store::RequestOutcome;
use askama::Template;
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[get("/", stream), get("/live", live_rows)];

fn stream(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "stream.html")]
    struct Page<'a> {
        visit: &'a Visit,
        endpoints: &'a [EndpointView],
        ids: Vec<&'static str>,
        requests: Vec<RequestView>,
        next: Option<String>,
        filter: Filter<'a>,
        outcomes: [&'static str; 8],
        live_query: String,
    }
    let Call { admin, visit, fields, .. } = call;
    let query = admin.request_query(fields)?;
    let is_first = query.before.is_none();
    let found = admin.requests(query)?;
    let filter = Filter::of(fields);
    // Only the newest go on by themselves, and a text is looked for in the store alone.
    let live_query = match is_first && filter.text.is_empty() {
        true => format!(
            "{}/live?endpoint={}&outcome={}",
            visit.root,
            text::segment(filter.endpoint),
            text::segment(filter.outcome)
        ),
        false => String::new(),
    };
    let endpoints = admin.endpoints(visit);
    let page = Page {
        visit,
        ids: endpoints.iter().map(|endpoint| endpoint.id).collect(),
        endpoints: &endpoints,
        requests: found.requests,
        next: filter.next(found.next),
        outcomes: RequestOutcome::ALL.map(RequestOutcome::name),
        live_query,
        filter,
    };
    render::page(visit, &Head::new("", "Stream"), &page)
}

fn live_rows(call: &Call) -> Answer {
    let (admin, visit) = (Arc::clone(&call.admin), call.visit.clone());
    let write = |visit: &Visit, row: &RequestView| render::row(&visit.root, row);
    Ok(live::requests(admin, visit, Wanted::of(&call.fields), Pace::PAGE, write))
}
