//! Stripe for [Triggerfish](triggerfish): a webhook that registers itself, its
//! events with their types, and calls to Stripe's API as recorded steps.
//!
//! ```no_run
//! use triggerfish::prelude::*;
//! use triggerfish_stripe as stripe;
//! use triggerfish_stripe::{Price, Stripe, StripeIo};
//!
//! #[source]
//! fn stripe_live() -> Stripe {
//!     Stripe::new("stripe", env("STRIPE_API_KEY"))
//! }
//!
//! #[job(
//!     id = "stripe-on-price",
//!     version = "0.1.0",
//!     trigger = stripe::on_price_created,
//!     filter = { currency: ["usd"], unit_amount: [{ $gt: 100 }] },
//! )]
//! async fn on_price(Json(price): Json<Price>, io: Io) -> Result<()> {
//!     let product = io.stripe().get("product", &format!("/v1/products/{}", price.product)).await?;
//!     io.logger().info("price created!", &product["name"]);
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! At start-up the program registers one webhook endpoint for all its jobs, and
//! another one for those with `connect = true`, adds events that new jobs want,
//! and keeps the secret that Stripe returns, sealed. That needs
//! `TRIGGERFISH_PUBLIC_URL` and `TRIGGERFISH_SECRET_KEY`.
//!
//! Every call is a step: it is made once in the life of its run, with an
//! idempotency key of that step, and again after 409, 429, 5xx and no answer.

mod client;
mod error;
pub mod events;
mod form;
mod source;
mod tasks;
mod types;

pub use client::API_VERSION;
pub use error::StripeError;
pub use events::*;
pub use source::{StripeParams, WebhookData};
pub use tasks::{CreatedWebhook, Resource, StripeIo, StripeTasks, WebhookEndpoints};
pub use types::{
    Charge, CheckoutSession, Customer, Invoice, List, PaymentIntent, Price, Recurring, Refund, Subscription,
    WebhookEndpoint,
};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use triggerfish::client::{Account, Transport};
use triggerfish::secret::SecretSource;

/// Where Stripe's API is.
const BASE: &str = "https://api.stripe.com";

/// An account at Stripe.
#[derive(Clone)]
pub struct Stripe {
    account: Account,
}

impl Stripe {
    /// An account, by an id that tells it from others in this program, and its
    /// API key.
    #[cfg(feature = "http-client")]
    pub fn new(id: impl Into<String>, key: impl Into<SecretSource>) -> Self {
        Stripe { account: Account::new(id, BASE, key) }
    }

    /// The same with an HTTP client of the program's own.
    pub fn with_transport(
        id: impl Into<String>,
        key: impl Into<SecretSource>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Stripe { account: Account::with_transport(id, BASE, key, transport) }
    }

    /// Where the API is, for tests: `https://api.stripe.com` otherwise.
    #[must_use]
    pub fn base_url(self, url: impl Into<String>) -> Self {
        Stripe { account: self.account.base_url(url) }
    }

    /// How often a call is repeated at once, and the first pause before that; two
    /// times and half a second otherwise. After that the run is tried again later.
    #[must_use]
    pub fn repeats(self, repeats: u32, pause: Duration) -> Self {
        Stripe { account: self.account.repeats(repeats, pause) }
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stripe").field(&self.account).finish()
    }
}
