//! What stands between two requests, and around one: connections, framing, waiting for leave.

use crate::harness::{Board, Call, exchange, memory, read_answer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use triggerfish::prelude::*;
use triggerfish::store::RunState;

#[http_endpoint(id = "connections")]
fn connections() -> Verifier {
    Verifier::hmac_sha256().header("X-Sig").secret(env("CONNECTIONS"))
}

#[job(id = "connections", version = "1.0.0", trigger = connections)]
async fn on_any(request: Request, State(board): State<Board>) {
    board.note(String::from_utf8_lossy(request.body()));
}

const IDS: &[&str] = &["connections"];

/// Without `connection: close`.
fn kept(call: &Call) -> Vec<u8> {
    let mut bytes = call.head();
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", call.0.body.len()).as_bytes());
    bytes.extend_from_slice(&call.0.body);
    bytes
}

#[tokio::test]
async fn requests_on_one_connection_are_judged_one_by_one() {
    let app = memory(IDS).start().await;
    let good = |n: usize| Call::post("/hooks/connections", format!("{n}")).sign(connections());
    let forged = good(1).body("2");
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    for (call, status) in [(&forged, 401), (&good(1), 200), (&forged, 401), (&good(3), 200)] {
        stream.write_all(&kept(call)).await.unwrap();
        assert_eq!(read_answer(&mut stream).await.unwrap().status, status);
    }
    app.all_ended().await;
    let mut notes = app.board.notes();
    notes.sort();
    assert_eq!(notes, ["1", "3"]);
    drop(stream);
    app.stop().await;
}

#[tokio::test]
async fn what_is_refused_unread_does_not_become_the_next_request() {
    let app = memory(IDS).config(|config| config.max_body = 64).start().await;
    // The body that is too large holds a whole request with a right signature.
    let inner = kept(&Call::post("/hooks/connections", "inner").sign(connections()));
    let outer = Call::post("/hooks/connections", inner);
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let _ = stream.write_all(&kept(&outer)).await;
    assert_eq!(read_answer(&mut stream).await.unwrap().status, 413);
    // The connection may be closed by now, or the next request is the next one.
    let next = Call::post("/hooks/connections", "next").sign(connections());
    let answer = match stream.write_all(&kept(&next)).await {
        Ok(()) => read_answer(&mut stream).await.ok(),
        Err(_) => None,
    };
    assert!(answer.as_ref().is_none_or(|answer| answer.status == 200), "{answer:?}");
    let deliveries = app.deliveries().await;
    assert_eq!(deliveries.len(), usize::from(answer.is_some()));
    assert!(deliveries.iter().all(|delivery| delivery.request.body() == "next"), "{deliveries:?}");
    drop(stream);
    app.stop().await;
}

#[tokio::test]
async fn a_request_whose_length_is_ambiguous_is_one_request_or_none() {
    let app = memory(IDS).start().await;
    let call = Call::post("/hooks/connections", "whole body").sign(connections());
    let chunked = String::from_utf8(call.chunked(4)).unwrap();
    let both = chunked.replace("transfer-encoding:", "content-length: 4\r\ntransfer-encoding:");
    let two_lengths = String::from_utf8(call.bytes())
        .unwrap()
        .replace("content-length:", "content-length: 4\r\ncontent-length:");
    let odd = chunked.replace("transfer-encoding: chunked", "transfer-encoding: chunked, identity");
    for bytes in [both, two_lengths, odd] {
        let answer = exchange(app.address, bytes.as_bytes()).await.unwrap();
        match answer.status {
            200 => assert_eq!(app.deliveries().await[0].request.body(), "whole body"),
            400..=499 | 501 => {}
            status => panic!("{status} for {bytes:?}"),
        }
    }
    let deliveries = app.deliveries().await;
    assert!(deliveries.iter().all(|delivery| delivery.request.body() == "whole body"), "{deliveries:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_sender_that_asks_before_it_sends_gets_leave_or_a_refusal() {
    let app = memory(IDS).config(|config| config.max_body = 64).start().await;
    let call =
        Call::post("/hooks/connections", "asked first").sign(connections()).header("expect", "100-continue");
    let bytes = kept(&call);
    let (head, body) = bytes.split_at(bytes.len() - call.0.body.len());
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(head).await.unwrap();
    let leave = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut got = vec![0; leave.len()];
    stream.read_exact(&mut got).await.unwrap();
    assert_eq!(got, leave);
    stream.write_all(body).await.unwrap();
    let answer = read_answer(&mut stream).await.unwrap();
    assert_eq!(app.ended(answer.delivery()).await.state, RunState::Done);

    let call =
        Call::post("/hooks/connections", "x".repeat(65)).sign(connections()).header("expect", "100-continue");
    let bytes = kept(&call);
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    stream.write_all(&bytes[..bytes.len() - 65]).await.unwrap();
    assert_eq!(read_answer(&mut stream).await.unwrap().status, 413);
    drop(stream);
    app.stop().await;
}
