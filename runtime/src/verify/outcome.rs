//! What verification found, and the closed list of reasons to reject.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome<'r> {
    /// The request comes from who knows the secret.
    Verified(Verified<'r>),
    /// It does not, or it cannot be known.
    Rejected(Rejection),
}

impl Outcome<'_> {
    /// Whether the request was verified.
    pub fn is_verified(&self) -> bool {
        matches!(self, Outcome::Verified(_))
    }
}

/// What is known about a verified request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified<'r> {
    /// The provider's id of the delivery, by which a repeat is recognised.
    pub delivery_id: Option<Cow<'r, str>>,
    /// When the request was signed.
    pub timestamp: Option<SystemTime>,
    /// Which secret matched, counted from 0, the newest first. While a secret
    /// is being rotated, it says whether the old one is still in use.
    pub secret_index: usize,
}

/// Why a request was rejected. For logs and for the stored record: the sender
/// learns nothing of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The reason.
    pub reason: Reason,
    /// The header, or the place in the body, that was read.
    pub read: Option<Cow<'static, str>>,
    /// How many bytes were hashed before the decision; 0 where it fell earlier.
    pub bytes_hashed: usize,
    /// The likely cause, where there is a likely one.
    pub hint: Option<Cow<'static, str>>,
}

impl Rejection {
    /// A rejection for `reason`, with nothing else known.
    pub fn new(reason: Reason) -> Self {
        Rejection { reason, read: None, bytes_hashed: 0, hint: None }
    }
}

/// One line: reason, header, bytes and hint.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        if let Some(read) = &self.read {
            write!(f, " (read `{read}`")?;
            if self.bytes_hashed > 0 {
                write!(f, ", {} bytes hashed", self.bytes_hashed)?;
            }
            f.write_str(")")?;
        }
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

/// Why a request was rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The signature's header, or its field of the body, is not there.
    #[error("the signature is missing")]
    MissingHeader,
    /// The header came twice, so that two readers could read two values.
    #[error("the header was sent more than once")]
    RepeatedHeader,
    /// The header is longer than 8 KiB.
    #[error("the header is longer than 8 KiB")]
    HeaderTooLong,
    /// The header holds more than 16 signatures.
    #[error("the header holds more than 16 signatures")]
    TooManySignatures,
    /// The header is not written as the scheme says, or holds no signature of
    /// the scheme's version.
    #[error("the signature is not written as this scheme writes it")]
    Malformed,
    /// A part of the body that the scheme needs cannot be read.
    #[error("the body lacks a field that this scheme needs, or is no JSON")]
    MalformedBody,
    /// The timestamp is not there.
    #[error("the timestamp is missing")]
    MissingTimestamp,
    /// The timestamp came twice or is not written as the scheme says.
    #[error("the timestamp is not written as this scheme writes it")]
    MalformedTimestamp,
    /// The request was signed too long ago.
    #[error("the request was signed {age} s ago; {allowed} s are allowed")]
    Stale {
        /// Its age in seconds.
        age: u64,
        /// The age that is allowed.
        allowed: u32,
    },
    /// The request was signed in the future.
    #[error("the request was signed {ahead} s in the future; {allowed} s are allowed")]
    Future {
        /// How far ahead it is, in seconds.
        ahead: u64,
        /// How far is allowed.
        allowed: u32,
    },
    /// The secret that signed it was replaced, and is no longer valid.
    #[error("it was signed with a secret that was replaced and is no longer valid")]
    Replaced,
    /// The id of the message is not there.
    #[error("the message id is missing")]
    MissingId,
    /// The id of the message holds a character that it must not.
    #[error("the message id holds a character that makes the signed content ambiguous")]
    MalformedId,
    /// No signature matches under any secret.
    #[error("the signature does not match")]
    Mismatch,
    /// The hash of the body is not the signed one.
    #[error("the body is not the one whose hash was signed")]
    BodyHash,
    /// The signature says nothing about this body.
    #[error("the signature does not cover a body of this content type")]
    BodyNotCovered,
    /// The scheme signs the URL, and no public URL is configured.
    #[error("this scheme signs the URL, and no public URL is configured")]
    NoPublicUrl,
    /// Something that must hold beside the signature does not.
    #[error("`{0}` is not what this scheme requires")]
    Requirement(&'static str),
    /// A claim of the token is missing or wrong.
    #[error("the token's claim `{0}` is missing or not the expected one")]
    Claim(&'static str),
    /// There is no secret to verify with.
    #[error("there is no secret to verify with")]
    NoSecret,
    /// A custom verifier says why.
    #[error("{0}")]
    Custom(Cow<'static, str>),
}

impl Reason {
    /// A short name that does not change, for the stored record and for metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Reason::MissingHeader => "missing_header",
            Reason::RepeatedHeader => "repeated_header",
            Reason::HeaderTooLong => "header_too_long",
            Reason::TooManySignatures => "too_many_signatures",
            Reason::Malformed => "malformed",
            Reason::MalformedBody => "malformed_body",
            Reason::MissingTimestamp => "missing_timestamp",
            Reason::MalformedTimestamp => "malformed_timestamp",
            Reason::Stale { .. } => "stale",
            Reason::Future { .. } => "future",
            Reason::Replaced => "replaced",
            Reason::MissingId => "missing_id",
            Reason::MalformedId => "malformed_id",
            Reason::Mismatch => "mismatch",
            Reason::BodyHash => "body_hash",
            Reason::BodyNotCovered => "body_not_covered",
            Reason::NoPublicUrl => "no_public_url",
            Reason::Requirement(_) => "requirement",
            Reason::Claim(_) => "claim",
            Reason::NoSecret => "no_secret",
            Reason::Custom(_) => "custom",
        }
    }
}
