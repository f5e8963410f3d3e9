//! One request at a time: what is accepted, what is not, and what is seen of it.

use crate::harness::{App, Board, Call, PATIENCE, exchange, lines_with, memory, sqlite, until};
use serde::Deserialize;
use std::io::Write as _;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use triggerfish::prelude::*;
use triggerfish::store::{DeliveryOutcome, RunState, TraceOutcome};

#[http_endpoint(id = "requests/plain")]
fn plain() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("PLAIN"))
}

/// Writes down exactly what it was given.
#[job(id = "requests/record", version = "1.0.0", trigger = plain)]
async fn record(State(board): State<Board>, request: Request, ctx: Context) {
    assert_eq!(ctx.endpoint_id.as_deref(), Some("requests/plain"));
    let header = request.header("x-kept").unwrap_or("-");
    board.note(format_args!("{} {} {header} {}", request.method(), request.uri(), hex(request.body())));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[http_endpoint(id = "requests/timed")]
fn timed() -> Verifier {
    Verifier::stripe(env("TIMED"))
}

#[job(id = "requests/timed", version = "1.0.0", trigger = timed)]
async fn on_timed(State(board): State<Board>) {
    board.note("timed");
}

#[http_endpoint(id = "requests/filtered")]
fn filtered() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("FILTERED"))
}

#[derive(Deserialize)]
struct Wanted {
    kind: String,
}

#[job(
    id = "requests/wanted", version = "1.0.0", trigger = filtered,
    filter = { method: ["POST"], body: { kind: ["wanted"] } },
)]
async fn on_wanted(Json(wanted): Json<Wanted>, State(board): State<Board>) {
    board.note(wanted.kind);
}

#[http_endpoint(id = "requests/typed")]
fn typed() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("TYPED"))
}

#[job(id = "requests/typed", version = "1.0.0", trigger = typed)]
async fn on_typed(Json(wanted): Json<Wanted>, State(board): State<Board>) {
    board.note(wanted.kind);
}

#[http_endpoint(id = "requests/small", max_body = 16)]
fn small() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("SMALL"))
}

#[http_endpoint(id = "requests/unmatched", unmatched = 400)]
fn unmatched() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("UNMATCHED"))
}

#[job(
    id = "requests/unmatched", version = "1.0.0", trigger = unmatched,
    filter = { body: { kind: ["wanted"] } },
)]
async fn on_unmatched() {}

const PLAIN: &[&str] = &["requests/plain", "requests/record"];

