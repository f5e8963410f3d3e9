//! Statements that most messages need, at hand for the length of a batch: to
//! find one by its text costs as much as a tenth of what it does.

use super::statements::{
    CLAIM_RUN, END_RUN, HELD_RUN, INSERT_DELIVERY, INSERT_EVENT, INSERT_RUN, INSERT_STEP, RECORD_STEP,
    TAKE_KEY,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Result, Row};
use std::cell::Cell;
use std::fmt;

/// One statement, prepared when it is needed first.
pub(super) struct Kept<'c> {
    sql: &'static str,
    connection: &'c Connection,
    /// Taken out while it runs.
    statement: Cell<Option<CachedStatement<'c>>>,
}

impl<'c> Kept<'c> {
    fn new(connection: &'c Connection, sql: &'static str) -> Self {
        Kept { sql, connection, statement: Cell::new(None) }
    }

    fn with<T>(&self, run: impl FnOnce(&mut CachedStatement<'c>) -> Result<T>) -> Result<T> {
        let mut statement = match self.statement.take() {
            Some(statement) => statement,
            None => self.connection.prepare_cached(self.sql)?,
        };
        let result = run(&mut statement);
        self.statement.set(Some(statement));
        result
    }

    /// How many rows it changed.
    pub(super) fn execute(&self, params: impl Params) -> Result<usize> {
        self.with(|statement| statement.execute(params))
    }

    /// Its row, where it has one.
    pub(super) fn row<T>(
        &self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.with(|statement| statement.query_row(params, read).optional())
    }
}

impl fmt::Debug for Kept<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").field(&self.sql).finish()
    }
}

/// The statements of a batch.
#[derive(Debug)]
pub(super) struct Statements<'c> {
    pub(super) take_key: Kept<'c>,
    pub(super) insert_delivery: Kept<'c>,
    pub(super) insert_event: Kept<'c>,
    pub(super) insert_run: Kept<'c>,
    pub(super) claim_run: Kept<'c>,
    pub(super) held_run: Kept<'c>,
    pub(super) record_step: Kept<'c>,
    pub(super) insert_step: Kept<'c>,
    pub(super) end_run: Kept<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        let kept = |sql| Kept::new(connection, sql);
        Statements {
            take_key: kept(TAKE_KEY),
            insert_delivery: kept(INSERT_DELIVERY),
            insert_event: kept(INSERT_EVENT),
            insert_run: kept(INSERT_RUN),
            claim_run: kept(CLAIM_RUN),
            held_run: kept(HELD_RUN),
            record_step: kept(RECORD_STEP),
            insert_step: kept(INSERT_STEP),
            end_run: kept(END_RUN),
        }
    }
}
