//! The keys under which the secrets that the program keeps are sealed, so that
//! whoever reads the store's file does not have them.

use super::sealed::{KeyId, OpenProblem, Sealed};
use super::{ResolveSecrets, Secret};
use crate::secret::KeyFormat;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// The variable with the keys: the newest first, which seals; the others open
/// what they sealed.
pub(crate) const SECRET_KEY: &str = "TRIGGERFISH_SECRET_KEY";

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: [GeneralPurpose; 2] =
    [GeneralPurpose::new(&alphabet::STANDARD, LENIENT), GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT)];

/// The keys, the newest first.
#[derive(Clone)]
pub(crate) struct Keyring {
    keys: Vec<(KeyId, Key)>,
}

type Key = Zeroizing<[u8; 32]>;

/// Why there is no key. The text never holds any of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyProblem {
    #[error(
        "secrets are to be kept, and `TRIGGERFISH_SECRET_KEY` is not set: it takes 32 random bytes, \
         as `openssl rand -base64 32` prints them"
    )]
    Missing,
    #[error(
        "`TRIGGERFISH_SECRET_KEY`: key {0} of {1} is not 32 bytes in base64 or hexadecimal, \
         as `openssl rand -base64 32` prints them"
    )]
    NoKey(usize, usize),
    #[error("`TRIGGERFISH_SECRET_KEY` holds the same key twice")]
    Twice,
    #[error(
        "secrets are to be kept, which needs the feature `sealed-secrets`: add it to `triggerfish` in Cargo.toml"
    )]
    Feature,
    #[error("the random numbers of this machine cannot be read: {0}")]
    Random(String),
}

impl Keyring {
    /// The keys that `resolver` finds; none where it finds no key at all.
    pub(crate) fn resolve(resolver: &dyn ResolveSecrets) -> Result<Option<Self>, KeyProblem> {
        match resolver.resolve(SECRET_KEY, KeyFormat::Base64) {
            Some(text) if !text.is_blank() => Keyring::read(&text).map(Some),
            _ => Ok(None),
        }
    }

    /// Reads keys that are separated by commas.
    pub(crate) fn read(text: &Secret) -> Result<Self, KeyProblem> {
        if cfg!(not(feature = "sealed-secrets")) {
            return Err(KeyProblem::Feature);
        }
        let all: Vec<_> = text.expose().split(|byte| *byte == b',').collect();
        let mut keys: Vec<(KeyId, Key)> = Vec::new();
        for (index, text) in all.iter().enumerate() {
            let key = key(text.trim_ascii()).ok_or(KeyProblem::NoKey(index + 1, all.len()))?;
            let id = id(&key);
            if keys.iter().any(|(known, _)| *known == id) {
                return Err(KeyProblem::Twice);
            }
            keys.push((id, key));
        }
        Ok(Keyring { keys })
    }

    /// A new key as a text that [`Keyring::read`] takes.
    pub(crate) fn make() -> Result<Secret, KeyProblem> {
        let made = KeyFormat::Base64.random().map_err(|error| KeyProblem::Random(error.to_string()))?;
        made.ok_or(KeyProblem::Missing)
    }

    /// Seals a secret. It opens only for the same `purpose`, so that a sealed
    /// secret that is moved to another row of the store is no secret there.
    pub(crate) fn seal(&self, purpose: &str, secret: &Secret) -> Result<Sealed, KeyProblem> {
        let (id, key) = self.keys.first().ok_or(KeyProblem::Missing)?;
        aead::seal(*id, key, purpose, secret)
    }

    /// Opens what was sealed for `purpose`.
    pub(crate) fn open(&self, purpose: &str, sealed: &Sealed) -> Result<Secret, OpenProblem> {
        let parts = sealed.parts()?;
        let Some((_, key)) = self.keys.iter().find(|(id, _)| *id == parts.key) else {
            let known: Vec<_> = self.keys.iter().map(|(id, _)| id.to_string()).collect();
            return Err(OpenProblem::UnknownKey {
                sealed_with: parts.key.to_string(),
                known: known.join(", "),
            });
        };
        aead::open(key, purpose, &parts)
    }

