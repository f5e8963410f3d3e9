//! Endpoints with their test console, and the switches of jobs.

use super::render::{self, Head};
use super::{go, parts, text};
use crate::admin::actions::RevealedSecret;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, get};
use crate::admin::view::endpoint::EndpointView;
use crate::admin::view::request::RequestView;
use crate::admin::{Admin, Visit};
use crate::store::RequestQuery;
use askama::Template;
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[get("/endpoints", endpoints), get("/endpoints/{id}", endpoint)];

fn endpoints(call: &Call) -> Answer {
    #[derive(Template)]
    #[template(path = "endpoints.html")]
    struct Page<'a> {
        visit: &'a Visit,
        endpoints: Vec<EndpointView>,
    }
    let Call { admin, visit, .. } = call;
    let page = Page { visit, endpoints: admin.endpoints(visit) };
    render::page(visit, &Head::new("/endpoints", "Endpoints"), &page)
}

#[derive(Template)]
#[template(path = "endpoint.html")]
struct EndpointPage<'a> {
    visit: &'a Visit,
    e: &'a EndpointView,
    /// Whether its URL leads to this machine alone.
    is_local: bool,
    requests: Vec<RequestView>,
    /// Its secrets, where a person asked for them.
    revealed: &'a [RevealedSecret],
    console: Option<parts::Console<'a>>,
}

pub(super) fn page(admin: &Arc<Admin>, visit: &Visit, id: &str, revealed: &[RevealedSecret]) -> Answer {
    let spec = admin.spec(id)?;
    let query = RequestQuery { endpoint: Some(id.to_owned()), limit: 10, ..RequestQuery::default() };
    let requests = admin.requests(query)?.requests;
    let e = &admin.endpoint_view(spec, visit);
    let console = parts::Console {
        visit,
        id: e.id,
        samples: &e.samples,
        can_sign: e.can_sign,
        cannot_sign: e.cannot_sign,
    };
    let console = Some(console).filter(|_| visit.may_act && e.enabled);
    let is_local = admin.app.public_url.is_none();
    let page = EndpointPage { visit, e, is_local, requests, revealed, console };
    render::page(visit, &Head::new("/endpoints", e.title), &page)
}

fn endpoint(call: &Call) -> Answer {
    let Call { admin, visit, id, .. } = call;
    // The webhook of an external source has a page of its own.
    if admin.app.sources.webhook(id).is_some() {
        return Ok(go(visit, &format!("/sources/{}", text::segment(id))));
    }
    page(admin, visit, id, &[])
}
