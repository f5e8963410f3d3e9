//! Moves the write-ahead log into the file, away from the writer.
//!
//! The log starts again at its beginning only when all of it has been moved
//! and nobody has added to it meanwhile. Under load a second connection alone
//! never gets there: each pass ends behind the writer. So a thread moves the
//! bulk, sync included, while the writer goes on, and the writer moves the
//! little that is left between two commits.

use super::failure::OpenError;
use super::open;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

/// A pass that leaves so many frames is small enough for the writer.
const FEW_FRAMES: i64 = 256;
/// How often the thread tries to catch up with the writer.
const MAX_PASSES: usize = 3;
/// The writer waits for the thread when the log has so many times the bytes at
/// which it is moved.
const MAX_BEHIND: usize = 8;
/// What a transaction adds beside its payload.
const OVERHEAD: usize = 64 << 10;

#[derive(Debug)]
pub(super) struct Checkpointer {
    /// About how many bytes the log has.
    written: usize,
    recycle_at: usize,
    /// Whether the thread has been told to begin, and has not been heard since.
    moving: bool,
    begin: Option<Sender<()>>,
    moved: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// What a checkpoint found and did, in frames.
struct Pass {
    log: i64,
    moved: i64,
}

impl Checkpointer {
    /// Moves the log when about `recycle_at` bytes were added to it.
    pub(super) fn start(path: &Path, recycle_at: usize) -> Result<Self, OpenError> {
        let connection = open::checkpointer(path)?;
        let (begin, begun) = channel();
        let (done, moved) = channel();
        let thread = std::thread::Builder::new()
            .name("triggerfish-checkpoint".to_owned())
            .spawn(move || {
                while begun.recv().is_ok() {
                    catch_up(&connection);
                    if done.send(()).is_err() {
                        return;
                    }
                }
            })
            .map_err(OpenError::Thread)?;
        Ok(Checkpointer {
            written: 0,
            recycle_at,
            moving: false,
            begin: Some(begin),
            moved,
            thread: Some(thread),
        })
    }

    /// Called by the writer after each commit, with about what it added.
    pub(super) fn written(&mut self, connection: &Connection, size: usize) {
        self.written = self.written.saturating_add(size + OVERHEAD);
        if !self.moving {
            if self.written >= self.recycle_at {
                self.moving = self.begin.as_ref().is_some_and(|begin| begin.send(()).is_ok());
            }
            return;
        }
        let moved = if self.written >= self.recycle_at.saturating_mul(MAX_BEHIND) {
            // The disk cannot keep up: who writes must wait, or the log fills it.
            self.moved.recv().is_ok()
        } else {
            self.moved.try_recv().is_ok()
        };
        if moved {
            self.moving = false;
            let all = pass(connection, "PASSIVE").is_ok_and(|pass| pass.moved == pass.log);
            // A reader may still look at an old part: try again, but not at once.
            self.written = if all { 0 } else { self.recycle_at / 2 };
        }
    }

    /// Moves everything and empties the log.
    pub(super) fn finish(mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.stop();
        pass(connection, "TRUNCATE").map(|_| ())
    }

    fn stop(&mut self) {
        self.begin = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Moves what there is, until little is left or the writer stays ahead.
fn catch_up(connection: &Connection) {
    for _ in 0..MAX_PASSES {
        match pass(connection, "PASSIVE") {
            Ok(Pass { log, moved }) if log - moved > FEW_FRAMES => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "the store's log could not be moved into its file");
                return;
            }
        }
    }
}

fn pass(connection: &Connection, mode: &str) -> rusqlite::Result<Pass> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok(Pass { log: row.get(1)?, moved: row.get(2)? })
    })
}
