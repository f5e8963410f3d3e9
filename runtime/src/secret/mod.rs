//! Secrets: values that cannot be printed, where they come from, and how those
//! that the program keeps are sealed.

mod keyring;
mod sealed;

pub(crate) use keyring::{KeyProblem, Keyring, SECRET_KEY};
pub use sealed::{OpenProblem, Sealed};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret value. It has no `Display`, its `Debug` shows nothing, and its
/// memory is overwritten when the last clone is dropped.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<Vec<u8>>>);

impl Secret {
    /// Takes the secret's text or bytes, exactly as they are.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Secret(Arc::new(Zeroizing::new(value.into())))
    }

    /// A new random secret: 32 bytes in hexadecimal, for a provider that lets the
    /// receiver choose.
    ///
    /// # Errors
    ///
    /// Where the machine's random numbers cannot be read.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(std::io::Error::other)?;
        Ok(Secret::new(hex::encode(bytes.as_slice())))
    }

    /// The bytes. The name is long enough to be seen in a review.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether a value that a sender gave is this secret. It takes as long
    /// wherever they differ.
    pub fn matches(&self, given: impl AsRef<[u8]>) -> bool {
        self.0.ct_eq(given.as_ref()).into()
    }

    /// Whether nothing but white space is left: no secret at all.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(u8::is_ascii_whitespace)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::new(text.as_bytes())
    }
}

/// Where a secret comes from. It is read once, at start-up.
#[derive(Clone, Debug)]
pub enum SecretSource {
    /// An environment variable, `.env` included.
    Env(&'static str),
    /// A value that the program already has.
    Value(Secret),
    /// A value that the program makes and keeps, sealed, in its store.
    Managed,
}

/// A secret from the environment variable `name`, read once at start-up.
///
/// A variable that is missing, empty or blank is a start-up error. In a debug
/// build on loopback with no secrets at all, a development secret takes its
/// place.
pub const fn env(name: &'static str) -> SecretSource {
    SecretSource::Env(name)
}

/// A secret that the program makes at its first start and keeps, sealed, in its
/// store. It is shown to a person who asks for it, to be entered at the provider,
/// and can be replaced while the program runs:
/// [`ManagedSecrets`](crate::runtime::ManagedSecrets).
///
/// ```
/// # use triggerfish::{secret::managed, verify::Verifier};
/// Verifier::hmac_sha256().header("X-Acme-Signature").secret(managed());
/// ```
///
/// It needs the feature `sealed-secrets`, and 32 random bytes in
/// `TRIGGERFISH_SECRET_KEY`. In a debug build on loopback a key that is not set
/// is made up, and kept in a file beside the store.
pub const fn managed() -> SecretSource {
    SecretSource::Managed
}

impl From<Secret> for SecretSource {
    fn from(secret: Secret) -> Self {
        SecretSource::Value(secret)
    }
}

/// One secret or several: `env("A")`, or `[env("NEW"), env("OLD")]` while a
/// secret is being rotated.
pub trait IntoSecrets {
    /// The sources, the newest first.
    fn into_secrets(self) -> Vec<SecretSource>;
}

impl<S: Into<SecretSource>> IntoSecrets for S {
    fn into_secrets(self) -> Vec<SecretSource> {
        vec![self.into()]
    }
}

impl<S: Into<SecretSource>, const N: usize> IntoSecrets for [S; N] {
    fn into_secrets(self) -> Vec<SecretSource> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<S: Into<SecretSource>> IntoSecrets for Vec<S> {
    fn into_secrets(self) -> Vec<SecretSource> {
        self.into_iter().map(Into::into).collect()
    }
}

/// How the text of a secret becomes a key. A development secret is made in the
/// same form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFormat {
    /// The text's bytes are the key.
    Utf8,
    /// The text is hexadecimal.
    Hex,
    /// The text is base64.
    Base64,
    /// `whsec_` followed by base64 (Standard Webhooks, Svix).
    Whsec,
    /// `user:password`, as HTTP Basic sends it.
    UserPassword,
    /// The provider's public key. Nothing can stand in for it.
    Public(PublicKey),
}

impl KeyFormat {
    /// Key bytes in this form; none for a public key, which nobody makes up.
    pub(crate) fn write(self, key: &[u8]) -> Option<String> {
        Some(match self {
            KeyFormat::Utf8 | KeyFormat::Hex => hex::encode(key),
            KeyFormat::Base64 => BASE64_STANDARD.encode(key),
            KeyFormat::Whsec => format!("whsec_{}", BASE64_STANDARD.encode(key)),
            KeyFormat::UserPassword => format!("triggerfish:{}", hex::encode(key)),
            KeyFormat::Public(_) => return None,
        })
    }

