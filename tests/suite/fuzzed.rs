//! What the fuzz target `router` looks at, for some thousand requests of our own: `runtime/fuzz`
//! runs it for as long as one likes.

#[path = "../../runtime/fuzz/src/app.rs"]
#[expect(unreachable_pub, reason = "it is a file of another package")]
mod app;

use std::collections::BTreeMap;

const QUERIES: &[&str] = &[
    "",
    "page=1",
    "mode=sub&challenge=1",
    "hub.mode=subscribe&hub.challenge=11&hub.verify_token=a+token",
    "status=500",
    "status=204&page=2",
];

const HEADERS: &[&str] = &[
    "",
    "x-kind:\u{e9}",
    "content-type:application/json",
    "content-type:application/x-www-form-urlencoded",
    "x-github-event:push",
    "x-github-event:ping",
    "x-github-delivery:1",
    "authorization:hunter2",
    "content-length:99999",
    "x-sig:00",
    "x-gitlab-event-uuid:7",
];

const BODIES: &[&[u8]] = &[
    b"",
    br#"{"type":"a","items":[{"n":2}],"tags":["x"]}"#,
    br#"{"type":"ping"}"#,
    br#"{"type":"url_verification","challenge":"c"}"#,
    br#"{"n":1,"id":"x"}"#,
    br#"{"type":"\u0061\n","items":[[],{"n":1},null],"tags":[]}"#,
    b"{\"kind\":",
    b"\xff\xfe",
    b"a=1&b=2",
];

#[test]
fn every_request_is_answered_and_recorded_once_and_only_genuine_ones_are_taken() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..6000 {
        let mut data = vec![rng.u8(..), rng.u8(..), rng.u8(..)];
        if rng.bool() {
            data[1] &= 8;
        }
        data.extend(QUERIES[rng.usize(..QUERIES.len())].bytes());
        for _ in 0..3 {
            data.push(b'\n');
            data.extend(HEADERS[rng.usize(..HEADERS.len())].bytes());
        }
        data.push(b'\n');
        match rng.u8(..8) {
            0 => data.extend(vec![b'x'; rng.usize(..1200)]),
            1 => data.extend(format!("{{\"n\":{number}}}").bytes()),
            _ => data.extend(BODIES[rng.usize(..BODIES.len())]),
        }
        *seen.entry(app::judge(&data)).or_default() += 1;
    }
    for outcome in [
        "accepted",
        "filtered",
        "filtered again",
        "duplicate",
        "rejected",
        "handshake",
        "too_large",
        "unknown",
    ] {
        assert!(seen.get(outcome).is_some_and(|count| *count > 20), "{outcome} was hardly seen: {seen:?}");
    }
}
