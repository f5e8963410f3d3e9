//! Makes a verifier ready at start-up, and refuses one that cannot work.

use super::der;
use super::key::{self, Key};
use super::part::{Coverage, JsonPart, Part, param};
use super::place::At;
use super::ready::{Ready, ReadyKey, ReadyVerifier};
use super::scheme::{
    Algorithm, Check, Encoding, JwsAlg, MessageId, Place, Provenance, Scheme, Syntax, TimeUnit, Timestamp,
};
use super::verifier::Verifier;
use crate::secret::{KeyFormat, ResolveSecrets, Secret, SecretProblem, SecretSource};
use std::fmt;
use std::sync::atomic::AtomicU64;

/// Why a verifier cannot be used. The texts name variables, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierProblem {
    /// A secret is missing or blank.
    #[error(transparent)]
    Secret(#[from] SecretProblem),
    /// A secret is not written as the scheme's secrets are.
    #[error("{} {cause}: copy it from {provider} again", named(.name))]
    NoKey {
        /// The variable, where it comes from one.
        name: Option<&'static str>,
        /// What is wrong with it.
        cause: &'static str,
        /// Who issued it.
        provider: &'static str,
    },
    /// The configuration can never verify, or proves less than it seems to.
    #[error("{0}")]
    Configuration(String),
    /// The scheme needs a feature of this crate that is off.
    #[error("`{scheme}` needs the feature `{feature}`: add it to `triggerfish` in Cargo.toml")]
    Feature {
        /// The scheme.
        scheme: &'static str,
        /// The feature.
        feature: &'static str,
    },
}

/// What is allowed at start-up, but should be known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifierNote {
    /// A secret is shorter than 16 bytes.
    ShortSecret(Option<&'static str>),
    /// A secret starts or ends with white space, which is part of it.
    Padded(Option<&'static str>),
    /// Two of the secrets are the same.
    SameSecretTwice,
    /// The signature covers the body in part, or not at all.
    BodyNotCovered(Coverage),
    /// Something that a person should know about this scheme.
    Advice(&'static str),
}

impl fmt::Display for VerifierNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VerifierNote::ShortSecret(name) => {
                write!(f, "{} is shorter than 16 bytes and could be guessed", named(name))
            }
            VerifierNote::Padded(name) => {
                write!(f, "{} starts or ends with white space, which counts as part of it", named(name))
            }
            VerifierNote::SameSecretTwice => f.write_str("two of the secrets are the same"),
            VerifierNote::BodyNotCovered(Coverage::Fields) => {
                f.write_str("the signature covers some fields of the body only")
            }
            VerifierNote::BodyNotCovered(_) => f.write_str("the body is not signed: TLS alone protects it"),
            VerifierNote::Advice(text) => f.write_str(text),
        }
    }
}

fn named(name: &Option<&'static str>) -> String {
    name.map_or_else(|| "the secret".to_owned(), |name| format!("`{name}`"))
}

impl Verifier {
    /// Resolves and decodes every secret and checks the configuration. Called
    /// once, at start-up; reports every problem, not only the first.
    pub fn build(&self, resolver: &dyn ResolveSecrets) -> Result<ReadyVerifier, Vec<VerifierProblem>> {
        let mut problems = Vec::new();
        if let Some(reason) = self.open {
            if !self.secrets.is_empty() {
                problems.push(configuration("`Verifier::none` takes no secret: remove one of the two"));
            }
            return if problems.is_empty() { Ok(ReadyVerifier::open(reason)) } else { Err(problems) };
        }
        let scheme = &self.scheme;
        check_configuration(self, &mut problems);
        let mut notes = notes(self);
        let keys = if let Some(feature) = missing_feature(scheme.algorithm) {
            problems.push(VerifierProblem::Feature { scheme: scheme.name, feature });
            Vec::new()
        } else {
            read_keys(self, resolver, &mut problems, &mut notes)
        };
        let challenge: Vec<Secret> = self
            .challenge
            .iter()
            .filter_map(|source| match source.read(resolver, KeyFormat::Utf8) {
                Ok(token) => Some(token),
                Err(problem) => {
                    problems.push(problem.into());
                    None
                }
            })
            .collect();
        let mut at = |place: Place| At::new(place).map_err(|name| problems.push(bad_name(name))).ok();
        let signature_at = at(scheme.signature.at);
        let timestamp = scheme.timestamp.and_then(|timestamp| Some((at(timestamp.at)?, timestamp)));
        let id = scheme.message_id.and_then(|id| Some((at(id.at)?, id.forbid)));
        let delivery_id = scheme.delivery_id.and_then(&mut at);
        let event_type = scheme.event_type.iter().filter_map(|place| at(*place)).collect();
        let (true, Some(signature_at)) = (problems.is_empty(), signature_at) else { return Err(problems) };
        let mut contents = vec![self.signed.clone().unwrap_or_else(|| scheme.signed.to_vec())];
        contents.extend(scheme.or_signed.iter().map(|parts| parts.to_vec()));
        Ok(ReadyVerifier::of(Ready {
            scheme: *scheme,
            signature_at,
            timestamp,
            id,
            contents,
            keys,
            challenge,
            params: self.params.clone(),
            url: self.url.clone(),
            delivery_id,
            event_type,
            registration: self.registration.clone(),
            notes,
        }))
    }
}

