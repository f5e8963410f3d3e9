//! A transaction that is open, and the messages whose work is in it.

use super::by_job;
use super::failure::{Failure, Shared};
use super::work::{Tx, Write};
use crate::store::StoreError;
use crate::store::listener::{Listening, Woken};
use crate::time::Clock;
use rusqlite::Connection;

/// How many messages share a transaction at most.
const MAX_BATCH: usize = 1024;
/// A batch takes no more messages when it has about so many bytes, so that
/// large bodies do not make one commit slow for all.
const MAX_BATCH_SIZE: usize = 8 << 20;

/// The messages of a transaction that is not committed yet.
pub(super) struct Batch<'c> {
    // Before the transaction, because it has statements of it.
    tx: Tx<'c>,
    transaction: Transaction<'c>,
    clock: &'c Clock,
    messages: Vec<Done>,
    size: usize,
    /// How many rows the connection had changed before.
    changes: u64,
    /// Whether each message has a savepoint of its own.
    apart: bool,
    unlisted: usize,
}

/// A message whose work is done, and how it ended.
struct Done {
    write: Box<dyn Write>,
    outcome: Result<(), StoreError>,
}

/// A batch that is committed, and has not been answered.
pub(super) struct Committed {
    messages: Vec<Done>,
    woken: Woken,
    /// About how many bytes it has added to the log.
    pub(super) size: usize,
    /// Whether it has added anything to the log.
    pub(super) changed: bool,
    /// How many runs `job_run` may lack now.
    pub(super) unlisted: usize,
}

impl<'c> Batch<'c> {
    /// `unlisted` is how many runs `job_run` may lack.
    pub(super) fn begin(
        connection: &'c Connection,
        owner: i64,
        clock: &'c Clock,
        unlisted: usize,
    ) -> rusqlite::Result<Self> {
        Ok(Batch {
            transaction: Transaction::begin(connection)?,
            tx: Tx::new(connection, owner, clock.now(), unlisted),
            unlisted,
            clock,
            messages: Vec::new(),
            size: 0,
            changes: connection.total_changes(),
            apart: false,
        })
    }

    /// Whether it is to take no more.
    pub(super) fn is_full(&self) -> bool {
        self.messages.len() >= MAX_BATCH || self.size >= MAX_BATCH_SIZE
    }

    /// Does the work of a message. Where the message fails, all are done again,
    /// each with a savepoint; an error is one of the whole transaction.
    pub(super) fn add(&mut self, write: Box<dyn Write>) -> rusqlite::Result<()> {
        self.size += write.size();
        self.messages.push(Done { write, outcome: Ok(()) });
        let Some(Done { write, outcome }) = self.messages.last_mut() else { return Ok(()) };
        self.tx.now = self.clock.now();
        if self.apart {
            *outcome = alone(self.transaction.connection, &self.tx, &mut **write)?;
            return Ok(());
        }
        match write.apply(&self.tx) {
            Ok(()) => {}
            Err(Failure::Stale) => *outcome = Err(StoreError::Stale),
            Err(Failure::Sqlite(_)) => self.again()?,
        }
        Ok(())
    }

    /// Does all in a new transaction, so that one that fails is undone alone.
    fn again(&mut self) -> rusqlite::Result<()> {
        self.apart = true;
        self.transaction.restart()?;
        self.tx = Tx::new(self.transaction.connection, self.tx.owner, self.tx.now, self.unlisted);
        for Done { write, outcome } in &mut self.messages {
            self.tx.now = self.clock.now();
            *outcome = alone(self.transaction.connection, &self.tx, &mut **write)?;
        }
        Ok(())
    }

    /// Makes it visible. Where that fails, all of it has failed and is told so.
    pub(super) fn commit(mut self) -> Option<Committed> {
        // What was pending until now may be what fails in a message.
        let written = self.tx.flush().or_else(|_| self.again()).and_then(|()| by_job::keep_up(&self.tx));
        let Batch { tx, transaction, messages, size, changes, .. } = self;
        let changed = transaction.connection.total_changes() != changes;
        match written.and_then(|()| transaction.commit()) {
            Ok(()) => {
                let unlisted = tx.unlisted.get();
                Some(Committed { messages, woken: tx.woken.into_inner(), size, changed, unlisted })
            }
            Err(error) => {
                fail(messages, &Shared::transaction(error));
                None
            }
        }
    }

    /// Undoes it, and tells all of it why.
    pub(super) fn fail(self, error: &Shared) {
        let Batch { tx, transaction, messages, .. } = self;
        drop((tx, transaction));
        fail(messages, error);
    }
}

impl Committed {
    /// Answers each message. It must be as durable as the store promises.
    pub(super) fn settle(mut self, listening: &Listening) {
        listening.tell(&self.woken);
        for Done { write, outcome } in &mut self.messages {
            if outcome.is_ok() {
                write.committed();
            }
        }
        // All at once, so that whom the first one wakes finds the others.
        for Done { write, outcome } in self.messages {
            write.answer(outcome);
        }
    }

    /// Says to each message that it may be lost.
    pub(super) fn fail(self, error: &Shared) {
        fail(self.messages, error);
    }
}

fn fail(messages: Vec<Done>, error: &Shared) {
    for Done { write, .. } in messages {
        write.answer(Err(error.clone().into()));
    }
}

/// Does the work of a message in a savepoint; undoes it where it fails.
fn alone(
    connection: &Connection,
    tx: &Tx<'_>,
    write: &mut dyn Write,
) -> rusqlite::Result<Result<(), StoreError>> {
    connection.execute_batch("SAVEPOINT message")?;
    let outcome = match write.apply(tx).and_then(|()| Ok(tx.flush()?)) {
        Ok(()) => Ok(()),
        // A full disk or a failing one ends the whole transaction.
        Err(Failure::Sqlite(error)) if connection.is_autocommit() => return Err(error),
        Err(failure) => {
            connection.execute_batch("ROLLBACK TO message")?;
            tx.undone();
            Err(failure.into())
        }
    };
    connection.execute_batch("RELEASE message")?;
    Ok(outcome)
}

/// A transaction that holds the write lock from its start, because one that
/// takes it later fails at once where another process has it. Rolled back when
/// it is dropped.
struct Transaction<'c> {
    connection: &'c Connection,
}

impl<'c> Transaction<'c> {
    fn begin(connection: &'c Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Transaction { connection })
    }

    /// Undoes what was done in it, and begins again.
    fn restart(&mut self) -> rusqlite::Result<()> {
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    fn commit(self) -> rusqlite::Result<()> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // What made it fail is reported; SQLite rolls back by itself at the latest when closed.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }
}
