//! Registrations of external sources in memory.

use super::MemoryStore;
use crate::store::StoreFuture;
use crate::store::source::{SourceRow, SourceStore, secret_owner};
use std::collections::BTreeMap;

/// The registrations by their addresses.
pub(super) type Sources = BTreeMap<String, SourceRow>;

impl SourceStore for MemoryStore {
    fn keep_source(&self, mut row: SourceRow) -> StoreFuture<'_, ()> {
        self.with(|state, _| {
            let before = state.sources.remove(&row.address);
            if let Some(before) = before {
                (row.metadata, row.revision) = (before.metadata, before.revision);
            }
            state.sources.insert(row.address.clone(), row);
            Ok(())
        })
    }

    fn drop_source(&self, address: &str) -> StoreFuture<'_, ()> {
        let address = address.to_owned();
        self.with(move |state, _| {
            state.sources.remove(&address);
            state.secrets.remove(&secret_owner(&address));
            Ok(())
        })
    }

    fn sources(&self) -> StoreFuture<'_, Vec<SourceRow>> {
        self.with(|state, _| Ok(state.sources.values().cloned().collect()))
    }
}
