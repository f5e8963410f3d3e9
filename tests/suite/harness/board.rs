//! What jobs of one app write down, and gates at which they wait.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Given to every app as a state, so that tests which share jobs share nothing else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    notes: Mutex<Vec<String>>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Board {
    /// Writes something down.
    pub(crate) fn note(&self, text: impl Display) {
        let text = text.to_string();
        self.0.notes.lock().unwrap().push(text);
    }

    /// What was written down until now.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.0.notes.lock().unwrap().clone()
    }

    /// How often a text was written down.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.0.notes.lock().unwrap().iter().filter(|note| *note == text).count()
    }

    /// Waits until the gate is open; it stays open.
    pub(crate) async fn pass(&self, gate: &str) {
        self.note(format_args!("at {gate}"));
        drop(self.gate(gate).acquire_owned().await.unwrap());
    }

    /// Opens a gate.
    pub(crate) fn open(&self, gate: &str) {
        self.gate(gate).add_permits(1 << 20);
    }

    /// Waits until something was written down.
    pub(crate) async fn noted(&self, text: &str) {
        super::until(&format!("the note {text:?} among {:?}", self.notes()), async || {
            (self.count(text) > 0).then_some(())
        })
        .await;
    }

    fn gate(&self, name: &str) -> Arc<Semaphore> {
        let mut gates = self.0.gates.lock().unwrap();
        Arc::clone(gates.entry(name.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))))
    }
}
