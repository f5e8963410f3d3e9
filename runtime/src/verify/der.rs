//! Finds the public key in PEM, in a certificate, and in a JSON web key.

use super::key::{LENIENT, NoKey};
use crate::secret::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;
/// The optional version of a certificate.
const EXPLICIT_0: u8 = 0xA0;

/// The bytes of the key itself: 32 of Ed25519, a point of P-256, or the DER of
/// an RSA key.
pub(super) fn key_bytes(text: &[u8], format: PublicKey) -> Result<Vec<u8>, NoKey> {
    let text = text.trim_ascii();
    match format {
        PublicKey::Hex => hex::decode(text).map_err(|_| NoKey("is not hexadecimal")),
        PublicKey::Whpk => LENIENT
            .decode(text.strip_prefix(b"whpk_").unwrap_or(text))
            .map_err(|_| NoKey("is not `whpk_` followed by base64")),
        PublicKey::SpkiBase64 => {
            let der = LENIENT.decode(text).map_err(|_| NoKey("is not base64"))?;
            spki(&der).ok_or(NoKey("holds no public key"))
        }
        PublicKey::Pem => pem(text, "PUBLIC KEY")
            .and_then(|der| spki(&der))
            .ok_or(NoKey("is not `-----BEGIN PUBLIC KEY-----` and what follows")),
        PublicKey::Certificate => pem(text, "CERTIFICATE")
            .and_then(|der| spki(certificate_key(&der)?))
            .ok_or(NoKey("is not `-----BEGIN CERTIFICATE-----` and what follows")),
        PublicKey::Jwk => {
            jwk(text).map(|jwk| jwk.point).ok_or(NoKey("is no JSON web key on the curve P-256"))
        }
    }
}

/// The `kid` of a JSON web key.
pub(super) fn key_id(text: &[u8], format: PublicKey) -> Option<String> {
    if format == PublicKey::Jwk { jwk(text)?.kid } else { None }
}

struct Jwk {
    point: Vec<u8>,
    kid: Option<String>,
}

fn jwk(text: &[u8]) -> Option<Jwk> {
    #[derive(Deserialize)]
    struct Fields {
        kty: String,
        crv: String,
        x: String,
        y: String,
        kid: Option<String>,
    }
    let fields: Fields = serde_json::from_slice(text).ok()?;
    let [x, y] = [fields.x, fields.y].map(|number| URL_SAFE_NO_PAD.decode(number).ok());
    let point = [vec![4], x?, y?].concat();
    (fields.kty == "EC" && fields.crv == "P-256").then_some(Jwk { point, kid: fields.kid })
}

/// The DER between the lines of PEM. A line break may be written as `\n`, as it
/// often is in variables.
fn pem(text: &[u8], label: &str) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?.replace("\\n", "\n");
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (base64, _) = rest.split_once(&format!("-----END {label}-----"))?;
    LENIENT.decode(base64.split_ascii_whitespace().collect::<String>()).ok()
}

/// The key in a SubjectPublicKeyInfo (RFC 5280 §4.1): `SEQUENCE { algorithm, BIT STRING }`.
fn spki(der: &[u8]) -> Option<Vec<u8>> {
    let mut info = Der(Der(der).next(SEQUENCE)?);
    info.next(SEQUENCE)?;
    match info.next(BIT_STRING)? {
        [0, key @ ..] => Some(key.to_vec()),
        _ => None,
    }
}

/// The SubjectPublicKeyInfo of a certificate: after version, serial number,
/// algorithm, issuer, validity and subject.
fn certificate_key(der: &[u8]) -> Option<&[u8]> {
    let mut fields = Der(Der(Der(der).next(SEQUENCE)?).next(SEQUENCE)?);
    if fields.0.first() == Some(&EXPLICIT_0) {
        fields.next(EXPLICIT_0)?;
    }
    fields.next(INTEGER)?;
    for _ in 0..4 {
        fields.next(SEQUENCE)?;
    }
    Some(fields.0)
}

/// A cursor over DER values.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The content of the next value, which must have this tag.
    fn next(&mut self, tag: u8) -> Option<&'d [u8]> {
        let [found, rest @ ..] = self.0 else { return None };
        let (length, rest) = match rest {
            [short @ 0..=0x7F, rest @ ..] => (usize::from(*short), rest),
            [0x81, length, rest @ ..] => (usize::from(*length), rest),
            [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*found == tag).then_some(content)
    }
}
