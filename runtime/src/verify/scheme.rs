//! The words in which a way of signing requests is written down as data.

use super::handshake::Handshake;
use super::layout::{Encoding, MessageId, Place, Signature, Timestamp};
use super::part::Part;
use crate::secret::KeyFormat;
use std::time::Duration;

/// How one provider signs its requests, as data.
///
/// Every field is public, so that a scheme of your own is a constant like those
/// of the catalogue; start from one of the constructors and name the fields
/// that differ:
///
/// ```
/// use triggerfish::verify::{Encoding, Place, Scheme, Signature, Syntax};
///
/// static ACME: Scheme = Scheme {
///     signature: Signature {
///         syntax: Syntax::Prefix("v1="),
///         ..Signature::header("x-acme-signature")
///     },
///     delivery_id: Some(Place::Header("x-acme-delivery")),
///     ..Scheme::hmac_sha256("acme", "x-acme-signature")
/// };
/// # assert_eq!(ACME.signature.encoding, Encoding::Hex);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// The name by which [`Scheme::by_name`] finds it, for example `stripe`.
    pub name: &'static str,
    /// The provider's own name, for people.
    pub title: &'static str,
    /// What is computed over the signed content. Fixed here: nothing in a
    /// request can choose another.
    pub algorithm: Algorithm,
    /// How the text of the secret becomes the key.
    pub key: KeyFormat,
    /// Where the signature stands and how it is written.
    pub signature: Signature,
    /// The signed time, where there is one.
    pub timestamp: Option<Timestamp>,
    /// The signed id of the message, where there is one.
    pub message_id: Option<MessageId>,
    /// What is signed, in order.
    pub signed: &'static [Part],
    /// Other contents that the provider may have signed instead, each tried
    /// after [`Scheme::signed`].
    pub or_signed: &'static [&'static [Part]],
    /// What must hold beside the signature.
    pub checks: &'static [Check],
    /// Where the id of the delivery stands, by which a repeat is recognised.
    pub delivery_id: Option<Place>,
    /// Where the type of the event stands; several places are joined with `.`.
    pub event_type: &'static [Place],
    /// For how long the provider may send a delivery again. Zero where there is
    /// no id and different events have the same body: a repeat could not be told
    /// from news.
    pub retried_for: Duration,
    /// What a sender is told, where the provider prescribes it.
    pub replies: Replies,
    /// The requests that are answered without a run.
    pub handshakes: &'static [Handshake],
    /// Texts that a provider sends in place of a signature, and what they mean.
    pub tells: &'static [(&'static str, &'static str)],
    /// The provider's documentation.
    pub docs: &'static str,
    /// From where the facts of this scheme are known.
    pub provenance: Provenance,
    /// An event as the provider sends it, for tests.
    pub sample: Sample,
}

impl Scheme {
    /// A scheme that puts the hexadecimal HMAC-SHA256 of the body into `header`.
    pub const fn hmac_sha256(name: &'static str, header: &'static str) -> Scheme {
        Scheme::hmac(name, Hash::Sha256, header)
    }

    /// A scheme that puts the hexadecimal HMAC of the body into `header`.
    pub const fn hmac(name: &'static str, hash: Hash, header: &'static str) -> Scheme {
        Scheme {
            name,
            title: name,
            algorithm: Algorithm::Hmac(hash),
            key: KeyFormat::Utf8,
            signature: Signature::header(header),
            timestamp: None,
            message_id: None,
            signed: &[Part::Body],
            or_signed: &[],
            checks: &[],
            delivery_id: None,
            event_type: &[],
            retried_for: Duration::from_secs(3 * 24 * 3600),
            replies: Replies::DEFAULT,
            handshakes: &[],
            tells: &[],
            docs: "",
            provenance: Provenance::Own,
            sample: Sample::DEFAULT,
        }
    }

    /// A scheme that compares `header` with the secret and signs nothing.
    pub const fn token(name: &'static str, header: &'static str) -> Scheme {
        Scheme {
            algorithm: Algorithm::Token,
            signature: Signature { encoding: Encoding::Plain, ..Signature::header(header) },
            signed: &[],
            ..Scheme::hmac_sha256(name, header)
        }
    }
}

/// What is computed over the signed content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// A keyed hash (RFC 2104).
    Hmac(Hash),
    /// A plain SHA-256 over content that holds the secret itself.
    Sha256,
    /// No computation: the request carries the secret.
    Token,
    /// Ed25519 (RFC 8032), strictly: small-order keys are refused. Feature `ed25519`.
    Ed25519,
    /// ECDSA over P-256 and SHA-256, the signature in DER. Feature `p256`.
    EcdsaP256,
    /// RSA PKCS#1 v1.5 with SHA-256. Feature `rsa`.
    RsaSha256,
    /// RSA PKCS#1 v1.5, with SHA-1 where the text at this JSON pointer is `1`
    /// and SHA-256 where it is `2`; nothing else verifies. Feature `rsa`.
    RsaByVersion(&'static str),
    /// A JSON web signature (RFC 7515) that carries a hash of the body or
    /// proves the sender. Feature `jwt`.
    Jws(Jws),
}

