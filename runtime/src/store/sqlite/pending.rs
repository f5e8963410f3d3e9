//! Rows that wait to be written together. Most of what a statement costs is not
//! its row, so a batch of many events and runs takes one for many rows.

use super::kept::{Insert, Kept};
use super::rows::integer;
use crate::store::event::{EventRecord, OriginId};
use crate::store::record::{Fence, RunState};
use crate::time::Timestamp;
use bytes::Bytes;
use rusqlite::{Result, Statement, ToSql};
use std::sync::Arc;
use uuid::Uuid;

/// How many rows a statement for many has.
pub(super) const MANY: usize = 16;
/// How many one for a few has, for those that are left.
pub(super) const FEW: usize = 4;

/// Rows that are part of the transaction, and not in their tables yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) events: Vec<EventRow>,
    pub(super) runs: Vec<RunRow>,
    /// Runs that `job_run` takes with their rows.
    pub(super) by_job: Vec<Uuid>,
}

/// A row of `event`.
#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) event: Arc<EventRecord>,
    /// Its place among those that were sent, where one may wait for it.
    pub(super) n: Option<i64>,
}

/// A row of `run`.
#[derive(Debug)]
pub(super) struct RunRow {
    pub(super) fence: Fence,
    pub(super) origin: OriginId,
    pub(super) job: &'static str,
    pub(super) version: &'static str,
    pub(super) limit: u32,
    pub(super) state: RunState,
    pub(super) owner: Option<i64>,
    pub(super) due_at: Timestamp,
    pub(super) created_at: Timestamp,
    pub(super) priority: i32,
    pub(super) flow: Option<String>,
    pub(super) at_end: i64,
    pub(super) leader: Option<Uuid>,
    pub(super) after_event: i64,
    /// Of the call that is kept with it.
    pub(super) payload: Option<Bytes>,
}

/// A row as its statement takes it.
pub(super) trait Row {
    fn bind(&self, columns: &mut Columns<'_, '_>) -> Result<()>;
}

/// Writes rows by the fewest statements.
pub(super) fn write<R: Row>(rows: &mut Vec<R>, by: &Insert<'_>) -> Result<()> {
    let (chunks, rest) = rows.as_chunks::<MANY>();
    chunks.iter().try_for_each(|chunk| insert(chunk, &by.many))?;
    let (chunks, rest) = rest.as_chunks::<FEW>();
    chunks.iter().try_for_each(|chunk| insert(chunk, &by.few))?;
    rest.iter().try_for_each(|row| insert(std::slice::from_ref(row), &by.one))?;
    rows.clear();
    Ok(())
}

fn insert<R: Row>(rows: &[R], by: &Kept<'_>) -> Result<()> {
    by.with(|statement| {
        let mut columns = Columns { statement, last: 0 };
        let bound = rows.iter().try_for_each(|row| row.bind(&mut columns));
        let inserted = bound.and_then(|()| statement.raw_execute());
        // What is bound takes memory that is quick to get, and of which there is little.
        statement.clear_bindings();
        inserted.map(drop)
    })
}

/// The parameters of a statement, one after the other. What is not bound is null.
pub(super) struct Columns<'s, 'c> {
    statement: &'s mut Statement<'c>,
    last: usize,
}

impl Columns<'_, '_> {
    fn put(&mut self, value: impl ToSql) -> Result<()> {
        self.last += 1;
        self.statement.raw_bind_parameter(self.last, value)
    }

    fn put_some(&mut self, value: Option<impl ToSql>) -> Result<()> {
        match value {
            Some(value) => self.put(value),
            None => {
                self.last += 1;
                Ok(())
            }
        }
    }
}

impl Row for EventRow {
    fn bind(&self, columns: &mut Columns<'_, '_>) -> Result<()> {
        let event = &*self.event;
        columns.put(event.id.as_bytes())?;
        columns.put(&*event.name)?;
        columns.put_some(event.source.as_deref())?;
        columns.put_some(event.key.as_deref())?;
        columns.put(&*event.payload)?;
        columns.put_some(event.context.as_deref())?;
        columns.put_some(event.properties.as_deref())?;
        columns.put(event.at.0)?;
        columns.put_some(event.due_at.map(|at| at.0))?;
        columns.put(event.state.name())?;
        columns.put_some(event.delivery.as_ref().map(Uuid::as_bytes))?;
        columns.put_some(event.sender.as_ref().map(Uuid::as_bytes))?;
        columns.put(event.test)?;
        columns.put_some(event.job.as_deref())?;
        columns.put_some(self.n)
    }
}

impl Row for RunRow {
    fn bind(&self, columns: &mut Columns<'_, '_>) -> Result<()> {
        let Fence { run, attempt, token } = self.fence;
        columns.put(run.as_bytes())?;
        columns.put_some(self.origin.delivery().as_ref().map(Uuid::as_bytes))?;
        columns.put_some(self.origin.event().as_ref().map(Uuid::as_bytes))?;
        columns.put(self.job)?;
        columns.put(self.version)?;
        columns.put(self.limit)?;
        columns.put(self.state.name())?;
        columns.put(attempt)?;
        columns.put(integer(token))?;
        columns.put_some(self.owner)?;
        columns.put(self.due_at.0)?;
        columns.put(self.created_at.0)?;
        columns.put(self.priority)?;
        columns.put_some(self.flow.as_deref())?;
        columns.put(self.at_end)?;
        columns.put_some(self.leader.as_ref().map(Uuid::as_bytes))?;
        columns.put(self.after_event)?;
        columns.put_some(self.payload.as_ref().map(|_| 1))?;
        columns.put_some(self.payload.as_deref())
    }
}
