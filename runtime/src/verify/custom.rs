//! Verifiers that are written as a function.

use super::key::Key;
use super::layout::Encoding;
use super::outcome::{Outcome, Reason, Rejection, Verified};
use super::place::header;
use super::scheme::Hash;
use crate::request::Request;
use crate::secret::Secret;
use http::HeaderName;
use std::borrow::Cow;

/// What a custom verifier returns: verified, or rejected with a reason for the
/// log.
///
/// ```
/// use triggerfish::{request::Request, verify::Verification};
///
/// async fn acme(request: &Request) -> Verification {
///     match request.header("x-acme-delivery") {
///         Some(id) => Verification::verified().with_delivery_id(id),
///         None => Verification::rejected("no delivery id"),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Verification(Outcome<'static>);

impl Verification {
    /// The request comes from who it says.
    pub fn verified() -> Self {
        Verification(Outcome::Verified(Verified::default()))
    }

    /// It does not. The reason goes to the log and the stored record, never to
    /// the sender.
    pub fn rejected(reason: impl Into<Cow<'static, str>>) -> Self {
        Reason::Custom(reason.into()).into()
    }

    /// The provider's id of the delivery, by which a repeat is recognised. A
    /// rejected request has none.
    pub fn with_delivery_id(mut self, id: impl Into<String>) -> Self {
        if let Outcome::Verified(verified) = &mut self.0 {
            verified.delivery_id = Some(Cow::Owned(id.into()));
        }
        self
    }

    /// Whether the request was verified.
    pub fn is_verified(&self) -> bool {
        self.0.is_verified()
    }

    /// The outcome, as that of a scheme.
    pub fn into_outcome(self) -> Outcome<'static> {
        self.0
    }
}

impl From<Reason> for Verification {
    fn from(reason: Reason) -> Self {
        Verification(Outcome::Rejected(Rejection::new(reason)))
    }
}

/// What [`verify_request_signature`] needs to know.
#[derive(Clone, Copy, Debug)]
pub struct RequestSignature<'a> {
    /// The header with the signature.
    pub header_name: &'a str,
    /// How the signature is written.
    pub header_encoding: Encoding,
    /// The secret; its bytes are the key.
    pub secret: &'a Secret,
    /// The hash of the HMAC.
    pub algorithm: Hash,
}

/// Verifies the HMAC of a request's body, for verifiers that come from
/// Trigger.dev's function of this name. The options are the same.
///
/// Unlike there, the exact bytes of the body are hashed, the comparison takes
/// constant time, and a prefix `sha256=` or `hmac-sha256=` (of the configured
/// algorithm) is dropped at the start of the header only.
///
/// ```
/// use triggerfish::request::Request;
/// use triggerfish::verify::{Encoding, Hash, RequestSignature, Verification, verify_request_signature};
///
/// async fn acme(request: &Request) -> Verification {
///     let Some(secret) = request.secret("ACME_SECRET") else {
///         return Verification::rejected("`ACME_SECRET` is not declared");
///     };
///     verify_request_signature(
///         request,
///         RequestSignature {
///             header_name: "X-Acme-Signature",
///             header_encoding: Encoding::Hex,
///             secret,
///             algorithm: Hash::Sha256,
///         },
///     )
/// }
/// ```
pub fn verify_request_signature(request: &Request, options: RequestSignature<'_>) -> Verification {
    match check(request, &options) {
        Ok(()) => Verification::verified(),
        Err(reason) => {
            let mut rejection = Rejection::new(reason);
            rejection.read = Some(Cow::Owned(options.header_name.to_ascii_lowercase()));
            if rejection.reason == Reason::Mismatch {
                rejection.bytes_hashed = request.body().len();
            }
            Verification(Outcome::Rejected(rejection))
        }
    }
}

fn check(request: &Request, options: &RequestSignature<'_>) -> Result<(), Reason> {
    if options.secret.is_blank() {
        return Err(Reason::NoSecret);
    }
    let name = HeaderName::from_bytes(options.header_name.as_bytes()).map_err(|_| Reason::MissingHeader)?;
    let text = header(request, &name)?.ok_or(Reason::MissingHeader)?;
    let hash = match options.algorithm {
        Hash::Sha256 => "sha256=",
        Hash::Sha1 => "sha1=",
        Hash::Sha512 => "sha512=",
    };
    let unprefixed = text.strip_prefix("hmac-").unwrap_or(text).strip_prefix(hash).unwrap_or(text);
    let key = Key::hmac(options.algorithm, options.secret).map_err(|_| Reason::NoSecret)?;
    let tag = key.tag(&mut |put| {
        put(request.body());
        Ok(())
    })?;
    match tag.is(unprefixed, options.header_encoding) {
        Some(true) => Ok(()),
        Some(false) => Err(Reason::Mismatch),
        None => Err(Reason::Malformed),
    }
}
