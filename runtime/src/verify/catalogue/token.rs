//! Schemes whose requests carry the secret itself: they prove the sender and
//! nothing of the body.

use crate::secret::KeyFormat;
use crate::verify::handshake::{Answer, Condition, Handshake, Phase};
use crate::verify::layout::{Encoding, Place, Signature, Syntax};
use crate::verify::scheme::{Provenance, Sample, Scheme};
use std::time::Duration;

pub(in crate::verify) static GITLAB: Scheme = Scheme {
    title: "GitLab",
    delivery_id: Some(Place::Header("idempotency-key")),
    event_type: &[Place::Header("x-gitlab-event")],
    docs: "https://docs.gitlab.com/user/project/integrations/webhooks/",
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"object_kind":"push","ref":"refs/heads/main","project_id":15}"#).with(&[
        ("x-gitlab-event", "Push Hook"),
        ("idempotency-key", "f5e57bb4-2a4c-4b3e-8c8d-0e6c1f4a2b10"),
    ]),
    ..Scheme::token("gitlab", "x-gitlab-token")
};

pub(in crate::verify) static TELEGRAM: Scheme = Scheme {
    title: "Telegram",
    delivery_id: Some(Place::Json("/update_id")),
    docs: "https://core.telegram.org/bots/api#setwebhook",
    provenance: Provenance::Documentation,
    sample: Sample::json(r#"{"update_id":10000,"message":{"message_id":1,"text":"hello"}}"#),
    ..Scheme::token("telegram", "x-telegram-bot-api-secret-token")
};

/// HTTP Basic (RFC 7617); the secret is `user:password`.
pub(in crate::verify) static BASIC: Scheme = Scheme {
    title: "HTTP Basic",
    key: KeyFormat::UserPassword,
    signature: Signature {
        syntax: Syntax::AuthScheme("Basic"),
        encoding: Encoding::Base64,
        ..Signature::header("authorization")
    },
    docs: "https://www.rfc-editor.org/rfc/rfc7617",
    provenance: Provenance::Documentation,
    ..Scheme::token("basic", "authorization")
};

/// A bearer token (RFC 6750).
pub(in crate::verify) static BEARER: Scheme = Scheme {
    title: "Bearer token",
    signature: Signature {
        syntax: Syntax::AuthScheme("Bearer"),
        encoding: Encoding::Plain,
        ..Signature::header("authorization")
    },
    docs: "https://www.rfc-editor.org/rfc/rfc6750",
    provenance: Provenance::Documentation,
    ..Scheme::token("bearer", "authorization")
};

/// The token is the `clientState` of the subscription, which every notification
/// of a batch must carry. Every change of one resource has the same body.
pub(in crate::verify) static MICROSOFT_GRAPH: Scheme = Scheme {
    title: "Microsoft Graph",
    retried_for: Duration::ZERO,
    signature: Signature {
        at: Place::Json("/value/*/clientState"),
        syntax: Syntax::Whole,
        encoding: Encoding::Plain,
    },
    event_type: &[Place::Json("/value/0/changeType")],
    handshakes: &[Handshake {
        title: "validationToken",
        phase: Phase::Before,
        when: &[Condition::Method("POST"), Condition::Query("validationToken", &[])],
        token: None,
        answer: Answer::EchoQuery("validationToken"),
    }],
    docs: "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
    provenance: Provenance::Unchecked,
    sample: Sample::json(
        r#"{"value":[{"subscriptionId":"s1","changeType":"created","resource":"me/messages/1"}]}"#,
    ),
    ..Scheme::token("microsoft-graph", "")
};

/// The secret is the whole `Authorization` header that the event hook sends.
pub(in crate::verify) static OKTA: Scheme = Scheme {
    title: "Okta event hooks",
    delivery_id: Some(Place::Json("/eventId")),
    event_type: &[Place::Json("/eventType")],
    handshakes: &[Handshake {
        title: "one-time verification",
        phase: Phase::Before,
        when: &[Condition::Method("GET"), Condition::HasHeader("x-okta-verification-challenge")],
        token: None,
        answer: Answer::EchoHeaderAs("x-okta-verification-challenge", "verification"),
    }],
    docs: "https://developer.okta.com/docs/concepts/event-hooks/",
    provenance: Provenance::Unchecked,
    sample: Sample::json(r#"{"eventId":"b5a188b9","eventType":"com.okta.event_hook","data":{"events":[]}}"#),
    ..Scheme::token("okta", "authorization")
};