/// The hash inside an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-1, 20 bytes. Still sound inside an HMAC.
    Sha1,
    /// SHA-512, 64 bytes.
    Sha512,
}

/// What a JSON web signature must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jws {
    /// The only value of `alg` that is accepted.
    pub alg: JwsAlg,
    /// The claim with the hexadecimal SHA-256 of the body.
    pub body_claim: Option<&'static str>,
    /// Claims that must have exactly this text.
    pub claims: &'static [(&'static str, &'static str)],
    /// Claims that must be `true`.
    pub truths: &'static [&'static str],
    /// Claims whose expected text the user must give with `Verifier::param`.
    pub required: &'static [&'static str],
    /// Whether `aud` must be the endpoint's public URL, unless
    /// `Verifier::param("aud", ...)` says another.
    pub audience: bool,
    /// For how many seconds after `iat` the token is good; `iat` is required then.
    pub max_age: Option<u32>,
    /// Whether `exp` must be there. Where it is there, it always counts.
    pub expires: bool,
}

/// The algorithms of JSON web signatures that a scheme can pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwsAlg {
    /// HMAC-SHA256 with the secret.
    Hs256,
    /// ECDSA over P-256 and SHA-256. Needs feature `p256` too.
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256. Needs feature `rsa` too.
    Rs256,
}

/// What must hold beside the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The array at this JSON pointer has one element, so that no element
    /// escapes the signature.
    OneElement(&'static str),
    /// The header, where it is sent, has exactly this value.
    HeaderIs(&'static str, &'static str),
    /// The text at the place is an `https` URL whose host is one of these and
    /// whose path has this ending. It is compared and never fetched.
    UrlHost {
        /// Where the URL stands.
        at: Place,
        /// Patterns of the host, of which one must match.
        hosts: &'static [Host],
        /// How the path must end.
        ending: &'static str,
    },
    /// Where the user gave `Verifier::param` of this name, the value at the
    /// place is equal to it.
    ParamIs(&'static str, Place),
    /// The body is not empty.
    BodyPresent,
}

/// A pattern of a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// This domain or one below it.
    Domain(&'static str),
    /// A prefix and a suffix with one label of at least three letters, digits or hyphens
    /// between.
    Label(&'static str, &'static str),
}

/// What a sender is told, where the provider prescribes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replies {
    /// To a request that does not verify.
    pub rejected: FixedReply,
    /// To an accepted delivery; `None` for what the endpoint answers anyway.
    pub accepted: Option<FixedReply>,
}

impl Replies {
    /// 401 with a short JSON body, and nothing prescribed for accepted ones.
    pub const DEFAULT: Replies =
        Replies { rejected: FixedReply::json(401, r#"{"error":"invalid signature"}"#), accepted: None };
}

/// A reply that is always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedReply {
    /// The status, 200 to 599.
    pub status: u16,
    /// The content type; empty where there is no body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

impl FixedReply {
    /// A JSON body.
    pub const fn json(status: u16, body: &'static str) -> FixedReply {
        FixedReply { status, content_type: "application/json", body }
    }

    /// A body of plain text.
    pub const fn text(status: u16, body: &'static str) -> FixedReply {
        FixedReply { status, content_type: "text/plain; charset=utf-8", body }
    }

    /// No body.
    pub const fn empty(status: u16) -> FixedReply {
        FixedReply { status, content_type: "", body: "" }
    }
}

/// From where the facts of a scheme are known, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The provider's own package or specification, and cases that it signed.
    Package,
    /// The provider's documentation.
    Documentation,
    /// Code or documents of third parties.
    ThirdParty,
    /// Common knowledge that was not checked against the provider.
    Unchecked,
    /// A scheme of the user's own.
    Own,
}

/// An event as a provider sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The content type.
    pub content_type: &'static str,
    /// Headers beside those of the signature.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body.
    pub body: &'static str,
}

impl Sample {
    /// A small JSON object.
    pub const DEFAULT: Sample = Sample::json(r#"{"type":"test","id":"evt_1"}"#);

    /// A JSON body.
    pub const fn json(body: &'static str) -> Sample {
        Sample { content_type: "application/json", headers: &[], body }
    }

    /// The same with headers.
    pub const fn with(self, headers: &'static [(&'static str, &'static str)]) -> Sample {
        Sample { headers, ..self }
    }
}
