//! A job for every price in dollars that is made at Stripe.
//!
//! The webhook registers itself, which needs a key of Stripe's and a URL under
//! which Stripe reaches the program:
//!
//! ```text
//! export STRIPE_API_KEY=sk_test_...
//! export TRIGGERFISH_PUBLIC_URL=https://hooks.example.com
//! cargo run -p triggerfish-examples --bin stripe_price
//! ```
//!
//! Without them it starts all the same in development mode, and says what is missing:
//!
//! ```sh
//! cargo run -p triggerfish-examples --bin stripe_price
//!
//! curl -i localhost:3000/hooks/stripe/stripe.webhook -d '{"type":"price.created"}'
//! ```

use triggerfish::prelude::*;
use triggerfish::runtime;
use triggerfish_stripe as stripe;
use triggerfish_stripe::{Price, Stripe};

#[source]
fn stripe_account() -> Stripe {
    Stripe::new("stripe", env("STRIPE_API_KEY"))
}

#[job(
    id = "stripe-on-price",
    name = "Stripe On Price",
    version = "0.1.0",
    trigger = stripe::on_price_created,
    filter = { currency: ["usd"], unit_amount: [{ $gt: 100 }] },
)]
async fn on_price(Json(price): Json<Price>, io: Io) {
    io.logger().info("price created!", &price.currency);
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
