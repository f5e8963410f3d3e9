//! Refuses configurations that can never verify, or that prove less than they
//! seem to.

use super::build::VerifierProblem;
use super::content::param;
use super::handshake::{Answer, Phase};
use super::layout::{Encoding, MessageId, Place, Syntax, TimeUnit, Timestamp};
use super::part::{Coverage, JsonPart, Part};
use super::scheme::{Algorithm, JwsAlg, Provenance, Scheme};
use super::verifier::Verifier;
use crate::secret::KeyFormat;

/// Refuses what can never verify and what proves less than it seems to.
pub(super) fn check(verifier: &Verifier, problems: &mut Vec<VerifierProblem>) {
    let scheme = &verifier.scheme;
    let signed = verifier.signed.as_deref().unwrap_or(scheme.signed);
    let has = |part: Part| signed.contains(&part);
    let mut refuse = |text: String| problems.push(VerifierProblem::Configuration(text));
    if scheme.signature.at == Place::Header("") {
        refuse(
            "no header is given: add `.header(\"X-Signature\")` with the name that the provider documents"
                .into(),
        );
    }
    let computed = matches!(scheme.algorithm, Algorithm::Hmac(_) | Algorithm::Sha256);
    if computed && scheme.signature.encoding == Encoding::Plain {
        refuse("a computed signature is no plain text: its encoding must be hexadecimal or base64".into());
    }
    if let Syntax::KeyValue { separator: "", .. } | Syntax::Versions { separator: "", .. } =
        scheme.signature.syntax
    {
        refuse("the separator between two signatures is empty, so that none is ever found".into());
    }
    check_handshakes(verifier, &mut refuse);
    check_places(scheme, &mut refuse);
    if computed && matches!(scheme.key, KeyFormat::Public(_)) {
        refuse(
            "everybody knows a public key: it can verify a signature, but not be the secret of one".into(),
        );
    }
    if scheme.algorithm == Algorithm::Token {
        if !signed.is_empty() {
            refuse("a token is compared and signs nothing: remove `.signed([...])`".into());
        }
        return;
    }
    if has(Part::Secret) != (scheme.algorithm == Algorithm::Sha256) {
        refuse("the secret is a part of the content in plain SHA-256 and in nothing else".into());
    }
    let weaker = |other: &&[Part]| {
        coverage(other) < coverage(signed)
            || [Part::Timestamp, Part::Id].iter().any(|part| has(*part) && !other.contains(part))
    };
    if scheme.or_signed.iter().any(weaker) {
        refuse("a content of `or_signed` covers less than the first, so that a forger picks that one".into());
    }
    check_timestamp(scheme, signed, &mut refuse);
    match scheme.message_id {
        None if has(Part::Id) => {
            refuse("`id()` is signed, but no header is given for it: add `.id_header(\"X-Id\")`".into());
        }
        Some(MessageId { at: Place::Header(name), .. }) if !has(Part::Id) => refuse(format!(
            "the id in `{name}` is not signed, so that anyone may change it: add `id()` to `.signed([...])`, \
             or use `.delivery_id(...)` for an id that is not signed"
        )),
        _ => {}
    }
    for part in signed {
        if let Part::Param(name) = part
            && param(&verifier.params, name).is_none()
        {
            refuse(missing_param(scheme, name));
        }
    }
    if let Algorithm::Jws(jws) = scheme.algorithm {
        for name in jws.required.iter().filter(|name| param(&verifier.params, name).is_none()) {
            refuse(missing_param(scheme, name));
        }
        if !signed.is_empty() {
            refuse("a JSON web token signs what it holds: remove `.signed([...])`".into());
        }
    } else if (scheme.provenance == Provenance::Own || verifier.signed.is_some())
        && verifier.uncovered.is_none()
        && coverage(signed) < Coverage::Body
    {
        refuse(
            "the body is not signed as a whole, so that anyone may change it: add `body()` to `.signed([...])`, \
             or say why that is right with `.body_not_covered(\"reason\")`"
                .into(),
        );
    }
}

fn check_handshakes(verifier: &Verifier, refuse: &mut dyn FnMut(String)) {
    let scheme = &verifier.scheme;
    if !verifier.challenge.is_empty() && scheme.handshakes.iter().all(|handshake| handshake.token.is_none()) {
        refuse(format!("`{}` has no challenge with a token: remove `.challenge(...)`", scheme.name));
    }
    for handshake in scheme.handshakes {
        let trusting = match handshake.phase {
            Phase::Before => handshake.reads_body(),
            Phase::Registering => !matches!(handshake.answer, Answer::KeepJson(_)),
            Phase::AfterVerify => false,
        };
        if trusting {
            refuse(format!(
                "the handshake `{}` trusts a body that is not verified: give it `Phase::AfterVerify`",
                handshake.title
            ));
        }
    }
}

