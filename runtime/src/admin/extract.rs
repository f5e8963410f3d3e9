//! What handlers take of a request, beside ids: who visits, what is asked, and
//! what an action is to do.

use super::Visit;
use super::answer::Problem;
use super::fields::Fields;
use crate::secret::Secret;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use std::convert::Infallible;

/// An action's body is no larger than this; events that are sent by hand are small.
const MOST_SENT: usize = 4 << 20;

/// The fields of a request's query.
pub(crate) struct Asked(pub(crate) Fields);

/// The fields of an action, from one who may act and has shown that the request
/// is theirs.
pub(crate) struct Acting(pub(crate) Fields);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Asked(Fields::form(parts.uri.query().unwrap_or_default())))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // The door has put it there; without it nobody came through.
        parts.extensions.get().cloned().ok_or_else(|| Problem::forbidden("you were not let in"))
    }
}

impl<S: Send + Sync> FromRequest<S> for Acting {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut head, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut head, state).await?;
        let body = read(body).await?;
        let kind = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let fields = if body.is_empty() {
            Fields::default()
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            Fields::form(&String::from_utf8_lossy(&body))
        } else {
            Fields::json(&body)?
        };
        if let Some(csrf) = &visit.csrf {
            let header = head.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
            let given = header.or_else(|| fields.get("csrf")).unwrap_or_default();
            if !Secret::from(csrf.as_str()).matches(given) {
                return Err(Problem::forbidden("the form is out of date; load the page again"));
            }
        }
        if !visit.may_act {
            return Err(Problem::forbidden("you may look, and not act"));
        }
        Ok(Acting(fields))
    }
}

async fn read(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, MOST_SENT).await.map_err(|_| Problem {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        text: format!("the body is larger than {MOST_SENT} bytes, or did not arrive whole"),
    })
}
