//! The rival that a framework is measured against: axum, written by hand for
//! this one webhook by somebody who knows what costs time.
//!
//! It takes the whole request, so that no extractor clones the headers; keeps
//! the keyed HMAC; decodes the signature on the stack; and reads one field of
//! the body without building a JSON value.

#[path = "../by_hand.rs"]
mod by_hand;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::post;
use by_hand::Receiver;
use std::sync::Arc;
use triggerfish_benches::Result;

const MAX_BODY: usize = 2 << 20;

fn main() -> Result<()> {
    by_hand::serve(|receiver| Router::new().route("/webhook", post(webhook)).with_state(receiver))
}

async fn webhook(State(receiver): State<Arc<Receiver>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, MAX_BODY).await {
        Ok(body) => receiver.receive(&head.headers, &body),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
    }
}
