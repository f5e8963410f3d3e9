//! Handshakes answer the provider, start nothing, and reflect nothing.

use super::{build, now, sample, sign, value, with_header};
use crate::request::{Request, RequestParts};
use crate::verify::{Handshake, Phase, ReadyVerifier, Registration, Reply, Scheme, Verifier};
use bytes::Bytes;
use http::Method;

const SECRET: &str = "correct horse battery staple";

fn get(query: &str) -> Request {
    let uri = format!("/in?{query}").parse().expect("a URI");
    Request::new(RequestParts { method: Method::GET, uri, ..RequestParts::default() })
}

fn post(body: &'static str) -> RequestParts {
    RequestParts { body: Bytes::from_static(body.as_bytes()), ..RequestParts::default() }
}

fn text(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), std::str::from_utf8(&reply.body).expect("UTF-8"))
}

fn before(ready: &ReadyVerifier, request: &Request) -> Option<(u16, String)> {
    let reply = ready.handshake(request, Phase::Before)?;
    let (status, body) = text(&reply);
    Some((status, body.to_owned()))
}

fn safe(reply: &Reply) -> bool {
    let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok());
    header("x-content-type-options") == Some("nosniff")
        && header("content-type") == Some("text/plain; charset=utf-8")
}

#[test]
fn metas_challenge_is_echoed_to_who_knows_the_token() {
    let ready = build(&Verifier::meta(value(SECRET)).challenge([value("new token"), value("tok")]));
    let query = "hub.mode=subscribe&hub.challenge=a%2Bb%20%3Cc%3E&hub.verify_token=tok";
    let reply = ready.handshake(&get(query), Phase::Before).expect("an answer");
    assert_eq!(text(&reply), (200, "a+b <c>"));
    assert!(safe(&reply));
    let rows = [
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=no", 401),
        ("hub.mode=subscribe&hub.challenge=1", 401),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=tok&hub.verify_token=tok", 401),
        ("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=tok", 400),
        ("hub.challenge=1&hub.verify_token=tok", 400),
        ("hub.mode=subscribe&hub.verify_token=tok", 400),
        ("", 400),
    ];
    for (query, status) in rows {
        let (found, body) = before(&ready, &get(query)).expect("an answer");
        assert_eq!(found, status, "{query}");
        assert!(!body.contains('1'), "{body}");
    }
    assert_eq!(before(&ready, &Request::new(post("{}"))), None);
    let off = build(&Verifier::meta(value(SECRET)));
    assert_eq!(before(&off, &get(query)), None, "without a token the user's own handler answers");
}

#[test]
fn an_echo_is_capped() {
    let ready = build(&Verifier::dropbox(value(SECRET)));
    assert_eq!(
        before(&ready, &get(&format!("challenge={}", "a".repeat(4096)))).map(|(status, _)| status),
        Some(200)
    );
    assert_eq!(
        before(&ready, &get(&format!("challenge={}", "a".repeat(4097)))).map(|(status, _)| status),
        Some(400)
    );
}

