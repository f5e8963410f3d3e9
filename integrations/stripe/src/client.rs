//! One call to Stripe.

use crate::error::StripeError;
use crate::{Stripe, form};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{Method, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The version of Stripe's API that is asked for, and in which webhooks send
/// their events: the one that the types of this crate are written for.
pub const API_VERSION: &str = "2025-09-30.clover";

/// A call that is to be made.
#[derive(Clone, Debug)]
pub(crate) struct Call<'c> {
    pub(crate) method: Method,
    /// From `/v1/` on.
    pub(crate) path: &'c str,
    pub(crate) params: &'c Value,
    /// Under which Stripe knows a repeat as the same.
    pub(crate) idempotency_key: Option<String>,
    /// The connected account in whose name it is.
    pub(crate) account: Option<&'c str>,
}

impl Stripe {
    pub(crate) async fn call<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<T, StripeError> {
        let reply = self.account.call(self.request(&call)?).await?;
        if !reply.status.is_success() {
            return Err(StripeError::of(&reply));
        }
        serde_json::from_slice(&reply.body).map_err(|error| StripeError::Unreadable(error.to_string()))
    }

    fn request(&self, call: &Call<'_>) -> Result<Request<Bytes>, StripeError> {
        let wrong = |problem: &dyn std::fmt::Display| StripeError::Request(problem.to_string());
        let form = form::write(call.params);
        let (mut target, mut body) = (call.path.to_owned(), Bytes::new());
        if call.method == Method::POST {
            body = form.into();
        } else if !form.is_empty() {
            target = format!("{target}?{form}");
        }
        let mut request = self
            .account
            .request(call.method.clone(), &target)
            .map_err(|problem| wrong(&problem))?
            .header(USER_AGENT, concat!("triggerfish-stripe/", env!("CARGO_PKG_VERSION")))
            .header("stripe-version", API_VERSION);
        if call.method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        if let Some(account) = call.account {
            request = request.header("stripe-account", account);
        }
        request.body(body).map_err(|error| wrong(&format_args!("the call cannot be made: {error}")))
    }
}
