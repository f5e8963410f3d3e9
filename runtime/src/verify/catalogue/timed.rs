//! Schemes that sign a timestamp or an id beside the body.

use crate::secret::{KeyFormat, PublicKey};
use crate::verify::handshake::{Answer, Condition, Handshake, Phase};
use crate::verify::layout::{Encoding, MessageId, Place, Signature, Syntax, TimeUnit, Timestamp, Window};
use crate::verify::part::{Part, lit};
use crate::verify::scheme::{Algorithm, Check, Provenance, Sample, Scheme};
use std::time::Duration;

const fn keyed(name: &'static str, separator: &'static str, key: &'static str) -> Signature {
    Signature { syntax: Syntax::KeyValue { separator, key }, ..Signature::header(name) }
}

const fn within(at: Place, unit: TimeUnit, seconds: u32) -> Option<Timestamp> {
    Some(Timestamp { unit, window: Some(Window::of(seconds)), ..Timestamp::at(at) })
}

/// The key is the text of the secret with its `whsec_`, unlike that of
/// Standard Webhooks.
pub(in crate::verify) static STRIPE: Scheme = Scheme {
    title: "Stripe",
    signature: keyed("stripe-signature", ",", "v1"),
    timestamp: within(Place::Entry("t"), TimeUnit::Seconds, 300),
    signed: &[Part::Timestamp, lit("."), Part::Body],
    checks: &[Check::BodyPresent],
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/type")],
    docs: "https://docs.stripe.com/webhooks/signatures",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"id":"evt_1PqT2x","object":"event","type":"price.created","data":{"object":{"id":"price_1","object":"price","unit_amount":1200,"currency":"eur"}}}"#,
    ),
    ..Scheme::hmac_sha256("stripe", "stripe-signature")
};

pub(in crate::verify) static STANDARD_WEBHOOKS: Scheme = Scheme {
    title: "Standard Webhooks",
    key: KeyFormat::Whsec,
    signature: Signature {
        syntax: Syntax::Versions { separator: " ", version: "v1," },
        encoding: Encoding::Base64,
        ..Signature::header("webhook-signature")
    },
    timestamp: Some(Timestamp::header("webhook-timestamp")),
    message_id: Some(MessageId { at: Place::Header("webhook-id"), forbid: Some('.') }),
    signed: &[Part::Id, lit("."), Part::Timestamp, lit("."), Part::Body],
    delivery_id: Some(Place::Header("webhook-id")),
    event_type: &[Place::Json("/type")],
    retried_for: Duration::from_secs(4 * 24 * 3600),
    docs: "https://www.standardwebhooks.com",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"type":"invoice.paid","timestamp":"2026-01-05T09:00:00Z","data":{"id":"inv_1"}}"#,
    ),
    ..Scheme::hmac_sha256("standard-webhooks", "webhook-signature")
};

pub(in crate::verify) static SVIX: Scheme = Scheme {
    name: "svix",
    title: "Svix (Clerk, Resend)",
    signature: Signature {
        at: Place::HeaderOr("svix-signature", "webhook-signature"),
        ..STANDARD_WEBHOOKS.signature
    },
    timestamp: Some(Timestamp::at(Place::HeaderOr("svix-timestamp", "webhook-timestamp"))),
    message_id: Some(MessageId { at: Place::HeaderOr("svix-id", "webhook-id"), forbid: Some('.') }),
    delivery_id: Some(Place::HeaderOr("svix-id", "webhook-id")),
    docs: "https://docs.svix.com/receiving/verifying-payloads/how-manual",
    ..STANDARD_WEBHOOKS
};

/// Polar signs as Standard Webhooks do, with the text of its secret as the key.
pub(in crate::verify) static POLAR: Scheme = Scheme {
    name: "polar",
    title: "Polar",
    key: KeyFormat::Utf8,
    docs: "https://polar.sh/docs/integrate/webhooks/delivery",
    provenance: Provenance::ThirdParty,
    ..STANDARD_WEBHOOKS
};

