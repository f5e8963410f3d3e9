//! Values in memory.

use super::MemoryStore;
use super::state::State;
use crate::store::StoreFuture;
use crate::store::kv::{Put, ValueStore, is_expected};
use crate::time::Timestamp;

#[derive(Debug)]
pub(super) struct ValueRow {
    value: String,
    by: Option<String>,
    expires_at: Option<Timestamp>,
}

impl ValueRow {
    pub(super) fn is_there(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| at > now)
    }
}

impl ValueStore for MemoryStore {
    fn get(&self, scope: String, key: String) -> StoreFuture<'_, Option<String>> {
        self.with(move |state, now| {
            let row = state.values.get(&(scope, key)).filter(|row| row.is_there(now));
            Ok(row.map(|row| row.value.clone()))
        })
    }

    fn put(&self, put: Put) -> StoreFuture<'_, bool> {
        self.with(move |state, now| Ok(state.put(put, now)))
    }
}

impl State {
    fn put(&mut self, put: Put, now: Timestamp) -> bool {
        let place = (put.scope.clone(), put.key.clone());
        let there = self.values.get(&place).filter(|row| row.is_there(now));
        if !is_expected(&put, there.map(|row| (row.value.as_str(), row.by.as_deref()))) {
            return false;
        }
        let Put { value, expires_at, by, .. } = put;
        match value {
            Some(value) => self.values.insert(place, ValueRow { value, by, expires_at }),
            None => self.values.remove(&place),
        };
        true
    }
}
