//! Schemes that sign a URL, a form, fields of the body, or an envelope.

use crate::secret::KeyFormat;
use crate::verify::handshake::{Answer, Condition, Handshake, Phase};
use crate::verify::layout::{Encoding, MessageId, Place, Signature, Syntax, TimeUnit, Timestamp, Window};
use crate::verify::part::{JsonPart, Part, lit};
use crate::verify::scheme::{Algorithm, Check, FixedReply, Hash, Provenance, Replies, Sample, Scheme};
use crate::verify::url::UrlForm;

const URL: Part = Part::Url(UrlForm::AsCalled);

const fn probe(title: &'static str) -> Handshake {
    Handshake {
        title,
        phase: Phase::Before,
        when: &[Condition::Method("HEAD")],
        token: None,
        answer: Answer::Fixed(FixedReply::empty(200)),
    }
}

pub(in crate::verify) static SQUARE: Scheme = Scheme {
    title: "Square",
    signature: Signature::base64("x-square-hmacsha256-signature"),
    signed: &[URL, Part::Body],
    delivery_id: Some(Place::Json("/event_id")),
    event_type: &[Place::Json("/type")],
    docs: "https://developer.squareup.com/docs/webhooks/step3validate",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"merchant_id":"ML1","type":"payment.created","event_id":"ac3ac95b","data":{"id":"p1"}}"#,
    ),
    ..Scheme::hmac_sha256("square", "x-square-hmacsha256-signature")
};

/// The URL is the one that was registered: give it with `Verifier::url` where
/// the public URL differs.
pub(in crate::verify) static TRELLO: Scheme = Scheme {
    title: "Trello",
    signature: Signature::base64("x-trello-webhook"),
    signed: &[Part::Body, URL],
    delivery_id: Some(Place::Json("/action/id")),
    event_type: &[Place::Json("/action/type")],
    handshakes: &[probe("HEAD at registration")],
    docs: "https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/",
    provenance: Provenance::Unchecked,
    sample: Sample::json(
        r#"{"action":{"id":"a1","type":"updateCard","data":{"card":{"name":"Fix"}}},"model":{"id":"b1"}}"#,
    ),
    ..Scheme::hmac("trello", Hash::Sha1, "x-trello-webhook")
};

const TWILIO_FORM: Part = Part::SortedForm { hash: Some("bodySHA256") };

/// Twilio may sign the URL with the port or without it. A body that is no form
/// is covered by the hash in the URL.
pub(in crate::verify) static TWILIO: Scheme = Scheme {
    title: "Twilio",
    signature: Signature::base64("x-twilio-signature"),
    signed: &[URL, TWILIO_FORM],
    or_signed: &[
        &[Part::Url(UrlForm::WithoutPort), TWILIO_FORM],
        &[Part::Url(UrlForm::WithPort), TWILIO_FORM],
    ],
    delivery_id: Some(Place::Header("i-twilio-idempotency-token")),
    docs: "https://www.twilio.com/docs/usage/security",
    provenance: Provenance::Package,
    sample: Sample {
        content_type: "application/x-www-form-urlencoded",
        headers: &[("i-twilio-idempotency-token", "d6e3b5b0")],
        body: "CallSid=CA1&From=%2B14158675309&To=%2B18005551212&Body=hello+there",
    },
    ..Scheme::hmac("twilio", Hash::Sha1, "x-twilio-signature")
};

pub(in crate::verify) static MANDRILL: Scheme = Scheme {
    title: "Mandrill",
    signature: Signature::base64("x-mandrill-signature"),
    signed: &[URL, Part::SortedForm { hash: None }],
    handshakes: &[probe("HEAD at registration")],
    docs: "https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/",
    provenance: Provenance::Unchecked,
    sample: Sample {
        content_type: "application/x-www-form-urlencoded",
        headers: &[],
        body: "mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D",
    },
    ..Scheme::hmac("mandrill", Hash::Sha1, "x-mandrill-signature")
};

const HUBSPOT_SAMPLE: Sample = Sample::json(
    r#"[{"eventId":1,"subscriptionType":"contact.creation","objectId":123,"occurredAt":1767603600000}]"#,
);

/// A plain hash, not an HMAC: use version 3 where HubSpot offers it.
pub(in crate::verify) static HUBSPOT_V1: Scheme = Scheme {
    title: "HubSpot (v1)",
    algorithm: Algorithm::Sha256,
    signed: &[Part::Secret, Part::Body],
    event_type: &[Place::Json("/0/subscriptionType")],
    docs: "https://developers.hubspot.com/docs/guides/apps/authentication/validating-requests",
    provenance: Provenance::Package,
    sample: HUBSPOT_SAMPLE,
    ..Scheme::hmac_sha256("hubspot-v1", "x-hubspot-signature")
};

/// A plain hash, not an HMAC: use version 3 where HubSpot offers it.
pub(in crate::verify) static HUBSPOT_V2: Scheme = Scheme {
    name: "hubspot-v2",
    title: "HubSpot (v2)",
    signed: &[Part::Secret, Part::Method, URL, Part::Body],
    ..HUBSPOT_V1
};

