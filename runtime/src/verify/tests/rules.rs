//! The rules that keep two readers of a request from disagreeing.

use super::{build, now, reason, sample, sign, value, with_header};
use crate::request::{Request, RequestParts};
use crate::secret::Secret;
use crate::verify::part::{body, id, lit, timestamp};
use crate::verify::{
    Encoding, Hash, Outcome, ReadyVerifier, Reason, RequestSignature, Scheme, Verifier,
    verify_request_signature,
};
use bytes::Bytes;
use http::HeaderValue;

const SECRET: &str = "correct horse battery staple";

fn scheme(name: &str) -> &'static Scheme {
    Scheme::by_name(name).expect("a scheme of the catalogue")
}

/// A verifier of a preset, and its signed sample.
fn signed(name: &str) -> (ReadyVerifier, RequestParts) {
    let scheme = scheme(name);
    let (secret, _) = super::secret_for(scheme);
    let ready = build(&Verifier::from_scheme(scheme, value(secret)));
    let parts = sign(&ready, sample(scheme), None);
    (ready, parts)
}

fn text<'p>(parts: &'p RequestParts, name: &str) -> &'p str {
    parts.headers.get(name).and_then(|value| value.to_str().ok()).expect("a header")
}

fn judged(ready: &ReadyVerifier, parts: &RequestParts) -> Option<Reason> {
    reason(ready, &Request::new(parts.clone()))
}

#[test]
fn a_header_that_comes_twice_is_rejected_even_where_both_are_right() {
    for name in
        ["calcom", "github", "stripe", "standard-webhooks", "slack", "gitlab", "basic", "bearer", "docusign"]
    {
        let (ready, mut parts) = signed(name);
        let header =
            parts.headers.keys().find(|name| ready.is_signature_header(name)).expect("a header").clone();
        let again = parts.headers[&header].clone();
        parts.headers.append(header, again);
        assert_eq!(judged(&ready, &parts), Some(Reason::RepeatedHeader), "{name}");
    }
    for header in ["webhook-id", "webhook-timestamp"] {
        let (ready, mut parts) = signed("standard-webhooks");
        let again = parts.headers[header].clone();
        parts.headers.append(header, again);
        assert_eq!(judged(&ready, &parts), Some(Reason::RepeatedHeader), "{header}");
    }
}

#[test]
fn every_signature_of_the_header_is_tried_under_every_secret() {
    let (ready, parts) = signed("standard-webhooks");
    let right = text(&parts, "webhook-signature").to_owned();
    let wrong = format!("v1,{}", "A".repeat(43) + "=");
    for list in [
        format!("{wrong} {right}"),
        format!("{right} {wrong}"),
        format!("v1a,xx {right} v2,yy"),
        format!("v1,!! {right}"),
    ] {
        assert_eq!(judged(&ready, &with_header(parts.clone(), "webhook-signature", &list)), None, "{list}");
    }
    for list in
        [wrong.clone(), right.replace("v1,", "v2,"), right.replace("v1,", "v1a,"), right.replace("v1,", "")]
    {
        assert!(judged(&ready, &with_header(parts.clone(), "webhook-signature", &list)).is_some(), "{list}");
    }
}

#[test]
fn sixteen_signatures_are_tried_and_seventeen_rejected() {
    let (ready, parts) = signed("stripe");
    let right = text(&parts, "stripe-signature").to_owned();
    let wrong = format!("v1={},", "0".repeat(64));
    let padded = |n: usize| right.replacen("v1=", &format!("{}v1=", wrong.repeat(n)), 1);
    assert_eq!(judged(&ready, &with_header(parts.clone(), "stripe-signature", &padded(15))), None);
    let many = with_header(parts, "stripe-signature", &padded(16));
    assert_eq!(judged(&ready, &many), Some(Reason::TooManySignatures));
}

#[test]
fn a_header_longer_than_8_kib_is_rejected_unread() {
    let (ready, parts) = signed("stripe");
    let right = text(&parts, "stripe-signature").to_owned();
    let padded = |length: usize| format!("{right},x={}", "y".repeat(length - right.len() - 3));
    assert_eq!(judged(&ready, &with_header(parts.clone(), "stripe-signature", &padded(8192))), None);
    let long = with_header(parts, "stripe-signature", &padded(8193));
    assert_eq!(judged(&ready, &long), Some(Reason::HeaderTooLong));
}

