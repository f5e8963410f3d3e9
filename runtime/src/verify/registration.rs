//! A registration that waits for the secret which a provider hands over.

use crate::secret::Secret;
use std::sync::{Arc, Mutex, PoisonError};

/// A registration in progress, at a provider that sends its secret in a
/// handshake (Asana's `X-Hook-Secret`, Notion's `verification_token`).
///
/// The handshake is answered, and the secret kept, only while the registration is
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

    /// Whether it waits for a secret.
    pub fn is_open(&self) -> bool {
        matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), State::Open)
    }

    /// Keeps the secret, if it was waited for and is one.
    pub(super) fn take(&self, value: &[u8]) -> Option<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = Secret::new(value);
        if !matches!(*state, State::Open) || secret.is_blank() || value.len() > 256 {
            return None;
        }
        *state = State::Taken(secret);
        Some(())
    }
}
