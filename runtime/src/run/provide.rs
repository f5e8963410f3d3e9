//! What integrations need of a run: their instance, sealed secrets, and a key
//! under which a provider knows a request as the same.

use super::{Io, WITHIN};
use crate::endpoint::TriggerSpec;
use crate::error::{RunError, RunErrorKind};
use crate::secret::{Sealed, Secret};
use crate::source::{ExternalSource, SourceInstance, Sources};
use sha2::{Digest, Sha256};
use std::sync::Arc;

impl Io {
    /// A text that is the same in every execution of the step around this call,
    /// and that no other step of any run has: an idempotency key for a provider.
    pub fn idempotency_key(&self) -> String {
        let step = WITHIN.try_with(String::clone).unwrap_or_default();
        let run = self.execution.fence.run;
        let hash = Sha256::new().chain_update(run.as_bytes()).chain_update(step.as_bytes()).finalize();
        let hash: String = hex::encode(hash).chars().take(40).collect();
        format!("triggerfish-{hash}")
    }

    /// Seals a secret, so that a step can return it: what a step returns is
    /// stored. It opens in this run alone.
    ///
    /// # Errors
    ///
    /// Where the program has no `TRIGGERFISH_SECRET_KEY`.
    pub fn seal(&self, secret: &Secret) -> Result<Sealed, RunError> {
        let keyring = self.keyring()?;
        let sealed = keyring.seal(&self.purpose(), secret);
        sealed.map_err(|problem| RunError::new(RunErrorKind::Secret, problem.to_string()))
    }

    /// Opens what [`Io::seal`] sealed in this run.
    ///
    /// # Errors
    ///
    /// Where another run sealed it, or the key that did is gone.
    pub fn open(&self, sealed: &Sealed) -> Result<Secret, RunError> {
        let opened = self.keyring()?.open(&self.purpose(), sealed);
        opened.map_err(|problem| RunError::new(RunErrorKind::Secret, format!("a sealed secret: {problem}")))
    }

    /// The instance of an external source that the job means: the one that its
    /// trigger names, or the only one of this type.
    ///
    /// # Errors
    ///
    /// Where there is none, or there are several.
    pub fn source<S: ExternalSource>(&self) -> Result<Arc<S>, RunError> {
        let named = match self.execution.job.trigger {
            TriggerSpec::Source(subscription) => subscription.account,
            _ => None,
        };
        self.sources()?.typed(named).map_err(|text| RunError::new(RunErrorKind::Source, text))
    }

    /// An instance of an external source, by the function that declares it:
    /// `io.instance::<stripe_live>()`.
    ///
    /// # Errors
    ///
    /// Where it is not a part of this program.
    pub fn instance<I: SourceInstance>(&self) -> Result<Arc<I::Source>, RunError> {
        let named = Some(const { &I::INSTANCE });
        self.sources()?.typed(named).map_err(|text| RunError::new(RunErrorKind::Source, text))
    }

    fn sources(&self) -> Result<Arc<Sources>, RunError> {
        let text = "this program has no external sources: declare one with `#[source]`";
        let sources = self.execution.setting.state.get::<Sources>();
        sources.ok_or_else(|| RunError::new(RunErrorKind::Source, text.to_owned()))
    }

    fn keyring(&self) -> Result<&crate::secret::Keyring, RunError> {
        let missing = || RunError::new(RunErrorKind::Secret, "no `TRIGGERFISH_SECRET_KEY` is set".to_owned());
        self.execution.setting.keyring.as_deref().ok_or_else(missing)
    }

    fn purpose(&self) -> String {
        format!("run/{}", self.execution.fence.run)
    }
}
