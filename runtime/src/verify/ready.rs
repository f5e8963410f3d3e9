//! A verifier that is ready: it judges requests.

use super::build::VerifierNote;
use super::configuration::coverage;
use super::describe;
use super::handshake::{self, Answer, Handshake, Phase};
use super::key::Key;
use super::layout::Timestamp;
use super::outcome::{Outcome, Rejection, Verified};
use super::part::{Coverage, Part};
use super::place::At;
use super::registration::Registration;
use super::reply::Reply;
use super::scheme::{Algorithm, Jws, Scheme};
use super::{hint, judge};
use crate::request::Request;
use crate::secret::Secret;
use http::HeaderName;
use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

/// A verifier whose secrets are read and whose keys are prepared.
///
/// It is made once, by [`Verifier::build`](super::Verifier::build), and shared.
pub struct ReadyVerifier(Kind);

enum Kind {
    Open(&'static str),
    Scheme(Box<Ready>),
}

/// By what a repeated delivery is recognised, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dedupe {
    /// The provider's id of the delivery, or the body where a request has none.
    Id {
        /// For how long.
        window: Duration,
    },
    /// A hash of the body.
    Body {
        /// For how long; zero for not at all.
        window: Duration,
    },
}

/// What a scheme needs at run time.
pub(super) struct Ready {
    pub(super) scheme: Scheme,
    pub(super) signature_at: At,
    pub(super) timestamp: Option<(At, Timestamp)>,
    pub(super) id: Option<(At, Option<char>)>,
    /// The contents that may have been signed, of which one must match.
    pub(super) contents: Vec<Vec<Part>>,
    pub(super) keys: Vec<ReadyKey>,
    pub(super) challenge: Vec<Secret>,
    pub(super) params: Vec<(&'static str, Cow<'static, str>)>,
    pub(super) url: Option<String>,
    pub(super) delivery_id: Option<At>,
    pub(super) event_type: Vec<At>,
    pub(super) registration: Option<Registration>,
    pub(super) notes: Vec<VerifierNote>,
}

/// A secret, decoded, with its prepared key.
pub(super) struct ReadyKey {
    pub(super) key: Key,
    pub(super) secret: Secret,
    /// The variable from which it came.
    pub(super) name: Option<&'static str>,
    /// The `kid` of a JSON web key, which a token must name.
    pub(super) id: Option<String>,
}

impl ReadyVerifier {
    pub(super) fn open(reason: &'static str) -> Self {
        ReadyVerifier(Kind::Open(reason))
    }

    pub(super) fn of(ready: Ready) -> Self {
        ReadyVerifier(Kind::Scheme(Box::new(ready)))
    }

    pub(super) fn ready(&self) -> Option<&Ready> {
        match &self.0 {
            Kind::Open(_) => None,
            Kind::Scheme(ready) => Some(ready),
        }
    }

