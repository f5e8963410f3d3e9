//! How a request was verified, clause by clause, with today's secrets.

use super::super::Admin;
use crate::request::Request;
use crate::serve::LiveEndpoint;
use crate::verify::{Outcome, ReadyVerifier, Reason};
use serde::Serialize;

/// What verification makes of a request now.
#[derive(Debug, Serialize)]
pub(crate) struct VerificationView {
    /// How the endpoint verifies, in one line.
    pub(crate) how: String,
    /// Whether it passes with today's secrets, as of the time of its receipt.
    pub(crate) passes: Option<bool>,
    /// Why it does not, or why that is not known.
    pub(crate) reason: Option<String>,
    /// The secret that matches.
    pub(crate) secret: Option<String>,
    pub(crate) clauses: Vec<ClauseView>,
}

/// One thing that must hold.
#[derive(Debug, Serialize)]
pub(crate) struct ClauseView {
    pub(crate) what: String,
    /// `None` where it was not looked at any more.
    pub(crate) holds: Option<bool>,
    pub(crate) found: Option<String>,
}

impl Admin {
    /// Verifies a request again. It must be whole: of one that was cut, or
    /// whose credentials are not kept, nothing can be said.
    pub(crate) fn verification(
        &self,
        live: &LiveEndpoint,
        request: &Request,
        is_whole: bool,
    ) -> VerificationView {
        let ready = live.check.scheme();
        let how =
            ready.as_ref().map_or_else(|| "the endpoint's own function".to_owned(), |ready| ready.describe());
        let unknown = |reason: &str| VerificationView {
            how: how.clone(),
            passes: None,
            reason: Some(reason.to_owned()),
            secret: None,
            clauses: Vec::new(),
        };
        let Some(ready) = ready else {
            return unknown("its own function is asked when a request comes, and not again for a page");
        };
        if ready.scheme().is_none() {
            return VerificationView { passes: Some(true), reason: None, ..unknown("") };
        }
        if !is_whole {
            return unknown("it cannot be verified again: its body is not kept as a whole");
        }
        let masked = request.headers().iter().any(|(name, value)| {
            ready.is_signature_header(name) && value.as_bytes() == crate::request::MASKED.as_bytes()
        });
        if masked {
            return unknown("it cannot be verified again: the header that carries the secret is not kept");
        }
        let outcome = ready.verify(request, request.received_at());
        let (passes, reason, secret, failure) = match &outcome {
            Outcome::Verified(verified) => {
                let name = ready.secret_name(verified.secret_index).unwrap_or("a value in the program");
                (true, None, Some(name.to_owned()), None)
            }
            Outcome::Rejected(rejection) => {
                (false, Some(rejection.to_string()), None, Some(&rejection.reason))
            }
        };
        let clauses = clauses(&ready, request, failure);
        VerificationView { how, passes: Some(passes), reason, secret, clauses }
    }
}

/// The order in which a request is judged.
fn clauses(ready: &ReadyVerifier, request: &Request, failure: Option<&Reason>) -> Vec<ClauseView> {
    let Some(scheme) = ready.scheme() else { return Vec::new() };
    let broken_at = failure.map(stage);
    let clause = |stage: u8, what: String, found: Option<String>| ClauseView {
        what,
        holds: match broken_at {
            Some(broken) if broken == stage => Some(false),
            Some(broken) if broken < stage => None,
            _ => Some(true),
        },
        found,
    };
    let place = crate::verify::place_name(scheme.signature.at);
    let mut all = vec![clause(0, format!("the signature is there, in {place}"), None)];
    all.push(clause(1, "it is written as this scheme writes it".to_owned(), None));
    if let Some(timestamp) = scheme.timestamp {
        let window = timestamp.window.map_or_else(
            || "the time of signing is there".to_owned(),
            |window| format!("it was signed within {} s of its receipt", window.past),
        );
        let found = match failure {
            Some(Reason::Stale { age, .. }) => Some(format!("signed {age} s before")),
            Some(Reason::Future { ahead, .. }) => Some(format!("signed {ahead} s ahead")),
            _ => None,
        };
        all.push(clause(2, window, found));
    }
    let length = request.body().len();
    all.push(clause(3, format!("the {length} bytes of the body can be what was signed"), None));
    let secrets = ready.secret_count();
    let tried = if secrets == 1 { "the secret".to_owned() } else { format!("one of {secrets} secrets") };
    all.push(clause(4, format!("the signature matches under {tried}"), None));
    if !scheme.checks.is_empty() {
        all.push(clause(5, "what must hold beside the signature does".to_owned(), None));
    }
    all
}

/// Which of the clauses a reason belongs to.
fn stage(reason: &Reason) -> u8 {
    match reason {
        Reason::MissingHeader => 0,
        Reason::RepeatedHeader | Reason::HeaderTooLong | Reason::TooManySignatures | Reason::Malformed => 1,
        Reason::MissingTimestamp
        | Reason::MalformedTimestamp
        | Reason::Stale { .. }
        | Reason::Future { .. } => 2,
        Reason::MalformedBody
        | Reason::MissingId
        | Reason::MalformedId
        | Reason::BodyNotCovered
        | Reason::NoPublicUrl => 3,
        Reason::Requirement(_) | Reason::Claim(_) => 5,
        _ => 4,
    }
}
