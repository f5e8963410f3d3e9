//! How requests are verified: schemes as data, verifiers, handshakes.
//!
//! A [`Scheme`] says how one provider signs, as constant data; the catalogue
//! ([`providers`]) holds those that are known. A [`Verifier`] is a scheme with
//! secrets, as a user writes it down. [`Verifier::build`] makes it a
//! [`ReadyVerifier`] at start-up, which judges requests by their exact bytes.
//!
//! What holds for every scheme:
//!
//! - every secret is tried against every signature of the request, in constant
//!   time; versions that the scheme does not name are ignored
//! - the algorithm is the scheme's; nothing in a request chooses another
//! - a header that comes twice is rejected, as is one above 8 KiB or with more
//!   than 16 signatures
//! - a timestamp is digits and nothing else, and its text as received is what
//!   was signed
//! - the URL is the configured one; keys and certificates are given, and never
//!   fetched from where a request says
//! - a configuration that can never verify, or that leaves the body unsigned
//!   without saying so, is refused at start-up
//!
//! HMAC, tokens and HTTP Basic are always there; the features `ed25519`, `p256`,
//! `rsa` and `jwt` add the rest.

mod asymmetric;
mod build;
mod catalogue;
mod check;
mod configuration;
mod content;
mod custom;
mod der;
mod describe;
mod handshake;
mod hint;
mod json;
mod judge;
mod jwt;
mod key;
mod layout;
mod matching;
mod outcome;
pub mod part;
mod place;
mod presets;
pub mod providers;
mod ready;
mod registration;
mod reply;
mod scheme;
mod sign;
mod time;
mod url;
mod verifier;

#[cfg(test)]
mod tests;

pub use build::{VerifierNote, VerifierProblem};
pub use custom::{RequestSignature, Verification, verify_request_signature};
#[cfg(feature = "dashboard")]
pub(crate) use describe::place as place_name;
pub use handshake::{Answer, Condition, Handshake, Phase, Token};
pub use layout::{Encoding, MessageId, Place, Signature, Syntax, TimeUnit, Timestamp, Window};
pub use outcome::{Outcome, Reason, Rejection, Verified};
pub use part::{Coverage, JsonPart, Part};
pub use ready::{Dedupe, ReadyVerifier};
pub use registration::Registration;
pub use reply::Reply;
pub use scheme::{
    Algorithm, Check, FixedReply, Hash, Host, Jws, JwsAlg, Provenance, Replies, Sample, Scheme,
};
pub use sign::SignError;
pub use url::UrlForm;
pub use verifier::Verifier;