    /// The same for development, where a person must see what it is.
    pub(crate) fn write_for_development(self, key: &[u8]) -> Option<String> {
        match self {
            KeyFormat::Utf8 => Some(format!("dev_{}", hex::encode(key))),
            KeyFormat::UserPassword => Some(format!("dev:{}", hex::encode(key))),
            format => format.write(key),
        }
    }

    /// A new random secret in this form; none for a public key.
    pub(crate) fn random(self) -> Result<Option<Secret>, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())?;
        Ok(self.write(bytes.as_slice()).map(Secret::new))
    }
}

/// How a public key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Its bytes in hexadecimal.
    Hex,
    /// `whpk_` followed by base64 (Standard Webhooks).
    Whpk,
    /// A SubjectPublicKeyInfo in base64, without the lines of PEM.
    SpkiBase64,
    /// A SubjectPublicKeyInfo in PEM: `-----BEGIN PUBLIC KEY-----`.
    Pem,
    /// A certificate in PEM: `-----BEGIN CERTIFICATE-----`. Its key is used; its
    /// dates and its issuer are not looked at.
    Certificate,
    /// A JSON web key (RFC 7517).
    Jwk,
}

/// Finds the value of a named secret; the environment, or a table in tests.
pub trait ResolveSecrets {
    /// The value of `name`, or `None` where it is not set. `format` says in
    /// which form a value must be made that stands in during development.
    fn resolve(&self, name: &'static str, format: KeyFormat) -> Option<Secret>;

    /// What stands for a secret that the program keeps itself; none where
    /// nothing does.
    fn managed(&self, _format: KeyFormat) -> Option<Secret> {
        None
    }
}

impl<F: Fn(&'static str) -> Option<Secret>> ResolveSecrets for F {
    fn resolve(&self, name: &'static str, _: KeyFormat) -> Option<Secret> {
        self(name)
    }
}

/// Why a secret cannot be used. The text never holds any of its value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretProblem {
    /// The variable is not set.
    #[error("`{0}` is not set")]
    Missing(&'static str),
    /// The variable, or the value given, holds nothing but white space.
    #[error("{} is blank: a signature made with an empty key proves nothing", named(.0))]
    Blank(Option<&'static str>),
    /// A secret that the program keeps was asked for where it is not known, or
    /// cannot be: nobody makes up a provider's public key.
    #[error(
        "`managed()` has no value here: a program that runs makes it, and only where the key is not public"
    )]
    Managed,
}

fn named(name: &Option<&'static str>) -> String {
    name.map_or_else(|| "the secret".to_owned(), |name| format!("`{name}`"))
}

impl SecretSource {
    /// Reads the value; refuses a missing or blank one.
    pub fn read(&self, resolver: &dyn ResolveSecrets, format: KeyFormat) -> Result<Secret, SecretProblem> {
        let (name, secret) = match self {
            SecretSource::Env(name) => {
                (Some(*name), resolver.resolve(name, format).ok_or(SecretProblem::Missing(name))?)
            }
            SecretSource::Value(secret) => (None, secret.clone()),
            SecretSource::Managed => (None, resolver.managed(format).ok_or(SecretProblem::Managed)?),
        };
        if secret.is_blank() { Err(SecretProblem::Blank(name)) } else { Ok(secret) }
    }
}

/// The secrets that a custom verifier declared, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(Option<Arc<[(&'static str, Secret)]>>);

impl Secrets {
    pub(crate) fn new(all: Vec<(&'static str, Secret)>) -> Self {
        Secrets((!all.is_empty()).then(|| all.into()))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Secret> {
        self.iter().find(|(known, _)| *known == name).map(|(_, secret)| secret)
    }

    /// Each with its name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        self.0.iter().flat_map(|all| all.iter()).map(|(name, secret)| (*name, secret))
    }

    /// Whether one of them stands in a text.
    pub(crate) fn stand_in(&self, text: &[u8]) -> bool {
        let mut all = self.0.iter().flat_map(|all| all.iter()).map(|(_, secret)| secret.expose());
        all.any(|secret| !secret.is_empty() && text.windows(secret.len()).any(|part| part == secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
        assert_eq!(format!("{:?}", SecretSource::from(Secret::new("hunter2"))), "Value(Secret(***))");
    }

    #[test]
    fn a_missing_or_blank_secret_is_refused() {
        let resolver = |name: &'static str| (name == "BLANK").then(|| Secret::new(" \n"));
        let read = |source: SecretSource| source.read(&resolver, KeyFormat::Utf8).map(|_| ());
        assert_eq!(read(env("NONE")), Err(SecretProblem::Missing("NONE")));
        assert_eq!(read(env("BLANK")), Err(SecretProblem::Blank(Some("BLANK"))));
        assert_eq!(read(Secret::new("").into()), Err(SecretProblem::Blank(None)));
        assert_eq!(read(Secret::new("x").into()), Ok(()));
    }
}
