//! Sealed secrets in memory.

use super::MemoryStore;
use crate::secret::Sealed;
use crate::store::{KeptSecret, SecretStore, StoreFuture};
use crate::time::Timestamp;
use std::collections::HashMap;

/// The secrets of each owner, the newest first.
pub(super) type Secrets = HashMap<String, Vec<KeptSecret>>;

impl SecretStore for MemoryStore {
    fn keep_secret(&self, secret: KeptSecret, old_until: Timestamp) -> StoreFuture<'_, bool> {
        self.with(|state, now| {
            let all = state.secrets.entry(secret.owner.clone()).or_default();
            if all.iter().any(|known| known.version == secret.version) {
                return Ok(false);
            }
            for old in all.iter_mut() {
                old.valid_until = Some(old.valid_until.map_or(old_until, |until| until.min(old_until)));
            }
            all.retain(|old| old.valid_until.is_none_or(|until| until > now));
            all.insert(0, secret);
            Ok(true)
        })
    }

    fn secrets(&self, owner: &str) -> StoreFuture<'_, Vec<KeptSecret>> {
        let owner = owner.to_owned();
        self.with(move |state, _| Ok(state.secrets.get(&owner).cloned().unwrap_or_default()))
    }

    fn reseal(&self, owner: &str, version: u32, sealed: Sealed) -> StoreFuture<'_, ()> {
        let owner = owner.to_owned();
        self.with(move |state, _| {
            let all = state.secrets.entry(owner).or_default();
            all.iter_mut()
                .filter(|kept| kept.version == version)
                .for_each(|kept| kept.sealed.clone_from(&sealed));
            Ok(())
        })
    }
}
