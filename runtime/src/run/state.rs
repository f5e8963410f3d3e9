//! What the program gives to all runs: one value of each type.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// One shared value of each type that the program gave to the builder.
#[derive(Clone, Default)]
pub struct StateMap(BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl StateMap {
    /// Adds a value, in place of an earlier one of its type.
    pub fn insert<S: Send + Sync + 'static>(&mut self, value: S) {
        self.0.insert(TypeId::of::<S>(), Arc::new(value));
    }

    /// The value of a type.
    pub fn get<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        Arc::clone(self.0.get(&TypeId::of::<S>())?).downcast().ok()
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateMap").field("types", &self.0.len()).finish()
    }
}
