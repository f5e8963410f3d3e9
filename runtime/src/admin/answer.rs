//! How the API answers: JSON with a tag, or a problem in words.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;

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

impl From<crate::store::StoreError> for Problem {
    fn from(error: crate::store::StoreError) -> Self {
        Problem { status: StatusCode::SERVICE_UNAVAILABLE, text: error.to_string() }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "error": self.text }).to_string();
        respond(self.status, "application/json", body)
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
    Ok(respond(StatusCode::OK, "application/json", written(value)?))
}

/// JSON with a tag of its content; nothing but the tag for who has it already.
pub(crate) fn tagged(value: &impl Serialize, headers: &HeaderMap) -> Answer {
    Ok(tagged_bytes("application/json", written(value)?.into(), headers))
}

/// A list under its name, with a tag.
pub(crate) fn listed(name: &str, all: &[impl Serialize], headers: &HeaderMap) -> Answer {
    let body = [b"{\"".as_slice(), name.as_bytes(), b"\":", &written(&all)?, b"}"].concat();
    Ok(tagged_bytes("application/json", body.into(), headers))
}

/// One object with the fields of both of these, with a tag.
pub(crate) fn joined(one: &impl Serialize, other: &impl Serialize, headers: &HeaderMap) -> Answer {
    Ok(tagged_bytes("application/json", join(written(one)?, &written(other)?), headers))
}

/// Both are objects, and have fields.
fn join(mut one: Vec<u8>, other: &[u8]) -> Bytes {
    one.pop();
    one.push(b',');
    one.extend_from_slice(other.get(1..).unwrap_or_default());
    one.into()
}

fn written(value: &impl Serialize) -> Answer<Vec<u8>> {
    serde_json::to_vec(value).map_err(unwritable)
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn unwritable(error: serde_json::Error) -> Problem {
    let text = format!("the answer cannot be written: {error}");
    Problem { status: StatusCode::INTERNAL_SERVER_ERROR, text }
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
