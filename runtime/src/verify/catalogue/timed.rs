//! Schemes that sign a timestamp or an id beside the body.

use crate::secret::KeyFormat;
use crate::verify::part::{Part, lit};
use crate::verify::scheme::{
    Encoding, MessageId, Place, Provenance, Sample, Scheme, Signature, Syntax, Timestamp,
};
use std::time::Duration;

const DAY: u64 = 24 * 3600;

pub(in crate::verify) static STRIPE: Scheme = Scheme {
    title: "Stripe",
    signature: Signature {
        syntax: Syntax::KeyValue { separator: ",", key: "v1" },
        ..Signature::header("stripe-signature")
    },
    timestamp: Some(Timestamp::at(Place::Entry("t"))),
    signed: &[Part::Timestamp, lit("."), Part::Body],
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
    retried_for: Duration::from_secs(4 * DAY),
    docs: "https://www.standardwebhooks.com",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"type":"invoice.paid","timestamp":"2026-01-05T09:00:00Z","data":{"id":"inv_1"}}"#,
    ),
    ..Scheme::hmac_sha256("standard-webhooks", "webhook-signature")
};
