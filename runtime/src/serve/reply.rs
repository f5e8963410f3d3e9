//! The answers that senders get.

use crate::endpoint::Response;
use crate::store::Answer;
use crate::verify::Reply;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;
use uuid::Uuid;

/// A body larger than this is not kept for repeats of the delivery.
const MOST_KEPT: usize = 64 * 1024;

/// The usual answer to a delivery. A repeat gets the same one.
pub(super) fn delivered(delivery: Uuid) -> Response {
    // Written by hand: the hottest answer there is, and nothing in it needs an escape.
    let mut body = Vec::with_capacity(70);
    body.extend_from_slice(b"{\"ok\":true,\"delivery\":\"");
    body.extend_from_slice(delivery.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
    body.extend_from_slice(b"\"}");
    json_bytes(StatusCode::OK, Bytes::from(body))
}

/// The answer to a request that a run waited for.
pub(super) fn resumed() -> Response {
    json_bytes(StatusCode::OK, Bytes::from_static(b"{\"ok\":true}"))
}

/// The answer to a delivery that no job takes, where the endpoint declares `unmatched`.
pub(super) fn unmatched(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    error(status, "no job takes this request")
}

pub(super) fn too_large(limit: usize) -> Response {
    error(StatusCode::PAYLOAD_TOO_LARGE, &format!("the body is larger than {limit} bytes"))
}

pub(super) fn too_slow() -> Response {
    error(StatusCode::REQUEST_TIMEOUT, "the body took too long")
}

pub(super) fn aborted() -> Response {
    error(StatusCode::BAD_REQUEST, "the body did not arrive whole")
}

/// The answer where the program has too much to do, or its store fails: the
/// sender tries again.
pub(super) fn overloaded() -> Response {
    let mut response = error(StatusCode::SERVICE_UNAVAILABLE, "overloaded; try again");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// The answer where the user's own code panicked.
pub(super) fn failed() -> Response {
    error(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
}

pub(super) fn unknown_endpoint(mut known: Vec<&'static str>) -> Response {
    if known.is_empty() {
        return error(StatusCode::NOT_FOUND, "no such endpoint");
    }
    known.sort_unstable();
    let body = json!({ "error": "no such endpoint", "endpoints": known });
    json_bytes(StatusCode::NOT_FOUND, Bytes::from(body.to_string()))
}

pub(super) fn rejected() -> Response {
    error(StatusCode::UNAUTHORIZED, "the request is not verified")
}

pub(super) fn error(status: StatusCode, text: &str) -> Response {
    json_bytes(status, Bytes::from(json!({ "error": text }).to_string()))
}

fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    // The first insert into an empty map makes room for eight.
    *response.headers_mut() = HeaderMap::with_capacity(1);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The response of a verifier's answer.
pub(super) fn made(answer: Reply) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// A verifier's answer as it is kept for repeats.
pub(super) fn answer(reply: Reply) -> Answer {
    let content_type =
        reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Answer { status: reply.status.as_u16(), content_type, body: reply.body }
}

/// The answer of a `respond_with` handler as it is kept for repeats. One that
/// is too large is not sent either: a repeat must get the same answer.
pub(super) async fn keep(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let content_type =
        parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = parts.status.as_u16();
    match axum::body::to_bytes(body, MOST_KEPT).await {
        Ok(body) => Answer { status, content_type, body },
        Err(_) => {
            tracing::warn!(
                "the answer of `respond_with` is larger than {MOST_KEPT} bytes; it goes without its body"
            );
            Answer { status, content_type: None, body: Bytes::new() }
        }
    }
}

/// The response of a kept answer.
pub(super) fn kept(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    if let Some(value) = answer.content_type.and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}
