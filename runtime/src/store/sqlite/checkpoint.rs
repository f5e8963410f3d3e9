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
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// A pass that leaves so many frames is small enough for the writer.
const FEW_FRAMES: i64 = 256;
/// How often the thread tries to catch up with the writer.
const MAX_PASSES: usize = 3;
/// What a transaction adds beside its payload.
const OVERHEAD: usize = 64 << 10;

const IDLE: u8 = 0;
const MOVING: u8 = 1;
const MOVED: u8 = 2;

#[derive(Debug)]
pub(super) struct Checkpointer {
    written: usize,
    recycle_at: usize,
    phase: Arc<AtomicU8>,
    begin: Option<Sender<()>>,
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
        let phase = Arc::new(AtomicU8::new(IDLE));
        let (begin, begun) = channel();
        let thread = std::thread::Builder::new()
            .name("triggerfish-checkpoint".to_owned())
            .spawn({
                let phase = Arc::clone(&phase);
                move || {
                    while begun.recv().is_ok() {
                        catch_up(&connection);
                        phase.store(MOVED, Ordering::Release);
                    }
                }
            })
            .map_err(OpenError::Thread)?;
        Ok(Checkpointer { written: 0, recycle_at, phase, begin: Some(begin), thread: Some(thread) })
    }

    /// Called by the writer after each commit, with about what it added.
    pub(super) fn written(&mut self, connection: &Connection, size: usize) {
        self.written = self.written.saturating_add(size + OVERHEAD);
        match self.phase.load(Ordering::Acquire) {
            IDLE if self.written >= self.recycle_at => {
                self.phase.store(MOVING, Ordering::Release);
                if let Some(begin) = &self.begin {
                    let _ = begin.send(());
                }
            }
            MOVED => {
                let all = pass(connection, "PASSIVE").is_ok_and(|pass| pass.moved == pass.log);
                // A reader may still look at an old part: try again, but not at once.
                self.written = if all { 0 } else { self.recycle_at / 2 };
                self.phase.store(IDLE, Ordering::Release);
            }
            _ => {}
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
