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
            row.metadata = row.metadata.or_else(|| before?.metadata);
            state.sources.insert(row.address.clone(), row);
            Ok(())
        })
    }

    fn note_source(&self, address: &str, metadata: String) -> StoreFuture<'_, ()> {
        let address = address.to_owned();
        self.with(move |state, _| {
            if let Some(row) = state.sources.get_mut(&address) {
                row.metadata = Some(metadata);
            }
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