    /// Whether another key than the newest sealed it, so that it is to be sealed again.
    pub(crate) fn is_old(&self, sealed: &Sealed) -> bool {
        let newest = self.keys.first().map(|(id, _)| *id);
        sealed.parts().is_ok_and(|parts| Some(parts.key) != newest)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.keys.iter().map(|(id, _)| id.to_string()).collect();
        f.debug_tuple("Keyring").field(&ids).finish()
    }
}

fn key(text: &[u8]) -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    if text.len() == 64 && hex::decode_to_slice(text, key.as_mut_slice()).is_ok() {
        return Some(key);
    }
    let decoded = BASE64.iter().find_map(|engine| engine.decode(text).ok()).map(Zeroizing::new)?;
    key.copy_from_slice(decoded.as_slice().try_into().ok().filter(|bytes: &&[u8; 32]| *bytes != &[0; 32])?);
    Some(key)
}

fn id(key: &Key) -> KeyId {
    let hash = Sha256::new().chain_update(b"triggerfish key id\0").chain_update(key.as_slice()).finalize();
    let mut id = KeyId([0; 8]);
    id.0.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    id
}

/// XChaCha20-Poly1305: its nonce is long enough to be random.
#[cfg(feature = "sealed-secrets")]
mod aead {
    use super::{Key, KeyProblem, Secret};
    use crate::secret::sealed::{KeyId, OpenProblem, Parts, Sealed};
    use chacha20poly1305::aead::{Aead, KeyInit, Payload};
    use chacha20poly1305::{XChaCha20Poly1305, XNonce};

    pub(super) fn seal(id: KeyId, key: &Key, purpose: &str, secret: &Secret) -> Result<Sealed, KeyProblem> {
        let random = |error: &dyn std::fmt::Display| KeyProblem::Random(error.to_string());
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce).map_err(|error| random(&error))?;
        let text = cipher(key)
            .encrypt(&XNonce::from(nonce), Payload { msg: secret.expose(), aad: &context(purpose) })
            .map_err(|error| random(&error))?;
        Ok(Sealed::of(&Parts { key: id, nonce: &nonce, text: &text }))
    }

    pub(super) fn open(key: &Key, purpose: &str, parts: &Parts<'_>) -> Result<Secret, OpenProblem> {
        let sealed = Payload { msg: parts.text, aad: &context(purpose) };
        let opened = cipher(key).decrypt(&XNonce::from(*parts.nonce), sealed);
        opened.map(Secret::new).map_err(|_| OpenProblem::Changed)
    }

    fn cipher(key: &Key) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&(**key).into())
    }

    fn context(purpose: &str) -> Vec<u8> {
        [b"triggerfish secret\0", purpose.as_bytes()].concat()
    }
}

/// Built without the feature: [`Keyring::read`] has refused every key.
#[cfg(not(feature = "sealed-secrets"))]
mod aead {
    use super::{Key, KeyProblem, Secret};
    use crate::secret::sealed::{KeyId, OpenProblem, Parts, Sealed};

    pub(super) fn seal(_: KeyId, _: &Key, _: &str, _: &Secret) -> Result<Sealed, KeyProblem> {
        Err(KeyProblem::Feature)
    }

    pub(super) fn open(_: &Key, _: &str, _: &Parts<'_>) -> Result<Secret, OpenProblem> {
        Err(OpenProblem::Feature)
    }
}

#[cfg(all(test, feature = "sealed-secrets"))]
mod tests {
    use super::*;

    #[allow(clippy::unwrap_used, reason = "the keys of tests are keys")]
    fn ring(keys: &[&str]) -> Keyring {
        Keyring::read(&Secret::from(keys.join(",").as_str())).unwrap()
    }

