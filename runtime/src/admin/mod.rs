//! The JSON API over what is declared and what is stored, and what a person can
//! do to it. The pages are drawn from the same views and call the same actions.

pub(crate) mod access;
pub(crate) mod act;
pub(crate) mod actions;
pub(crate) mod answer;
mod api;
pub(crate) mod bulk;
pub(crate) mod call;
pub(crate) mod compact;
mod completing;
mod copy;
pub(crate) mod fields;
mod kinds;
pub(crate) mod live;
pub(crate) mod redact;
pub(crate) mod route;
pub(crate) mod sources;
mod tally;
pub(crate) mod view;
pub(crate) mod wait;

use crate::dashboard::Dashboard;
use crate::endpoint::{EndpointSpec, TriggerSpec};
use crate::job::JobSpec;
use crate::registry::Registry;
use crate::serve::{App, LiveEndpoint, Unread, read};
use access::{Door, Opened};
pub(crate) use access::{ROOT, Visit};
use answer::Problem;
use axum::Router;
use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use call::Asked;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, request};
use kinds::Kinds;
use redact::Redaction;
use std::sync::Arc;
use tally::Tally;
use wait::Turns;

/// Nothing of another place, nothing inline, in nobody's frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// An action's body is no larger than this; events that are sent by hand are small.
const MOST_SENT: usize = 4 << 20;

/// What the API and the pages work on.
pub(crate) struct Admin {
    pub(crate) app: Arc<App>,
    pub(crate) registry: Registry,
    pub(crate) redaction: Redaction,
    pub(crate) door: Door,
    turns: Turns,
    tally: Tally,
    kinds: Kinds,
}

/// So many requests to the API and the pages have a thread at once; the others wait.
const AT_ONCE: usize = 64;

impl Admin {
    pub(crate) fn new(app: Arc<App>, registry: Registry, dashboard: &Dashboard, redact: &[String]) -> Self {
        let pointers: Vec<_> = redact.iter().chain(&dashboard.redact).cloned().collect();
        let redaction = Redaction::new(&pointers, Some(&app));
        let (door, tally, kinds) = (Door::new(dashboard), Tally::default(), Kinds::default());
        Admin { app, registry, redaction, door, turns: Turns::new(AT_ONCE), tally, kinds }
    }

    /// An endpoint that takes requests.
    pub(crate) fn live(&self, id: &str) -> Option<&LiveEndpoint> {
        self.app.endpoints.iter().find(|endpoint| endpoint.spec.id == id)
    }

    pub(crate) fn spec(&self, id: &str) -> Result<&'static EndpointSpec, Problem> {
        let spec = self.registry.endpoints().iter().copied().find(|spec| spec.id == id);
        spec.ok_or_else(|| Problem::unknown("endpoint", id))
    }

    /// Whether the program can sign what an endpoint takes, as its provider does.
    pub(crate) fn can_sign(&self, live: &LiveEndpoint) -> bool {
        self.cannot_sign(live).is_none()
    }

    /// The routes with the API and the pages, behind the door.
    pub(crate) fn routes(self: &Arc<Self>, mut router: Router) -> Router {
        for path in [ROOT, &format!("{ROOT}/"), &format!("{ROOT}/{{*path}}")] {
            let admin = Arc::clone(self);
            let handler = any(move |request: Request| through_the_door(Arc::clone(&admin), request));
            router = router.route(path, handler);
        }
        router
    }
}

/// The endpoint that triggers a job, where one does.
pub(crate) fn endpoint_of(job: &JobSpec) -> Option<&'static EndpointSpec> {
    match job.trigger {
        TriggerSpec::Endpoint(spec) => Some(spec),
        _ => None,
    }
}

/// Lets in who may come in. For everyone else nothing is there.
async fn through_the_door(admin: Arc<Admin>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let original = head.extensions.get::<OriginalUri>().map_or(&head.uri, |uri| &uri.0);
    match admin.door.open(&head, original) {
        Opened::Closed => {
            let body = r#"{"error":"no such endpoint"}"#;
            answer::respond(StatusCode::NOT_FOUND, "application/json", body)
        }
        Opened::Enter { cookie, to } => guarded(entered(cookie, to)),
        Opened::In(visit) => guarded(let_in(admin, visit, head, body).await),
    }
}

/// Leads to the page that was asked for, now with the cookie.
fn entered(cookie: String, to: String) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, value) in [(SET_COOKIE, cookie), (LOCATION, to)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Reads what was sent, and has it answered on a thread of its own.
async fn let_in(admin: Arc<Admin>, visit: Visit, head: request::Parts, body: Body) -> Response {
    let body = match head.method {
        Method::POST => read(MOST_SENT, &head.headers, body, admin.app.body_timeout).await.map_err(unread),
        _ => Ok(Bytes::new()),
    };
    let asked = Asked { admin: Arc::clone(&admin), visit, head, body };
    let answer = admin.turns.take(move || answered(asked)).await;
    answer.unwrap_or_else(|| Problem::broken_off().into_response())
}

fn unread(_: Unread) -> Problem {
    let text = format!("the body is larger than {MOST_SENT} bytes, or did not arrive whole");
    Problem { status: StatusCode::PAYLOAD_TOO_LARGE, text }
}

fn answered(asked: Asked) -> Response {
    let uri = asked.head.uri.clone();
    let path = uri.path().strip_prefix(ROOT).unwrap_or_default();
    match path.strip_prefix(api::ROOT).filter(|path| path.is_empty() || path.starts_with('/')) {
        Some(path) => api::answer(asked, path),
        None => crate::dashboard::answer(asked, path),
    }
}

fn guarded(mut response: Response) -> Response {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // A form's request must carry its origin, which is checked.
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
