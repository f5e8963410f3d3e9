//! Mounts the endpoints on an axum router.

use super::{App, ingest::ingest, reply, resume::resume};
use crate::endpoint::Response;
use crate::registry::path_of;
use crate::run::RESUME_PATH;
use axum::Router;
use axum::extract::{Path, Request};
use axum::routing::{any, post};
use std::sync::Arc;

/// Routes of their own for endpoints by id; with more they share one route, so
/// that thousands cost nothing.
const MOST_ROUTES: usize = 64;

/// Every endpoint by id is found through one route and our own look-up, where a
/// clash is our message instead of a panic of the router; the first few have a
/// route of their own beside it, which is a little faster. There is no
/// fallback: the router nests and merges into any app.
pub(crate) fn router(app: &Arc<App>) -> Router {
    let by_id = Arc::clone(app);
    let mut router = Router::new().route(
        "/hooks/{*id}",
        any(move |request: Request| {
            let app = Arc::clone(&by_id);
            async move { dispatch(&app, request).await }
        }),
    );
    let waits = Arc::clone(app);
    router = router.route(
        // Anything but POST gets a 405 that says nothing of the token.
        &format!("{RESUME_PATH}{{token}}"),
        post(move |Path(token): Path<String>, request: Request| {
            let app = Arc::clone(&waits);
            async move { resume(&app, &token, request).await }
        }),
    );
    let few = app.by_id.len() <= MOST_ROUTES;
    for (index, endpoint) in app.endpoints.iter().enumerate() {
        if endpoint.spec.path.is_none() && !few {
            continue;
        }
        let app = Arc::clone(app);
        router = router.route(
            &path_of(endpoint.spec),
            any(move |request: Request| {
                let app = Arc::clone(&app);
                async move { ingest(&app, index, request).await }
            }),
        );
    }
    router
}

async fn dispatch(app: &App, request: Request) -> Response {
    let id = request.uri().path().strip_prefix("/hooks/").unwrap_or_default();
    match app.by_id.get(id) {
        Some(index) => ingest(app, *index, request).await,
        None => {
            // No trace and, as a rule, no log line: strangers try addresses all day.
            tracing::debug!(target: "triggerfish::request", id, "no such endpoint");
            let known = if app.dev { app.by_id.keys().copied().collect() } else { Vec::new() };
            reply::unknown_endpoint(known)
        }
    }
}
