//! Answers without a run: handshakes of providers, and `respond_with`.

use crate::harness::{Board, Call, memory, secret};
use triggerfish::prelude::*;
use triggerfish::store::TraceOutcome;

#[http_endpoint(id = "respond/meta")]
fn meta() -> Verifier {
    Verifier::meta(env("META")).challenge(env("META_TOKEN"))
}

#[job(id = "respond/meta", version = "1.0.0", trigger = meta)]
async fn on_meta(State(board): State<Board>) {
    board.note("meta");
}

#[http_endpoint(
    id = "respond/skip",
    respond_with(
        filter = { method: ["GET"], query: { mode: [{ $startsWith: "sub" }] } },
        handler = challenge,
        skip_triggering_runs = true,
    ),
)]
fn skip() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("SKIP"))
}

async fn challenge(request: &Request, _: Verify<'_>) -> Response {
    text(200, request.query("challenge").unwrap_or_default())
}

#[job(id = "respond/skip", version = "1.0.0", trigger = skip)]
async fn on_skip(State(board): State<Board>) {
    board.note("skip");
}

#[http_endpoint(id = "respond/on", respond_with(handler = answer_first))]
fn on() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("ON"))
}

/// Says which status it is asked for, and what it could see.
async fn answer_first(request: &Request, verify: Verify<'_>) -> Response {
    let status = request.query("status").and_then(|text| text.parse().ok()).unwrap_or(202);
    let verified = match request.query("verify") {
        Some(_) => verify.await.is_verified().to_string(),
        None => "not asked".to_owned(),
    };
    text(status, format!("body of {}, verified: {verified}", request.body().len()))
}

#[job(id = "respond/on", version = "1.0.0", trigger = on)]
async fn on_on(State(board): State<Board>) {
    board.note("on");
}

#[http_endpoint(
    id = "respond/verified",
    respond_with(filter = { body: { type: ["ping"] } }, handler = pong, skip_triggering_runs = true, verified = true),
)]
fn verified() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("VERIFIED"))
}

async fn pong(request: &Request, _: Verify<'_>) -> Response {
    text(200, format!("pong {}", request.body().len()))
}

#[job(id = "respond/verified", version = "1.0.0", trigger = verified)]
async fn on_verified(State(board): State<Board>) {
    board.note("verified");
}

#[http_endpoint(
    id = "respond/unverified",
    respond_with(filter = { body: { type: ["ping"] } }, handler = pong, skip_triggering_runs = true, unverified_body = true),
)]
fn unverified() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("UNVERIFIED"))
}

#[http_endpoint(id = "respond/large", respond_with(handler = too_much))]
fn large() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("LARGE"))
}

async fn too_much(_: &Request, _: Verify<'_>) -> Response {
    text(201, "x".repeat(100_000))
}

fn text(status: u16, body: impl Into<String>) -> Response {
    let mut response = Response::new(body.into().into());
    *response.status_mut() = status.try_into().unwrap();
    response.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    response
}

fn token() -> String {
    String::from_utf8(secret("META_TOKEN").unwrap().expose().to_vec()).unwrap()
}

#[tokio::test]
async fn metas_challenge_is_echoed_to_whoever_knows_the_token() {
    let app = memory(&["respond/meta"]).start().await;
    let get = |query: &str| Call::new("GET", &format!("/hooks/respond/meta?{query}"));
    let good = format!("hub.mode=subscribe&hub.challenge=11%2B58&hub.verify_token={}", token());
    let answer = app.send(&get(&good)).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "11+58"));
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"), "no page can be made of it");
    let rows = [
        ("a wrong token", "hub.mode=subscribe&hub.challenge=1158&hub.verify_token=wrong".to_owned(), 401),
        ("no token", "hub.mode=subscribe&hub.challenge=1158".to_owned(), 401),
        (
            "two tokens",
            format!("hub.mode=subscribe&hub.challenge=1158&hub.verify_token={0}&hub.verify_token=x", token()),
            401,
        ),
        ("no challenge", format!("hub.mode=subscribe&hub.verify_token={}", token()), 400),
        (
            "another mode",
            format!("hub.mode=unsubscribe&hub.challenge=1158&hub.verify_token={}", token()),
            400,
        ),
        ("nothing", String::new(), 400),
    ];
    for (what, query, status) in rows {
        let answer = app.send(&get(&query)).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        assert!(!answer.text().contains("1158"), "{what} is echoed");
    }
    let traces = app.traces().await;
    assert_eq!(traces.len(), 7);
    assert!(traces.iter().all(|trace| trace.outcome == TraceOutcome::Handshake), "{traces:#?}");
    assert!(app.deliveries().await.is_empty());
    let post = app.send(&Call::post("/hooks/respond/meta", "{\"object\":\"page\"}").sign(meta())).await;
    app.ended(post.delivery()).await;
    assert_eq!(app.board.notes(), ["meta"]);
    app.stop().await;
}

