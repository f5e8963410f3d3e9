//! A scheme and its secrets, as a user writes them down.

use super::layout::{Encoding, MessageId, Place, Signature, Syntax, TimeUnit, Timestamp, Window};
use super::part::Part;
use super::registration::Registration;
use super::scheme::{FixedReply, Hash, Scheme};
use crate::secret::{IntoSecrets, KeyFormat, Secret, SecretSource};
use std::borrow::Cow;
use std::time::Duration;

/// How the requests of an endpoint are verified: a scheme and its secrets.
///
/// ```
/// use triggerfish::secret::env;
/// use triggerfish::verify::{Verifier, part::{body, lit, timestamp}};
///
/// Verifier::stripe(env("STRIPE_WEBHOOK_SECRET"));
/// Verifier::hmac_sha256().header("X-Cal-Signature-256").secret(env("CALDOTCOM_SECRET"));
/// Verifier::hmac_sha256()
///     .header("X-Sig")
///     .prefix("v1=")
///     .timestamp_header("X-Ts")
///     .window(300)
///     .signed([timestamp(), lit("."), body()])
///     .secret([env("NEW"), env("OLD")]);
/// ```
///
/// Nothing is checked here; [`Verifier::build`] does that once, at start-up.
#[derive(Clone, Debug)]
#[must_use]
pub struct Verifier {
    pub(super) scheme: Scheme,
    pub(super) open: Option<&'static str>,
    pub(super) secrets: Vec<SecretSource>,
    pub(super) challenge: Vec<SecretSource>,
    pub(super) signed: Option<Vec<Part>>,
    pub(super) params: Vec<(&'static str, Cow<'static, str>)>,
    pub(super) url: Option<String>,
    pub(super) uncovered: Option<&'static str>,
    pub(super) registration: Option<Registration>,
}

impl Verifier {
    /// A scheme, for example `Scheme::by_name("stripe")`, with its secrets, the newest first.
    pub fn from_scheme(scheme: &'static Scheme, secrets: impl IntoSecrets) -> Self {
        Verifier { secrets: secrets.into_secrets(), ..Verifier::start(*scheme) }
    }

    /// HMAC-SHA256 of the body, in hexadecimal, in a header that
    /// [`Verifier::header`] must name.
    pub fn hmac_sha256() -> Self {
        Verifier::hmac(Hash::Sha256)
    }

    /// HMAC-SHA1 of the body, in hexadecimal, in a header that
    /// [`Verifier::header`] must name.
    pub fn hmac_sha1() -> Self {
        Verifier::hmac(Hash::Sha1)
    }

    /// HMAC-SHA512 of the body, in hexadecimal, in a header that
    /// [`Verifier::header`] must name.
    pub fn hmac_sha512() -> Self {
        Verifier::hmac(Hash::Sha512)
    }

    /// A header that must equal the secret. It proves the sender and nothing
    /// of the body.
    pub fn token(header: &'static str) -> Self {
        Verifier::start(Scheme { title: "the provider", ..Scheme::token("custom", header) })
    }

    /// Accepts every request. `reason` says why that is right here; it is shown
    /// at start-up.
    pub fn none(reason: &'static str) -> Self {
        Verifier { open: Some(reason), ..Verifier::start(Scheme::hmac_sha256("none", "")) }
    }

    fn hmac(hash: Hash) -> Self {
        Verifier::start(Scheme { title: "the provider", ..Scheme::hmac("custom", hash, "") })
    }

    fn start(scheme: Scheme) -> Self {
        Verifier {
            scheme,
            open: None,
            secrets: Vec::new(),
            challenge: Vec::new(),
            signed: None,
            params: Vec::new(),
            url: None,
            uncovered: None,
            registration: None,
        }
    }

    /// Adds secrets: one, or several while one is being rotated, the newest first.
    pub fn secret(mut self, secrets: impl IntoSecrets) -> Self {
        self.secrets.extend(secrets.into_secrets());
        self
    }

    /// The header that carries the signature.
    pub fn header(mut self, name: &'static str) -> Self {
        self.scheme.signature.at = Place::Header(name);
        self
    }

    /// The fixed text before the signature, for example `sha256=`.
    pub fn prefix(mut self, prefix: &'static str) -> Self {
        self.scheme.signature.syntax = Syntax::Prefix(prefix);
        self
    }

    /// The signature stands in `key=value` entries: `entries(",", "v1")` reads
    /// every `v1` of `t=1763752000,v1=5a5f...,v1=9c3e...`.
    pub fn entries(mut self, separator: &'static str, key: &'static str) -> Self {
        self.scheme.signature.syntax = Syntax::KeyValue { separator, key };
        self
    }

    /// The signatures stand in a list and start with their version:
    /// `versions(" ", "v1,")` reads every entry that starts with `v1,`.
    pub fn versions(mut self, separator: &'static str, version: &'static str) -> Self {
        self.scheme.signature.syntax = Syntax::Versions { separator, version };
        self
    }

    /// The signature is written in hexadecimal, which is the default.
    pub fn hex(mut self) -> Self {
        self.scheme.signature.encoding = Encoding::Hex;
        self
    }

