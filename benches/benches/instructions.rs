//! Sends requests through a router under an instruction counter:
//! `instructions <triggerfish|axum> <small|large> <requests>`. The difference
//! between two numbers of requests is what requests cost, without a socket.

#[path = "../src/by_hand.rs"]
#[expect(dead_code, reason = "nothing is served on a port here")]
mod by_hand;
#[path = "../src/receiver/mod.rs"]
mod receiver;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::routing::post;
use by_hand::Receiver;
use http::StatusCode;
use std::sync::Arc;
use tower::ServiceExt;
use triggerfish::runtime::{Config, Runtime};
use triggerfish::secret::Secret;
use triggerfish_benches::Result;
use triggerfish_benches::message::sign;

const SMALL: &[u8] = include_bytes!("../bodies/test_completed.json");
const LARGE: &[u8] = include_bytes!("../bodies/transcript_completed.json");

const SECRET: &str = "the-secret-of-the-benchmarks";

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [server, body, requests] = &arguments[..] else {
        return Ok(());
    };
    let body = if body == "large" { LARGE } else { SMALL };
    let runtime = triggerfish_benches::threads::runtime(0)?;
    let router = if server == "axum" { by_hand()? } else { runtime.block_on(ours())? };
    let signature = sign(SECRET.as_bytes(), body);
    runtime.block_on(async {
        for number in 0..requests.parse()? {
            let request = request(body, &signature, number)?;
            let status = router.clone().oneshot(request).await?.status();
            assert_eq!(status, StatusCode::OK, "the request is accepted");
        }
        Ok(())
    })
}

async fn ours() -> Result<Router> {
    let resolver = |name: &'static str| (name == "CONNECT_IT_SECRET").then(|| Secret::from(SECRET));
    let builder = Runtime::builder().config(Config::default()).secrets(resolver);
    let running = builder.store(Arc::new(receiver::nothing::Nothing)).build()?.start().await?;
    Ok(running.router())
}

fn by_hand() -> Result<Router> {
    let receiver = Arc::new(Receiver::new(SECRET)?);
    Ok(Router::new().route("/hooks/connect-it", post(webhook)).with_state(receiver))
}

async fn webhook(State(receiver): State<Arc<Receiver>>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    match axum::body::to_bytes(body, 2 << 20).await {
        Ok(body) => receiver.receive(&head.headers, &body),
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE,
    }
}

fn request(body: &'static [u8], signature: &str, number: usize) -> Result<Request> {
    let request = Request::post("/hooks/connect-it")
        .header("content-type", "application/json")
        .header("x-connect-it-token", signature)
        .header("x-delivery-id", format!("72d3162e-cc78-11e3-81ab-{number:012}"));
    Ok(request.body(Body::from(body))?)
}