/// The asymmetric signatures of Standard Webhooks: `v1a`.
pub(in crate::verify) static STANDARD_WEBHOOKS_ASYM: Scheme = Scheme {
    name: "standard-webhooks-asym",
    title: "Standard Webhooks (asymmetric)",
    algorithm: Algorithm::Ed25519,
    key: KeyFormat::Public(PublicKey::Whpk),
    signature: Signature {
        syntax: Syntax::Versions { separator: " ", version: "v1a," },
        ..STANDARD_WEBHOOKS.signature
    },
    ..STANDARD_WEBHOOKS
};

pub(in crate::verify) static CALENDLY: Scheme = Scheme {
    title: "Calendly",
    signature: keyed("calendly-webhook-signature", ",", "v1"),
    timestamp: within(Place::Entry("t"), TimeUnit::Seconds, 180),
    signed: &[Part::Timestamp, lit("."), Part::Body],
    event_type: &[Place::Json("/event")],
    docs: "https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures",
    provenance: Provenance::Unchecked,
    sample: Sample::json(r#"{"event":"invitee.created","payload":{"name":"Ada","email":"ada@example.com"}}"#),
    ..Scheme::hmac_sha256("calendly", "calendly-webhook-signature")
};

pub(in crate::verify) static PADDLE: Scheme = Scheme {
    title: "Paddle",
    signature: keyed("paddle-signature", ";", "h1"),
    timestamp: within(Place::Entry("ts"), TimeUnit::Seconds, 5),
    signed: &[Part::Timestamp, lit(":"), Part::Body],
    delivery_id: Some(Place::Json("/event_id")),
    event_type: &[Place::Json("/event_type")],
    docs: "https://developer.paddle.com/webhooks/signature-verification",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"event_id":"evt_01","event_type":"transaction.completed","data":{"id":"txn_01"}}"#,
    ),
    ..Scheme::hmac_sha256("paddle", "paddle-signature")
};

pub(in crate::verify) static MUX: Scheme = Scheme {
    title: "Mux",
    signature: keyed("mux-signature", ",", "v1"),
    timestamp: within(Place::Entry("t"), TimeUnit::Seconds, 300),
    signed: &[Part::Timestamp, lit("."), Part::Body],
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/type")],
    docs: "https://www.mux.com/docs/core/verify-webhook-signatures",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"type":"video.asset.ready","id":"3a56ac3d","data":{"id":"0201p02fGKPE"}}"#),
    ..Scheme::hmac_sha256("mux", "mux-signature")
};

const SLACK_WAY: &[Part] = &[lit("v0:"), Part::Timestamp, lit(":"), Part::Body];

pub(in crate::verify) static SLACK: Scheme = Scheme {
    title: "Slack",
    signature: Signature { syntax: Syntax::Prefix("v0="), ..Signature::header("x-slack-signature") },
    timestamp: Some(Timestamp::header("x-slack-request-timestamp")),
    signed: SLACK_WAY,
    delivery_id: Some(Place::Json("/event_id")),
    event_type: &[Place::Json("/type"), Place::Json("/event/type")],
    handshakes: &[Handshake {
        title: "url_verification",
        phase: Phase::AfterVerify,
        when: &[Condition::Json("/type", "url_verification"), Condition::HasJson("/challenge")],
        token: None,
        answer: Answer::EchoJson("/challenge"),
    }],
    docs: "https://docs.slack.dev/authentication/verifying-requests-from-slack",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"type":"event_callback","event_id":"Ev123","team_id":"T1","event":{"type":"message","user":"U1","text":"hello"}}"#,
    ),
    ..Scheme::hmac_sha256("slack", "x-slack-signature")
};