    /// The signature is written in base64.
    pub fn base64(mut self) -> Self {
        self.scheme.signature.encoding = Encoding::Base64;
        self
    }

    /// How the text of the secret becomes the key; as it is by default.
    pub fn key(mut self, format: KeyFormat) -> Self {
        self.scheme.key = format;
        self
    }

    /// What is signed, in order; the body alone by default.
    pub fn signed(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.signed = Some(parts.into_iter().collect());
        self.scheme.or_signed = &[];
        self
    }

    /// The header with the time of signing: Unix seconds, five minutes either
    /// way, unless [`Verifier::timestamp_unit`] and [`Verifier::window`] say
    /// otherwise. It must be among what is [`signed`](Verifier::signed).
    pub fn timestamp_header(self, name: &'static str) -> Self {
        self.timestamp(Place::Header(name))
    }

    /// The entry of the signature header with the time of signing, as `t` in
    /// `t=1763752000,v1=5a5f...`.
    pub fn timestamp_entry(self, key: &'static str) -> Self {
        self.timestamp(Place::Entry(key))
    }

    fn timestamp(mut self, at: Place) -> Self {
        self.stamp().at = at;
        self
    }

    /// The timestamp's rule. Until its place is given it has none, which
    /// start-up reports.
    fn stamp(&mut self) -> &mut Timestamp {
        self.scheme.timestamp.get_or_insert(Timestamp::header(""))
    }

    /// What the text of the timestamp means.
    pub fn timestamp_unit(mut self, unit: TimeUnit) -> Self {
        self.stamp().unit = unit;
        self
    }

    /// How far from now the timestamp may be: seconds, a [`Duration`], or a
    /// [`Window`] that is not the same either way.
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.stamp().window = Some(window.into());
        self
    }

    /// The header with the id of the message, which is also that of the
    /// delivery. It must be among what is [`signed`](Verifier::signed).
    pub fn id_header(mut self, name: &'static str) -> Self {
        self.scheme.message_id = Some(MessageId { at: Place::Header(name), forbid: None });
        self.delivery_id(Place::Header(name))
    }

    /// Where the id of the delivery stands, by which a repeat is recognised.
    pub fn delivery_id(mut self, place: Place) -> Self {
        self.scheme.delivery_id = Some(place);
        self
    }

    /// Where the type of the event stands; shown, and nothing else.
    pub fn event_type(mut self, places: &'static [Place]) -> Self {
        self.scheme.event_type = places;
        self
    }

    /// For how long the provider may send a delivery again: so long is a repeat
    /// recognised. Three days by default; zero where different events may have
    /// the same body and there is no id.
    pub fn retried_for(mut self, horizon: Duration) -> Self {
        self.scheme.retried_for = horizon;
        self
    }

    /// What the sender of a request that does not verify is told.
    pub fn reject_with(mut self, reply: FixedReply) -> Self {
        self.scheme.replies.rejected = reply;
        self
    }

    /// The tokens of the provider's handshake: with one configured, its
    /// challenge is answered without a run.
    ///
    /// ```
    /// # use triggerfish::{secret::env, verify::Verifier};
    /// Verifier::meta(env("WHATSAPP_APP_SECRET")).challenge(env("WHATSAPP_WEBHOOK_SECRET"));
    /// ```
    pub fn challenge(mut self, tokens: impl IntoSecrets) -> Self {
        self.challenge.extend(tokens.into_secrets());
        self
    }

    /// A value that the scheme needs beside its secret, for example PayPal's
    /// `webhook_id`, or the expected value of a token's claim.
    pub fn param(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.params.push((name, value.into()));
        self
    }

    /// The whole URL as it is registered at the provider, for schemes that sign
    /// it; without this it is the endpoint's public URL with the query as sent.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The registration that waits for a secret in a handshake.
    pub fn registration(mut self, registration: &Registration) -> Self {
        self.registration = Some(registration.clone());
        self
    }

    /// States that the signature is not over the whole body, and why that is
    /// right here. Start-up refuses such a configuration without this.
    pub fn body_not_covered(mut self, reason: &'static str) -> Self {
        self.uncovered = Some(reason);
        self
    }

    /// How the text of its secrets becomes the key.
    pub(crate) fn key_format(&self) -> KeyFormat {
        self.scheme.key
    }

    /// Whether the program keeps a secret of it.
    pub(crate) fn is_managed(&self) -> bool {
        self.secrets.iter().any(|source| matches!(source, SecretSource::Managed))
    }

    /// The same with these secrets in the place of `managed()`, and for each of
    /// its secrets which of these it is.
    pub(crate) fn with_kept(&self, kept: &[Secret]) -> (Self, Vec<Option<usize>>) {
        let mut verifier = Verifier { secrets: Vec::new(), ..self.clone() };
        let mut which = Vec::new();
        for source in &self.secrets {
            if matches!(source, SecretSource::Managed) {
                verifier.secrets.extend(kept.iter().cloned().map(SecretSource::Value));
                which.extend((0..kept.len()).map(Some));
            } else {
                verifier.secrets.push(source.clone());
                which.push(None);
            }
        }
        (verifier, which)
    }

    /// The signature as it is configured.
    pub fn signature(&self) -> Signature {
        self.scheme.signature
    }
}
