//! A secret that is sealed, as it is stored.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// The layout of the bytes; another one gets another number.
const VERSION: u8 = 1;
const KEY_ID: usize = 8;
const NONCE: usize = 24;

/// A secret that only the program's key opens, and only where it belongs. It may
/// be stored and shown; as a step's output it is a text.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// The parts of a [`Sealed`].
#[cfg_attr(not(feature = "sealed-secrets"), allow(dead_code, reason = "the feature opens them"))]
pub(super) struct Parts<'s> {
    pub(super) key: KeyId,
    pub(super) nonce: &'s [u8; NONCE],
    pub(super) text: &'s [u8],
}

/// Which key sealed it: the beginning of the key's hash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyId(pub(super) [u8; KEY_ID]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// Why a sealed secret does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenProblem {
    /// The key that sealed it is not among those that are known.
    #[error(
        "it was sealed with the key {sealed_with}, and `TRIGGERFISH_SECRET_KEY` holds {known}; \
         add the key that it held before, after a comma"
    )]
    UnknownKey {
        /// The id of the key that sealed it.
        sealed_with: String,
        /// The ids of the keys that are known.
        known: String,
    },
    /// The key is right, and the bytes are not.
    #[error("its bytes were changed, or belong to another secret: restore them from a backup")]
    Changed,
    /// It is not written as any version of this program writes it.
    #[error("it is not written as this version writes it: was it stored by a newer one?")]
    Unreadable,
    /// The program cannot open any.
    #[error("the program was built without the feature `sealed-secrets`")]
    Feature,
}

impl Sealed {
    /// As stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From what was stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Sealed(bytes)
    }

    #[cfg(feature = "sealed-secrets")]
    pub(super) fn of(parts: &Parts<'_>) -> Self {
        let mut bytes = Vec::with_capacity(1 + KEY_ID + NONCE + parts.text.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(&parts.key.0);
        bytes.extend_from_slice(parts.nonce);
        bytes.extend_from_slice(parts.text);
        Sealed(bytes)
    }

    pub(super) fn parts(&self) -> Result<Parts<'_>, OpenProblem> {
        let read = || {
            let rest = self.0.strip_prefix(&[VERSION])?;
            let (key, rest) = rest.split_first_chunk()?;
            let (nonce, text) = rest.split_first_chunk()?;
            Some(Parts { key: KeyId(*key), nonce, text })
        };
        read().ok_or(OpenProblem::Unreadable)
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            Ok(parts) => write!(f, "Sealed(key {})", parts.key),
            Err(_) => f.write_str("Sealed(unreadable)"),
        }
    }
}

impl Serialize for Sealed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD_NO_PAD.decode(text).map_err(|_| de::Error::custom("no sealed secret"))?;
        Ok(Sealed(bytes))
    }
}