#[test]
fn the_challenge_of_x_cannot_be_used_to_sign_a_delivery() {
    let ready = build(&Verifier::twitter(value(SECRET)));
    let answer = before(&ready, &get("crc_token=NDIzMTEyMg")).expect("an answer");
    // HMAC-SHA256 of `NDIzMTEyMg` by another implementation.
    assert_eq!(answer, (200, r#"{"response_token":"sha256=SIG"}"#.replace("SIG", &expected("NDIzMTEyMg"))));
    for body in [r#"{"a":1}"#, "[]", "a b", "", "a%00"] {
        let query = format!(
            "crc_token={}",
            body.replace('%', "%25").replace(' ', "%20").replace('"', "%22").replace(['{', '}'], "%7B")
        );
        assert_eq!(before(&ready, &get(&query)).map(|(status, _)| status), Some(400), "{body}");
    }
}

/// What the sender's own key makes of a challenge.
fn expected(token: &str) -> String {
    let ready = build(&Verifier::hmac_sha256().header("x").base64().secret(value(SECRET)));
    let parts = RequestParts { body: Bytes::from(token.to_owned()), ..RequestParts::default() };
    let signed = sign(&ready, parts, None);
    signed.headers["x"].to_str().expect("text").to_owned()
}

#[test]
fn a_signed_handshake_is_answered_after_verification_only() {
    let rows: [(&str, &str, &str); 5] = [
        ("slack", r#"{"type":"url_verification","challenge":"abc<d>"}"#, "abc<d>"),
        ("xero", r#"{"events":[],"entropy":"x"}"#, ""),
        ("line", r#"{"destination":"U1","events":[]}"#, ""),
        ("intercom", r#"{"type":"notification_event","topic":"ping"}"#, ""),
        (
            "zoom",
            r#"{"event":"endpoint.url_validation","payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}"#,
            "",
        ),
    ];
    for (name, body, echo) in rows {
        let scheme = Scheme::by_name(name).expect("a scheme");
        let ready = build(&Verifier::from_scheme(scheme, value(SECRET)));
        let request = Request::new(sign(&ready, post(body), None));
        assert_eq!(before(&ready, &request), None, "{name}");
        assert!(ready.verify(&request, now()).is_verified(), "{name}");
        let reply = ready.handshake(&request, Phase::AfterVerify).expect(name);
        assert_eq!(reply.status.as_u16(), 200);
        if name == "zoom" {
            let mac = hex::encode(base64_bytes(&expected("qgg8vlvZRS6UYooatFL8Aw")));
            let json: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
            assert_eq!(json["plainToken"], "qgg8vlvZRS6UYooatFL8Aw");
            assert_eq!(json["encryptedToken"], mac.as_str());
        } else {
            assert_eq!(reply.body, echo, "{name}");
        }
        let event = Request::new(sign(&ready, sample(scheme), None));
        assert_eq!(ready.handshake(&event, Phase::AfterVerify), None, "{name}: a delivery is no handshake");
    }
}

fn base64_bytes(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

#[test]
fn twitch_and_github_say_in_a_header_that_it_is_a_handshake() {
    let twitch = build(&Verifier::twitch(value(SECRET)));
    let parts = with_header(
        post(r#"{"challenge":"pogchamp"}"#),
        "twitch-eventsub-message-type",
        "webhook_callback_verification",
    );
    let request = Request::new(sign(&twitch, parts, None));
    let reply = twitch.handshake(&request, Phase::AfterVerify).expect("an answer");
    assert_eq!(text(&reply), (200, "pogchamp"));
    assert!(safe(&reply));
    let github = build(&Verifier::github(value(SECRET)));
    let request = Request::new(with_header(post("{}"), "x-github-event", "ping"));
    assert_eq!(text(&github.handshake(&request, Phase::AfterVerify).expect("an answer")).0, 200);
}

#[test]
fn a_secret_is_taken_only_while_a_registration_waits_and_only_once() {
    let registration = Registration::default();
    let ready = build(&Verifier::asana(value(SECRET)).registration(&registration));
    let request = Request::new(with_header(post(""), "x-hook-secret", "b537207f20cbfa02357cf448134da559"));
    assert_eq!(ready.handshake(&request, Phase::Before), None);
    registration.open();
    let reply = ready.handshake(&request, Phase::Before).expect("an answer");
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(reply.headers["x-hook-secret"], "b537207f20cbfa02357cf448134da559");
    assert!(!format!("{reply:?}").contains("b537"), "the secret is marked as sensitive");
    assert_eq!(ready.handshake(&request, Phase::Before), None, "once");
    let secret = registration.close().expect("a secret");
    assert_eq!(secret.expose(), b"b537207f20cbfa02357cf448134da559");
    assert_eq!(ready.handshake(&request, Phase::Before), None);
}

#[test]
fn notions_token_is_taken_while_a_registration_waits() {
    let registration = Registration::default();
    let ready = build(&Verifier::notion(value(SECRET)).registration(&registration));
    let request =
        Request::new(post(r#"{"verification_token":"secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"}"#));
    assert_eq!(ready.handshake(&request, Phase::Registering), None);
    registration.open();
    assert_eq!(before(&ready, &request), None, "the body is not looked at before it is read");
    let reply = ready.handshake(&request, Phase::Registering).expect("an answer");
    assert_eq!(text(&reply), (200, ""));
    assert!(registration.close().is_some());
}

#[test]
fn probes_and_echoes_of_other_providers_are_answered() {
    let head = Request::new(RequestParts { method: Method::HEAD, ..RequestParts::default() });
    for verifier in [Verifier::trello(value(SECRET)), Verifier::mandrill(value(SECRET))] {
        assert_eq!(before(&build(&verifier), &head), Some((200, String::new())));
    }
    let okta = build(&Verifier::okta(value(SECRET)));
    let ask = RequestParts { method: Method::GET, ..RequestParts::default() };
    let ask = Request::new(with_header(ask, "x-okta-verification-challenge", "a\"b"));
    assert_eq!(before(&okta, &ask), Some((200, r#"{"verification":"a\"b"}"#.to_owned())));
    let graph = build(&Verifier::microsoft_graph(value(SECRET)));
    let uri = "/in?validationToken=Validation%3A+it+works".parse().expect("a URI");
    let request = Request::new(RequestParts { uri, ..RequestParts::default() });
    assert_eq!(before(&graph, &request), Some((200, "Validation: it works".to_owned())));
    let youtube = build(&Verifier::websub(value(SECRET)).param("topic", "https://a.example/feed"));
    let ask = |topic: &str| {
        before(&youtube, &get(&format!("hub.mode=subscribe&hub.topic={topic}&hub.challenge=42")))
    };
    assert_eq!(ask("https%3A%2F%2Fa.example%2Ffeed"), Some((200, "42".to_owned())));
    assert_eq!(ask("https%3A%2F%2Fevil.example%2Ffeed").map(|(status, _)| status), Some(400));
}

#[test]
fn the_replies_that_providers_prescribe() {
    let xero = build(&Verifier::xero(value(SECRET)));
    assert_eq!(text(&xero.rejection_reply()), (401, ""));
    assert_eq!(xero.accepted_reply().as_ref().map(text), Some((200, "")));
    let connect_it = build(&Verifier::connect_it(value(SECRET)));
    assert_eq!(text(&connect_it.rejection_reply()), (400, r#"{"error":"Invalid signature"}"#));
    let adyen = build(&Verifier::adyen_payment(value("00112233445566778899aabbccddeeff")));
    assert_eq!(adyen.accepted_reply().as_ref().map(text), Some((200, "[accepted]")));
    assert_eq!(build(&Verifier::github(value(SECRET))).rejection_reply().status.as_u16(), 401);
}

#[test]
fn a_handshake_that_trusts_an_unverified_body_is_refused() {
    let slack = Scheme::by_name("slack").expect("a scheme");
    let [answered] = slack.handshakes else { panic!("slack has one handshake") };
    for phase in [Phase::Before, Phase::Registering] {
        let early = Box::leak(Box::new([Handshake { phase, ..*answered }]));
        let scheme = Box::leak(Box::new(Scheme { handshakes: early, ..*slack }));
        let found = super::problems(&Verifier::from_scheme(scheme, value(SECRET)));
        assert!(found[0].to_string().contains("`url_verification` trusts a body"), "{found:?}");
    }
}
