//! What went wrong at Stripe, and whether trying again may help.

use serde::Deserialize;
use std::time::Duration;
use triggerfish::client::{Reply, TransportError};
use triggerfish::error::Error;

/// Why Stripe did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StripeError {
    /// Stripe says no.
    #[error("Stripe answered {status}{}: {message}{}", said(.code), request(.request_id))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stripe's code, for example `resource_missing`.
        code: Option<String>,
        /// Stripe's words.
        message: String,
        /// Stripe's id of the request.
        request_id: Option<String>,
        /// How long Stripe asks to wait.
        retry_after: Option<Duration>,
        /// Whether the same request may succeed later.
        may_change: bool,
    },
    /// There is no answer.
    #[error("Stripe cannot be reached")]
    Transport(#[from] TransportError),
    /// The answer is not what it should be.
    #[error("Stripe's answer cannot be read: {0}")]
    Unreadable(String),
    /// The parameters are no JSON, or the key cannot be sent.
    #[error("{0}")]
    Request(String),
}

fn said(code: &Option<String>) -> String {
    code.as_ref().map_or_else(String::new, |code| format!(" {code}"))
}

fn request(id: &Option<String>) -> String {
    id.as_ref().map_or_else(String::new, |id| format!(" (request {id})"))
}

#[derive(Deserialize)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize)]
struct Body {
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    message: String,
}

impl StripeError {
    pub(crate) fn of(reply: &Reply) -> Self {
        let body: Option<Envelope> = serde_json::from_slice(&reply.body).ok();
        let body = body.map(|envelope| envelope.error);
        let text = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok());
        // Stripe knows better than its status says.
        let may_change = match text("stripe-should-retry") {
            Some("true") => true,
            Some("false") => false,
            _ => reply.may_change(),
        };
        StripeError::Refused {
            status: reply.status.as_u16(),
            code: body.as_ref().and_then(|body| body.code.clone().or_else(|| body.kind.clone())),
            message: body.map_or_else(|| "without a reason".to_owned(), |body| body.message),
            request_id: text("request-id").map(str::to_owned),
            retry_after: reply.retry_after(),
            may_change,
        }
    }

    /// Whether the object that was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, StripeError::Refused { status: 404, code, .. } if code.as_deref() == Some("resource_missing"))
    }
}

/// An error of a step: tried again later where that may help, when Stripe says.
impl From<StripeError> for StepError {
    fn from(error: StripeError) -> Self {
        StepError(match &error {
            StripeError::Refused { may_change: true, retry_after: Some(delay), .. } => {
                let delay = *delay;
                Error::retry_after(delay, error)
            }
            StripeError::Refused { may_change: true, .. } | StripeError::Transport(_) => Error::from(error),
            StripeError::Refused { .. } | StripeError::Unreadable(_) | StripeError::Request(_) => {
                Error::fatal(error)
            }
        })
    }
}

/// A [`StripeError`] with what it says of being tried again.
pub(crate) struct StepError(pub(crate) Error);

impl From<StepError> for triggerfish::error::BoxError {
    fn from(error: StepError) -> Self {
        error.0.into()
    }
}
