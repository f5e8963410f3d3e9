//! A scheme in one line.

use super::layout::{Encoding, Place, Syntax};
use super::part::{JsonPart, Part};
use super::scheme::{Algorithm, Hash, JwsAlg, Scheme};
use super::url::UrlForm;
use std::fmt::Write as _;

/// For example `hmac-sha256 hex of body in x-cal-signature-256`.
pub(super) fn line(scheme: &Scheme, contents: &[Vec<Part>]) -> String {
    let mut line = algorithm(scheme.algorithm).to_owned();
    match scheme.signature.encoding {
        Encoding::Hex => line.push_str(" hex"),
        Encoding::Base64 => line.push_str(" base64"),
        Encoding::Plain => {}
    }
    if let Some(parts) = contents.first().filter(|parts| !parts.is_empty()) {
        let _ = write!(line, " of {}", content(parts));
    }
    let _ = write!(line, " in {}", place(scheme.signature.at));
    match scheme.signature.syntax {
        Syntax::KeyValue { key, .. } => {
            let _ = write!(line, " ({key})");
        }
        Syntax::Versions { version, .. } => {
            let _ = write!(line, " ({})", version.trim_end_matches(','));
        }
        _ => {}
    }
    if let Some(window) = scheme.timestamp.and_then(|timestamp| timestamp.window) {
        let _ = if window.past == window.future {
            write!(line, ", within {} s", window.past)
        } else {
            write!(line, ", within {} s, {} s ahead", window.past, window.future)
        };
    }
    line
}

/// The name of an algorithm, in lower case.
pub(super) fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Hmac(Hash::Sha256) => "hmac-sha256",
        Algorithm::Hmac(Hash::Sha1) => "hmac-sha1",
        Algorithm::Hmac(Hash::Sha512) => "hmac-sha512",
        Algorithm::Sha256 => "sha256",
        Algorithm::Token => "token",
        Algorithm::Ed25519 => "ed25519",
        Algorithm::EcdsaP256 => "ecdsa-p256",
        Algorithm::RsaSha256 | Algorithm::RsaByVersion(_) => "rsa-pkcs1",
        Algorithm::Jws(jws) => match jws.alg {
            JwsAlg::Hs256 => "jwt hs256",
            JwsAlg::Es256 => "jwt es256",
            JwsAlg::Rs256 => "jwt rs256",
        },
    }
}

/// The name of a place, in lower case.
pub(crate) fn place(place: Place) -> String {
    match place {
        Place::Header(name) | Place::HeaderOr(name, _) => name.to_ascii_lowercase(),
        Place::HeaderSeries(prefix) => format!("{}N", prefix.to_ascii_lowercase()),
        Place::Json(pointer) => format!("body {pointer}"),
        Place::Entry(key) => key.to_owned(),
    }
}

/// Signed content: `{timestamp}.{body}`, or `body` alone.
pub(super) fn content(parts: &[Part]) -> String {
    if let [Part::Body] = parts {
        return "body".to_owned();
    }
    parts.iter().map(part).collect()
}

fn part(part: &Part) -> String {
    match part {
        Part::Literal(text) => text.escape_default().to_string(),
        Part::Timestamp => "{timestamp}".to_owned(),
        Part::Id => "{id}".to_owned(),
        Part::Body => "{body}".to_owned(),
        Part::BodyCrc32 => "{crc32 of body}".to_owned(),
        Part::Method => "{method}".to_owned(),
        Part::Url(UrlForm::AsCalled) => "{url}".to_owned(),
        Part::Url(_) => "{url, rewritten}".to_owned(),
        Part::EscapedTarget => "{path and query, escaped}".to_owned(),
        Part::SignedHeaders { list, .. } => format!("{{headers of {list}}}"),
        Part::SortedForm { .. } => "{sorted form}".to_owned(),
        Part::JsonFields { fields, separator, .. } => format!("{{{}}}", fields.join(separator)),
        Part::JsonLines { .. } => "{fields, line by line}".to_owned(),
        Part::JsonObject(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, part)| format!("{name}: {}", json_part(part))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        Part::Secret => "{secret}".to_owned(),
        Part::Param(name) => format!("{{{name}}}"),
    }
}

fn json_part(part: &JsonPart) -> &'static str {
    match part {
        JsonPart::BodyText => "body",
        JsonPart::Entry(key) => key,
        JsonPart::Timestamp => "timestamp",
    }
}
