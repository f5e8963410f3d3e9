//! Endpoints with their test console, and the switches of jobs.

use super::render::{self, Head};
use super::requests::landed;
use super::{go, parts, text};
use crate::admin::actions::RevealedSecret;
use crate::admin::answer::Answer;
use crate::admin::call::Call;
use crate::admin::route::{Route, get, post};
use crate::admin::view::endpoint::EndpointView;
use crate::admin::view::request::RequestView;
use crate::admin::{Admin, Visit};
use crate::store::RequestQuery;
use askama::Template;
use std::sync::Arc;

pub(super) static ROUTES: &[Route] = &[
    get("/endpoints", &endpoints),
    get("/endpoints/{id}", &endpoint),
    post("/endpoints/{id}/send", &send),
    post("/endpoints/{id}/reveal", &reveal),
    post("/endpoints/{id}/rotate", &rotate),
    post("/endpoints/{id}/pause", &switch_endpoint::<true>),
    post("/endpoints/{id}/resume", &switch_endpoint::<false>),
    post("/jobs/{id}/pause", &switch_job::<true>),
    post("/jobs/{id}/resume", &switch_job::<false>),
];

async fn endpoints(call: Call) -> Answer {
    #[derive(Template)]
    #[template(path = "endpoints.html")]
    struct Page<'a> {
        visit: &'a Visit,
        endpoints: Vec<EndpointView>,
    }
    let Call { admin, visit, .. } = call;
    let page = Page { visit: &visit, endpoints: admin.endpoints(&visit).await };
    render::page(&visit, &Head::new("/endpoints", "Endpoints"), &page)
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

async fn endpoint_page(admin: &Arc<Admin>, visit: &Visit, id: &str, revealed: &[RevealedSecret]) -> Answer {
    let spec = admin.spec(id)?;
    let query = RequestQuery { endpoint: Some(id.to_owned()), limit: 10, ..RequestQuery::default() };
    let requests = admin.requests(query).await?.requests;
    let e = &admin.endpoint_view(spec, visit).await;
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

async fn endpoint(call: Call) -> Answer {
    let Call { admin, visit, id, .. } = call;
    // The webhook of an external source has a page of its own.
    if admin.app.sources.webhook(&id).is_some() {
        return Ok(go(&visit, &format!("/sources/{}", text::segment(&id))));
    }
    endpoint_page(&admin, &visit, &id, &[]).await
}

async fn reveal(call: Call) -> Answer {
    let Call { admin, visit, id, .. } = call;
    let revealed = admin.reveal(&id)?;
    endpoint_page(&admin, &visit, &id, &revealed).await
}

async fn rotate(call: Call) -> Answer {
    let Call { admin, visit, id, fields, .. } = call;
    let revealed = admin.rotate(&id, &fields).await?;
    endpoint_page(&admin, &visit, &id, &revealed).await
}

async fn send(call: Call) -> Answer {
    let Call { admin, visit, id, fields, .. } = call;
    let sent = admin.send(&id, &fields).await?;
    landed(&admin, &visit, &sent.id).await
}

async fn switch_endpoint<const OFF: bool>(call: Call) -> Answer {
    let Call { admin, visit, id, .. } = call;
    admin.switch_endpoint(&id, OFF).await?;
    Ok(go(&visit, &format!("/endpoints/{}", text::segment(&id))))
}

/// Switches a job, and goes back to where its switch is.
async fn switch_job<const OFF: bool>(call: Call) -> Answer {
    let Call { admin, visit, id, fields, .. } = call;
    admin.switch_job(&id, OFF).await?;
    Ok(match fields.get("endpoint") {
        Some(endpoint) => go(&visit, &format!("/endpoints/{}", text::segment(endpoint))),
        None if fields.is_on("runs") => go(&visit, &format!("/runs?job={}", text::segment(&id))),
        None => go(&visit, "/problems"),
    })
}
