//! Requests of a test, signed as the provider signs.

use super::app::{App, TestError};
use crate::endpoint::EndpointSpec;
use crate::registry::path_of;
use crate::request::RequestParts;
use crate::runtime::Running;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tower_service::Service;
use uuid::Uuid;

/// A request that is being made.
#[derive(Debug)]
#[must_use = "a request goes out with `.send()`"]
pub struct Delivering<'a> {
    app: &'a App,
    endpoint: &'static EndpointSpec,
    parts: RequestParts,
    target: String,
    signed: bool,
    problem: Option<String>,
}

/// What the sender was told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
    /// The delivery that it became, or that it repeats.
    pub delivery: Option<Uuid>,
}

impl<'a> Delivering<'a> {
    pub(super) fn new(app: &'a App, endpoint: &'static EndpointSpec, body: Bytes) -> Self {
        let parts = RequestParts { method: Method::POST, body, ..RequestParts::default() };
        Delivering { app, endpoint, parts, target: path_of(endpoint), signed: true, problem: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                self.parts.headers.append(name, value);
            }
            _ => self.problem = Some(format!("`{name}: {value}` is no header")),
        }
        self
    }

    /// Another method than POST.
    pub fn method(mut self, method: &str) -> Self {
        match method.parse() {
            Ok(method) => self.parts.method = method,
            Err(_) => self.problem = Some(format!("`{method}` is no method")),
        }
        self
    }

    /// What stands behind the `?` of the URL.
    pub fn query(mut self, query: &str) -> Self {
        self.target = format!("{}?{query}", path_of(self.endpoint));
        self
    }

    /// Goes out without a signature.
    pub fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }

    /// Sends it, and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`App::deliver`]; headers and the like that cannot be sent.
    pub async fn send(self) -> Result<Answer, TestError> {
        let Delivering { app, endpoint, mut parts, target, signed, problem } = self;
        if let Some(problem) = problem {
            return Err(TestError::Request(problem));
        }
        let running = app.running()?;
        parts.uri = target.parse().map_err(|_| TestError::Request(format!("`{target}` is no target")))?;
        parts.public_url = running.config().public_url.as_deref().map(Arc::from);
        if signed {
            parts = running.sign(endpoint, parts, app.now())?;
        }
        let mut request = http::Request::new(Body::from(parts.body));
        *request.method_mut() = parts.method;
        *request.uri_mut() = parts.uri;
        *request.headers_mut() = parts.headers;
        call(running, request).await
    }
}

/// Asks the router.
pub(super) async fn call(running: &Running, request: http::Request<Body>) -> Result<Answer, TestError> {
    let Ok(response) = Service::call(&mut running.router(), request).await;
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    let body = body.map_err(|error| TestError::Request(error.to_string()))?;
    Ok(Answer { status, delivery: delivery_of(&body), body })
}

fn delivery_of(body: &[u8]) -> Option<Uuid> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    body.get("delivery")?.as_str()?.parse().ok()
}

impl Answer {
    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// A body that is none, or of another type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, TestError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| TestError::Missing(format!("the answer is no JSON: {error}")))
    }
}
