//! Calls of jobs whose caller waits: what it is told of the end of the run.

use super::event::NewEvent;
use super::record::RunState;
use super::step::{Step, StepKind, StepState};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use uuid::Uuid;

/// A call of a job that a run makes, and at whose end it goes on.
#[derive(Debug)]
pub struct NewCall {
    /// The key of the wait; unique among the waits and steps of the run.
    pub key: String,
    /// When the wait ends by itself.
    pub due_at: Timestamp,
    /// The call, which is for one job, with its run.
    pub call: NewEvent,
}

/// How a called run ended that did not end well. It is the output of the
/// failed wait of its caller, as JSON.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unsuccessful<'a> {
    /// The run; `None` where the call was cancelled before there was one.
    pub(crate) run: Option<Uuid>,
    pub(crate) job: Cow<'a, str>,
    state: Cow<'a, str>,
    error: Option<Cow<'a, str>>,
}

/// A run that has ended, as its caller is told.
pub(super) struct Ended<'a> {
    pub(super) run: Option<Uuid>,
    pub(super) job: &'a str,
    pub(super) state: RunState,
    pub(super) error: Option<&'a str>,
    pub(super) output: Option<&'a str>,
}

impl Ended<'_> {
    /// What the wait of the caller ends with: the output, or else, with true,
    /// how it did not end well.
    pub(super) fn outcome(&self) -> (String, bool) {
        let Ended { run, job, state, error, output } = *self;
        if state == RunState::Done {
            return (output.unwrap_or("null").to_owned(), false);
        }
        let told = Unsuccessful {
            run,
            job: Cow::Borrowed(job),
            state: Cow::Borrowed(state.name()),
            error: error.map(Cow::Borrowed),
        };
        // It has no part that JSON could not hold.
        (serde_json::to_string(&told).unwrap_or_default(), true)
    }
}

impl<'a> Unsuccessful<'a> {
    /// What the failed wait of a caller says.
    pub(crate) fn read(step: &'a Step) -> Option<Self> {
        let is_call = step.kind == StepKind::Call && step.state == StepState::Failed;
        is_call.then(|| serde_json::from_str(&step.output).ok()).flatten()
    }

    pub(crate) fn state(&self) -> Option<RunState> {
        RunState::named(&self.state)
    }
}

impl fmt::Display for Unsuccessful<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unsuccessful { run, job, error, .. } = self;
        let Some(run) = run else {
            return write!(f, "the call of job `{job}` was cancelled before its run began");
        };
        let how = match self.state() {
            Some(RunState::Cancelled) => "was cancelled",
            Some(RunState::Crashed) => "crashed",
            Some(RunState::InvalidPayload) => "does not take its payload",
            Some(RunState::Superseded) => "was superseded",
            _ => "failed",
        };
        write!(f, "run {run} of job `{job}` {how}")?;
        match error {
            // A cancelled run may have failed before that: its error is another matter.
            Some(error) if self.state() != Some(RunState::Cancelled) => write!(f, ": {error}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: RunState, error: Option<&str>) -> String {
        let ended = Ended { run: Some(Uuid::nil()), job: "pack", state, error, output: None };
        let (text, failed) = ended.outcome();
        assert!(failed);
        serde_json::from_str::<Unsuccessful<'_>>(&text).unwrap().to_string()
    }

    #[test]
    fn what_is_told_of_an_end_says_how_and_why() {
        let run = "run 00000000-0000-0000-0000-000000000000 of job `pack`";
        let rows = [
            (RunState::Failed, "failed: no"),
            (RunState::Crashed, "crashed: no"),
            (RunState::Cancelled, "was cancelled"),
            (RunState::InvalidPayload, "does not take its payload: no"),
            (RunState::Superseded, "was superseded: no"),
        ];
        for (state, text) in rows {
            assert_eq!(told(state, Some("no")), format!("{run} {text}"));
        }
    }

    #[test]
    fn a_run_that_returned_nothing_returned_null() {
        let ended = Ended { run: None, job: "pack", state: RunState::Done, error: Some("x"), output: None };
        assert_eq!(ended.outcome(), ("null".to_owned(), false));
    }
}