    fn hex_key(byte: u8) -> String {
        hex::encode([byte; 32])
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_purpose_alone() {
        let ring = ring(&[&hex_key(1)]);
        let sealed = ring.seal("endpoint a", &Secret::from("hunter2")).unwrap();
        assert_eq!(ring.open("endpoint a", &sealed).unwrap().expose(), b"hunter2");
        assert_eq!(ring.open("endpoint b", &sealed).unwrap_err(), OpenProblem::Changed);
        assert!(!sealed.as_bytes().windows(7).any(|part| part == b"hunter2"));
        let again = ring.seal("endpoint a", &Secret::from("hunter2")).unwrap();
        assert_ne!(sealed, again, "every seal has a nonce of its own");
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let ring = ring(&[&hex_key(1)]);
        let sealed = ring.seal("a", &Secret::from("hunter2")).unwrap();
        for at in 0..sealed.as_bytes().len() {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at] ^= 1;
            assert!(ring.open("a", &Sealed::from_bytes(bytes)).is_err(), "byte {at}");
        }
        for length in 0..sealed.as_bytes().len() {
            let cut = Sealed::from_bytes(sealed.as_bytes()[..length].to_vec());
            assert!(ring.open("a", &cut).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn an_old_key_still_opens_and_a_new_one_seals() {
        let old = ring(&[&hex_key(1)]);
        let both = ring(&[&hex_key(2), &hex_key(1)]);
        let sealed = old.seal("a", &Secret::from("hunter2")).unwrap();
        assert_eq!(both.open("a", &sealed).unwrap().expose(), b"hunter2");
        assert!(both.is_old(&sealed) && !old.is_old(&sealed));
        let sealed = both.seal("a", &Secret::from("hunter2")).unwrap();
        assert!(!both.is_old(&sealed));
        let problem = old.open("a", &sealed).unwrap_err();
        assert!(matches!(problem, OpenProblem::UnknownKey { .. }));
        let text = problem.to_string();
        assert!(
            text.contains(&both.keys[0].0.to_string()) && text.contains(&old.keys[0].0.to_string()),
            "{text}"
        );
    }

    #[test]
    fn a_key_is_32_bytes_in_base64_or_hexadecimal() {
        let made = Keyring::make().unwrap();
        assert!(Keyring::read(&made).is_ok());
        let read = |text: &str| Keyring::read(&Secret::from(text)).map(|ring| ring.keys.len());
        assert_eq!(read(&format!(" {} , {}\n", hex_key(1), hex_key(2))), Ok(2));
        assert_eq!(read("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"), Ok(1), "without padding");
        assert_eq!(read("__________________________________________8="), Ok(1), "for URLs");
        for text in ["short", "", &"0".repeat(63), &"A".repeat(43), &hex_key(1)[1..]] {
            assert_eq!(read(text), Err(KeyProblem::NoKey(1, 1)), "{text}");
        }
        assert_eq!(read(&format!("{},x", hex_key(1))), Err(KeyProblem::NoKey(2, 2)));
        assert_eq!(read(&format!("{0},{0}", hex_key(1))), Err(KeyProblem::Twice));
    }

    #[test]
    fn nothing_of_a_key_or_a_secret_is_shown() {
        let ring = ring(&[&hex_key(0xAB)]);
        let sealed = ring.seal("a", &Secret::from("hunter2")).unwrap();
        let shown = format!("{ring:?} {sealed:?}");
        assert!(!shown.contains("abab") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn as_a_text_it_is_the_same() {
        let ring = ring(&[&hex_key(1)]);
        let sealed = ring.seal("a", &Secret::from("hunter2")).unwrap();
        let text = serde_json::to_string(&sealed).unwrap();
        assert_eq!(serde_json::from_str::<Sealed>(&text).unwrap(), sealed);
    }
}
