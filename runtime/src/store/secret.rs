//! Sealed secrets as a store keeps them.

use super::StoreFuture;
use crate::secret::Sealed;
use crate::time::Timestamp;

/// A secret that the program keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSecret {
    /// What it is for, for example `endpoint/cal.com`.
    pub owner: String,
    /// Which of its owner's secrets it is, counting from 1.
    pub version: u32,
    /// The secret, sealed.
    pub sealed: Sealed,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it is valid; `None` for the newest.
    pub valid_until: Option<Timestamp>,
}

/// What a store keeps of secrets. It never sees one that is not sealed.
pub trait SecretStore {
    /// Adds the newest secret of its owner; those before it are valid until
    /// `old_until`, or shorter where they were already, and go when that has
    /// passed. False, and nothing changed, where the owner has that version.
    fn keep_secret(&self, secret: KeptSecret, old_until: Timestamp) -> StoreFuture<'_, bool>;

    /// The secrets of an owner, the newest first.
    fn secrets(&self, owner: &str) -> StoreFuture<'_, Vec<KeptSecret>>;

    /// Replaces the bytes of a secret that was sealed again under another key.
    fn reseal(&self, owner: &str, version: u32, sealed: Sealed) -> StoreFuture<'_, ()>;
}
