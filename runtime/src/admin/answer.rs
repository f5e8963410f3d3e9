//! How the API answers: JSON with a tag, or a problem in words.

use axum::body::Body;
use axum::extract::{FromRequestParts, Path};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// Why something cannot be answered or done.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

/// What the API answers.
pub(crate) type Answer<T = Response> = Result<T, Problem>;

impl Problem {
    pub(crate) fn bad(text: impl Into<String>) -> Self {
        Problem { status: StatusCode::BAD_REQUEST, text: text.into() }
    }

    pub(crate) fn field(name: &str, value: &str, wanted: &str) -> Self {
        Problem::bad(format!("`{name}` is {value:?}; it must be {wanted}"))
    }

    pub(crate) fn unknown(what: &str, id: impl fmt::Display) -> Self {
        Problem { status: StatusCode::NOT_FOUND, text: format!("there is no {what} {id}") }
    }

    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Problem { status: StatusCode::CONFLICT, text: text.into() }
    }

    pub(crate) fn forbidden(text: impl Into<String>) -> Self {
        Problem { status: StatusCode::FORBIDDEN, text: text.into() }
    }
}

/// The id in a path.
pub(crate) struct Id(pub(crate) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::bad("the path holds no id"))?;
        text.parse().map(Id).map_err(|_| Problem::unknown("id", text))
    }
}

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, text: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.text }).to_string();
        let mut response = respond(self.status, "application/json", body);
        // The pages draw it as one.
        response.extensions_mut().insert(self);
        response
    }
}

/// A response of one type.
pub(crate) fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// JSON.
pub(crate) fn json(value: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(value).map_err(|error| Problem {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        text: format!("the answer cannot be written: {error}"),
    })?;
    Ok(respond(StatusCode::OK, "application/json", body))
}

/// JSON with a tag of its content; nothing but the tag for who has it already.
pub(crate) fn tagged(value: &impl Serialize, headers: &HeaderMap) -> Answer {
    let body = serde_json::to_vec(value).map_err(|error| Problem::bad(error.to_string()))?;
    Ok(tagged_bytes("application/json", Bytes::from(body), headers))
}

/// The same for other content.
pub(crate) fn tagged_bytes(content_type: &'static str, body: Bytes, headers: &HeaderMap) -> Response {
    let digest = Sha256::digest(&body);
    let tag = format!("\"{}\"", hex::encode(digest.get(..12).unwrap_or_default()));
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut response = if known.flat_map(|all| all.split(',')).any(|known| known.trim() == tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        respond(StatusCode::OK, content_type, body)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
