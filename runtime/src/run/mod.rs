//! Runs: what a job is given, how its steps are remembered, who executes it.

mod call;
mod context;
mod crash;
mod ended;
mod ends;
mod execute;
mod io;
mod key;
mod logger;
mod provide;
mod replay;
mod request;
mod send;
mod state;
mod task;
mod value;
mod values;
mod wait;
mod worker;

pub use context::Context;
pub(crate) use crash::CrashPoint;
pub(crate) use execute::{Setting, panic_text};
pub use io::Io;
use io::WITHIN;
pub use key::{IntoKey, Key};
pub use logger::{Level, Logger};
pub(crate) use request::{RESUME_PATH, hash_of};
pub use state::StateMap;
pub use task::Task;
pub use values::{Scopes, Values};
pub(crate) use worker::{Workers, WorkersConfig};

use crate::store::{BatchMember, Origin, Run};

/// One execution of a run, from which a job's parameters are taken.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub(crate) origin: Origin,
    /// What started the others of its batch, where it is one.
    pub(crate) batch: Option<Vec<BatchMember>>,
    /// The run at whose end it is made, where it is a hook.
    pub(crate) parent: Option<Box<EndedRun>>,
    pub(crate) context: Context,
    pub(crate) io: Io,
}

/// A run that has ended.
#[derive(Clone, Debug)]
pub(crate) struct EndedRun {
    pub(crate) run: Run,
    /// What it returned, as JSON.
    pub(crate) output: Option<String>,
}

impl Invocation {
    /// What started the run.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What the program gave to all runs.
    pub fn state(&self) -> &StateMap {
        &self.io.execution().setting.state
    }
}