/// Refuses places where nothing is ever found.
fn check_places(scheme: &Scheme, refuse: &mut dyn FnMut(String)) {
    if let Place::Entry(_) = scheme.signature.at {
        refuse("the signature cannot stand in an entry of itself: name its header".into());
    }
    let elsewhere = [
        scheme.timestamp.map(|timestamp| timestamp.at),
        scheme.message_id.map(|id| id.at),
        scheme.delivery_id,
    ];
    if elsewhere.into_iter().flatten().any(|place| matches!(place, Place::HeaderSeries(_)))
        || matches!(scheme.message_id, Some(MessageId { at: Place::Entry(_), .. }))
    {
        refuse("an id or a timestamp is never found there: give one header or a place in the body".into());
    }
}

fn missing_param(scheme: &Scheme, name: &str) -> String {
    format!("`{}` needs the value `{name}`: add `.param(\"{name}\", \"...\")`", scheme.name)
}

fn check_timestamp(scheme: &Scheme, signed: &[Part], refuse: &mut dyn FnMut(String)) {
    let covered = |part: &Part| match part {
        Part::Timestamp => true,
        Part::SignedHeaders { cover, .. } => {
            matches!(scheme.timestamp, Some(Timestamp { at: Place::Header(name), .. }) if cover.contains(&name))
        }
        Part::JsonObject(fields) => fields.iter().any(|(_, part)| *part == JsonPart::Timestamp),
        _ => false,
    };
    let is_signed = signed.iter().any(covered);
    let Some(timestamp) = scheme.timestamp else {
        if is_signed {
            refuse(
                "`timestamp()` is signed, but nothing says where it stands: add `.timestamp_header(\"X-Timestamp\")`"
                    .into(),
            );
        }
        return;
    };
    match timestamp.at {
        Place::Header("") => {
            refuse("nothing says where the timestamp stands: add `.timestamp_header(\"X-Timestamp\")`".into());
        }
        Place::Entry(_) if !matches!(scheme.signature.syntax, Syntax::KeyValue { .. }) => refuse(
            "the timestamp is an entry of the signature header, but that has none: add `.entries(\",\", \"v1\")`".into(),
        ),
        Place::Json(_) if coverage(signed) == Coverage::Body => {}
        _ if !is_signed => refuse(
            "the timestamp is not signed, so that its window proves nothing: add `timestamp()` to `.signed([...])`"
                .into(),
        ),
        _ => {}
    }
    match timestamp.window {
        Some(window) if window.past == 0 => {
            refuse(
                "a window of 0 s rejects what is a second old: give the seconds that a request may take"
                    .into(),
            );
        }
        Some(_) if timestamp.unit == TimeUnit::Opaque => {
            refuse(
                "a window needs a timestamp that is read: add `.timestamp_unit(TimeUnit::Seconds)`".into(),
            );
        }
        _ => {}
    }
}

/// The feature that `algorithm` needs and this build lacks.
pub(super) fn missing_feature(algorithm: Algorithm) -> Option<&'static str> {
    let needed: &[(&str, bool)] = match algorithm {
        Algorithm::Hmac(_) | Algorithm::Sha256 | Algorithm::Token => &[],
        Algorithm::Ed25519 => &[("ed25519", cfg!(feature = "ed25519"))],
        Algorithm::EcdsaP256 => &[("p256", cfg!(feature = "p256"))],
        Algorithm::RsaSha256 | Algorithm::RsaByVersion(_) => &[("rsa", cfg!(feature = "rsa"))],
        Algorithm::Jws(jws) => match jws.alg {
            JwsAlg::Hs256 => &[("jwt", cfg!(feature = "jwt"))],
            JwsAlg::Es256 => &[("jwt", cfg!(feature = "jwt")), ("p256", cfg!(feature = "p256"))],
            JwsAlg::Rs256 => &[("jwt", cfg!(feature = "jwt")), ("rsa", cfg!(feature = "rsa"))],
        },
    };
    needed.iter().find(|(_, on)| !on).map(|(feature, _)| *feature)
}

/// How much of the body the content covers.
pub(super) fn coverage(signed: &[Part]) -> Coverage {
    signed.iter().map(Part::coverage).max().unwrap_or(Coverage::Nothing)
}
