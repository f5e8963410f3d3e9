//! Public keys, ready to verify, and private ones that sign for tests.

use super::der;
use super::key::NoKey;
use super::scheme::Algorithm;
use crate::secret::{PublicKey, Secret};

/// How a signature is formed, where a key allows more than one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the algorithm says: ECDSA in DER, RSA with SHA-256.
    Usual,
    /// ECDSA as two numbers of fixed length, as in JSON web signatures.
    Jose,
    /// RSA with SHA-1, which SNS still uses for version 1.
    Sha1,
}

/// A public key of one of the algorithms that are on.
#[derive(Clone)]
pub(super) enum Asymmetric {
    #[cfg(feature = "ed25519")]
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    #[cfg(feature = "p256")]
    P256(Box<p256::ecdsa::VerifyingKey>),
    #[cfg(feature = "rsa")]
    Rsa(Vec<u8>),
}

impl Asymmetric {
    /// Reads the key of `algorithm` from the text of a secret.
    #[cfg_attr(
        not(any(feature = "p256", feature = "rsa")),
        allow(unused_variables, reason = "the features that are on may not need all of it")
    )]
    pub(super) fn new(text: &Secret, format: PublicKey, algorithm: Algorithm) -> Result<Self, NoKey> {
        let bytes = der::key_bytes(text.expose(), format)?;
        match algorithm {
            #[cfg(feature = "ed25519")]
            Algorithm::Ed25519 => {
                let bytes = bytes.as_slice().try_into().map_err(|_| NoKey("is not 32 bytes long"))?;
                let key =
                    ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| NoKey("is no Ed25519 key"))?;
                // Anybody could sign for a key of small order.
                if key.is_weak() {
                    return Err(NoKey("is an Ed25519 key of small order"));
                }
                Ok(Asymmetric::Ed25519(Box::new(key)))
            }
            #[cfg(feature = "p256")]
            Algorithm::EcdsaP256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(&bytes)
                .map(|key| Asymmetric::P256(Box::new(key)))
                .map_err(|_| NoKey("is no P-256 key")),
            #[cfg(feature = "rsa")]
            Algorithm::RsaSha256 | Algorithm::RsaByVersion(_) if bytes.len() < 256 => {
                Err(NoKey("is an RSA key of less than 2048 bits, or none"))
            }
            #[cfg(feature = "rsa")]
            Algorithm::RsaSha256 | Algorithm::RsaByVersion(_) => Ok(Asymmetric::Rsa(bytes)),
            _ => Err(NoKey("is for an algorithm that this build does not hold")),
        }
    }

    /// Whether `signature` is right for `message`.
    #[cfg_attr(
        not(any(feature = "p256", feature = "rsa")),
        allow(unused_variables, reason = "the features that are on may not need all of it")
    )]
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8], form: Form) -> bool {
        match *self {
            #[cfg(feature = "ed25519")]
            Asymmetric::Ed25519(ref key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            #[cfg(feature = "p256")]
            Asymmetric::P256(ref key) => {
                use p256::ecdsa::signature::Verifier as _;
                let signature = match form {
                    Form::Jose => p256::ecdsa::Signature::from_slice(signature),
                    Form::Usual | Form::Sha1 => p256::ecdsa::Signature::from_der(signature),
                };
                signature.is_ok_and(|signature| key.verify(message, &signature).is_ok())
            }
            #[cfg(feature = "rsa")]
            Asymmetric::Rsa(ref key) => {
                use ring::signature as rsa;
                let how = match form {
                    Form::Sha1 => &rsa::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                    Form::Usual | Form::Jose => &rsa::RSA_PKCS1_2048_8192_SHA256,
                };
                rsa::UnparsedPublicKey::new(how, key).verify(message, signature).is_ok()
            }
        }
    }

    /// Signs with a private key of the same algorithm: the 32 bytes of an
    /// Ed25519 or P-256 key, or an RSA key as PKCS#8.
    #[cfg_attr(
        not(any(feature = "p256", feature = "rsa")),
        allow(unused_variables, reason = "the features that are on may not need all of it")
    )]
    pub(super) fn sign(&self, private: &Secret, message: &[u8], form: Form) -> Option<Vec<u8>> {
        match *self {
            #[cfg(feature = "ed25519")]
            Asymmetric::Ed25519(_) => {
                use ed25519_dalek::Signer as _;
                let seed = private.expose().try_into().ok()?;
                Some(ed25519_dalek::SigningKey::from_bytes(seed).sign(message).to_vec())
            }
            #[cfg(feature = "p256")]
            Asymmetric::P256(_) => {
                use p256::ecdsa::signature::Signer as _;
                let key = p256::ecdsa::SigningKey::from_slice(private.expose()).ok()?;
                let signature: p256::ecdsa::Signature = key.sign(message);
                Some(match form {
                    Form::Jose => signature.to_bytes().to_vec(),
                    Form::Usual | Form::Sha1 => signature.to_der().as_bytes().to_vec(),
                })
            }
            #[cfg(feature = "rsa")]
            Asymmetric::Rsa(_) => {
                // RSA signatures of version 1 are verified, but no longer made.
                let key = ring::signature::RsaKeyPair::from_pkcs8(private.expose()).ok()?;
                let mut signature = vec![0; key.public().modulus_len()];
                let random = ring::rand::SystemRandom::new();
                (form != Form::Sha1).then_some(())?;
                key.sign(&ring::signature::RSA_PKCS1_SHA256, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}