#[tokio::test]
async fn a_signed_request_is_accepted_and_its_job_runs_once() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(PLAIN), sqlite(directory.path(), PLAIN)] {
        let app = setup.start().await;
        let answer = app.send(&Call::post("/hooks/requests/plain", "{\"n\":1}").sign(plain())).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let run = app.ended(answer.delivery()).await;
        assert_eq!((run.state, run.attempt, run.failures), (RunState::Done, 1, 0));
        assert_eq!(app.board.notes(), ["POST /hooks/requests/plain - 7b226e223a317d"]);
        let deliveries = app.deliveries().await;
        assert_eq!(deliveries.len(), 1);
        assert_eq!(deliveries[0].outcome, DeliveryOutcome::Accepted);
        assert_eq!(deliveries[0].request.body(), "{\"n\":1}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_request_that_is_not_verified_starts_nothing_and_learns_nothing() {
    let app = memory(&["requests/plain", "requests/record", "requests/timed"]).start().await;
    let call = || Call::post("/hooks/requests/plain", "{\"n\":1}").sign(plain());
    let signature = call().value("x-sig");
    let stripe = || Call::post("/hooks/requests/timed", "{\"id\":\"evt_1\"}");
    let calls = [
        ("forged body", call().body("{\"n\":2}")),
        ("forged by one byte", call().body("{\"n\":1} ")),
        ("unsigned", Call::post("/hooks/requests/plain", "{\"n\":1}")),
        ("signed with another secret", Call::post("/hooks/requests/plain", "{\"n\":1}").sign(typed())),
        ("truncated signature", call().with("x-sig", &signature[..32])),
        ("signature without its last digit", call().with("x-sig", &signature[..63])),
        ("empty signature", call().with("x-sig", "")),
        ("signature and more", call().with("x-sig", &format!("{signature}00"))),
        ("two signatures", call().header("x-sig", &signature)),
        ("no hexadecimal", call().with("x-sig", &"zz".repeat(32))),
        ("stale", stripe().sign_ago(timed(), 3600)),
        ("of a time that was changed", {
            let signed = stripe().sign_ago(timed(), 3600);
            let now = stripe().sign(timed()).value("stripe-signature");
            let old = signed.value("stripe-signature");
            let (time, tag) = (now.split_once(',').unwrap().0, old.split_once(',').unwrap().1);
            signed.with("stripe-signature", &format!("{time},{tag}"))
        }),
    ];
    for (what, call) in &calls {
        let answer = app.send(call).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        assert!(!answer.text().contains(&signature), "{what}");
        assert!(answer.json()["error"].is_string(), "{what}");
    }
    assert!(app.deliveries().await.is_empty());
    assert!(app.runs().await.is_empty());
    let traces = app.traces().await;
    assert_eq!(traces.len(), calls.len());
    for trace in traces {
        assert_eq!((trace.outcome, trace.status), (TraceOutcome::Rejected, 401));
        assert!(!trace.reason.is_empty() && !trace.reason.contains(&signature), "{trace:?}");
    }
    // The same requests with the right signature are taken.
    assert_eq!(app.send(&call()).await.status, 200);
    assert_eq!(app.send(&stripe().sign(timed())).await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn the_method_does_not_matter_to_verification_but_to_filters() {
    let app = memory(&["requests/filtered", "requests/wanted"]).start().await;
    let body = "{\"kind\":\"wanted\"}";
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = app.send(&Call::new(method, "/hooks/requests/filtered")).await;
        assert_eq!(answer.status, 401, "unsigned {method}");
    }
    assert!(app.deliveries().await.is_empty());
    let put = app.send(&Call::new("PUT", "/hooks/requests/filtered").body(body).sign(filtered())).await;
    assert_eq!(put.status, 200);
    let stored = app.deliveries().await;
    assert_eq!(stored[0].outcome, DeliveryOutcome::Filtered);
    let why = stored[0].verdicts.clone().unwrap();
    assert!(why.contains("requests/wanted") && why.contains("method"), "{why}");
    let post = app.send(&Call::post("/hooks/requests/filtered", body).sign(filtered())).await;
    assert_eq!(app.ended(post.delivery()).await.state, RunState::Done);
    assert_eq!(app.board.notes(), ["wanted"]);
    app.stop().await;
}

#[tokio::test]
async fn a_body_over_the_limit_gets_413_however_it_is_sent() {
    let app = memory(&["requests/plain", "requests/record", "requests/small"]).start().await;
    let large = Call::post("/hooks/requests/plain", vec![b'x'; 3 << 20]).sign(plain());
    let announced = app.send(&large).await;
    assert_eq!(announced.status, 413, "{}", announced.text());
    let chunked = exchange(app.address, &large.chunked(64 << 10)).await.unwrap();
    assert_eq!(chunked.status, 413);
    // A sender that writes all of it before it reads.
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let _ = stream.write_all(&large.bytes()).await;
    assert_eq!(crate::harness::read_answer(&mut stream).await.unwrap().status, 413);
    // Only its head: the answer does not wait for a body that nobody will read.
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let bytes = large.bytes();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    stream.write_all(&bytes[..end]).await.unwrap();
    assert_eq!(crate::harness::read_answer(&mut stream).await.unwrap().status, 413);

    let fits = Call::post("/hooks/requests/plain", vec![b'x'; 2 << 20]).sign(plain());
    assert_eq!(app.send(&fits).await.status, 200, "the limit itself is allowed");
    let over = Call::post("/hooks/requests/small", "12345678901234567").sign(small());
    assert_eq!(app.send(&over).await.status, 413, "the endpoint's own limit");
    assert_eq!(exchange(app.address, &over.chunked(4)).await.unwrap().status, 413);
    let fits = Call::post("/hooks/requests/small", "1234567890123456").sign(small());
    assert_eq!(app.send(&fits).await.status, 200);

    let traces = app.traces().await;
    assert_eq!(traces.len(), 6);
    assert!(traces.iter().all(|trace| trace.outcome == TraceOutcome::TooLarge && trace.status == 413));
    assert_eq!(app.deliveries().await.len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn a_job_sees_the_exact_bytes_that_were_sent() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(PLAIN), sqlite(directory.path(), PLAIN)] {
        let app = setup.start().await;
        let every_byte: Vec<u8> = (0..=255).collect();
        let target = "/hooks/requests/plain?a=%20+%2B&a=&%C3%A9";
        let call = Call::post(target, every_byte.clone()).header("X-Kept", "a, b ;c=\"d\"").sign(plain());
        let answer = exchange(app.address, &call.chunked(7)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(app.ended(answer.delivery()).await.state, RunState::Done);
        assert_eq!(app.board.notes(), [format!("POST {target} a, b ;c=\"d\" {}", hex(&every_byte))]);
        assert_eq!(app.deliveries().await[0].request.body(), &every_byte);
        let empty = app.send(&Call::post("/hooks/requests/plain", "").sign(plain())).await;
        assert_eq!(app.ended(empty.delivery()).await.state, RunState::Done);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_stored_and_matches_no_filter_over_it() {
    let app = memory(&["requests/filtered", "requests/wanted"]).start().await;
    let bodies: [&[u8]; 5] =
        [b"", b"{\"kind\":\"wanted\"", b"{\"kind\":\"wanted\"} x", b"{\"kind\":\"\xff\"}", b"\xff\xfe"];
    for body in bodies {
        let answer = app.send(&Call::post("/hooks/requests/filtered", body).sign(filtered())).await;
        assert_eq!(answer.status, 200, "{body:?}");
        let stored = app.deliveries().await.remove(0);
        assert_eq!((stored.outcome, &stored.request.body()[..]), (DeliveryOutcome::Filtered, body));
        assert!(stored.verdicts.unwrap().contains("requests/wanted"));
    }
    assert!(app.runs().await.is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_decode_ends_the_run_at_once_and_says_where() {
    let app = memory(&["requests/typed"]).start().await;
    let rows: [(&[u8], &str); 4] = [
        (b"{\"kind\":7}", "at `kind`: invalid type: integer `7`, expected a string"),
        (b"{}", "missing field `kind`"),
        (b"{\"kind\":\"a\"", "EOF"),
        (b"\xff", "expected value"),
    ];
    for (body, why) in rows {
        let answer = app.send(&Call::post("/hooks/requests/typed", body).sign(typed())).await;
        assert_eq!(answer.status, 200, "the sender did nothing wrong that it could mend");
        let run = app.ended(answer.delivery()).await;
        assert_eq!((run.state, run.attempt), (RunState::InvalidPayload, 1));
        let error = run.error.unwrap();
        assert!(error.contains(why), "{error}");
    }
    assert!(app.board.notes().is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_sender_that_hangs_up_within_the_body_leaves_nothing() {
    let app = memory(PLAIN).start().await;
    let call = Call::post("/hooks/requests/plain", "{\"half\":\"of it never comes\"}").sign(plain());
    for bytes in [call.bytes(), call.chunked(8)] {
        let before = lines_with(&["requests/plain", "hung up"]).len();
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(&bytes[..bytes.len() - 12]).await.unwrap();
        drop(stream);
        until("the log line about it", async || {
            (lines_with(&["requests/plain", "hung up"]).len() > before).then_some(())
        })
        .await;
    }
    assert!(app.deliveries().await.is_empty());
    let answer = app.send(&call).await;
    assert_eq!(
        app.ended(answer.delivery()).await.state,
        RunState::Done,
        "it is no repeat of what never came"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_sender_that_hangs_up_after_the_body_leaves_all_of_it_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for setup in [memory(PLAIN), sqlite(directory.path(), PLAIN)] {
        let app = setup.start().await;
        for n in 0..60 {
            let call = Call::post("/hooks/requests/plain", format!("{{\"n\":{n}}}")).sign(plain());
            let mut stream = std::net::TcpStream::connect(app.address).unwrap();
            stream.write_all(&call.bytes()).unwrap();
            // At different moments of its way: at once, and a little later.
            for _ in 0..n % 20 {
                tokio::task::yield_now().await;
            }
            drop(stream);
        }
        let answer = app.send(&Call::post("/hooks/requests/plain", "{\"last\":true}").sign(plain())).await;
        let last = app.ended(answer.delivery()).await;
        assert_eq!(last.state, RunState::Done);
        let (board, address) = (app.board.clone(), app.address);
        assert!(address.port() > 0);
        let running = app.stop_serving().await;
        let store = running.store().clone();
        let deliveries = store.deliveries(1000).await.unwrap();
        until("the end of every run", async || {
            let runs =
                store.runs(triggerfish::store::RunQuery { limit: 1000, ..Default::default() }).await.unwrap();
            assert_eq!(
                runs.len(),
                deliveries.len(),
                "one run for each delivery, none for what was not stored"
            );
            runs.iter().all(|run| run.state == RunState::Done).then_some(())
        })
        .await;
        let mut bodies: Vec<_> = deliveries.iter().map(|delivery| delivery.request.body().clone()).collect();
        assert!(bodies.iter().all(|body| serde_json::from_slice::<serde_json::Value>(body).is_ok()));
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), deliveries.len());
        assert_eq!(board.notes().len(), deliveries.len());
        println!("hung up after the body: {} of 60 were stored", deliveries.len() - 1);
        running.shutdown().await;
    }
}

#[tokio::test]
async fn too_many_requests_at_once_get_503_before_their_body_is_read() {
    let app = memory(PLAIN).config(|config| config.max_in_flight = 1).start().await;
    let held = Call::post("/hooks/requests/plain", "{\"held\":true}").sign(plain()).bytes();
    let mut first = TcpStream::connect(app.address).await.unwrap();
    first.write_all(&held[..held.len() - 1]).await.unwrap();
    let mut tries = 0;
    // The first is taken when it is taken: until then another may pass.
    let refused = until("the refusal", async || {
        tries += 1;
        let call = Call::post("/hooks/requests/plain", format!("{{\"n\":{tries}}}")).sign(plain());
        Some(app.send(&call).await).filter(|answer| answer.status != 200)
    })
    .await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("1"));
    let traces = app.traces().await;
    assert_eq!((traces[0].outcome, traces[0].status), (TraceOutcome::Overloaded, 503));
    first.write_all(&held[held.len() - 1..]).await.unwrap();
    let answer = crate::harness::read_answer(&mut first).await.unwrap();
    assert_eq!(answer.status, 200);
    drop(first);
    until("a place that is free again", async || {
        let call = Call::post("/hooks/requests/plain", "{\"after\":true}").sign(plain());
        (app.send(&call).await.status == 200).then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn an_unknown_endpoint_gets_404_and_the_known_ids_in_development_alone() {
    for dev in [true, false] {
        let app = memory(PLAIN).config(|config| config.dev = dev).start().await;
        for target in ["/hooks/nothing", "/hooks/requests", "/hooks/requests/plain/more"] {
            let answer = app.send(&Call::post(target, "{}").sign(plain())).await;
            assert_eq!(answer.status, 404, "{target}");
            assert_eq!(answer.text().contains("requests/plain"), dev, "{}", answer.text());
        }
        assert_eq!(app.send(&Call::post("/elsewhere", "{}")).await.status, 404);
        assert!(app.deliveries().await.is_empty());
        app.stop().await;
    }
}

#[tokio::test]
async fn what_no_job_takes_gets_the_declared_status_and_is_stored() {
    let app = memory(&["requests/unmatched"]).start().await;
    let answer =
        app.send(&Call::post("/hooks/requests/unmatched", "{\"kind\":\"x\"}").sign(unmatched())).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(app.deliveries().await[0].outcome, DeliveryOutcome::Filtered);
    let answer =
        app.send(&Call::post("/hooks/requests/unmatched", "{\"kind\":\"wanted\"}").sign(unmatched())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(app.ended(answer.delivery()).await.state, RunState::Done);
    app.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_request_do_not_stop_the_server() {
    let app = memory(PLAIN).start().await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"POST /hooks/\xff HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        let closed = tokio::time::timeout(PATIENCE, async {
            let mut rest = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await;
        });
        assert!(closed.await.is_ok(), "{garbage:?} keeps the connection");
    }
    good(&app).await;
    app.stop().await;
}

async fn good(app: &App) {
    let answer = app.send(&Call::post("/hooks/requests/plain", "{\"good\":true}").sign(plain())).await;
    assert_eq!(app.ended(answer.delivery()).await.state, RunState::Done);
}

#[tokio::test]
async fn every_request_logs_one_line_with_its_outcome_and_why() {
    let app = memory(&["requests/filtered", "requests/wanted"])
        .config(|config| config.max_body = 1000)
        .start()
        .await;
    let target = "/hooks/requests/filtered";
    let wanted = Call::post(target, "{\"kind\":\"wanted\",\"told\":1}").sign(filtered());
    let first = app.send(&wanted).await.delivery().to_string();
    app.send(&wanted).await;
    let other =
        app.send(&Call::post(target, "{\"kind\":\"other\",\"told\":1}").sign(filtered())).await.delivery();
    let of_first = lines_with(&[&first]);
    let accepted = |line: &&String| line.contains("accepted: runs requests/wanted");
    assert_eq!(of_first.iter().filter(accepted).count(), 1, "{of_first:#?}");
    let repeat =
        |line: &&String| line.contains("duplicate: repeats delivery") && line.contains("the same body");
    assert_eq!(of_first.iter().filter(repeat).count(), 1, "{of_first:#?}");
    let of_other = lines_with(&[&other.to_string(), "filtered: ", "\"requests/wanted\" did not run"]);
    assert_eq!(of_other.len(), 1, "{of_other:#?}");
    app.stop().await;
}

#[http_endpoint(id = "requests/panics")]
async fn panics(request: &Request) -> Verification {
    assert!(request.header("x-good").is_some(), "a bug in the verifier");
    Verification::verified()
}

#[tokio::test]
async fn a_verifier_that_panics_verifies_nothing_and_the_next_request_is_judged() {
    let app = memory(&["requests/panics"]).start().await;
    let answer = app.send(&Call::post("/hooks/requests/panics", "{}")).await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(!answer.text().contains("a bug"), "{}", answer.text());
    assert!(app.deliveries().await.is_empty());
    let traces = app.traces().await;
    assert_eq!((traces[0].outcome, traces[0].status), (TraceOutcome::Rejected, 500));
    assert!(traces[0].reason.contains("a bug in the verifier"), "{:?}", traces[0]);
    let good = app.send(&Call::post("/hooks/requests/panics", "{}").header("x-good", "1")).await;
    assert_eq!(good.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_gets_408_and_frees_its_place() {
    let app = memory(PLAIN)
        .config(|config| {
            config.max_in_flight = 1;
            config.body_timeout = std::time::Duration::from_millis(20);
        })
        .start()
        .await;
    let bytes = Call::post("/hooks/requests/plain", "{\"slow\":true}").sign(plain()).bytes();
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    assert_eq!(crate::harness::read_answer(&mut stream).await.unwrap().status, 408);
    assert!(app.deliveries().await.is_empty());
    until("its place", async || {
        let call = Call::post("/hooks/requests/plain", "{\"next\":true}").sign(plain());
        (app.send(&call).await.status == 200).then_some(())
    })
    .await;
    app.stop().await;
}
