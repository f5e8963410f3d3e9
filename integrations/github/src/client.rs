//! One call to GitHub.

use crate::Github;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{Method, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use triggerfish::client::{Reply, TransportError};
use triggerfish::error::{BoxError, Error};

/// The version of GitHub's API that is asked for.
pub const API_VERSION: &str = "2022-11-28";

/// Why GitHub did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GithubError {
    /// GitHub says no.
    #[error("GitHub answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// GitHub's words.
        message: String,
        /// How long GitHub asks to wait.
        retry_after: Option<Duration>,
        /// Whether the same request may succeed later.
        may_change: bool,
    },
    /// There is no answer.
    #[error("GitHub cannot be reached")]
    Transport(#[from] TransportError),
    /// The answer is not what it should be.
    #[error("GitHub's answer cannot be read: {0}")]
    Unreadable(String),
    /// The call cannot be made.
    #[error("{0}")]
    Request(String),
}

#[derive(Deserialize)]
struct Body {
    message: String,
}

impl GithubError {
    fn of(reply: &Reply) -> Self {
        let message =
            serde_json::from_slice::<Body>(&reply.body).map_or_else(|_| String::new(), |body| body.message);
        // Both limits of rates are told by a 403, too.
        let spent = reply.headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0");
        let retry_after = reply.retry_after();
        let limited = reply.status.as_u16() == 403 && (spent || retry_after.is_some());
        let (status, may_change) = (reply.status.as_u16(), limited || reply.may_change());
        GithubError::Refused { status, message, retry_after, may_change }
    }

    /// Whether what was asked for is not there, or not shown to this token.
    pub fn is_missing(&self) -> bool {
        matches!(self, GithubError::Refused { status: 404, .. })
    }
}

/// What a step returns: the error with what it says of being tried again.
pub(crate) struct StepError(Error);

impl From<GithubError> for StepError {
    fn from(error: GithubError) -> Self {
        StepError(match &error {
            GithubError::Refused { may_change: true, retry_after: Some(delay), .. } => {
                let delay = *delay;
                Error::retry_after(delay, error)
            }
            GithubError::Refused { may_change: true, .. } | GithubError::Transport(_) => Error::from(error),
            _ => Error::fatal(error),
        })
    }
}

impl From<StepError> for BoxError {
    fn from(error: StepError) -> Self {
        error.0.into()
    }
}

impl Github {
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<T, GithubError> {
        let request = self.request(method.clone(), path, body)?;
        // GitHub does not know a repeat as the same: what makes something is not repeated
        // blindly, but found by the next execution of the run.
        let reply = match method {
            Method::POST => self.account.call_once(request).await?,
            _ => self.account.call(request).await?,
        };
        if !reply.status.is_success() {
            return Err(GithubError::of(&reply));
        }
        let text: &[u8] = if reply.body.is_empty() { b"null" } else { &reply.body };
        serde_json::from_slice(text).map_err(|error| GithubError::Unreadable(error.to_string()))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Request<Bytes>, GithubError> {
        let wrong = |problem: &dyn std::fmt::Display| GithubError::Request(problem.to_string());
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        self.account
            .request(method, path)
            .map_err(|problem| wrong(&problem))?
            .header(USER_AGENT, concat!("triggerfish-github/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "application/vnd.github+json")
            .header(CONTENT_TYPE, "application/json")
            .header("x-github-api-version", API_VERSION)
            .body(body)
            .map_err(|error| wrong(&format_args!("the call cannot be made: {error}")))
    }
}
