//! What differs each time it is asked for, recorded so that a run sees it once.

use super::IntoKey;
use super::io::Io;
use crate::error::RunError;
use crate::store::StepKind;
use crate::time::Timestamp;
use std::future::Future;
use std::time::SystemTime;
use uuid::Uuid;

impl Io {
    /// A random number from 0 to 1, the same in every execution of the run. It
    /// is not for secrets.
    ///
    /// # Errors
    ///
    /// As [`Io::run_task`].
    #[track_caller]
    pub fn random(&self, key: impl IntoKey) -> impl Future<Output = Result<f64, RunError>> {
        let step = self.task(key).of_kind(StepKind::Value);
        step.run(|| async { Ok::<_, RunError>(fastrand::f64()) })
    }

    /// The time when the run first asked, the same in every execution of the run.
    ///
    /// # Errors
    ///
    /// As [`Io::run_task`].
    #[track_caller]
    pub fn now(&self, key: impl IntoKey) -> impl Future<Output = Result<SystemTime, RunError>> {
        let clock = self.execution().setting.clock.clone();
        let step = self.task(key).of_kind(StepKind::Value);
        let micros = step.run(move || async move { Ok::<_, RunError>(clock.now().0) });
        async move { Ok(Timestamp(micros.await?).into()) }
    }

    /// A new UUIDv7, the same in every execution of the run: an idempotency key
    /// for other systems. It is not for secrets.
    ///
    /// # Errors
    ///
    /// As [`Io::run_task`].
    #[track_caller]
    pub fn uuid(&self, key: impl IntoKey) -> impl Future<Output = Result<Uuid, RunError>> {
        let clock = self.execution().setting.clock.clone();
        let step = self.task(key).of_kind(StepKind::Value);
        step.run(move || async move { Ok::<_, RunError>(crate::id::new(clock.now())) })
    }
}
