//! External sources as a store keeps them.

use super::StoreFuture;
use crate::time::Timestamp;

/// A webhook that is registered at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    /// Its address: the instance and the key, which are also the end of its URL.
    pub address: String,
    /// The id of the external source.
    pub source: String,
    /// The version of the source that registered it.
    pub version: String,
    /// The id of the instance.
    pub instance: String,
    /// What its jobs say of it, JSON.
    pub params: String,
    /// The URL that the provider calls.
    pub url: String,
    /// The events that it is registered for, in order.
    pub events: Vec<String>,
    /// What the registration returned, JSON.
    pub data: String,
    /// What the last delivery left for the next one, JSON.
    pub metadata: Option<String>,
    /// How many deliveries have left something.
    pub revision: u64,
    /// When it was registered last.
    pub registered_at: Timestamp,
}

/// What a delivery leaves for the next one of its external source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceNote {
    /// The source's address.
    pub address: String,
    /// The note that it is made from: [`SourceRow::revision`].
    pub seen: u64,
    /// The note, JSON.
    pub metadata: String,
}

/// What a store keeps of external sources.
pub trait SourceStore {
    /// Keeps a registration, in place of an earlier one of its address, of
    /// which metadata and revision stay.
    fn keep_source(&self, row: SourceRow) -> StoreFuture<'_, ()>;

    /// Forgets a registration, and its secrets.
    fn drop_source(&self, address: &str) -> StoreFuture<'_, ()>;

    /// All registrations, in order of their addresses.
    fn sources(&self) -> StoreFuture<'_, Vec<SourceRow>>;
}

/// The owner of a source's secrets.
pub(crate) fn secret_owner(address: &str) -> String {
    format!("source/{address}")
}
