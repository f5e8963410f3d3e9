//! Schemes that sign with a private key, and JSON web tokens. Keys are given,
//! never fetched: a URL in a request is compared and nothing more.

use crate::secret::{KeyFormat, PublicKey};
use crate::verify::handshake::{Answer, Condition, Handshake, Phase};
use crate::verify::layout::{Encoding, MessageId, Place, Signature, Syntax, TimeUnit, Timestamp};
use crate::verify::part::{Part, lit};
use crate::verify::scheme::{
    Algorithm, Check, FixedReply, Host, Jws, JwsAlg, Provenance, Replies, Sample, Scheme,
};
use std::time::Duration;

const fn opaque(name: &'static str) -> Option<Timestamp> {
    Some(Timestamp { unit: TimeUnit::Opaque, window: None, ..Timestamp::header(name) })
}

const TIMESTAMP_BODY: &[Part] = &[Part::Timestamp, Part::Body];

/// Discord sends bad signatures on purpose and wants 401 for them.
pub(in crate::verify) static DISCORD: Scheme = Scheme {
    title: "Discord interactions",
    algorithm: Algorithm::Ed25519,
    key: KeyFormat::Public(PublicKey::Hex),
    timestamp: opaque("x-signature-timestamp"),
    signed: TIMESTAMP_BODY,
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/type")],
    replies: Replies { rejected: FixedReply::text(401, "invalid request signature"), accepted: None },
    handshakes: &[Handshake {
        title: "PING",
        phase: Phase::AfterVerify,
        when: &[Condition::Json("/type", "1")],
        token: None,
        answer: Answer::Fixed(FixedReply::json(200, r#"{"type":1}"#)),
    }],
    docs: "https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers",
    provenance: Provenance::Package,
    sample: Sample::json(r#"{"type":2,"id":"1","data":{"name":"deploy"}}"#),
    ..Scheme::hmac_sha256("discord", "x-signature-ed25519")
};

/// The body's trailing line break is part of what is signed.
pub(in crate::verify) static SENDGRID: Scheme = Scheme {
    title: "SendGrid",
    algorithm: Algorithm::EcdsaP256,
    key: KeyFormat::Public(PublicKey::SpkiBase64),
    signature: Signature::base64("x-twilio-email-event-webhook-signature"),
    timestamp: opaque("x-twilio-email-event-webhook-timestamp"),
    signed: TIMESTAMP_BODY,
    event_type: &[Place::Json("/0/event")],
    docs: "https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
    provenance: Provenance::Package,
    sample: Sample::json(
        "[{\"email\":\"ada@example.com\",\"event\":\"delivered\",\"sg_event_id\":\"e1\"}]\r\n",
    ),
    ..Scheme::hmac_sha256("sendgrid", "x-twilio-email-event-webhook-signature")
};

pub(in crate::verify) static KICK: Scheme = Scheme {
    title: "Kick",
    algorithm: Algorithm::RsaSha256,
    key: KeyFormat::Public(PublicKey::Pem),
    signature: Signature::base64("kick-event-signature"),
    timestamp: opaque("kick-event-message-timestamp"),
    message_id: Some(MessageId { at: Place::Header("kick-event-message-id"), forbid: None }),
    signed: &[Part::Id, lit("."), Part::Timestamp, lit("."), Part::Body],
    delivery_id: Some(Place::Header("kick-event-message-id")),
    event_type: &[Place::Header("kick-event-type")],
    docs: "https://docs.kick.com/events/webhook-security",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"broadcaster":{"user_id":1},"content":"hello"}"#)
        .with(&[("kick-event-type", "chat.message.sent")]),
    ..Scheme::hmac_sha256("kick", "kick-event-signature")
};

/// PayPal signs a checksum of the body; the certificate is given, and its URL
/// in the request must be one of PayPal's.
pub(in crate::verify) static PAYPAL: Scheme = Scheme {
    title: "PayPal",
    algorithm: Algorithm::RsaSha256,
    key: KeyFormat::Public(PublicKey::Certificate),
    signature: Signature::base64("paypal-transmission-sig"),
    timestamp: opaque("paypal-transmission-time"),
    message_id: Some(MessageId { at: Place::Header("paypal-transmission-id"), forbid: Some('|') }),
    signed: &[
        Part::Id,
        lit("|"),
        Part::Timestamp,
        lit("|"),
        Part::Param("webhook_id"),
        lit("|"),
        Part::BodyCrc32,
    ],
    checks: &[
        Check::HeaderIs("paypal-auth-algo", "SHA256withRSA"),
        Check::UrlHost {
            at: Place::Header("paypal-cert-url"),
            hosts: &[Host::Domain("paypal.com")],
            ending: "",
        },
    ],
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/event_type")],
    docs: "https://developer.paypal.com/api/rest/webhooks/rest/",
    provenance: Provenance::Unchecked,
    sample: Sample::json(r#"{"id":"WH-1","event_type":"PAYMENT.SALE.COMPLETED","resource":{"id":"s1"}}"#)
        .with(&[
            ("paypal-auth-algo", "SHA256withRSA"),
            ("paypal-cert-url", "https://api.paypal.com/v1/notifications/certs/CERT-360caa42"),
        ]),
    ..Scheme::hmac_sha256("paypal", "paypal-transmission-sig")
};

const SNS_CONFIRMATION: &[&str] =
    &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// Every topic of every account has valid signatures: name yours with
/// `.param("topic_arn", ...)`.
pub(in crate::verify) static AWS_SNS: Scheme = Scheme {
    title: "Amazon SNS",
    algorithm: Algorithm::RsaByVersion("/SignatureVersion"),
    key: KeyFormat::Public(PublicKey::Certificate),
    signature: Signature { at: Place::Json("/Signature"), syntax: Syntax::Whole, encoding: Encoding::Base64 },
    signed: &[Part::JsonLines {
        by: "Type",
        fields: &[
            ("Notification", &["Message", "MessageId", "Subject?", "Timestamp", "TopicArn", "Type"]),
            ("SubscriptionConfirmation", SNS_CONFIRMATION),
            ("UnsubscribeConfirmation", SNS_CONFIRMATION),
        ],
    }],
    checks: &[
        Check::UrlHost {
            at: Place::Json("/SigningCertURL"),
            hosts: &[Host::Label("sns.", ".amazonaws.com"), Host::Label("sns.", ".amazonaws.com.cn")],
            ending: ".pem",
        },
        Check::ParamIs("topic_arn", Place::Json("/TopicArn")),
    ],
    delivery_id: Some(Place::Json("/MessageId")),
    event_type: &[Place::Json("/Type")],
    handshakes: &[
        Handshake {
            title: "SubscriptionConfirmation",
            phase: Phase::AfterVerify,
            when: &[Condition::Json("/Type", "SubscriptionConfirmation")],
            token: None,
            answer: Answer::Confirm { pointer: "/SubscribeURL" },
        },
        Handshake {
            title: "UnsubscribeConfirmation",
            phase: Phase::AfterVerify,
            when: &[Condition::Json("/Type", "UnsubscribeConfirmation")],
            token: None,
            answer: Answer::Fixed(FixedReply::empty(200)),
        },
    ],
    docs: "https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"Type":"Notification","MessageId":"22b80b92","TopicArn":"arn:aws:sns:us-west-2:123456789012:Topic","Message":"hello","Timestamp":"2026-01-05T09:00:00.000Z","SignatureVersion":"2","SigningCertURL":"https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ec.pem"}"#,
    ),
    ..Scheme::hmac_sha256("aws-sns", "")
};

const NO_CLAIMS: Jws = Jws {
    alg: JwsAlg::Hs256,
    body_claim: None,
    claims: &[],
    truths: &[],
    required: &[],
    audience: false,
    max_age: None,
    expires: false,
};

pub(in crate::verify) static NETLIFY: Scheme = Scheme {
    title: "Netlify",
    algorithm: Algorithm::Jws(Jws { body_claim: Some("sha256"), claims: &[("iss", "netlify")], ..NO_CLAIMS }),
    signature: Signature { encoding: Encoding::Plain, ..Signature::header("x-webhook-signature") },
    signed: &[],
    delivery_id: None,
    event_type: &[Place::Json("/state")],
    docs: "https://docs.netlify.com/site-deploys/notifications/#payload-signature",
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"id":"5b","state":"ready","name":"site"}"#),
    ..Scheme::hmac_sha256("netlify", "x-webhook-signature")
};

/// The key is the JSON web key of the token's `kid`, from Plaid's
/// `/webhook_verification_key/get`. Every update of one item has the same body;
/// a token is good for five minutes.
pub(in crate::verify) static PLAID: Scheme = Scheme {
    title: "Plaid",
    retried_for: Duration::ZERO,
    algorithm: Algorithm::Jws(Jws {
        alg: JwsAlg::Es256,
        body_claim: Some("request_body_sha256"),
        max_age: Some(300),
        ..NO_CLAIMS
    }),
    key: KeyFormat::Public(PublicKey::Jwk),
    signature: Signature { encoding: Encoding::Plain, ..Signature::header("plaid-verification") },
    signed: &[],
    event_type: &[Place::Json("/webhook_type"), Place::Json("/webhook_code")],
    docs: "https://plaid.com/docs/api/webhooks/webhook-verification/",
    provenance: Provenance::Unchecked,
    sample: Sample::json(
        r#"{"webhook_type":"TRANSACTIONS","webhook_code":"SYNC_UPDATES_AVAILABLE","item_id":"i1"}"#,
    ),
    ..Scheme::hmac_sha256("plaid", "plaid-verification")
};

/// The token proves the sender and nothing of the body. `email` is the service
/// account of the subscription; the audience is the public URL unless
/// `.param("aud", ...)` says another.
pub(in crate::verify) static GOOGLE_PUBSUB_OIDC: Scheme = Scheme {
    title: "Google Pub/Sub push",
    algorithm: Algorithm::Jws(Jws {
        alg: JwsAlg::Rs256,
        claims: &[("iss", "https://accounts.google.com")],
        truths: &["email_verified"],
        required: &["email"],
        audience: true,
        expires: true,
        ..NO_CLAIMS
    }),
    key: KeyFormat::Public(PublicKey::Pem),
    signature: Signature {
        syntax: Syntax::AuthScheme("Bearer"),
        encoding: Encoding::Plain,
        ..Signature::header("authorization")
    },
    signed: &[],
    delivery_id: Some(Place::Json("/message/messageId")),
    docs: "https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions",
    provenance: Provenance::Documentation,
    sample: Sample::json(
        r#"{"message":{"data":"SGVsbG8=","messageId":"136969346945"},"subscription":"projects/p/subscriptions/s"}"#,
    ),
    ..Scheme::hmac_sha256("google-pubsub-oidc", "authorization")
};
