//! Makes a verifier ready at start-up, and refuses one that cannot work.

use super::configuration::{self, coverage};
use super::content::param;
use super::der;
use super::key::{self, Key};
use super::layout::Place;
use super::part::Coverage;
use super::place::At;
use super::ready::{Ready, ReadyKey, ReadyVerifier};
use super::scheme::{Algorithm, Check};
use super::verifier::Verifier;
use crate::secret::{KeyFormat, ResolveSecrets, Secret, SecretProblem, SecretSource};
use std::fmt;

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
    /// The provider signs for all its customers alike, and the value that says
    /// which one is yours was not given.
    NotPinned(&'static str),
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
            VerifierNote::NotPinned(name) => write!(
                f,
                "any customer of this provider can send here: name what is yours with `.param(\"{name}\", \"...\")`"
            ),
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
                problems.push(refused("`Verifier::none` takes no secret: remove one of the two"));
            }
            return if problems.is_empty() { Ok(ReadyVerifier::open(reason)) } else { Err(problems) };
        }
        let scheme = &self.scheme;
        configuration::check(self, &mut problems);
        let mut notes = notes(self);
        let keys = if let Some(feature) = configuration::missing_feature(scheme.algorithm) {
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

fn refused(text: impl Into<String>) -> VerifierProblem {
    VerifierProblem::Configuration(text.into())
}

fn bad_name(name: &str) -> VerifierProblem {
    refused(format!("`{name}` is not the name of a header"))
}

fn read_keys(
    verifier: &Verifier,
    resolver: &dyn ResolveSecrets,
    problems: &mut Vec<VerifierProblem>,
    notes: &mut Vec<VerifierNote>,
) -> Vec<ReadyKey> {
    let scheme = &verifier.scheme;
    if verifier.secrets.is_empty() {
        problems.push(refused("no secret is given: add `.secret(env(\"NAME\"))`"));
    }
    let mut keys: Vec<ReadyKey> = Vec::new();
    for source in &verifier.secrets {
        let name = match source {
            SecretSource::Env(name) => Some(*name),
            SecretSource::Value(_) | SecretSource::Managed => None,
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
                keys.push(ReadyKey { key, secret: decoded, name, id });
            }
            (Err(problem), _) | (_, Err(problem)) => {
                problems.push(VerifierProblem::NoKey { name, cause: problem.0, provider: scheme.title });
            }
        }
    }
    keys
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
            notes.push(VerifierNote::NotPinned(name));
        }
    }
    notes
}
