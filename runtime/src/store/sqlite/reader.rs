//! The thread that answers questions, on a connection that cannot write.

use super::open;
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// A question, with its way back.
pub(super) type Question = Box<dyn FnOnce(&Connection) + Send>;

/// Asks the reader's thread. It ends when the [`Reader`] is dropped.
#[derive(Clone, Debug)]
pub(super) struct Questions(Sender<Option<Question>>);

/// The reader's thread.
#[derive(Debug)]
pub(super) struct Reader {
    questions: Sender<Option<Question>>,
    thread: Option<JoinHandle<()>>,
}

impl Questions {
    /// Asks; what cannot be asked any more is dropped, with its way back.
    pub(super) fn ask(&self, question: Question) {
        let _ = self.0.send(Some(question));
    }
}

impl Reader {
    pub(super) fn start(path: &Path) -> Result<Self, super::failure::OpenError> {
        let connection = open::reader(path)?;
        let (questions, asked) = channel::<Option<Question>>();
        let thread = std::thread::Builder::new()
            .name("triggerfish-reader".to_owned())
            .spawn(move || {
                while let Ok(Some(question)) = asked.recv() {
                    // All that a question reads is of one moment.
                    let moment = connection.unchecked_transaction();
                    question(&connection);
                    drop(moment);
                }
            })
            .map_err(super::failure::OpenError::Thread)?;
        Ok(Reader { questions, thread: Some(thread) })
    }

    pub(super) fn questions(&self) -> Questions {
        Questions(self.questions.clone())
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.questions.send(None);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
