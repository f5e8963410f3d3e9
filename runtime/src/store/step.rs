//! Steps as they are kept, and what a person is shown of them.

use super::call::Unsuccessful;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The recorded outcome of a step or a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its key with those of the steps around it, joined by `/`.
    pub key: String,
    /// What it is.
    pub kind: StepKind,
    /// Its place in the order in which the steps of the run ended, counting from 0.
    pub seq: u32,
    /// How it ended.
    pub state: StepState,
    /// Its output as JSON, or the text of its error.
    pub output: String,
    /// The execution that ran it.
    pub attempt: u32,
    /// How often it failed until then.
    pub failures: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The event that ended the wait; of a call, its own event.
    pub event: Option<Uuid>,
    /// What a person is shown of it.
    pub about: Option<Box<About>>,
}

/// What a recorded step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepKind {
    /// A function that ran.
    #[default]
    Task,
    /// A random number, a time or an id.
    Value,
    /// A wait for a time.
    Wait,
    /// A wait for an event.
    Event,
    /// A wait for a request.
    Request,
    /// A call of a job, and the wait for the end of its run.
    Call,
}

impl StepKind {
    /// Whether it is a wait, whatever for.
    pub(crate) fn is_wait(self) -> bool {
        matches!(self, StepKind::Wait | StepKind::Event | StepKind::Request | StepKind::Call)
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// With an output.
    Done,
    /// With an error that the run went past.
    Failed,
    /// With an error that ended the execution: it runs again with the next one.
    Failing,
    /// Its time came before what it waited for.
    TimedOut,
}

/// What a person is shown of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of an icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// What it works on, redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// Lines to show with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// JSON pointers to what is not shown of its output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redact: Vec<String>,
}

/// A line to show, with its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// What it says.
    pub label: String,
    /// The text.
    pub text: String,
}

impl StepKind {
    /// Every kind.
    pub const ALL: [StepKind; 6] =
        [StepKind::Task, StepKind::Value, StepKind::Wait, StepKind::Event, StepKind::Request, StepKind::Call];

    /// Its name in the store and in the API.
    pub fn name(self) -> &'static str {
        match self {
            StepKind::Task => "task",
            StepKind::Value => "value",
            StepKind::Wait => "wait",
            StepKind::Event => "event",
            StepKind::Request => "request",
            StepKind::Call => "call",
        }
    }
}

impl StepState {
    /// Every state.
    pub const ALL: [StepState; 4] =
        [StepState::Done, StepState::Failed, StepState::Failing, StepState::TimedOut];

    /// Its name in the store and in the API.
    pub fn name(self) -> &'static str {
        match self {
            StepState::Done => "done",
            StepState::Failed => "failed",
            StepState::Failing => "failing",
            StepState::TimedOut => "timed_out",
        }
    }

    /// Whether the run has its outcome: the step does not run again.
    pub fn is_recorded(self) -> bool {
        self != StepState::Failing
    }
}

impl Step {
    /// The step as it is shown: without what its options redact, and with texts
    /// in place of what only the run reads.
    pub(crate) fn shown(mut self) -> Self {
        if let Some(how) = Unsuccessful::read(&self).map(|how| how.to_string()) {
            self.output = how;
        }
        if let Some(about) = &self.about
            && !about.redact.is_empty()
            && self.state == StepState::Done
        {
            self.output = match serde_json::from_str(&self.output) {
                Ok(mut output) => {
                    redacted(&mut output, &about.redact);
                    output.to_string()
                }
                Err(_) => Value::from(MASK).to_string(),
            };
        }
        self
    }
}

/// What stands in place of a redacted value.
const MASK: &str = "***";

/// Replaces what the pointers point at; the empty pointer is the whole value.
pub(crate) fn redacted(value: &mut Value, pointers: &[String]) {
    for pointer in pointers {
        if let Some(secret) = value.pointer_mut(pointer) {
            *secret = Value::from(MASK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_redacted_is_gone_and_nothing_else() {
        let pointers = ["/card/number", "/list/1", "/none/there"].map(str::to_owned);
        let mut value = json!({ "card": { "number": 4242, "name": "A" }, "list": [1, { "a": 2 }] });
        redacted(&mut value, &pointers);
        assert_eq!(value, json!({ "card": { "number": "***", "name": "A" }, "list": [1, "***"] }));
        redacted(&mut value, &[String::new()]);
        assert_eq!(value, json!("***"));
    }
}
