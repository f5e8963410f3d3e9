//! The one thread that writes. Whatever waits goes into one transaction: a
//! commit costs one sync however many share it, and a batch is what came while
//! the one before it was synced, so nothing waits for a batch to fill.

use super::checkpoint::Checkpointer;
use super::failure::{Failure, Shared};
use super::lock::Lock;
use super::reader::Reader;
use super::work::{Answer, Tx, Write};
use crate::store::StoreError;
use crate::store::listener::Listening;
use crate::time::Clock;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use tokio::sync::oneshot;

/// How many messages share a transaction at most.
const MAX_BATCH: usize = 1024;
/// A batch takes no more messages when it has about so many bytes, so that
/// large bodies do not make one commit slow for all.
const MAX_BATCH_SIZE: usize = 8 << 20;

/// A message to the writer's thread.
pub(super) enum Message {
    Write(Box<dyn Write>),
    /// Everything sent before is written, then the store is closed.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// A message that closes the store, and where its answer arrives.
pub(super) fn close() -> (Message, Answer<()>) {
    let (answer, receiver) = oneshot::channel();
    (Message::Close(answer), receiver)
}

/// Writes batches on its connection.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) owner: i64,
    pub(super) clock: Clock,
    pub(super) listening: Arc<Listening>,
    /// `None` in memory, where there is no log to recycle.
    pub(super) checkpointer: Option<Checkpointer>,
}

/// What is let go of when the store is closed: the readers before the last
/// checkpoint, the lock after it.
pub(super) struct Held {
    pub(super) reader: Option<Reader>,
    pub(super) lock: Option<Lock>,
}

/// Why a batch came to nothing.
enum Broken {
    /// One of its messages failed; without it the others may succeed.
    Message(rusqlite::Error),
    /// The transaction itself failed.
    Transaction(rusqlite::Error),
}

impl Writer {
    /// Serves until the store is closed or all its handles are gone.
    pub(super) fn serve(mut self, messages: &Receiver<Message>, held: Held) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        let closing = loop {
            // Waits for the first, then takes what is there.
            let Ok(mut message) = messages.recv() else { break None };
            let mut size = 0;
            let closing = loop {
                match message {
                    Message::Write(write) => {
                        size += write.size();
                        batch.push(write);
                    }
                    Message::Close(answer) => break Some(answer),
                }
                if batch.len() >= MAX_BATCH || size >= MAX_BATCH_SIZE {
                    break None;
                }
                match messages.try_recv() {
                    Ok(next) => message = next,
                    Err(_) => break None,
                }
            };
            self.write(&mut batch);
            if closing.is_some() {
                break closing;
            }
        };
        let closed = self.shut(held);
        if let Some(answer) = closing {
            let _ = answer.send(closed);
        }
    }

    /// Commits a batch and settles each of its messages.
    pub(super) fn write(&mut self, batch: &mut Vec<Box<dyn Write>>) {
        if batch.is_empty() {
            return;
        }
        let outcomes = match self.together(batch) {
            Err(Broken::Message(_)) if batch.len() > 1 => self.apart(batch),
            Err(Broken::Message(error) | Broken::Transaction(error)) => Err(error),
            Ok(outcomes) => Ok(outcomes),
        };
        let size: usize = batch.iter().map(|write| write.size()).sum();
        match outcomes {
            Ok(outcomes) => {
                for (write, outcome) in batch.drain(..).zip(outcomes) {
                    write.settle(outcome);
                }
                if let Some(checkpointer) = &mut self.checkpointer {
                    checkpointer.written(&self.connection, size);
                }
            }
            Err(error) => {
                let error = Shared::new(error);
                for write in batch.drain(..) {
                    write.settle(Err(error.clone().into()));
                }
            }
        }
    }

    /// All in one transaction; the first that fails breaks it.
    fn together(&self, batch: &mut [Box<dyn Write>]) -> Result<Vec<Result<(), StoreError>>, Broken> {
        let transaction = Transaction::begin(&self.connection).map_err(Broken::Transaction)?;
        let tx = self.tx();
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            match write.apply(&tx) {
                Ok(()) => outcomes.push(Ok(())),
                Err(Failure::Stale) => outcomes.push(Err(StoreError::Stale)),
                Err(Failure::Sqlite(error)) => return Err(Broken::Message(error)),
            }
        }
        tx.flush().map_err(Broken::Message)?;
        transaction.commit().map_err(Broken::Transaction)?;
        self.listening.tell(&tx.woken.into_inner());
        Ok(outcomes)
    }

    /// All in one transaction again, each in a savepoint of its own, so that
    /// one that fails is undone alone.
    fn apart(&self, batch: &mut [Box<dyn Write>]) -> Result<Vec<Result<(), StoreError>>, rusqlite::Error> {
        let transaction = Transaction::begin(&self.connection)?;
        let tx = self.tx();
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            self.connection.execute_batch("SAVEPOINT message")?;
            match write.apply(&tx).and_then(|()| Ok(tx.flush()?)) {
                Ok(()) => outcomes.push(Ok(())),
                // A full disk or a failing one ends the whole transaction.
                Err(Failure::Sqlite(error)) if self.connection.is_autocommit() => return Err(error),
                Err(failure) => {
                    self.connection.execute_batch("ROLLBACK TO message")?;
                    tx.undone();
                    outcomes.push(Err(failure.into()));
                }
            }
            self.connection.execute_batch("RELEASE message")?;
        }
        transaction.commit()?;
        self.listening.tell(&tx.woken.into_inner());
        Ok(outcomes)
    }

    fn tx(&self) -> Tx<'_> {
        Tx::new(&self.connection, self.owner, self.clock.now())
    }

    /// Moves the log into the file and lets go of both.
    fn shut(self, held: Held) -> Result<(), StoreError> {
        let Writer { connection, checkpointer, .. } = self;
        drop(held.reader);
        let moved = match checkpointer {
            Some(checkpointer) => checkpointer.finish(&connection),
            None => Ok(()),
        };
        let closed = connection.close().map_err(|(_, error)| error);
        drop(held.lock);
        moved.and(closed).map_err(|error| StoreError::Engine(Box::new(error)))
    }
}

/// A transaction that holds the write lock from its start, because one that
/// takes it later fails at once where another process has it. Rolled back when
/// it is dropped.
struct Transaction<'a> {
    connection: &'a Connection,
}

impl<'a> Transaction<'a> {
    fn begin(connection: &'a Connection) -> rusqlite::Result<Self> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(Transaction { connection })
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

/// Starts the writer's thread.
pub(super) fn start(
    writer: Writer,
    held: Held,
) -> std::io::Result<(Sender<Message>, std::thread::JoinHandle<()>)> {
    let (sender, messages) = std::sync::mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("triggerfish-writer".to_owned())
        .spawn(move || writer.serve(&messages, held))?;
    Ok((sender, thread))
}