#[test]
fn the_text_of_the_timestamp_is_what_is_signed() {
    let verifier = Verifier::hmac_sha256()
        .header("X-Sig")
        .prefix("v1=")
        .timestamp_header("X-Ts")
        .window(300)
        .signed([timestamp(), lit("."), body()])
        .secret(value(SECRET));
    let ready = build(&verifier);
    let parts = sign(&ready, sample(scheme("calcom")), None);
    assert_eq!(judged(&ready, &parts), None);
    // The same instant, written in another way, is another content.
    assert_eq!(judged(&ready, &with_header(parts.clone(), "x-ts", "01763752000")), Some(Reason::Mismatch));
    for malformed in ["+1763752000", "1763752000.0", "1763752000abc", "0x69", "1763752000 ", "", "NaN"] {
        let found = judged(&ready, &with_header(parts.clone(), "x-ts", malformed));
        assert!(
            matches!(found, Some(Reason::MalformedTimestamp | Reason::MissingTimestamp)),
            "{malformed:?}"
        );
    }
    let mut missing = parts;
    missing.headers.remove("x-ts");
    assert_eq!(judged(&ready, &missing), Some(Reason::MissingTimestamp));
}

#[test]
fn two_timestamps_in_one_header_are_rejected() {
    let (ready, parts) = signed("stripe");
    let twice = format!("t=1,{}", text(&parts, "stripe-signature"));
    assert_eq!(
        judged(&ready, &with_header(parts, "stripe-signature", &twice)),
        Some(Reason::MalformedTimestamp)
    );
}

#[test]
fn an_id_that_blurs_the_parts_of_the_content_is_rejected() {
    let (ready, parts) = signed("standard-webhooks");
    let dotted = sign(&ready, with_header(parts.clone(), "webhook-id", "a.1763752000"), None);
    assert_eq!(judged(&ready, &dotted), Some(Reason::MalformedId));
    assert_eq!(judged(&ready, &with_header(parts, "webhook-id", "")), Some(Reason::MissingId));
}

#[test]
fn the_exact_bytes_of_the_body_count() {
    let (ready, parts) = signed("calcom");
    let bytes = parts.body.clone();
    let changed: [Vec<u8>; 6] = [
        [b"\xEF\xBB\xBF", bytes.as_ref()].concat(),
        [bytes.as_ref(), b"\n"].concat(),
        [b" ", bytes.as_ref()].concat(),
        bytes[..bytes.len() - 1].to_vec(),
        Vec::new(),
        bytes.to_ascii_lowercase(),
    ];
    for other in changed {
        assert_eq!(
            judged(&ready, &RequestParts { body: other.into(), ..parts.clone() }),
            Some(Reason::Mismatch)
        );
    }
    let not_utf8 = RequestParts { body: Bytes::from_static(b"{\"a\":\"\xFF\"}"), ..parts };
    assert_eq!(judged(&ready, &sign(&ready, not_utf8, None)), None);
}

#[test]
fn the_url_comes_from_the_configuration_and_never_from_the_request() {
    let (ready, parts) = signed("square");
    let lying =
        with_header(with_header(parts.clone(), "host", "evil.example"), "x-forwarded-host", "evil.example");
    assert_eq!(judged(&ready, &lying), None);
    let elsewhere = RequestParts { public_url: Some("https://other.example.com".into()), ..parts.clone() };
    assert_eq!(judged(&ready, &elsewhere), Some(Reason::Mismatch));
    let query = RequestParts { uri: "/hooks/in?x=2".parse().expect("a URI"), ..parts.clone() };
    assert_eq!(judged(&ready, &query), Some(Reason::Mismatch));
    let unknown = RequestParts { public_url: None, ..parts.clone() };
    assert_eq!(judged(&ready, &unknown), Some(Reason::NoPublicUrl));
    assert!(ready.needs_public_url());
    let fixed = build(&Verifier::square(value(SECRET)).url("https://hooks.example.com/hooks/in?x=1"));
    assert!(!fixed.needs_public_url());
    assert_eq!(judged(&fixed, &RequestParts { public_url: None, ..parts }), None);
}

