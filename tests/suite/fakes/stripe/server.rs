//! What every request goes through: faults, the key, the version, idempotency.

use super::faults::{Fault, When};
use super::objects::{self, Refusal};
use super::{KEY, Stripe};
use crate::fakes::form;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

/// The version of the API for a request that names none.
pub(super) const VERSION: &str = "2025-09-30.clover";

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) params: Value,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) account: Option<String>,
}

pub(super) fn router(stripe: Stripe) -> Router {
    Router::new().fallback(move |request: Request| {
        let stripe = stripe.clone();
        async move { answer(&stripe, request).await }
    })
}

async fn answer(stripe: &Stripe, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let text = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let params = match head.method.as_str() {
        "GET" => form::read(head.uri.query().unwrap_or_default()),
        _ => form::read(std::str::from_utf8(&body).unwrap()),
    };
    let seen = Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        params,
        idempotency_key: text("idempotency-key"),
        version: text("stripe-version"),
        account: text("stripe-account"),
    };
    stripe.lock().seen.push(seen.clone());
    let fault = stripe.faults.take(&seen.method, &seen.path);
    match fault {
        Some(Fault::Status(status, retry_after)) => return broken(status, retry_after),
        Some(Fault::Cut(When::Before)) => return cut(),
        Some(Fault::Drop(When::Before)) => drop_connection(),
        Some(Fault::Hang(When::Before)) => stripe.faults.hang().await,
        _ => {}
    }
    let response = if key(&head.headers).as_deref() == Some(KEY) {
        work(stripe, &seen)
    } else {
        let message = "Invalid API Key provided";
        reply(401, &json!({ "error": { "type": "invalid_request_error", "message": message } }))
    };
    match fault {
        Some(Fault::Cut(When::After)) => cut(),
        Some(Fault::Drop(When::After)) => drop_connection(),
        Some(Fault::Hang(When::After)) => stripe.faults.hang().await,
        Some(Fault::Slow) => {
            stripe.faults.wait().await;
            response
        }
        _ => response,
    }
}

/// The key, from either form of authentication.
fn key(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    match text.split_once(' ')? {
        ("Bearer", key) => Some(key.to_owned()),
        ("Basic", pair) => {
            let pair = String::from_utf8(BASE64_STANDARD.decode(pair).ok()?).ok()?;
            Some(pair.split_once(':')?.0.to_owned())
        }
        _ => None,
    }
}

fn work(stripe: &Stripe, seen: &Seen) -> Response {
    let mut state = stripe.lock();
    let what = format!("{} {} {} {:?}", seen.method, seen.path, seen.params, seen.account);
    let key = seen.idempotency_key.as_ref().filter(|_| seen.method == "POST");
    if let Some((first, status, body)) = key.and_then(|key| state.answered.get(key)) {
        if *first != what {
            let message = "Keys for idempotent requests can only be used with the same parameters \
                           they were first used with.";
            return reply(400, &json!({ "error": { "type": "idempotency_error", "message": message } }));
        }
        let mut response = reply(*status, body);
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
        return response;
    }
    match objects::call(&mut state, seen) {
        Ok(body) => {
            // What was never begun is not remembered, so only what succeeded is.
            if let Some(key) = key {
                state.answered.insert(key.clone(), (what, 200, body.clone()));
            }
            reply(200, &body)
        }
        Err(Refusal { status, code, message, param }) => {
            let kind = "invalid_request_error";
            let error = json!({ "type": kind, "code": code, "message": message, "param": param });
            reply(status, &json!({ "error": error }))
        }
    }
}

fn reply(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status.try_into().unwrap();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("request-id", HeaderValue::from_static("req_fake"));
    headers.insert("stripe-version", HeaderValue::from_static(VERSION));
    response
}

fn broken(status: u16, retry_after: Option<u64>) -> Response {
    let (kind, code) = match status {
        429 => ("invalid_request_error", "rate_limit"),
        409 => ("idempotency_error", "idempotency_key_in_use"),
        _ => ("api_error", "internal"),
    };
    let error = json!({ "type": kind, "code": code, "message": "asked for by a test" });
    let mut response = reply(status, &json!({ "error": error }));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// An answer that is shorter than it says.
fn cut() -> Response {
    let parts = [Ok("{\"id\":\"cut"), Err(std::io::Error::other("cut off"))];
    let mut response = Response::new(Body::from_stream(futures_util::stream::iter(parts)));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("1000"));
    response
}

/// Ends the task that serves the connection, without the words of a panic.
fn drop_connection() -> ! {
    std::panic::resume_unwind(Box::new("dropped"))
}