#[tokio::test]
async fn respond_with_answers_what_its_filter_takes_and_starts_nothing() {
    let app = memory(&["respond/skip"]).start().await;
    let answer = app.send(&Call::new("GET", "/hooks/respond/skip?mode=subscribe&challenge=abc")).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "abc"), "an unsigned request is its business");
    let other = app.send(&Call::new("GET", "/hooks/respond/skip?mode=other&challenge=abc")).await;
    assert_eq!(other.status, 401, "all else is verified as ever");
    let post = app.send(&Call::post("/hooks/respond/skip?mode=subscribe", "{}").sign(skip())).await;
    app.ended(post.delivery()).await;
    assert_eq!(app.deliveries().await.len(), 1);
    assert_eq!(app.traces().await.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn without_skip_the_answer_is_sent_and_the_delivery_runs_if_it_is_verified() {
    let app = memory(&["respond/on"]).start().await;
    let call =
        |query: &str| Call::post(&format!("/hooks/respond/on{query}"), format!("{{\"of\":\"{query}\"}}"));
    let accepted = app.send(&call("").sign(on())).await;
    assert_eq!((accepted.status, accepted.text().as_str()), (202, "body of 0, verified: not asked"));
    assert_eq!(accepted.header("content-type"), Some("text/plain"));
    let again = app.send(&call("").sign(on())).await;
    assert_eq!(
        (again.status, &again.body),
        (accepted.status, &accepted.body),
        "a repeat gets the same answer"
    );
    let asked = app.send(&call("?verify=1").sign(on())).await;
    assert!(asked.text().ends_with("verified: true"), "{}", asked.text());
    assert_eq!(app.all_ended().await.len(), 2);

    let unsigned = app.send(&call("?verify=2")).await;
    assert_eq!(unsigned.status, 401, "its answer is not that of the handler, which is not asked to vouch");
    let refused = app.send(&call("?status=403").sign(on())).await;
    assert_eq!(refused.status, 403, "an answer that is no success is the end");
    assert_eq!(app.runs().await.len(), 2);
    assert_eq!(app.deliveries().await.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_handler_reads_the_body_only_when_it_is_verified_or_declared() {
    let app = memory(&["respond/verified", "respond/unverified"]).start().await;
    let ping = "{\"type\":\"ping\"}";
    let answer = app.send(&Call::post("/hooks/respond/verified", ping).sign(verified())).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "pong 15"));
    let answer = app.send(&Call::post("/hooks/respond/verified", ping)).await;
    assert_eq!(answer.status, 401, "unsigned: {}", answer.text());
    let answer = app.send(&Call::post("/hooks/respond/unverified", ping)).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "pong 15"));
    let answer = app.send(&Call::post("/hooks/respond/unverified", "{\"type\":\"other\"}")).await;
    assert_eq!(answer.status, 401);
    assert!(app.deliveries().await.is_empty());
    let other = app.send(&Call::post("/hooks/respond/verified", "{\"type\":\"x\"}").sign(verified())).await;
    app.ended(other.delivery()).await;
    assert_eq!(app.board.notes(), ["verified"]);
    app.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_too_large_to_keep_goes_without_its_body_first_and_again() {
    let app = memory(&["respond/large"]).start().await;
    let call = Call::post("/hooks/respond/large", "{}").sign(large());
    let (first, again) = (app.send(&call).await, app.send(&call).await);
    assert_eq!((first.status, first.body.len()), (201, 0));
    assert_eq!((again.status, again.body), (first.status, first.body));
    app.stop().await;
}

#[http_endpoint(id = "respond/panics", respond_with(handler = panics))]
fn panicking() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("PANICS"))
}

async fn panics(_: &Request, _: Verify<'_>) -> Response {
    panic!("a bug in the handler")
}

#[tokio::test]
async fn a_handler_that_panics_ends_its_request_and_nothing_else() {
    let app = memory(&["respond/panics"]).start().await;
    for _ in 0..2 {
        let answer = app.send(&Call::post("/hooks/respond/panics", "{}").sign(panicking())).await;
        assert_eq!(answer.status, 500, "{}", answer.text());
        assert!(!answer.text().contains("a bug"), "{}", answer.text());
    }
    assert!(app.deliveries().await.is_empty());
    app.stop().await;
}
