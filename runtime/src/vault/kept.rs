//! A verifier whose secrets the program keeps: read from the store at start-up,
//! and replaced while requests come in.

use super::{Opened, Vault, VaultProblem};
use crate::request::Request;
use crate::secret::{KeyFormat, ResolveSecrets, Secret};
use crate::time::Timestamp;
use crate::verify::{Outcome, ReadyVerifier, Reason, Rejection, Verifier, VerifierProblem};
use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

/// A verifier whose secrets the program keeps.
pub(crate) struct KeptVerifier {
    verifier: Verifier,
    /// The secrets that it has from elsewhere, as start-up read them.
    others: Others,
    /// Under what name the store has its secrets.
    owner: String,
    current: RwLock<Option<Current>>,
}

/// What is valid now.
#[derive(Clone)]
struct Current {
    ready: Arc<ReadyVerifier>,
    /// For each secret of the verifier, until when it is valid.
    valid_until: Arc<[Option<Timestamp>]>,
}

impl KeptVerifier {
    /// Checks the verifier with secrets that stand in. It has none until
    /// [`KeptVerifier::load`] or [`KeptVerifier::set`]; what the stand-in says of
    /// itself holds for all that follow.
    pub(crate) fn new(
        verifier: Verifier,
        owner: String,
        resolver: &dyn ResolveSecrets,
    ) -> Result<(Self, ReadyVerifier), Vec<VerifierProblem>> {
        let recorder = Recorder { resolver, seen: RefCell::default() };
        let stand_in = verifier.build(&recorder)?;
        let others = Others(recorder.seen.into_inner());
        Ok((KeptVerifier { verifier, others, owner, current: RwLock::default() }, stand_in))
    }

    /// The verifier with the secrets of now; none where it has no secret yet.
    pub(crate) fn ready(&self) -> Option<Arc<ReadyVerifier>> {
        self.current().map(|current| current.ready)
    }

    /// Verifies a request, also by a secret that was replaced, as long as that is valid.
    pub(crate) fn verify<'r>(&self, request: &'r Request, now: SystemTime) -> Outcome<'r> {
        let Some(Current { ready, valid_until }) = self.current() else {
            return Outcome::Rejected(Rejection::new(Reason::NoSecret));
        };
        match ready.verify(request, now) {
            Outcome::Verified(verified)
                if valid_until
                    .get(verified.secret_index)
                    .is_some_and(|until| until.is_some_and(|until| until <= Timestamp::from(now))) =>
            {
                Outcome::Rejected(Rejection::new(Reason::Replaced))
            }
            outcome => outcome,
        }
    }

    /// Reads the secrets from the store, and returns the newest; where there is
    /// none, one is made.
    pub(crate) async fn load(&self, vault: &Vault) -> Result<Secret, VaultProblem> {
        loop {
            let known = vault.read(&self.owner).await?;
            if let Some(newest) = known.first() {
                self.set(&known)?;
                return Ok(newest.secret.clone());
            }
            let secret = self.make()?;
            vault.add(&self.owner, 0, &secret, vault.now()).await?;
        }
    }

    /// Reads the secrets from the store, where it has any.
    pub(crate) async fn load_known(&self, vault: &Vault) -> Result<(), VaultProblem> {
        match vault.read(&self.owner).await?.as_slice() {
            [] => Ok(()),
            known => self.set(known),
        }
    }

    /// Makes a new secret; the one before stays valid until `old_until`.
    pub(crate) async fn rotate(&self, vault: &Vault, old_until: Timestamp) -> Result<Secret, VaultProblem> {
        let secret = self.make()?;
        loop {
            let last = vault.read(&self.owner).await?.first().map_or(0, |newest| newest.version);
            if vault.add(&self.owner, last, &secret, old_until).await? {
                self.load_known(vault).await?;
                return Ok(secret);
            }
        }
    }

    /// The newest secret.
    pub(crate) async fn reveal(&self, vault: &Vault) -> Result<Option<Secret>, VaultProblem> {
        Ok(vault.read(&self.owner).await?.into_iter().next().map(|newest| newest.secret))
    }

    /// Verifies nothing from now on: its webhook is gone.
    pub(crate) fn forget(&self) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn make(&self) -> Result<Secret, VaultProblem> {
        let made = self.verifier.key_format().random();
        let made = made.map_err(|error| VaultProblem::Seal(format!("no random numbers: {error}")))?;
        made.ok_or_else(|| VaultProblem::Seal("a public key cannot be made up".to_owned()))
    }

    /// Takes these secrets from now on, the newest first.
    fn set(&self, known: &[Opened]) -> Result<(), VaultProblem> {
        let secrets: Vec<_> = known.iter().map(|known| known.secret.clone()).collect();
        let (verifier, kept) = self.verifier.with_kept(&secrets);
        let ready = verifier.build(&self.others).map_err(|problems| {
            let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
            VaultProblem::Seal(format!(
                "the kept secret of {} cannot be used: {}",
                self.owner,
                texts.join("; ")
            ))
        })?;
        let valid_until = kept.into_iter().map(|kept| known.get(kept?)?.valid_until).collect::<Arc<[_]>>();
        let current = Current { ready: Arc::new(ready), valid_until };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(current);
        Ok(())
    }

    fn current(&self) -> Option<Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for KeptVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptVerifier").field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// Secrets by name, as start-up read them.
struct Others(Vec<(&'static str, Secret)>);

impl ResolveSecrets for Others {
    fn resolve(&self, name: &'static str, _: KeyFormat) -> Option<Secret> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, secret)| secret.clone())
    }
}

/// Remembers what it resolved, and lets a random secret stand for a kept one.
struct Recorder<'r> {
    resolver: &'r dyn ResolveSecrets,
    seen: RefCell<Vec<(&'static str, Secret)>>,
}

impl ResolveSecrets for Recorder<'_> {
    fn resolve(&self, name: &'static str, format: KeyFormat) -> Option<Secret> {
        let secret = self.resolver.resolve(name, format)?;
        self.seen.borrow_mut().push((name, secret.clone()));
        Some(secret)
    }

    fn managed(&self, format: KeyFormat) -> Option<Secret> {
        format.random().ok().flatten()
    }
}
