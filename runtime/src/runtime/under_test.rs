//! What the testing kit does to a program, and nobody else can.

use super::builder::{Builder, Running};
use crate::endpoint::EndpointSpec;
use crate::request::RequestParts;
use crate::run::{CrashPoint, StateMap};
use crate::testing::TestError;
use std::sync::Arc;
use std::time::SystemTime;

impl Builder {
    /// All values that jobs take as `State<S>`.
    pub(crate) fn states(mut self, state: StateMap) -> Self {
        self.state = state;
        self
    }

    /// Where the process dies.
    pub(crate) fn crash_point(mut self, crash: Arc<CrashPoint>) -> Self {
        self.crash = Some(crash);
        self
    }
}

impl Running {
    /// Signs a request as the provider of an endpoint would, with its newest secret.
    pub(crate) fn sign(
        &self,
        spec: &EndpointSpec,
        parts: RequestParts,
        now: SystemTime,
    ) -> Result<RequestParts, TestError> {
        let mut endpoints = self.app.endpoints.iter();
        let endpoint = endpoints.find(|endpoint| endpoint.spec.id == spec.id);
        match endpoint.ok_or(TestError::NoEndpoint(spec.id))?.check.scheme() {
            Some(ready) => Ok(ready.sign(parts, now)?),
            // What the program verifies itself, the test signs itself.
            None => Ok(parts),
        }
    }

    /// Looks at the program while nothing executes and nothing can start; `None`
    /// where something does.
    pub(crate) async fn while_idle<T>(&self, look: impl Future<Output = T>) -> Option<T> {
        let held = self.app.workers.hold()?;
        let seen = look.await;
        self.app.workers.release(held);
        Some(seen)
    }

    /// Ends as the death of the process does: what was begun to be written is
    /// written, and nothing is given back.
    pub(crate) async fn abandon(self) {
        self.app.workers.abandon().await;
        // What still runs may hold the store; closed, it takes nothing more.
        let _ = self.app.store.close().await;
    }
}
