//! The event as a job takes it.

use crate::job::{FromRun, JobError, Needs, decode};
use crate::run::Invocation;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::ops::Deref;
use std::time::SystemTime;
use uuid::Uuid;

/// The event that started the run: its payload as a type of the user, and what
/// is known beside it. The payload's fields are read through it, `event.name`;
/// what is the event's own is asked for, `event.name()`, so that neither hides
/// the other. `Event(payload, ..)` takes the payload alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<T>(
    /// The payload.
    pub T,
    About,
);

#[derive(Clone, Debug, PartialEq)]
struct About {
    id: Uuid,
    name: Cow<'static, str>,
    source: Option<Cow<'static, str>>,
    at: SystemTime,
    context: Option<serde_json::Value>,
}

impl<T> Event<T> {
    /// The event's id.
    pub fn id(&self) -> Uuid {
        self.1.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.1.name
    }

    /// The system that it comes from; `None` for the program itself.
    pub fn source(&self) -> Option<&str> {
        self.1.source.as_deref()
    }

    /// When it happened.
    pub fn timestamp(&self) -> SystemTime {
        self.1.at
    }

    /// What its sender says of the circumstances.
    pub fn context(&self) -> Option<&serde_json::Value> {
        self.1.context.as_ref()
    }
}

impl<T> Deref for Event<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromRun for Event<T> {
    const NEEDS: Needs = Needs::Event;

    fn from_run(invocation: &Invocation) -> Result<Self, JobError> {
        let Some(event) = invocation.origin().event() else {
            return Err(JobError::Payload("a request started the run, and no event".to_owned()));
        };
        let context = event.context.as_deref().map(serde_json::from_str).transpose();
        let context =
            context.map_err(|error| JobError::Payload(format!("the event's context is no JSON: {error}")))?;
        let (name, source) = (event.name.clone(), event.source.clone());
        let about = About { id: event.id, name, source, at: event.at.into(), context };
        Ok(Event(decode(invocation.origin())?, about))
    }
}
