//! A registration that waits for the secret which a provider hands over.

use crate::secret::Secret;
use http::HeaderValue;
use std::sync::{Arc, Mutex, PoisonError};

/// A registration in progress, at a provider that sends its secret in a
/// handshake (Asana's `X-Hook-Secret`).
///
/// The header is echoed, and the secret kept, only while the registration is
/// open and only once: a stranger cannot plant a secret of his own later.
#[derive(Clone, Debug, Default)]
pub struct Registration(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    Open,
    Taken(Secret),
}

impl Registration {
    /// Opens it: the next handshake hands over the secret. Call it right before
    /// the request to the provider.
    pub fn open(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = State::Open;
    }

    /// Closes it, and gives the secret that was handed over, if one was. Call it
    /// when the request to the provider is done.
    pub fn close(&self) -> Option<Secret> {
        match std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            State::Taken(secret) => Some(secret),
            State::Closed | State::Open => None,
        }
    }

    /// Keeps the secret; says whether it was waited for.
    pub(super) fn take(&self, value: &HeaderValue) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = Secret::new(value.as_bytes());
        if !matches!(*state, State::Open) || secret.is_blank() {
            return false;
        }
        *state = State::Taken(secret);
        true
    }
}
