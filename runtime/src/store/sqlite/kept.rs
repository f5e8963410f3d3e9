//! Statements that most messages need, at hand for the length of a batch: to
//! find one by its text costs as much as a tenth of what it does.

use super::statements::{
    CLAIM_RUN, END_RUN, HELD_RUN, INSERT_DELIVERY, INSERT_EVENT, INSERT_EVENTS, INSERT_FEW_EVENTS,
    INSERT_FEW_RUNS, INSERT_RUN, INSERT_RUNS, INSERT_STEP, RECORD_STEP, TAKE_KEY,
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

    pub(super) fn with<T>(&self, run: impl FnOnce(&mut CachedStatement<'c>) -> Result<T>) -> Result<T> {
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

/// Statements that look at runs.
#[derive(Debug)]
pub(super) struct Statements<'c> {
    pub(super) claim_run: Kept<'c>,
    pub(super) held_run: Kept<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Statements { claim_run: Kept::new(connection, CLAIM_RUN), held_run: Kept::new(connection, HELD_RUN) }
    }
}

/// Statements to which it is all the same what is pending: they concern no event,
/// and no run but one that was handed over, which is after its commit.
#[derive(Debug)]
pub(super) struct Aside<'c> {
    pub(super) take_key: Kept<'c>,
    pub(super) insert_delivery: Kept<'c>,
    pub(super) record_step: Kept<'c>,
    pub(super) insert_step: Kept<'c>,
    pub(super) end_run: Kept<'c>,
}

impl<'c> Aside<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        let kept = |sql| Kept::new(connection, sql);
        Aside {
            take_key: kept(TAKE_KEY),
            insert_delivery: kept(INSERT_DELIVERY),
            record_step: kept(RECORD_STEP),
            insert_step: kept(INSERT_STEP),
            end_run: kept(END_RUN),
        }
    }
}

/// Statements that write what is pending.
#[derive(Debug)]
pub(super) struct Inserts<'c> {
    pub(super) events: Insert<'c>,
    pub(super) runs: Insert<'c>,
}

/// Statements that write rows of a table, by how many.
#[derive(Debug)]
pub(super) struct Insert<'c> {
    pub(super) one: Kept<'c>,
    pub(super) few: Kept<'c>,
    pub(super) many: Kept<'c>,
}

impl<'c> Inserts<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        let insert = |[one, few, many]: [&'static str; 3]| Insert {
            one: Kept::new(connection, one),
            few: Kept::new(connection, few),
            many: Kept::new(connection, many),
        };
        Inserts {
            events: insert([INSERT_EVENT, INSERT_FEW_EVENTS, INSERT_EVENTS]),
            runs: insert([INSERT_RUN, INSERT_FEW_RUNS, INSERT_RUNS]),
        }
    }
}
