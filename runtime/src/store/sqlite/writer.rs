//! The one thread that writes. Whatever waits goes into one transaction: a commit
//! costs one sync however many share it. What comes meanwhile is for the next one,
//! so nothing waits for a batch to fill.

use super::batch::Batch;
use super::checkpoint::Checkpointer;
use super::failure::Shared;
use super::lock::Lock;
use super::reader::Reader;
use super::sync::Syncer;
use super::work::{Answer, Write};
use crate::store::StoreError;
use crate::time::Clock;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// A message to the writer's thread.
pub(super) enum Message {
    Write(Box<dyn Write>),
    /// Everything sent before is written, then the store is closed.
    Close(Closing),
}

/// Who waits until the store is closed.
pub(super) type Closing = oneshot::Sender<Result<(), StoreError>>;

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
    pub(super) syncer: Syncer,
    /// `None` in memory, where there is no log to recycle.
    pub(super) checkpointer: Option<Checkpointer>,
    /// How many runs `job_run` may lack.
    pub(super) unlisted: usize,
}

/// What is let go of when the store is closed: the readers before the last
/// checkpoint, the lock after it.
pub(super) struct Held {
    pub(super) reader: Option<Reader>,
    pub(super) lock: Option<Lock>,
}

impl Writer {
    /// Starts the writer's thread.
    pub(super) fn start(self, messages: Receiver<Message>, held: Held) -> std::io::Result<JoinHandle<()>> {
        std::thread::Builder::new()
            .name("triggerfish-writer".to_owned())
            .spawn(move || self.serve(&messages, held))
    }

    /// Serves until the store is closed or all its handles are gone.
    fn serve(mut self, messages: &Receiver<Message>, held: Held) {
        let mut closing = None;
        while closing.is_none() {
            match messages.recv() {
                Ok(Message::Write(first)) => closing = self.batch(first, messages),
                Ok(Message::Close(answer)) => closing = Some(answer),
                Err(_) => break,
            }
        }
        let closed = self.shut(held);
        if let Some(closing) = closing {
            let _ = closing.send(closed);
        }
    }

    /// Does the work of all that waits, and commits it. Returns who waits for the
    /// close, where that came too.
    pub(super) fn batch(&mut self, first: Box<dyn Write>, messages: &Receiver<Message>) -> Option<Closing> {
        if let Some(error) = self.syncer.failure() {
            return refuse(error, first, messages);
        }
        let mut batch = match Batch::begin(&self.connection, self.owner, &self.clock, self.unlisted) {
            Ok(batch) => batch,
            Err(error) => return refuse(&Shared::transaction(error), first, messages),
        };
        let mut write = first;
        let closing = loop {
            if let Err(error) = batch.add(write) {
                batch.fail(&Shared::transaction(error));
                return None;
            }
            if batch.is_full() {
                break None;
            }
            match messages.try_recv() {
                Ok(Message::Write(next)) => write = next,
                Ok(Message::Close(answer)) => break Some(answer),
                Err(_) => break None,
            }
        };
        if let Some(committed) = batch.commit() {
            self.unlisted = committed.unlisted;
            let added = committed.changed.then_some(committed.size);
            self.syncer.committed(committed);
            if let (Some(size), Some(checkpointer)) = (added, &mut self.checkpointer) {
                checkpointer.written(&self.connection, size);
            }
        }
        closing
    }

    /// Moves the log into the file and lets go of both.
    fn shut(self, held: Held) -> Result<(), StoreError> {
        let Writer { connection, checkpointer, syncer, .. } = self;
        drop(held.reader);
        let synced = syncer.failure().cloned().map_or(Ok(()), Err);
        let moved = match (checkpointer, &synced) {
            (Some(checkpointer), Ok(())) => checkpointer.finish(&connection),
            (None, Ok(())) => Ok(()),
            (checkpointer, Err(_)) => {
                // The last connection that is closed would move the log: it is this one.
                drop(checkpointer);
                connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(drop)
            }
        };
        let closed = connection.close().map_err(|(_, error)| error);
        drop(held.lock);
        synced?;
        moved.and(closed).map_err(|error| StoreError::Engine(Box::new(error)))
    }
}

/// Fails a message and all that wait with it. Returns who waits for the close.
fn refuse(error: &Shared, first: Box<dyn Write>, messages: &Receiver<Message>) -> Option<Closing> {
    first.answer(Err(error.clone().into()));
    for message in messages.try_iter() {
        match message {
            Message::Write(write) => write.answer(Err(error.clone().into())),
            Message::Close(answer) => return Some(answer),
        }
    }
    None
}
