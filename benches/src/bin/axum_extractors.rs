//! The same receiver as `axum_request`, in the form in which most people write
//! it: with the extractors `HeaderMap` and `Bytes`.

#[path = "../by_hand.rs"]
mod by_hand;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use by_hand::Receiver;
use std::sync::Arc;
use triggerfish_benches::Result;

fn main() -> Result<()> {
    by_hand::serve(|receiver| Router::new().route("/webhook", post(webhook)).with_state(receiver))
}

async fn webhook(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.receive(&headers, &body)
}