pub(in crate::verify) static ZOOM: Scheme = Scheme {
    title: "Zoom",
    signature: Signature { syntax: Syntax::Prefix("v0="), ..Signature::header("x-zm-signature") },
    timestamp: Some(Timestamp::header("x-zm-request-timestamp")),
    signed: SLACK_WAY,
    event_type: &[Place::Json("/event")],
    handshakes: &[Handshake {
        title: "endpoint.url_validation",
        phase: Phase::AfterVerify,
        when: &[Condition::Json("/event", "endpoint.url_validation")],
        token: None,
        answer: Answer::SignJson {
            pointer: "/payload/plainToken",
            plain: "plainToken",
            signed: "encryptedToken",
        },
    }],
    docs: "https://developers.zoom.us/docs/api/webhooks/",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(
        r#"{"event":"meeting.started","event_ts":1767603600000,"payload":{"account_id":"a","object":{"id":"111","topic":"Standup"}}}"#,
    ),
    ..Scheme::hmac_sha256("zoom", "x-zm-signature")
};

/// The body may be empty. The secret's text is the key, though it looks like
/// base64.
pub(in crate::verify) static ZENDESK: Scheme = Scheme {
    title: "Zendesk",
    signature: Signature::base64("x-zendesk-webhook-signature"),
    timestamp: within(Place::Header("x-zendesk-webhook-signature-timestamp"), TimeUnit::Rfc3339, 300),
    signed: &[Part::Timestamp, Part::Body],
    delivery_id: Some(Place::Header("x-zendesk-webhook-invocation-id")),
    event_type: &[Place::Json("/type")],
    docs: "https://developer.zendesk.com/documentation/webhooks/verifying/",
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"type":"zen:event-type:user.created","id":"cbe4028c","detail":{"id":"1"}}"#)
        .with(&[("x-zendesk-webhook-invocation-id", "01H6Y1")]),
    ..Scheme::hmac_sha256("zendesk", "x-zendesk-webhook-signature")
};

pub(in crate::verify) static TWITCH: Scheme = Scheme {
    title: "Twitch EventSub",
    signature: Signature {
        syntax: Syntax::Prefix("sha256="),
        ..Signature::header("twitch-eventsub-message-signature")
    },
    timestamp: within(Place::Header("twitch-eventsub-message-timestamp"), TimeUnit::Rfc3339, 600),
    message_id: Some(MessageId { at: Place::Header("twitch-eventsub-message-id"), forbid: None }),
    signed: &[Part::Id, Part::Timestamp, Part::Body],
    delivery_id: Some(Place::Header("twitch-eventsub-message-id")),
    event_type: &[Place::Header("twitch-eventsub-subscription-type")],
    handshakes: &[Handshake {
        title: "webhook_callback_verification",
        phase: Phase::AfterVerify,
        when: &[
            Condition::Header("twitch-eventsub-message-type", "webhook_callback_verification"),
            Condition::HasJson("/challenge"),
        ],
        token: None,
        answer: Answer::EchoJson("/challenge"),
    }],
    docs: "https://dev.twitch.tv/docs/eventsub/handling-webhook-events/",
    provenance: Provenance::Documentation,
    sample: Sample::json(
        r#"{"subscription":{"id":"f1c2a387","type":"channel.follow"},"event":{"user_name":"ada"}}"#,
    )
    .with(&[
        ("twitch-eventsub-message-type", "notification"),
        ("twitch-eventsub-subscription-type", "channel.follow"),
    ]),
    ..Scheme::hmac_sha256("twitch", "twitch-eventsub-message-signature")
};

pub(in crate::verify) static WEBFLOW: Scheme = Scheme {
    title: "Webflow",
    signature: Signature { encoding: Encoding::Hex, ..Signature::header("x-webflow-signature") },
    timestamp: within(Place::Header("x-webflow-timestamp"), TimeUnit::Milliseconds, 300),
    signed: &[Part::Timestamp, lit(":"), Part::Body],
    event_type: &[Place::Json("/triggerType")],
    docs: "https://developers.webflow.com/data/docs/working-with-webhooks",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"triggerType":"form_submission","payload":{"id":"1","name":"Contact"}}"#),
    ..Scheme::hmac_sha256("webflow", "x-webflow-signature")
};
