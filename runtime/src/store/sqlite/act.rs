//! What a person does to runs and settings.

use super::failure::Failure;
use super::statements::{
    CANCEL_RUN, DROP_FAILURES, DROP_STEPS_FROM, DROP_WAITS_OF_RUN, RETRIABLE_RUN, RETRY_RUN, SET, STEP_PLACE,
    UNSET,
};
use super::work::{Tx, Work};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

/// Queues a run again.
pub(super) struct Retry {
    pub(super) run: Uuid,
    /// The step from which it is executed again.
    pub(super) from: Option<String>,
}

impl Work for Retry {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let (db, id) = (tx.connection, self.run.as_bytes());
        if !db.prepare_cached(RETRIABLE_RUN)?.exists([id])? {
            return Err(Failure::Stale);
        }
        if let Some(key) = &self.from {
            let place: Option<u32> =
                db.prepare_cached(STEP_PLACE)?.query_row(params![id, key], |row| row.get(0)).optional()?;
            let place = place.ok_or(Failure::Stale)?;
            db.prepare_cached(DROP_STEPS_FROM)?.execute(params![id, place, key])?;
        }
        db.prepare_cached(DROP_FAILURES)?.execute([id])?;
        db.prepare_cached(RETRY_RUN)?.execute(params![id, tx.now.0])?;
        Ok(())
    }
}

/// Ends a run for good.
pub(super) struct Cancel(pub(super) Uuid);

impl Work for Cancel {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        let ended =
            tx.connection.prepare_cached(CANCEL_RUN)?.execute(params![self.0.as_bytes(), tx.now.0])?;
        if ended == 0 {
            return Err(Failure::Stale);
        }
        tx.connection.prepare_cached(DROP_WAITS_OF_RUN)?.execute([self.0.as_bytes()])?;
        Ok(())
    }
}

/// Notes a setting, or takes it back.
pub(super) struct Set {
    pub(super) name: String,
    pub(super) value: Option<i64>,
}

impl Work for Set {
    type Output = ();

    fn apply(&mut self, tx: &Tx<'_>) -> Result<(), Failure> {
        match self.value {
            Some(value) => tx.connection.prepare_cached(SET)?.execute(params![self.name, value])?,
            None => tx.connection.prepare_cached(UNSET)?.execute([&self.name])?,
        };
        Ok(())
    }
}