/// HubSpot decodes these escapes of the URL before it signs.
const HUBSPOT_URL: Part = Part::Url(UrlForm::Decoded(&[
    ("%3A", ":"),
    ("%2F", "/"),
    ("%3F", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2A", "*"),
    ("%2C", ","),
    ("%3B", ";"),
]));

pub(in crate::verify) static HUBSPOT_V3: Scheme = Scheme {
    title: "HubSpot",
    signature: Signature::base64("x-hubspot-signature-v3"),
    timestamp: Some(Timestamp {
        unit: TimeUnit::Milliseconds,
        ..Timestamp::header("x-hubspot-request-timestamp")
    }),
    signed: &[Part::Method, URL, Part::Body, Part::Timestamp],
    or_signed: &[&[Part::Method, HUBSPOT_URL, Part::Body, Part::Timestamp]],
    event_type: &[Place::Json("/0/subscriptionType")],
    docs: "https://developers.hubspot.com/docs/guides/apps/authentication/validating-requests",
    provenance: Provenance::Package,
    sample: HUBSPOT_SAMPLE,
    ..Scheme::hmac_sha256("hubspot-v3", "x-hubspot-signature-v3")
};

pub(in crate::verify) static CONTENTFUL: Scheme = Scheme {
    title: "Contentful",
    timestamp: Some(Timestamp {
        unit: TimeUnit::Milliseconds,
        window: Some(Window::of(30)),
        ..Timestamp::header("x-contentful-timestamp")
    }),
    signed: &[
        Part::Method,
        lit("\n"),
        Part::EscapedTarget,
        lit("\n"),
        Part::SignedHeaders {
            list: "x-contentful-signed-headers",
            cover: &["x-contentful-signed-headers", "x-contentful-timestamp"],
        },
        lit("\n"),
        Part::Body,
    ],
    event_type: &[Place::Header("x-contentful-topic")],
    docs: "https://www.contentful.com/developers/docs/webhooks/request-verification/",
    provenance: Provenance::Package,
    sample: Sample::json(r#"{"sys":{"type":"Entry","id":"e1"},"fields":{}}"#)
        .with(&[("x-contentful-topic", "ContentManagement.Entry.publish")]),
    ..Scheme::hmac_sha256("contentful", "x-contentful-signature")
};

/// Adyen's payment webhooks: the signature stands in the body and covers eight
/// of its fields, so that a second item would not be covered at all.
pub(in crate::verify) static ADYEN_PAYMENT: Scheme = Scheme {
    title: "Adyen (payments)",
    key: KeyFormat::Hex,
    signature: Signature {
        at: Place::Json("/notificationItems/0/NotificationRequestItem/additionalData/hmacSignature"),
        syntax: Syntax::Whole,
        encoding: Encoding::Base64,
    },
    signed: &[Part::JsonFields {
        base: "/notificationItems/0/NotificationRequestItem",
        fields: &[
            "pspReference",
            "originalReference",
            "merchantAccountCode",
            "merchantReference",
            "amount/value",
            "amount/currency",
            "eventCode",
            "success",
        ],
        separator: ":",
    }],
    checks: &[Check::OneElement("/notificationItems")],
    event_type: &[Place::Json("/notificationItems/0/NotificationRequestItem/eventCode")],
    replies: Replies { accepted: Some(FixedReply::text(200, "[accepted]")), ..Replies::DEFAULT },
    docs: "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"8515","merchantAccountCode":"Shop","merchantReference":"order-1","amount":{"value":1000,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true","additionalData":{}}}]}"#,
    ),
    ..Scheme::hmac_sha256("adyen-payment", "")
};

/// The signature covers a token and a time, and nothing of the event: the token
/// is what recognises a repeat.
pub(in crate::verify) static MAILGUN: Scheme = Scheme {
    title: "Mailgun",
    signature: Signature {
        at: Place::Json("/signature/signature"),
        syntax: Syntax::Whole,
        encoding: Encoding::Hex,
    },
    timestamp: Some(Timestamp::at(Place::Json("/signature/timestamp"))),
    message_id: Some(MessageId { at: Place::Json("/signature/token"), forbid: None }),
    signed: &[Part::Timestamp, Part::Id],
    delivery_id: Some(Place::Json("/signature/token")),
    event_type: &[Place::Json("/event-data/event")],
    docs: "https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    provenance: Provenance::Unchecked,
    sample: Sample::json(r#"{"signature":{},"event-data":{"event":"opened","recipient":"ada@example.com"}}"#),
    ..Scheme::hmac_sha256("mailgun", "")
};

pub(in crate::verify) static HYGRAPH: Scheme = Scheme {
    title: "Hygraph",
    signature: Signature {
        syntax: Syntax::KeyValue { separator: ", ", key: "sign" },
        ..Signature::base64("gcms-signature")
    },
    timestamp: Some(Timestamp { unit: TimeUnit::Milliseconds, ..Timestamp::at(Place::Entry("t")) }),
    signed: &[Part::JsonObject(&[
        ("Body", JsonPart::BodyText),
        ("EnvironmentName", JsonPart::Entry("env")),
        ("TimeStamp", JsonPart::Timestamp),
    ])],
    event_type: &[Place::Json("/operation")],
    docs: "https://hygraph.com/docs/api-reference/basics/webhooks",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"operation":"publish","data":{"id":"c1"}}"#),
    ..Scheme::hmac_sha256("hygraph", "gcms-signature")
};
