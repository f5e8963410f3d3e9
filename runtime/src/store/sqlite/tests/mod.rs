//! What is SQLite's own: files, batches, the log, and the order of syncs.

mod logging;
mod opening;
mod pending;
mod plans;
mod preparing;
mod syncing;
mod writing;

use super::{SqliteConfig, SqliteStore};
use crate::store::StoreError;
use std::path::Path;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(SqliteConfig { path: Some(path.to_owned()), ..SqliteConfig::default() })
}
