//! A run as a test looks at it.

use super::app::TestError;
use crate::store::{LogLine, Run, RunState, Step, StepState, Wait};
use serde::de::DeserializeOwned;
use std::fmt::Write;
use uuid::Uuid;

/// A run, with everything that is kept of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TestRun {
    /// The run.
    pub run: Run,
    /// Its recorded steps and waits, in the order in which they ended.
    pub steps: Vec<Step>,
    /// The waits that are open.
    pub waits: Vec<Wait>,
    /// Its log.
    pub logs: Vec<LogLine>,
    /// What it returned, as JSON; `None` for nothing.
    pub returned: Option<String>,
}

impl TestRun {
    /// Fails the test unless the run is done.
    #[track_caller]
    pub fn assert_done(&self) -> &Self {
        self.assert_state(RunState::Done)
    }

    /// Fails the test unless the run has failed for good, with this text in its error.
    #[track_caller]
    pub fn assert_failed(&self, text: &str) -> &Self {
        self.assert_state(RunState::Failed);
        let error = self.run.error.as_deref().unwrap_or_default();
        assert!(error.contains(text), "{text:?} is not in the error of the run: {error}");
        self
    }

    /// Fails the test unless the run waits.
    #[track_caller]
    pub fn assert_waiting(&self) -> &Self {
        self.assert_state(RunState::Waiting)
    }

    #[track_caller]
    fn assert_state(&self, state: RunState) -> &Self {
        assert!(self.run.state == state, "the run is not {}:\n{}", state.name(), self.told());
        self
    }

    /// Fails the test unless the steps and waits that ended have these keys, in this order.
    #[track_caller]
    pub fn assert_steps(&self, keys: &[&str]) -> &Self {
        let found: Vec<_> = self.steps.iter().map(|step| step.key.as_str()).collect();
        assert!(found == keys, "the run has not the steps {keys:?}:\n{}", self.told());
        self
    }

    /// Fails the test unless a line of the log has this text.
    #[track_caller]
    pub fn assert_logged(&self, text: &str) -> &Self {
        let found = self.logs.iter().any(|line| line.message.contains(text));
        assert!(found, "{text:?} is not in the log of the run:\n{}", self.told());
        self
    }

    /// A step that ended.
    pub fn step(&self, key: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.key == key)
    }

    /// What a step returned.
    ///
    /// # Errors
    ///
    /// A step that is not done, or has an output of another type.
    pub fn output<T: DeserializeOwned>(&self, key: &str) -> Result<T, TestError> {
        let step = self.step(key).filter(|step| step.state == StepState::Done);
        let step =
            step.ok_or_else(|| TestError::Missing(format!("step `{key}` is not done:\n{}", self.told())))?;
        serde_json::from_str(&step.output)
            .map_err(|error| TestError::Missing(format!("the output of step `{key}` is another: {error}")))
    }

    /// What the job returned.
    ///
    /// # Errors
    ///
    /// A run that is not done, or that returned a value of another type.
    pub fn returned<T: DeserializeOwned>(&self) -> Result<T, TestError> {
        if self.run.state != RunState::Done {
            return Err(TestError::Missing(format!("the run has returned nothing:\n{}", self.told())));
        }
        serde_json::from_str(self.returned.as_deref().unwrap_or("null"))
            .map_err(|error| TestError::Missing(format!("what the run returned is another: {error}")))
    }

    /// The event of a call that it made at this key.
    pub(super) fn call(&self, key: &str) -> Option<Uuid> {
        let waits = self.waits.iter().find(|wait| wait.key == key).and_then(|wait| wait.call);
        let step = || self.step(key).and_then(|step| step.event.or_else(|| self.output(key).ok()));
        waits.or_else(step)
    }

    /// The run as a text of several lines.
    fn told(&self) -> String {
        let Run { job, state, attempt, failures, error, .. } = &self.run;
        let mut text = format!("job {job}, {}, attempt {attempt}, failures {failures}", state.name());
        if let Some(error) = error {
            let _ = write!(text, "\n  last error: {error}");
        }
        for step in &self.steps {
            let _ = write!(
                text,
                "\n  {} `{}` {}: {}",
                step.kind.name(),
                step.key,
                step.state.name(),
                step.output
            );
        }
        for wait in &self.waits {
            let _ = write!(text, "\n  waits at `{}` until {}", wait.key, wait.due_at);
        }
        for line in &self.logs {
            let _ = write!(text, "\n  log: {}", line.message);
        }
        text
    }
}
