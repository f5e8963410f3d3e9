//! The log of a run: kept with it, and sent to `tracing`.

use super::Setting;
use crate::store::{Fence, LogLine};
use serde::Serialize;
use std::fmt::{self, Display};
use std::sync::Arc;

/// How important a line of a run's log is, the most important first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Kept whatever the level.
    Log,
    /// Something failed.
    Error,
    /// Something looks wrong.
    Warn,
    /// Something happened. The usual level.
    Info,
    /// What helps to find a mistake.
    Debug,
}

impl Level {
    /// The number under which the store keeps it, 0 to 4.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// Data of one line beyond this many bytes is left out.
const MOST_DATA: usize = 64 * 1024;

/// Writes to the log of a run.
///
/// A line is kept when it is at least as important as the job's `log_level`.
/// A run that is executed again writes the lines outside of its steps again;
/// each line says which attempt wrote it.
#[derive(Clone)]
pub struct Logger {
    pub(super) setting: Arc<Setting>,
    pub(super) fence: Fence,
    pub(super) job: &'static str,
    pub(super) level: Level,
}

impl Logger {
    /// Writes a line that is kept whatever the level. `data` is kept as JSON;
    /// `()` for none.
    pub fn log(&self, message: impl Display, data: impl Serialize) {
        self.write(Level::Log, &message, &data);
    }

    /// Writes a line about a failure.
    pub fn error(&self, message: impl Display, data: impl Serialize) {
        self.write(Level::Error, &message, &data);
    }

    /// Writes a line about something that looks wrong.
    pub fn warn(&self, message: impl Display, data: impl Serialize) {
        self.write(Level::Warn, &message, &data);
    }

    /// Writes a line about something that happened.
    pub fn info(&self, message: impl Display, data: impl Serialize) {
        self.write(Level::Info, &message, &data);
    }

    /// Writes a line that helps to find a mistake.
    pub fn debug(&self, message: impl Display, data: impl Serialize) {
        self.write(Level::Debug, &message, &data);
    }

    fn write(&self, level: Level, message: &dyn Display, data: &impl Serialize) {
        if level > self.level {
            return;
        }
        let message = message.to_string();
        let data = match serde_json::to_string(data) {
            Ok(text) if text == "null" => None,
            Ok(text) if text.len() > MOST_DATA => Some(format!("\"left out: {} bytes\"", text.len())),
            Ok(text) => Some(text),
            Err(error) => Some(serde_json::Value::from(format!("not JSON: {error}")).to_string()),
        };
        let (run, job, attempt) = (self.fence.run, self.job, self.fence.attempt);
        let shown = data.as_deref().unwrap_or_default();
        match level {
            Level::Error => {
                tracing::error!(target: "triggerfish::job", job, %run, attempt, "{message} {shown}");
            }
            Level::Warn => {
                tracing::warn!(target: "triggerfish::job", job, %run, attempt, "{message} {shown}");
            }
            Level::Log | Level::Info => {
                tracing::info!(target: "triggerfish::job", job, %run, attempt, "{message} {shown}");
            }
            Level::Debug => {
                tracing::debug!(target: "triggerfish::job", job, %run, attempt, "{message} {shown}");
            }
        }
        let at = self.setting.clock.now();
        self.setting.store.log(vec![LogLine { run, attempt, at, level: level.number(), message, data }]);
    }
}

impl fmt::Debug for Logger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logger").field("job", &self.job).field("level", &self.level).finish_non_exhaustive()
    }
}
