//! Keeps secrets in the store, sealed, and verifiers that use them.

mod kept;

pub(crate) use kept::KeptVerifier;

use crate::secret::{KeyProblem, Keyring, OpenProblem, Secret};
use crate::store::{KeptSecret, Store, StoreError};
use crate::time::{Clock, Timestamp};
use std::fmt;
use std::sync::Arc;

/// Where the secrets are that the program keeps, and the keys that open them.
#[derive(Clone)]
pub(crate) struct Vault {
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
    clock: Clock,
}

/// A secret that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) secret: Secret,
    pub(crate) version: u32,
    /// `None` for the newest.
    pub(crate) valid_until: Option<Timestamp>,
}

/// Why a secret was not kept or not found. No text holds any of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultProblem {
    /// It is there and does not open.
    #[error("the kept secret {version} of {owner} does not open: {problem}")]
    Open {
        /// What it is for.
        owner: String,
        /// Which of its secrets.
        version: u32,
        /// Why.
        problem: OpenProblem,
    },
    /// A new one cannot be sealed.
    #[error("{0}")]
    Seal(String),
    /// The store failed.
    #[error("the secrets of the store cannot be read or written: {0}")]
    Store(#[from] StoreError),
}

impl From<KeyProblem> for VaultProblem {
    fn from(problem: KeyProblem) -> Self {
        VaultProblem::Seal(problem.to_string())
    }
}

impl Vault {
    pub(crate) fn new(store: Arc<dyn Store>, keyring: Arc<Keyring>, clock: Clock) -> Self {
        Vault { store, keyring, clock }
    }

    /// The secrets of an owner that are valid now, the newest first. What an old
    /// key sealed is sealed again, so that the old key can go.
    pub(crate) async fn read(&self, owner: &str) -> Result<Vec<Opened>, VaultProblem> {
        let now = self.clock.now();
        let mut all = Vec::new();
        for KeptSecret { version, sealed, valid_until, .. } in self.store.secrets(owner).await? {
            if valid_until.is_some_and(|until| until <= now) {
                continue;
            }
            let secret = self.keyring.open(owner, &sealed).map_err(|problem| VaultProblem::Open {
                owner: owner.to_owned(),
                version,
                problem,
            })?;
            if self.keyring.is_old(&sealed) {
                let sealed = self.keyring.seal(owner, &secret)?;
                self.store.reseal(owner, version, sealed).await?;
            }
            all.push(Opened { secret, version, valid_until });
        }
        Ok(all)
    }

    /// Adds a secret after version `last`; those before it are valid until
    /// `old_until`. False where another process was faster.
    pub(crate) async fn add(
        &self,
        owner: &str,
        last: u32,
        secret: &Secret,
        old_until: Timestamp,
    ) -> Result<bool, VaultProblem> {
        let sealed = self.keyring.seal(owner, secret)?;
        let (owner, version, made_at) = (owner.to_owned(), last.saturating_add(1), self.clock.now());
        let kept = KeptSecret { owner, version, sealed, made_at, valid_until: None };
        Ok(self.store.keep_secret(kept, old_until).await?)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keyring", &self.keyring).finish_non_exhaustive()
    }
}
