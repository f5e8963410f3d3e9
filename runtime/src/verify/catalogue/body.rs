//! Shops, payments and messages: schemes that sign the body alone.

use crate::verify::handshake::{Answer, Condition, Handshake, Phase, Token};
use crate::verify::layout::{Encoding, Place, Signature, Syntax};
use crate::verify::part::Part;
use crate::verify::scheme::{Check, FixedReply, Hash, Provenance, Replies, Sample, Scheme};
use std::time::Duration;

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
    retried_for: Duration::from_secs(7 * 24 * 3600),
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

pub(in crate::verify) static CONNECT_IT: Scheme = Scheme {
    title: "Connect It",
    event_type: &[Place::Json("/type")],
    replies: Replies { rejected: FixedReply::json(400, r#"{"error":"Invalid signature"}"#), accepted: None },
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"type":"test.completed","id":"t1"}"#),
    ..Scheme::hmac_sha256("connect-it", "x-connect-it-token")
};

pub(in crate::verify) static RAZORPAY: Scheme = Scheme {
    title: "Razorpay",
    delivery_id: Some(Place::Header("x-razorpay-event-id")),
    event_type: &[Place::Json("/event")],
    docs: "https://razorpay.com/docs/webhooks/validate-test/",
    provenance: Provenance::Package,
    sample: Sample::json(r#"{"entity":"event","event":"payment.captured","payload":{"payment":{"entity":{"id":"pay_1","amount":100}}}}"#)
        .with(&[("x-razorpay-event-id", "evt_1")]),
    ..Scheme::hmac_sha256("razorpay", "x-razorpay-signature")
};

pub(in crate::verify) static INTERCOM: Scheme = Scheme {
    title: "Intercom",
    signature: prefixed("x-hub-signature", "sha1="),
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/topic")],
    handshakes: &[Handshake {
        title: "ping",
        phase: Phase::AfterVerify,
        when: &[Condition::Json("/topic", "ping")],
        token: None,
        answer: Answer::Fixed(FixedReply::empty(200)),
    }],
    docs: "https://developers.intercom.com/docs/webhooks/setting-up-webhooks",
    provenance: Provenance::Documentation,
    sample: Sample::json(
        r#"{"type":"notification_event","id":"notif_1","topic":"contact.created","data":{"item":{"id":"c1"}}}"#,
    ),
    ..Scheme::hmac("intercom", Hash::Sha1, "x-hub-signature")
};

pub(in crate::verify) static SHOPIFY: Scheme = Scheme {
    title: "Shopify",
    signature: Signature::base64("x-shopify-hmac-sha256"),
    checks: &[Check::BodyPresent],
    delivery_id: Some(Place::Header("x-shopify-webhook-id")),
    event_type: &[Place::Header("x-shopify-topic")],
    docs: "https://shopify.dev/docs/apps/build/webhooks/subscribe/https",
    provenance: Provenance::Package,
    sample: Sample::json(r#"{"id":820982911946154508,"email":"ada@example.com","total_price":"24.90"}"#)
        .with(&[
            ("x-shopify-topic", "orders/create"),
            ("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
        ]),
    ..Scheme::hmac_sha256("shopify", "x-shopify-hmac-sha256")
};

pub(in crate::verify) static LINE: Scheme = Scheme {
    title: "LINE",
    signature: Signature::base64("x-line-signature"),
    event_type: &[Place::Json("/events/0/type")],
    handshakes: &[Handshake {
        title: "probe without events",
        phase: Phase::AfterVerify,
        when: &[Condition::EmptyArray("/events")],
        token: None,
        answer: Answer::Fixed(FixedReply::empty(200)),
    }],
    docs: "https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"destination":"U1","events":[{"type":"message","webhookEventId":"01H","message":{"id":"1","type":"text","text":"hello"}}]}"#,
    ),
    ..Scheme::hmac_sha256("line", "x-line-signature")
};

/// Xero wants exactly 200 or 401, and an empty body.
pub(in crate::verify) static XERO: Scheme = Scheme {
    title: "Xero",
    signature: Signature::base64("x-xero-signature"),
    event_type: &[Place::Json("/events/0/eventCategory"), Place::Json("/events/0/eventType")],
    replies: Replies { rejected: FixedReply::empty(401), accepted: Some(FixedReply::empty(200)) },
    handshakes: &[Handshake {
        title: "intent to receive",
        phase: Phase::AfterVerify,
        when: &[Condition::EmptyArray("/events")],
        token: None,
        answer: Answer::Fixed(FixedReply::empty(200)),
    }],
    docs: "https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
    provenance: Provenance::Documentation,
    sample: Sample::json(
        r#"{"events":[{"resourceId":"r1","eventCategory":"INVOICE","eventType":"CREATE","tenantId":"t1"}],"firstEventSequence":1,"lastEventSequence":1}"#,
    ),
    ..Scheme::hmac_sha256("xero", "x-xero-signature")
};

pub(in crate::verify) static WOOCOMMERCE: Scheme = Scheme {
    title: "WooCommerce",
    signature: Signature::base64("x-wc-webhook-signature"),
    delivery_id: Some(Place::Header("x-wc-webhook-delivery-id")),
    event_type: &[Place::Header("x-wc-webhook-topic")],
    docs: "https://woocommerce.com/document/webhooks/",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"id":727,"status":"processing","total":"29.35"}"#)
        .with(&[("x-wc-webhook-topic", "order.created"), ("x-wc-webhook-delivery-id", "93")]),
    ..Scheme::hmac_sha256("woocommerce", "x-wc-webhook-signature")
};

pub(in crate::verify) static LEMON_SQUEEZY: Scheme = Scheme {
    title: "Lemon Squeezy",
    event_type: &[Place::Header("x-event-name")],
    docs: "https://docs.lemonsqueezy.com/help/webhooks/signing-requests",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"meta":{"event_name":"order_created"},"data":{"type":"orders","id":"1"}}"#)
        .with(&[("x-event-name", "order_created")]),
    ..Scheme::hmac_sha256("lemon-squeezy", "x-signature")
};

/// X asks anybody's challenge to be signed with the key of its deliveries; only
/// challenges that could be no delivery are.
pub(in crate::verify) static TWITTER: Scheme = Scheme {
    title: "X (Account Activity)",
    signature: Signature {
        encoding: Encoding::Base64,
        ..prefixed("x-twitter-webhooks-signature", "sha256=")
    },
    handshakes: &[Handshake {
        title: "challenge-response check",
        phase: Phase::Before,
        when: &[Condition::Method("GET"), Condition::Query("crc_token", &[])],
        token: None,
        answer: Answer::SignQuery {
            query: "crc_token",
            field: "response_token",
            prefix: "sha256=",
            encoding: Encoding::Base64,
        },
    }],
    docs: "https://docs.x.com/x-api/webhooks/introduction",
    provenance: Provenance::Unchecked,
    sample: Sample::json(
        r#"{"for_user_id":"2244994945","tweet_create_events":[{"id_str":"1","text":"hello"}]}"#,
    ),
    ..Scheme::hmac_sha256("twitter", "x-twitter-webhooks-signature")
};

pub(in crate::verify) static WEBSUB: Scheme = Scheme {
    title: "WebSub (YouTube)",
    signature: prefixed("x-hub-signature", "sha1="),
    handshakes: &[Handshake {
        title: "verification of intent",
        phase: Phase::Before,
        when: &[
            Condition::Method("GET"),
            Condition::Query("hub.mode", &["subscribe", "unsubscribe"]),
            Condition::Query("hub.topic", &[]),
            Condition::QueryIsParam("hub.topic", "topic"),
            Condition::Query("hub.challenge", &[]),
        ],
        token: Some(Token { query: "hub.verify_token", optional: true }),
        answer: Answer::EchoQuery("hub.challenge"),
    }],
    docs: "https://www.w3.org/TR/websub/",
    provenance: Provenance::Documentation,
    sample: Sample {
        content_type: "application/atom+xml",
        headers: &[],
        body: "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>yt:video:1</id></entry></feed>",
    },
    ..Scheme::hmac("websub", Hash::Sha1, "x-hub-signature")
};

/// Adyen's webhooks for platforms: the key is written in hexadecimal.
pub(in crate::verify) static ADYEN_PLATFORM: Scheme = Scheme {
    title: "Adyen (platforms)",
    key: crate::secret::KeyFormat::Hex,
    signature: Signature::base64("hmacsignature"),
    signed: &[Part::Body],
    event_type: &[Place::Json("/type")],
    docs: "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"type":"balancePlatform.accountHolder.created","environment":"test","data":{"id":"AH1"}}"#,
    ),
    ..Scheme::hmac_sha256("adyen-platform", "hmacsignature")
};
