//! Endpoints with their test console, and the switches of jobs.

use super::requests::landed;
use super::{go, render};
use crate::admin::actions::RevealedSecret;
use crate::admin::answer::Answer;
use crate::admin::extract::Acting;
use crate::admin::view::endpoint::EndpointView;
use crate::admin::view::request::RequestView;
use crate::admin::{Admin, Shared, Visit};
use crate::store::RequestQuery;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use serde::Serialize;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Admin>> {
    Router::new()
        .route("/endpoints", get(endpoints))
        .route("/endpoints/{id}", get(endpoint))
        .route("/endpoints/{id}/send", post(send))
        .route("/endpoints/{id}/reveal", post(reveal))
        .route("/endpoints/{id}/rotate", post(rotate))
        .route("/endpoints/{id}/pause", post(switch_endpoint::<true>))
        .route("/endpoints/{id}/resume", post(switch_endpoint::<false>))
        .route("/jobs/{id}/pause", post(switch_job::<true>))
        .route("/jobs/{id}/resume", post(switch_job::<false>))
}

async fn endpoints(State(admin): Shared, visit: Visit) -> Answer {
    #[derive(Serialize)]
    struct Page {
        endpoints: Vec<EndpointView>,
    }
    let page = Page { endpoints: admin.endpoints(&visit).await };
    render::page(&visit, "endpoints.html", "/endpoints", page)
}

#[derive(Serialize)]
struct EndpointPage {
    e: Located,
    requests: Vec<RequestView>,
    revealed: Option<Vec<RevealedSecret>>,
}

/// An endpoint, and whether its URL leads to this machine alone.
#[derive(Serialize)]
struct Located {
    #[serde(flatten)]
    view: EndpointView,
    is_local: bool,
}

async fn endpoint_page(
    admin: &Arc<Admin>,
    visit: &Visit,
    id: &str,
    revealed: Option<Vec<RevealedSecret>>,
) -> Answer {
    let spec = admin.spec(id)?;
    let query = RequestQuery { endpoint: Some(id.to_owned()), limit: 10, ..RequestQuery::default() };
    let requests = admin.requests(query).await?.requests;
    let e =
        Located { view: admin.endpoint_view(spec, visit).await, is_local: admin.app.public_url.is_none() };
    render::page(visit, "endpoint.html", "/endpoints", EndpointPage { e, requests, revealed })
}

async fn endpoint(State(admin): Shared, visit: Visit, Path(id): Path<String>) -> Answer {
    // The webhook of an external source has a page of its own.
    if admin.app.sources.webhook(&id).is_some() {
        return Ok(go(&visit, &format!("/sources/{}", render::segment(&id))));
    }
    endpoint_page(&admin, &visit, &id, None).await
}

async fn reveal(State(admin): Shared, visit: Visit, Path(id): Path<String>, _: Acting) -> Answer {
    let revealed = admin.reveal(&id)?;
    endpoint_page(&admin, &visit, &id, Some(revealed)).await
}

async fn rotate(
    State(admin): Shared,
    visit: Visit,
    Path(id): Path<String>,
    Acting(fields): Acting,
) -> Answer {
    let revealed = admin.rotate(&id, &fields).await?;
    endpoint_page(&admin, &visit, &id, Some(revealed)).await
}

async fn send(State(admin): Shared, visit: Visit, Path(id): Path<String>, Acting(fields): Acting) -> Answer {
    let sent = admin.send(&id, &fields).await?;
    landed(&admin, &visit, &sent.id).await
}

async fn switch_endpoint<const OFF: bool>(
    State(admin): Shared,
    visit: Visit,
    Path(id): Path<String>,
    _: Acting,
) -> Answer {
    admin.switch_endpoint(&id, OFF).await?;
    Ok(go(&visit, &format!("/endpoints/{}", render::segment(&id))))
}

/// Switches a job, and goes back to where its switch is.
async fn switch_job<const OFF: bool>(
    State(admin): Shared,
    visit: Visit,
    Path(id): Path<String>,
    Acting(fields): Acting,
) -> Answer {
    admin.switch_job(&id, OFF).await?;
    Ok(match fields.get("endpoint") {
        Some(endpoint) => go(&visit, &format!("/endpoints/{}", render::segment(endpoint))),
        None if fields.is_on("runs") => go(&visit, &format!("/runs?job={}", render::segment(&id))),
        None => go(&visit, "/problems"),
    })
}