    /// Judges a request by its exact bytes.
    ///
    /// It reads the headers, then the timestamp, then computes the signature;
    /// only then is anything of the body looked at, except by the schemes whose
    /// signature stands in the body.
    pub fn verify<'r>(&self, request: &'r Request, now: SystemTime) -> Outcome<'r> {
        let Some(ready) = self.ready() else { return Outcome::Verified(Verified::default()) };
        let mut hashed = 0;
        match judge::judge(ready, request, now, &mut hashed) {
            Ok(verified) => Outcome::Verified(verified),
            Err(reason) => Outcome::Rejected(Rejection {
                read: Some(ready.signature_at.shown()),
                bytes_hashed: hashed,
                hint: hint::likely(ready, request, now, &reason),
                reason,
            }),
        }
    }

    /// The answer to a handshake, if the request is one. It never starts a run.
    ///
    /// Ask with [`Phase::Before`] before the body is read, with
    /// [`Phase::Registering`] when it has been read, and with
    /// [`Phase::AfterVerify`] after [`ReadyVerifier::verify`] accepted.
    pub fn handshake(&self, request: &Request, phase: Phase) -> Option<Reply> {
        handshake::answer(self.ready()?, request, phase)
    }

    /// The provider's id of a verified delivery.
    pub fn delivery_id<'r>(&self, request: &'r Request) -> Option<Cow<'r, str>> {
        self.ready()?.delivery_id(request)
    }

    /// The type of the event in a verified request, for people to read.
    pub fn event_type(&self, request: &Request) -> Option<String> {
        let genuine = self.coverage() == Coverage::Body;
        let parts: Vec<_> = self
            .ready()?
            .event_type
            .iter()
            .filter_map(|at| at.read_verified(request, genuine))
            .filter(|text| !text.is_empty() && text.len() <= 256)
            .collect();
        (!parts.is_empty()).then(|| parts.join("."))
    }

    /// One line for the table at start-up, for example
    /// `hmac-sha256 hex of body in x-cal-signature-256`.
    pub fn describe(&self) -> String {
        match &self.0 {
            Kind::Open(reason) => format!("accepts everything: {reason}"),
            Kind::Scheme(ready) => describe::line(&ready.scheme, &ready.contents),
        }
    }

    /// The name of the scheme; `None` where everything is accepted.
    pub fn scheme_name(&self) -> Option<&'static str> {
        Some(self.ready()?.scheme.name)
    }

    /// The scheme as data; `None` where everything is accepted.
    pub fn scheme(&self) -> Option<&Scheme> {
        Some(&self.ready()?.scheme)
    }

    /// What the sender of a rejected request is told.
    pub fn rejection_reply(&self) -> Reply {
        self.ready().map_or(super::Replies::DEFAULT.rejected, |ready| ready.scheme.replies.rejected).into()
    }

    /// What the sender of an accepted delivery must be told; `None` where the
    /// provider prescribes nothing.
    pub fn accepted_reply(&self) -> Option<Reply> {
        self.ready()?.scheme.replies.accepted.map(Reply::from)
    }

    /// By what a repeat is recognised, unless the endpoint says otherwise.
    pub fn dedupe(&self) -> Dedupe {
        let window =
            self.ready().map_or(Duration::from_secs(3 * 24 * 3600), |ready| ready.scheme.retried_for);
        match self.ready().and_then(|ready| ready.delivery_id.as_ref()) {
            Some(_) => Dedupe::Id { window },
            None => Dedupe::Body { window },
        }
    }

    /// Whether the header carries a signature or a credential, which is neither
    /// stored nor shown.
    pub fn is_signature_header(&self, name: &HeaderName) -> bool {
        let Some(ready) = self.ready() else { return false };
        match &ready.signature_at {
            At::Series(prefix) => name.as_str().starts_with(prefix),
            at => at.headers().any(|known| known == name),
        }
    }

    /// The headers that carry a signature or a credential. A numbered series is
    /// not among them; [`ReadyVerifier::is_signature_header`] knows it too.
    pub fn signature_headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.ready().into_iter().flat_map(|ready| ready.signature_at.headers())
    }

    /// Whether the URL is signed, so that a public URL must be configured.
    pub fn needs_public_url(&self) -> bool {
        self.ready().is_some_and(|ready| {
            let signs_url = ready.contents.iter().flatten().any(Part::needs_url);
            ready.url.is_none() && (signs_url || ready.audience_is_url())
        })
    }

    /// How much of the body the signature covers.
    pub fn coverage(&self) -> Coverage {
        self.ready().map_or(Coverage::Nothing, Ready::coverage)
    }

    /// What is allowed, but should be known: to be logged at start-up.
    pub fn notes(&self) -> &[VerifierNote] {
        self.ready().map_or(&[], |ready| &ready.notes)
    }

    /// How many secrets there are.
    pub fn secret_count(&self) -> usize {
        self.ready().map_or(0, |ready| ready.keys.len())
    }

    /// The secrets, and the tokens of the handshake, each with the variable that
    /// holds it. Public keys are none.
    #[cfg(feature = "dashboard")]
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (Option<&'static str>, &Secret)> {
        let ready = self.ready().into_iter();
        let keys = ready.clone().flat_map(|ready| &ready.keys).filter(|key| key.key.public().is_none());
        let tokens = ready.flat_map(|ready| &ready.challenge).map(|token| (None, token));
        keys.map(|key| (key.name, &key.secret)).chain(tokens)
    }

    /// Whether the provider signs with private keys, so that nobody else can.
    #[cfg(feature = "dashboard")]
    pub(crate) fn has_public_keys(&self) -> bool {
        self.ready().is_some_and(|ready| ready.keys.iter().any(|key| key.key.public().is_some()))
    }

    /// The variable from which the secret of this index came.
    pub fn secret_name(&self, index: usize) -> Option<&'static str> {
        self.ready()?.keys.get(index)?.name
    }
}

impl Ready {
    /// The delivery's id, from a request that was verified.
    pub(super) fn delivery_id<'r>(&self, request: &'r Request) -> Option<Cow<'r, str>> {
        let genuine = self.coverage() == Coverage::Body;
        let id = self.delivery_id.as_ref()?.read_verified(request, genuine)?;
        // An empty id, or an endless one, would join or bloat what is unrelated.
        (!id.trim().is_empty() && id.len() <= 512).then_some(id)
    }

    fn coverage(&self) -> Coverage {
        match self.scheme.algorithm {
            Algorithm::Jws(Jws { body_claim: Some(_), .. }) => Coverage::Body,
            Algorithm::Jws(_) => Coverage::Nothing,
            _ => self.contents.first().map_or(Coverage::Nothing, |parts| coverage(parts)),
        }
    }

    /// The handshakes that are configured.
    pub(super) fn handshakes(&self) -> impl Iterator<Item = &'static Handshake> {
        self.scheme.handshakes.iter().filter(|handshake| {
            handshake.token.is_none_or(|token| token.optional || !self.challenge.is_empty())
                && (!matches!(handshake.answer, Answer::EchoSecret(_) | Answer::KeepJson(_))
                    || self.registration.as_ref().is_some_and(Registration::is_open))
        })
    }

    /// The key with which a challenge is signed.
    pub(super) fn newest_key(&self) -> Option<&Key> {
        self.keys.first().map(|known| &known.key)
    }

    /// The URL that the provider called, as far as it is configured.
    pub(super) fn public_url(&self, request: &Request) -> Option<String> {
        self.url.clone().or_else(|| request.public_url())
    }

    fn audience_is_url(&self) -> bool {
        matches!(self.scheme.algorithm, Algorithm::Jws(jws) if jws.audience)
            && super::content::param(&self.params, "aud").is_none()
    }
}

/// The scheme and the number of secrets, none of which is shown.
impl fmt::Debug for ReadyVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadyVerifier")
            .field("describe", &self.describe())
            .field("secrets", &self.secret_count())
            .finish_non_exhaustive()
    }
}
