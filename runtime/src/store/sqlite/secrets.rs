//! Sealed secrets: written, replaced, read.

use super::failure::Failure;
use super::statements::{DROP_OLD_SECRETS, INSERT_SECRET, LIMIT_SECRETS, RESEAL_SECRET, SECRETS_OF};
use super::work::{Tx, Work};
use super::{SqliteStore, list, rows};
use crate::secret::Sealed;
use crate::store::{KeptSecret, SecretStore, StoreFuture};
use crate::time::Timestamp;
use rusqlite::params;

struct Keep {
    secret: KeptSecret,
    old_until: Timestamp,
}

impl Work for Keep {
    type Output = bool;

    fn apply(&mut self, tx: &Tx<'_>) -> Result<bool, Failure> {
        let KeptSecret { owner, version, sealed, made_at, .. } = &self.secret;
        let new = params![owner, version, sealed.as_bytes(), made_at.0];
        if tx.db()?.prepare_cached(INSERT_SECRET)?.execute(new)? == 0 {
            return Ok(false);
        }
        tx.db()?.prepare_cached(LIMIT_SECRETS)?.execute(params![owner, version, self.old_until.0])?;
        tx.db()?.prepare_cached(DROP_OLD_SECRETS)?.execute(params![owner, tx.now.0])?;
        Ok(true)
    }
}

struct Reseal {
    owner: String,
    version: u32,
    sealed: Sealed,
}

impl Work for Reseal {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let row = params![self.owner, self.version, self.sealed.as_bytes()];
        tx.db()?.prepare_cached(RESEAL_SECRET)?.execute(row)?;
        Ok(())
    }
}

impl SecretStore for SqliteStore {
    fn keep_secret(&self, secret: KeptSecret, old_until: Timestamp) -> StoreFuture<'_, bool> {
        self.write(Keep { secret, old_until }, None)
    }

    fn secrets(&self, owner: &str) -> StoreFuture<'_, Vec<KeptSecret>> {
        let owner = owner.to_owned();
        self.read(move |db| {
            list(db, SECRETS_OF, [&owner], |row| {
                Ok(KeptSecret {
                    owner: owner.clone(),
                    version: row.get(0)?,
                    sealed: Sealed::from_bytes(row.get(1)?),
                    made_at: rows::time(row, 2)?,
                    valid_until: row.get::<_, Option<i64>>(3)?.map(Timestamp),
                })
            })
        })
    }

    fn reseal(&self, owner: &str, version: u32, sealed: Sealed) -> StoreFuture<'_, ()> {
        self.write(Reseal { owner: owner.to_owned(), version, sealed }, None)
    }
}
