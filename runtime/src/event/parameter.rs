//! The event as a job takes it.

use crate::job::{FromRun, JobError, Needs, decode};
use crate::run::Invocation;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::ops::Deref;
use std::time::SystemTime;
use uuid::Uuid;

/// The event that started the run: its payload as a type of the user, and what
/// is known beside it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event<T> {
    /// The payload.
    pub payload: T,
    /// The event's id.
    pub id: Uuid,
    /// Its name.
    pub name: Cow<'static, str>,
    /// The system that it comes from; `None` for the program itself.
    pub source: Option<Cow<'static, str>>,
    /// When it happened.
    pub timestamp: SystemTime,
    /// What its sender says of the circumstances.
    pub context: Option<serde_json::Value>,
}

impl<T> Deref for Event<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.payload
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
        Ok(Event {
            payload: decode(invocation.origin())?,
            id: event.id,
            name: event.name.clone(),
            source: event.source.clone(),
            timestamp: event.at.into(),
            context: context
                .map_err(|error| JobError::Payload(format!("the event's context is no JSON: {error}")))?,
        })
    }
}
