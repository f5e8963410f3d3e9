//! A program with external sources, to be killed while it registers and receives.
#![allow(clippy::expect_used, reason = "a server that cannot do its part must end, and its test fails")]

mod parts;

use parts::Parts;
use serde_json::Value;
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;
use triggerfish::prelude::*;
use triggerfish::runtime;
use triggerfish_stripe as stripe;
use triggerfish_stripe::{Price, Stripe};

/// Stripe as the test runs it.
#[source]
fn stripe_fake() -> Stripe {
    let base = std::env::var("STRIPE_API_BASE").expect("the URL of the fake");
    Stripe::new("stripe", env("STRIPE_API_KEY")).base_url(base).repeats(1, Duration::from_millis(1))
}

#[source]
fn parts_here() -> Parts {
    Parts
}

#[job(id = "on-created", version = "1.0.0", trigger = stripe::on_price_created)]
async fn on_created(Json(price): Json<Price>) {
    effect(&format!("created {}", price.id));
}

#[job(id = "on-updated", version = "1.0.0", trigger = stripe::on_price_updated)]
async fn on_updated(Json(price): Json<Price>) {
    effect(&format!("updated {}", price.id));
}

/// Its limit is far away: to be killed often is what it is for.
#[job(id = "on-part", version = "1.0.0", trigger = parts::on_part, retry(limit = 1000000))]
async fn on_part(Json(part): Json<Value>) {
    effect(&format!("part {}", part.as_str().unwrap_or_default()));
}

/// Writes down what a job did.
fn effect(line: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open("effects").expect("the file of effects");
    file.write_all(format!("{line}\n").as_bytes()).expect("an effect");
}

#[tokio::main]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve().await
}
