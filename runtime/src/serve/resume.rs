//! Requests that a run waits for: each address ends one wait, once.

use super::ingest::{Unread, read};
use super::{App, reply};
use crate::endpoint::Response;
use crate::run::hash_of;
use crate::store::Resumed;
use axum::extract::Request;
use http::StatusCode;
use serde::de::IgnoredAny;

/// The largest body.
const MOST: usize = 1 << 20;

/// Takes a request to the address with this token.
pub(super) async fn resume(app: &App, token: &str, request: Request) -> Response {
    let Ok(_in_flight) = app.in_flight.try_acquire() else { return reply::overloaded() };
    let (head, body) = request.into_parts();
    let body = match read(MOST, &head.headers, body, app.body_timeout).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => return reply::too_large(MOST),
        Err(Unread::TooSlow) => return reply::too_slow(),
        Err(Unread::Aborted) => return reply::aborted(),
    };
    let text = if body.is_empty() { Some("null") } else { std::str::from_utf8(&body).ok() };
    let Some(text) = text.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok()) else {
        return reply::error(StatusCode::BAD_REQUEST, "the body is no JSON");
    };
    match app.store.resume(hash_of(token), text.to_owned()).await {
        Ok(Resumed::Resumed) => {
            tracing::info!(target: "triggerfish::request", "a run that waited for a request goes on");
            reply::resumed()
        }
        Ok(Resumed::TooLate) => reply::error(StatusCode::GONE, "answered already, or too late"),
        Ok(Resumed::Unknown) => reply::error(StatusCode::NOT_FOUND, "no such address"),
        Err(error) => {
            tracing::error!(%error, "an answer that a run waits for was not stored; its sender is told to try again");
            reply::overloaded()
        }
    }
}
