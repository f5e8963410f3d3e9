//! Secrets as ready-made keys, and the comparison of signatures.

use super::asymmetric::Asymmetric;
use super::layout::Encoding;
use super::outcome::Reason;
use super::scheme::{Algorithm, Hash, JwsAlg, Scheme};
use crate::secret::{KeyFormat, Secret};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq;

/// Secrets are written by people: their padding may be missing.
pub(super) const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A key whose expensive part is done.
#[derive(Clone)]
pub(super) enum Key {
    Sha256(Hmac<Sha256>),
    Sha1(Hmac<Sha1>),
    /// Boxed: its state is three times the others'.
    Sha512(Box<Hmac<Sha512>>),
    /// Plain SHA-256; the secret is a part of the content.
    Plain,
    /// The text that the request must carry.
    Token(Secret),
    /// The provider's public key.
    Public(Asymmetric),
}

/// Why the text of a secret is no key. It never holds any of the text.
pub(super) struct NoKey(pub(super) &'static str);

impl Key {
    /// Decodes `secret` and prepares it for `scheme`.
    pub(super) fn new(secret: &Secret, scheme: &Scheme) -> Result<Key, NoKey> {
        let bytes = decode(secret, scheme.key)?;
        if bytes.expose().is_empty() {
            return Err(NoKey("decodes to nothing"));
        }
        match scheme.algorithm {
            Algorithm::Hmac(hash) => Key::hmac(hash, &bytes),
            Algorithm::Sha256 => Ok(Key::Plain),
            // The request's text is compared with this; nothing of it is decoded.
            Algorithm::Token => Ok(Key::Token(match scheme.signature.encoding {
                Encoding::Plain => bytes,
                Encoding::Hex => Secret::new(hex::encode(bytes.expose())),
                Encoding::Base64 => Secret::new(STANDARD.encode(bytes.expose())),
            })),
            Algorithm::Jws(jws) => match jws.alg {
                JwsAlg::Hs256 => Key::hmac(Hash::Sha256, &bytes),
                JwsAlg::Es256 => public(&bytes, scheme, Algorithm::EcdsaP256),
                JwsAlg::Rs256 => public(&bytes, scheme, Algorithm::RsaSha256),
            },
            algorithm => public(&bytes, scheme, algorithm),
        }
    }

    /// The public key, where it is one.
    pub(super) fn public(&self) -> Option<&Asymmetric> {
        match self {
            Key::Public(key) => Some(key),
            _ => None,
        }
    }

    /// A key for the HMAC of `hash`, from bytes as they are.
    pub(super) fn hmac(hash: Hash, bytes: &Secret) -> Result<Key, NoKey> {
        // Any length is a valid HMAC key; the error cannot occur.
        let failed = |_| NoKey("has a length that HMAC does not take");
        Ok(match hash {
            Hash::Sha256 => Key::Sha256(Hmac::new_from_slice(bytes.expose()).map_err(failed)?),
            Hash::Sha1 => Key::Sha1(Hmac::new_from_slice(bytes.expose()).map_err(failed)?),
            Hash::Sha512 => Key::Sha512(Box::new(Hmac::new_from_slice(bytes.expose()).map_err(failed)?)),
        })
    }

    /// The signature of what `feed` puts in.
    pub(super) fn tag(&self, feed: Feed<'_>) -> Result<Tag, Reason> {
        match self {
            Key::Sha256(key) => {
                let mut mac = key.clone();
                feed(&mut |bytes| mac.update(bytes))?;
                Ok(Tag::new(&mac.finalize().into_bytes()))
            }
            Key::Sha1(key) => {
                let mut mac = key.clone();
                feed(&mut |bytes| mac.update(bytes))?;
                Ok(Tag::new(&mac.finalize().into_bytes()))
            }
            Key::Sha512(key) => {
                let mut mac = Hmac::clone(key);
                feed(&mut |bytes| mac.update(bytes))?;
                Ok(Tag::new(&mac.finalize().into_bytes()))
            }
            Key::Plain => {
                let mut hash = Sha256::new();
                feed(&mut |bytes| hash.update(bytes))?;
                Ok(Tag::new(&hash.finalize()))
            }
            // Neither is a key that computes a signature.
            Key::Token(_) | Key::Public(_) => Err(Reason::NoSecret),
        }
    }
}

/// A public key for `algorithm`; the features were checked before.
fn public(bytes: &Secret, scheme: &Scheme, algorithm: Algorithm) -> Result<Key, NoKey> {
    let KeyFormat::Public(format) = scheme.key else {
        return Err(NoKey("is no public key, which this algorithm needs"));
    };
    Asymmetric::new(bytes, format, algorithm).map(Key::Public)
}

/// Puts the parts of the signed content, in order, into a sink.
pub(super) type Feed<'f> = &'f mut dyn FnMut(&mut dyn FnMut(&[u8])) -> Result<(), Reason>;

/// A computed signature: compared, never shown.
pub(super) struct Tag {
    bytes: [u8; 64],
    length: usize,
}

impl Tag {
    fn new(computed: &[u8]) -> Tag {
        let mut bytes = [0; 64];
        let length = computed.len().min(bytes.len());
        bytes[..length].copy_from_slice(&computed[..length]);
        Tag { bytes, length }
    }

    /// The computed bytes, for signing.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Whether `text` is this signature, in constant time. `None` where it is
    /// no text of this encoding and length at all.
    pub(super) fn is(&self, text: &str, encoding: Encoding) -> Option<bool> {
        let mut given = [0; 96];
        let given = match encoding {
            Encoding::Hex => {
                let given = given.get_mut(..self.length)?;
                hex::decode_to_slice(text, given).ok()?;
                &*given
            }
            Encoding::Base64 => {
                // Longer text could not be this signature, nor fit the buffer.
                if text.len() > self.length.div_ceil(3) * 4 {
                    return None;
                }
                let length = STANDARD.decode_slice(text, &mut given).ok()?;
                given.get(..length)?
            }
            Encoding::Plain => return None,
        };
        Some(self.as_bytes().ct_eq(given).into())
    }
}

/// Turns the text of a secret into the bytes of its key.
pub(super) fn decode(secret: &Secret, format: KeyFormat) -> Result<Secret, NoKey> {
    let bytes = secret.expose();
    let base64 = |text: &[u8]| LENIENT.decode(text.trim_ascii()).map(Secret::new);
    match format {
        KeyFormat::Utf8 | KeyFormat::Public(_) => Ok(secret.clone()),
        KeyFormat::Hex => {
            hex::decode(bytes.trim_ascii()).map(Secret::new).map_err(|_| NoKey("is not hexadecimal"))
        }
        KeyFormat::Base64 => base64(bytes).map_err(|_| NoKey("is not base64")),
        KeyFormat::Whsec => base64(bytes.trim_ascii().strip_prefix(b"whsec_").unwrap_or(bytes))
            .map_err(|_| NoKey("is not `whsec_` followed by base64")),
        KeyFormat::UserPassword if bytes.contains(&b':') => Ok(secret.clone()),
        KeyFormat::UserPassword => Err(NoKey("is not `user:password`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_decoded_as_their_scheme_says() {
        let decoded =
            |text: &str, format| decode(&Secret::from(text), format).ok().map(|key| key.expose().to_vec());
        assert_eq!(decoded("whsec_AAEC", KeyFormat::Whsec), Some(vec![0, 1, 2]));
        assert_eq!(decoded("AAE", KeyFormat::Whsec), Some(vec![0, 1]));
        assert_eq!(decoded("whsec_A!", KeyFormat::Whsec), None);
        assert_eq!(decoded("00ff\n", KeyFormat::Hex), Some(vec![0, 255]));
        assert_eq!(decoded("0", KeyFormat::Hex), None);
        assert_eq!(decoded("whsec_AAEC", KeyFormat::Utf8), Some(b"whsec_AAEC".to_vec()));
    }

    #[test]
    fn a_signature_is_compared_whole() {
        let tag = Tag::new(&[0xAB; 32]);
        let hex = "ab".repeat(32);
        assert_eq!(tag.is(&hex, Encoding::Hex), Some(true));
        assert_eq!(tag.is(&hex.to_uppercase(), Encoding::Hex), Some(true));
        assert_eq!(tag.is(&"00".repeat(32), Encoding::Hex), Some(false));
        for text in ["", "ab", &hex[2..], &format!("{hex}ab"), &format!(" {hex}"), &"zz".repeat(32)] {
            assert_ne!(tag.is(text, Encoding::Hex), Some(true), "{text}");
        }
        let base64 = STANDARD.encode([0xAB; 32]);
        assert_eq!(tag.is(&base64, Encoding::Base64), Some(true));
        for text in ["", "qw==", base64.trim_end_matches('='), &"A".repeat(44), &"A".repeat(200)] {
            assert_ne!(tag.is(text, Encoding::Base64), Some(true), "{text}");
        }
    }
}
