//! Tools that teams work with: schemes that sign the body alone.

use crate::verify::handshake::{Answer, Condition, Handshake, Phase};
use crate::verify::layout::{Encoding, Place, Signature, Syntax, TimeUnit, Timestamp, Window};
use crate::verify::scheme::{FixedReply, Hash, Provenance, Sample, Scheme};
use std::time::Duration;

const fn prefixed(name: &'static str, prefix: &'static str) -> Signature {
    Signature { syntax: Syntax::Prefix(prefix), ..Signature::header(name) }
}

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

pub(in crate::verify) static BITBUCKET: Scheme = Scheme {
    title: "Bitbucket",
    signature: prefixed("x-hub-signature", "sha256="),
    delivery_id: Some(Place::Header("x-request-uuid")),
    event_type: &[Place::Header("x-event-key")],
    docs: "https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"push":{"changes":[{"new":{"type":"branch","name":"main"}}]}}"#)
        .with(&[("x-event-key", "repo:push"), ("x-request-uuid", "a8e1b1f2-0f5c-4f6b-8a53-1d8d7e1f4c11")]),
    ..Scheme::hmac_sha256("bitbucket", "x-hub-signature")
};

/// Its first request carries the secret itself and is not signed: it is kept by
/// an open registration.
pub(in crate::verify) static NOTION: Scheme = Scheme {
    title: "Notion",
    signature: prefixed("x-notion-signature", "sha256="),
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/type")],
    handshakes: &[Handshake {
        title: "verification token",
        phase: Phase::Registering,
        when: &[Condition::Method("POST"), Condition::HasJson("/verification_token")],
        token: None,
        answer: Answer::KeepJson("/verification_token"),
    }],
    docs: "https://developers.notion.com/reference/webhooks",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"id":"367cba44-b6f3-4c92-81e7-6a2e9659efd4","timestamp":"2026-01-05T09:00:00.000Z","type":"page.created","entity":{"id":"p1","type":"page"}}"#,
    ),
    ..Scheme::hmac_sha256("notion", "x-notion-signature")
};

/// The time stands in the signed body; the header `linear-timestamp` is not
/// signed and not read.
pub(in crate::verify) static LINEAR: Scheme = Scheme {
    title: "Linear",
    timestamp: Some(Timestamp {
        at: Place::Json("/webhookTimestamp"),
        unit: TimeUnit::Milliseconds,
        window: Some(Window::of(60)),
        json_number: true,
    }),
    delivery_id: Some(Place::Header("linear-delivery")),
    event_type: &[Place::Json("/type"), Place::Json("/action")],
    docs: "https://linear.app/developers/webhooks",
    provenance: Provenance::Package,
    sample: Sample::json(
        r#"{"action":"create","type":"Issue","data":{"id":"2174add1","title":"Fix the build"},"webhookTimestamp":0}"#,
    )
    .with(&[("linear-delivery", "234d1a4e-b617-4388-90fe-adc3633d6b72"), ("linear-event", "Issue")]),
    ..Scheme::hmac_sha256("linear", "linear-signature")
};

/// A notification says only whose files changed: the next one is the same.
pub(in crate::verify) static DROPBOX: Scheme = Scheme {
    title: "Dropbox",
    retried_for: Duration::ZERO,
    handshakes: &[Handshake {
        title: "challenge",
        phase: Phase::Before,
        when: &[Condition::Method("GET"), Condition::Query("challenge", &[])],
        token: None,
        answer: Answer::EchoQuery("challenge"),
    }],
    docs: "https://www.dropbox.com/developers/reference/webhooks",
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"list_folder":{"accounts":["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]}}"#),
    ..Scheme::hmac_sha256("dropbox", "x-dropbox-signature")
};

pub(in crate::verify) static ASANA: Scheme = Scheme {
    title: "Asana",
    handshakes: &[Handshake {
        title: "secret exchange",
        phase: Phase::Before,
        when: &[Condition::Method("POST"), Condition::HasHeader("x-hook-secret")],
        token: None,
        answer: Answer::EchoSecret("x-hook-secret"),
    }],
    docs: "https://developers.asana.com/docs/webhooks-guide",
    provenance: Provenance::Documentation,
    sample: Sample::json(
        r#"{"events":[{"action":"changed","resource":{"gid":"1337","resource_type":"task"},"created_at":"2026-01-05T09:00:00.000Z"}]}"#,
    ),
    ..Scheme::hmac_sha256("asana", "x-hook-signature")
};

pub(in crate::verify) static SENTRY: Scheme = Scheme {
    title: "Sentry",
    delivery_id: Some(Place::Header("request-id")),
    event_type: &[Place::Header("sentry-hook-resource"), Place::Json("/action")],
    docs: "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"action":"created","data":{"issue":{"id":"1","title":"Error: no build"}}}"#)
        .with(&[("sentry-hook-resource", "issue"), ("request-id", "9a2f1c")]),
    ..Scheme::hmac_sha256("sentry", "sentry-hook-signature")
};

pub(in crate::verify) static VERCEL: Scheme = Scheme {
    title: "Vercel",
    delivery_id: Some(Place::Json("/id")),
    event_type: &[Place::Json("/type")],
    docs: "https://vercel.com/docs/webhooks/webhooks-api",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(
        r#"{"id":"evt_1","type":"deployment.created","createdAt":1767603600000,"payload":{"deployment":{"id":"dpl_1"}}}"#,
    ),
    ..Scheme::hmac("vercel", Hash::Sha1, "x-vercel-signature")
};

pub(in crate::verify) static TYPEFORM: Scheme = Scheme {
    title: "Typeform",
    signature: Signature { encoding: Encoding::Base64, ..prefixed("typeform-signature", "sha256=") },
    delivery_id: Some(Place::Json("/event_id")),
    event_type: &[Place::Json("/event_type")],
    docs: "https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
    provenance: Provenance::Unchecked,
    sample: Sample::json(
        r#"{"event_id":"LtWXD3crgy","event_type":"form_response","form_response":{"form_id":"lT4Z3j"}}"#,
    ),
    ..Scheme::hmac_sha256("typeform", "typeform-signature")
};

pub(in crate::verify) static DOCUSIGN: Scheme = Scheme {
    title: "DocuSign Connect",
    signature: Signature {
        at: Place::HeaderSeries("x-docusign-signature-"),
        syntax: Syntax::Whole,
        encoding: Encoding::Base64,
    },
    event_type: &[Place::Json("/event")],
    docs: "https://developers.docusign.com/platform/webhooks/connect/validate/",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(r#"{"event":"envelope-completed","apiVersion":"v2.1","data":{"envelopeId":"e1"}}"#),
    ..Scheme::hmac_sha256("docusign", "")
};

pub(in crate::verify) static PAGERDUTY: Scheme = Scheme {
    title: "PagerDuty",
    signature: Signature {
        syntax: Syntax::KeyValue { separator: ",", key: "v1" },
        ..Signature::header("x-pagerduty-signature")
    },
    delivery_id: Some(Place::Json("/event/id")),
    event_type: &[Place::Json("/event/event_type")],
    docs: "https://developer.pagerduty.com/docs/verifying-webhook-signatures",
    provenance: Provenance::ThirdParty,
    sample: Sample::json(
        r#"{"event":{"id":"01BBYA","event_type":"incident.triggered","data":{"id":"PGR0VU2"}}}"#,
    ),
    ..Scheme::hmac_sha256("pagerduty", "x-pagerduty-signature")
};
