//! What a request costs without a socket: verification alone, and the whole
//! path from the router to the answer.

#[path = "../src/receiver/mod.rs"]
mod receiver;

use axum::Router;
use axum::body::Body;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use http::{Method, Request as HttpRequest, StatusCode};
use std::sync::Arc;
use std::time::SystemTime;
use tower::ServiceExt;
use triggerfish::request::{Request, RequestParts};
use triggerfish::runtime::{Config, Running, Runtime};
use triggerfish::secret::Secret;
use triggerfish::verify::Verifier;
use triggerfish_benches::Result;
use triggerfish_benches::message::sign;

const SMALL: &[u8] = include_bytes!("../bodies/test_completed.json");
const LARGE: &[u8] = include_bytes!("../bodies/transcript_completed.json");

const SECRET: &str = "the-secret-of-the-benchmarks";

fn main() {
    divan::main();
}

#[divan::bench]
fn verify_small(bencher: Bencher<'_, '_>) {
    verify(bencher, SMALL);
}

#[divan::bench]
fn verify_large(bencher: Bencher<'_, '_>) {
    verify(bencher, LARGE);
}

#[divan::bench]
fn accept_small(bencher: Bencher<'_, '_>) {
    accept(bencher, SMALL);
}

#[divan::bench]
fn accept_large(bencher: Bencher<'_, '_>) {
    accept(bencher, LARGE);
}

fn verify(bencher: Bencher<'_, '_>, body: &'static [u8]) {
    let verifier = Verifier::hmac_sha256().header("x-connect-it-token").secret(Secret::from(SECRET));
    let Ok(ready) = verifier.build(&|_: &'static str| None) else { return };
    let Ok(head) = head(body).body(()) else { return };
    let (head, ()) = head.into_parts();
    let parts = RequestParts { headers: head.headers, body: body.into(), ..RequestParts::default() };
    let (request, now) = (Request::new(parts), SystemTime::now());
    bencher.counter(BytesCount::of_slice(body)).bench(|| ready.verify(divan::black_box(&request), now));
}

fn accept(bencher: Bencher<'_, '_>, body: &'static [u8]) {
    let Ok(runtime) = triggerfish_benches::threads::runtime(0) else { return };
    let Ok(running) = runtime.block_on(start()) else { return };
    let router: Router = running.router();
    let send = |request: HttpRequest<Body>| {
        runtime.block_on(async { router.clone().oneshot(request).await.map(|response| response.status()) })
    };
    assert_eq!(make(body).map(send).ok(), Some(Ok(StatusCode::OK)), "the request is accepted");
    bencher.counter(ItemsCount::new(1_usize)).with_inputs(|| make(body)).bench_local_values(|request| {
        if let Ok(request) = request {
            divan::black_box(send(request)).ok();
        }
    });
}

/// The router and an axum handler that does nothing: what `accept` costs before ours begins.
#[divan::bench]
fn router_alone(bencher: Bencher<'_, '_>) {
    let Ok(runtime) = triggerfish_benches::threads::runtime(0) else { return };
    let router: Router = Router::new().route("/hooks/{*id}", axum::routing::any(|| async { StatusCode::OK }));
    bencher.counter(ItemsCount::new(1_usize)).with_inputs(|| make(SMALL)).bench_local_values(|request| {
        if let Ok(request) = request {
            divan::black_box(runtime.block_on(router.clone().oneshot(request))).ok();
        }
    });
}

async fn start() -> Result<Running> {
    let resolver = |name: &'static str| (name == "CONNECT_IT_SECRET").then(|| Secret::from(SECRET));
    let builder = Runtime::builder().config(Config::default()).secrets(resolver);
    Ok(builder.store(Arc::new(receiver::nothing::Nothing)).build()?.start().await?)
}

fn make(body: &'static [u8]) -> Result<HttpRequest<Body>, http::Error> {
    head(body).body(Body::from(body))
}

fn head(body: &[u8]) -> http::request::Builder {
    HttpRequest::builder()
        .method(Method::POST)
        .uri("/hooks/connect-it")
        .header("content-type", "application/json")
        .header("x-connect-it-token", sign(SECRET.as_bytes(), body))
        .header("x-delivery-id", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
}