#[test]
fn a_token_is_compared_whole_and_in_its_case() {
    for (name, header, prefix) in [("gitlab", "x-gitlab-token", ""), ("bearer", "authorization", "Bearer ")] {
        let (ready, parts) = signed(name);
        assert_eq!(judged(&ready, &parts), None);
        for wrong in
            ["", "correct", &SECRET.to_uppercase(), &format!("{SECRET}x"), &format!("{SECRET},{SECRET}")]
        {
            let parts = with_header(parts.clone(), header, &format!("{prefix}{wrong}"));
            assert!(judged(&ready, &parts).is_some(), "{name} {wrong:?}");
        }
    }
}

#[test]
fn a_password_may_hold_colons_and_a_scheme_is_named_in_any_case() {
    let ready = build(&Verifier::basic(value("user:pa:ss:word")));
    let parts = sign(&ready, sample(scheme("basic")), None);
    assert_eq!(judged(&ready, &parts), None);
    let lower = text(&parts, "authorization").replace("Basic", "basic");
    assert_eq!(judged(&ready, &with_header(parts.clone(), "authorization", &lower)), None);
    for wrong in ["Basic", "Basic ", "Bearer dXNlcjpwYTpzczp3b3Jk", "Basic  dXNlcjpwYTpzczp3b3Jk", "Basicdxx"]
    {
        assert!(judged(&ready, &with_header(parts.clone(), "authorization", wrong)).is_some(), "{wrong}");
    }
}

#[test]
fn a_header_that_is_not_visible_ascii_is_rejected() {
    let (ready, mut parts) = signed("gitlab");
    let value = HeaderValue::from_bytes(b"tok\xC3\xA9n").expect("a header value");
    parts.headers.insert("x-gitlab-token", value);
    assert_eq!(judged(&ready, &parts), Some(Reason::Malformed));
}

#[test]
fn a_second_item_that_is_not_signed_is_rejected() {
    let (ready, parts) = signed("adyen-payment");
    assert_eq!(judged(&ready, &parts), None);
    let text = std::str::from_utf8(&parts.body).expect("UTF-8");
    let two = text.replacen("}}]", "}},{\"NotificationRequestItem\":{\"eventCode\":\"REFUND\"}}]", 1);
    assert_ne!(two, text);
    let forged = RequestParts { body: Bytes::from(two), ..parts.clone() };
    assert_eq!(judged(&ready, &forged), Some(Reason::Requirement("/notificationItems")));
    let twice = text.replacen("\"eventCode\":", "\"eventCode\":\"REFUND\",\"eventCode\":", 1);
    let forged = RequestParts { body: Bytes::from(twice), ..parts };
    assert_eq!(judged(&ready, &forged), Some(Reason::MalformedBody));
}

#[test]
fn a_json_body_that_the_signed_url_does_not_cover_is_rejected() {
    let (ready, parts) = signed("twilio");
    let json = RequestParts {
        body: Bytes::from_static(b"{\"a\":1}"),
        ..with_header(parts.clone(), "content-type", "application/json")
    };
    assert!(judged(&ready, &json).is_some());
    let with_port = |port: &str| RequestParts {
        public_url: Some(format!("https://hooks.example.com{port}").into()),
        ..parts.clone()
    };
    assert_eq!(judged(&ready, &with_port(":443")), None);
    let signed = sign(&ready, with_port(":443"), None);
    assert_eq!(
        judged(&ready, &RequestParts { public_url: Some("https://hooks.example.com".into()), ..signed }),
        None
    );
}

#[test]
fn a_form_is_signed_by_its_bytes() {
    let (ready, parts) = signed("twilio");
    let body =
        |text: &'static str| RequestParts { body: Bytes::from_static(text.as_bytes()), ..parts.clone() };
    let right = sign(&ready, body("A=%EF%BF%BD&B=1"), None);
    assert_eq!(judged(&ready, &right), None);
    // Read as text, the invalid byte would become the character that was signed.
    let invalid = RequestParts { body: Bytes::from_static(b"A=%FF&B=1"), ..right.clone() };
    assert_eq!(judged(&ready, &invalid), Some(Reason::Mismatch));
    let reordered = RequestParts { body: Bytes::from_static(b"B=1&A=%ef%bf%bd&B=1"), ..right };
    assert_eq!(judged(&ready, &reordered), None, "the order and repeats are not signed");
}

