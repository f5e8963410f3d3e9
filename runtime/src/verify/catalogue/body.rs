//! Schemes that sign the body alone.

use crate::verify::handshake::{Answer, Condition, Handshake, Phase, Token};
use crate::verify::scheme::{FixedReply, Place, Provenance, Replies, Sample, Scheme, Signature, Syntax};
use std::time::Duration;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const fn prefixed(name: &'static str, prefix: &'static str) -> Signature {
    Signature { syntax: Syntax::Prefix(prefix), ..Signature::header(name) }
}

pub(in crate::verify) static CALCOM: Scheme = Scheme {
    title: "Cal.com",
    event_type: &[Place::Json("/triggerEvent")],
    tells: &[("no-secret-provided", "Cal.com sends this text when its webhook has no secret: set one there")],
    docs: "https://cal.com/docs/developing/guides/automation/webhooks",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"triggerEvent":"BOOKING_CREATED","createdAt":"2026-01-05T09:00:00.000Z","payload":{"uid":"b8Qx2","title":"30 min with Ada","length":30}}"#,
    ),
    ..Scheme::hmac_sha256("calcom", "x-cal-signature-256")
};

pub(in crate::verify) static META: Scheme = Scheme {
    title: "Meta (WhatsApp, Messenger, Instagram)",
    signature: prefixed("x-hub-signature-256", "sha256="),
    event_type: &[Place::Json("/object")],
    retried_for: Duration::from_secs(7 * DAY),
    handshakes: &[Handshake {
        title: "subscription challenge",
        phase: Phase::Before,
        when: &[
            Condition::Method("GET"),
            Condition::Query("hub.mode", &["subscribe"]),
            Condition::Query("hub.challenge", &[]),
        ],
        token: Some(Token { query: "hub.verify_token", optional: false }),
        answer: Answer::EchoQuery("hub.challenge"),
    }],
    docs: "https://developers.facebook.com/docs/graph-api/webhooks/getting-started",
    provenance: Provenance::Documentation,
    sample: Sample::json(
        r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":[{"id":"wamid.1","type":"text","text":{"body":"hello"}}]}}]}]}"#,
    ),
    ..Scheme::hmac_sha256("meta", "x-hub-signature-256")
};

pub(in crate::verify) static GITHUB: Scheme = Scheme {
    title: "GitHub",
    signature: prefixed("x-hub-signature-256", "sha256="),
    delivery_id: Some(Place::Header("x-github-delivery")),
    event_type: &[Place::Header("x-github-event"), Place::Json("/action")],
    handshakes: &[Handshake {
        title: "ping",
        phase: Phase::AfterVerify,
        when: &[Condition::Header("x-github-event", "ping")],
        token: None,
        answer: Answer::Fixed(FixedReply::text(200, "pong")),
    }],
    docs: "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    provenance: Provenance::Package,
    sample: Sample::json(r#"{"action":"opened","number":1,"pull_request":{"title":"Fix the build"}}"#).with(
        &[("x-github-event", "pull_request"), ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")],
    ),
    ..Scheme::hmac_sha256("github", "x-hub-signature-256")
};

pub(in crate::verify) static CONNECT_IT: Scheme = Scheme {
    title: "Connect It",
    event_type: &[Place::Json("/type")],
    replies: Replies { rejected: FixedReply::json(400, r#"{"error":"Invalid signature"}"#), accepted: None },
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"type":"test.completed","id":"t1"}"#),
    ..Scheme::hmac_sha256("connect-it", "x-connect-it-token")
};