fn configuration(text: impl Into<String>) -> VerifierProblem {
    VerifierProblem::Configuration(text.into())
}

fn bad_name(name: &str) -> VerifierProblem {
    configuration(format!("`{name}` is not the name of a header"))
}

fn read_keys(
    verifier: &Verifier,
    resolver: &dyn ResolveSecrets,
    problems: &mut Vec<VerifierProblem>,
    notes: &mut Vec<VerifierNote>,
) -> Vec<ReadyKey> {
    let scheme = &verifier.scheme;
    if verifier.secrets.is_empty() {
        problems.push(configuration("no secret is given: add `.secret(env(\"NAME\"))`"));
    }
    let mut keys: Vec<ReadyKey> = Vec::new();
    for source in &verifier.secrets {
        let name = match source {
            SecretSource::Env(name) => Some(*name),
            SecretSource::Value(_) => None,
        };
        let secret = match source.read(resolver, scheme.key) {
            Ok(secret) => secret,
            Err(problem) => {
                problems.push(problem.into());
                continue;
            }
        };
        match (Key::new(&secret, scheme), key::decode(&secret, scheme.key)) {
            (Ok(key), Ok(decoded)) => {
                let public = matches!(scheme.key, KeyFormat::Public(_));
                if !public && decoded.expose().len() < 16 {
                    notes.push(VerifierNote::ShortSecret(name));
                }
                if matches!(scheme.key, KeyFormat::Utf8 | KeyFormat::UserPassword)
                    && secret.expose().trim_ascii().len() != secret.expose().len()
                {
                    notes.push(VerifierNote::Padded(name));
                }
                if keys.iter().any(|known| known.secret.expose() == decoded.expose()) {
                    notes.push(VerifierNote::SameSecretTwice);
                }
                let id = match scheme.key {
                    KeyFormat::Public(format) => der::key_id(decoded.expose(), format),
                    _ => None,
                };
                keys.push(ReadyKey { key, secret: decoded, name, id, used: AtomicU64::new(0) });
            }
            (Err(problem), _) | (_, Err(problem)) => {
                problems.push(VerifierProblem::NoKey { name, cause: problem.0, provider: scheme.title });
            }
        }
    }
    keys
}

/// The feature that `algorithm` needs and this build lacks.
fn missing_feature(algorithm: Algorithm) -> Option<&'static str> {
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

/// Refuses what can never verify and what proves less than it seems to.
fn check_configuration(verifier: &Verifier, problems: &mut Vec<VerifierProblem>) {
    let scheme = &verifier.scheme;
    let signed = verifier.signed.as_deref().unwrap_or(scheme.signed);
    let has = |part: Part| signed.contains(&part);
    let mut refuse = |text: String| problems.push(configuration(text));
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
    if scheme.algorithm == Algorithm::Token {
        return;
    }
    if has(Part::Secret) != (scheme.algorithm == Algorithm::Sha256) {
        refuse("the secret is a part of the content in plain SHA-256 and in nothing else".into());
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
    } else if scheme.provenance == Provenance::Own
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
            refuse("a window is given, but no timestamp: add `.timestamp_header(\"X-Timestamp\")` before it".into());
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

/// How much of the body the content covers.
pub(super) fn coverage(signed: &[Part]) -> Coverage {
    signed.iter().map(Part::coverage).max().unwrap_or(Coverage::Nothing)
}

fn notes(verifier: &Verifier) -> Vec<VerifierNote> {
    let scheme = &verifier.scheme;
    let mut notes = Vec::new();
    let signed = verifier.signed.as_deref().unwrap_or(scheme.signed);
    let covered = match scheme.algorithm {
        Algorithm::Jws(jws) if jws.body_claim.is_some() => Coverage::Body,
        _ => coverage(signed),
    };
    if covered < Coverage::Body {
        notes.push(VerifierNote::BodyNotCovered(covered));
    }
    for check in scheme.checks {
        if let Check::ParamIs(name, _) = check
            && param(&verifier.params, name).is_none()
        {
            notes.push(VerifierNote::Advice(
                "every customer of this provider can sign: name yours with `.param(...)`, see the scheme's checks",
            ));
        }
    }
    notes
}