#[test]
fn the_record_says_what_was_read_and_what_is_likely() {
    let (ready, parts) = signed("calcom");
    let line = |parts: RequestParts| {
        let request = Request::new(parts);
        match ready.verify(&request, now()) {
            Outcome::Rejected(rejection) => rejection.to_string(),
            Outcome::Verified(_) => "verified".to_owned(),
        }
    };
    let other = RequestParts { body: Bytes::from_static(b"{}"), ..parts.clone() };
    let found = line(other);
    assert!(found.contains("`x-cal-signature-256`, 2 bytes hashed"), "{found}");
    assert!(found.contains("another environment"), "{found}");
    let newline = RequestParts { body: [parts.body.as_ref(), b"\n"].concat().into(), ..parts.clone() };
    assert!(line(newline).contains("white space was added"));
    let compact =
        sign(&ready, RequestParts { body: Bytes::from_static(b"{\"a\":1}"), ..parts.clone() }, None);
    let spaced = RequestParts { body: Bytes::from_static(b"{\n  \"a\": 1\n}"), ..compact };
    assert!(line(spaced).contains("decoded and encoded again"));
    assert!(
        line(with_header(parts.clone(), "x-cal-signature-256", "no-secret-provided")).contains("Cal.com")
    );
    assert!(line(with_header(parts.clone(), "content-encoding", "gzip")).contains("verified"));
    let padded = |_: &'static str| Some(Secret::from("correct horse battery staple\n"));
    let ready = Verifier::calcom(crate::secret::env("CAL")).build(&padded).expect("built");
    let request = Request::new(parts);
    let outcome = ready.verify(&request, now());
    let Outcome::Rejected(rejection) = outcome else { panic!("verified") };
    assert!(rejection.to_string().contains("`CAL` starts or ends with white space"), "{rejection}");
}

#[test]
fn a_rejection_shows_no_signature() {
    let (ready, parts) = signed("calcom");
    let right = text(&parts, "x-cal-signature-256").to_owned();
    let wrong = with_header(parts, "x-cal-signature-256", &"0".repeat(64));
    let request = Request::new(wrong);
    let outcome = ready.verify(&request, now());
    let shown = format!("{outcome:?} {:?}", ready.rejection_reply());
    assert!(!shown.contains(&right) && !shown.contains(SECRET), "{shown}");
}

#[test]
fn a_custom_verifier_takes_a_prefix_at_the_start_alone() {
    let ready = build(&Verifier::hmac_sha256().header("x-sig").secret(value(SECRET)));
    let parts = sign(&ready, sample(scheme("calcom")), None);
    let hex = text(&parts, "x-sig").to_owned();
    let secret = Secret::from(SECRET);
    let verified = |header: &str, secret: &Secret| {
        let request = Request::new(with_header(parts.clone(), "x-sig", header));
        let options = RequestSignature {
            header_name: "X-Sig",
            header_encoding: Encoding::Hex,
            secret,
            algorithm: Hash::Sha256,
        };
        verify_request_signature(&request, options).is_verified()
    };
    for right in [hex.clone(), format!("sha256={hex}"), format!("hmac-sha256={hex}"), hex.to_uppercase()] {
        assert!(verified(&right, &secret), "{right}");
    }
    let inside = format!("{}sha256={}", &hex[..8], &hex[8..]);
    for wrong in
        [inside, format!("sha1={hex}"), format!("sha256=sha256={hex}"), format!(" {hex}"), String::new()]
    {
        assert!(!verified(&wrong, &secret), "{wrong}");
    }
    assert!(!verified(&hex, &Secret::from(" ")));
    assert!(!verified(&hex, &Secret::from("another secret")));
}

#[test]
fn a_user_defined_scheme_signs_an_id_too() {
    let verifier = Verifier::hmac_sha512()
        .header("X-Sig")
        .base64()
        .id_header("X-Id")
        .timestamp_header("X-Ts")
        .signed([id(), lit("|"), timestamp(), lit("|"), body()])
        .secret([value("a secret that is new enough"), value(SECRET)]);
    let ready = build(&verifier);
    let old = build(&Verifier { secrets: vec![value(SECRET)], ..verifier });
    let parts = sign(&old, sample(scheme("calcom")), None);
    let request = Request::new(parts.clone());
    let Outcome::Verified(verified) = ready.verify(&request, now()) else { panic!("rejected") };
    assert_eq!((verified.secret_index, verified.timestamp), (1, Some(now())));
    assert_eq!(verified.delivery_id.as_deref(), Some(text(&parts, "x-id")));
    assert_eq!(judged(&ready, &with_header(parts, "x-id", "other")), Some(Reason::Mismatch));
}
