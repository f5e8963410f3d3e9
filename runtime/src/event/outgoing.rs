//! An event that is to be sent, and a call of a job, which is one.

use super::properties::Properties;
use super::{EventType, INVOKE};
use crate::job::Invocable;
use crate::time::Timestamp;
use bytes::Bytes;
use serde::Serialize;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

/// An event that is to be sent.
///
/// A declared one is made by its type: `on_user_created::event(&user)`; any
/// other by its name. Nothing happens before it is given to
/// [`send_event`](crate::send_event) or [`Io::send_event`](crate::run::Io::send_event).
///
/// ```
/// # use triggerfish::event::Outgoing;
/// # use std::time::Duration;
/// let reminder = Outgoing::named("cart.abandoned", &serde_json::json!({ "cart": 15 }))
///     .id("cart-15") // sent once, however often this is called
///     .delay(Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug)]
#[must_use = "an event does nothing before it is sent"]
pub struct Outgoing {
    pub(crate) name: Cow<'static, str>,
    pub(crate) source: Option<Cow<'static, str>>,
    pub(crate) job: Option<Cow<'static, str>>,
    /// The payload as JSON, or why it is none.
    pub(crate) payload: Result<Bytes, String>,
    pub(crate) context: Option<Result<String, String>>,
    /// What is shown, where it is known already.
    pub(crate) properties: Option<Properties>,
    pub(crate) id: Option<String>,
    pub(crate) due: Due,
    pub(crate) at: Option<SystemTime>,
    pub(crate) test: bool,
}

/// When an event is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Now,
    After(Duration),
    At(SystemTime),
}

impl Due {
    /// The time, where it is to come.
    pub(crate) fn at(self, now: Timestamp) -> Option<Timestamp> {
        let at = match self {
            Due::Now => return None,
            Due::After(delay) => now.plus(delay),
            Due::At(time) => time.into(),
        };
        (at > now).then_some(at)
    }
}

impl Outgoing {
    /// An event of this name, whether it is declared or not. A payload that is
    /// not of the declared type is refused when it is sent.
    pub fn named(name: impl Into<Cow<'static, str>>, payload: &(impl Serialize + ?Sized)) -> Self {
        Outgoing {
            name: name.into(),
            source: None,
            job: None,
            payload: serde_json::to_vec(payload).map(Bytes::from).map_err(|error| error.to_string()),
            context: None,
            properties: None,
            id: None,
            due: Due::Now,
            at: None,
            test: false,
        }
    }

    /// An event of a declared kind, with what is shown of it.
    pub(crate) fn of<E: EventType>(payload: &E::Payload, properties: Properties) -> Self {
        let name = E::SPEC.names.first().copied().unwrap_or_default();
        Outgoing {
            source: E::SPEC.source.map(Cow::Borrowed),
            properties: Some(properties),
            ..Outgoing::named(name, payload)
        }
    }

    /// What a repeat is recognised by: of all events of this name with this id
    /// one is sent, the first. It holds as long as the event is kept.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The system that the event comes from, in place of the program itself.
    pub fn source(mut self, source: impl Into<Cow<'static, str>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What is to be known of the circumstances; a job finds it beside the payload.
    pub fn context(mut self, context: &(impl Serialize + ?Sized)) -> Self {
        self.context = Some(serde_json::to_string(context).map_err(|error| error.to_string()));
        self
    }

    /// When it happened, where that was not now.
    pub fn timestamp(mut self, at: SystemTime) -> Self {
        self.at = Some(at);
        self
    }

    /// Sends it when so much has passed. Until then it can be cancelled.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.due = Due::After(delay);
        self
    }

    /// Sends it at this time, or at once where that has passed. Until then it
    /// can be cancelled.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.due = Due::At(time);
        self
    }

    /// Marks it as one that a person sends to try something out.
    pub fn test(mut self) -> Self {
        self.test = true;
        self
    }
}

/// A call of a job, made by its type: `send_invite::call(&invitation)`. `O` is
/// what the job returns.
///
/// Nothing happens before it is given to [`invoke`](crate::invoke),
/// [`Io::invoke`](crate::run::Io::invoke) or
/// [`Io::invoke_and_wait`](crate::run::Io::invoke_and_wait).
#[derive(Debug)]
#[must_use = "a call does nothing before it is given to `invoke`"]
pub struct Call<O> {
    pub(crate) event: Outgoing,
    /// How long its run is waited for; `None` for as long as it takes.
    pub(crate) timeout: Option<Duration>,
    output: PhantomData<fn() -> O>,
}

impl<O> Clone for Call<O> {
    fn clone(&self) -> Self {
        Call { event: self.event.clone(), ..*self }
    }
}

impl<O> Call<O> {
    pub(crate) fn of<J: Invocable<Output = O>>(payload: &(impl Serialize + ?Sized)) -> Self {
        let mut event = Outgoing::named(INVOKE, payload);
        event.job = Some(Cow::Borrowed(J::SPEC.id));
        Call { event, timeout: None, output: PhantomData }
    }

    /// What a repeat is recognised by: of all calls of the job with this id one
    /// is made, the first.
    pub fn id(self, id: impl Into<String>) -> Self {
        Call { event: self.event.id(id), ..self }
    }

    /// What is to be known of the circumstances.
    pub fn context(self, context: &(impl Serialize + ?Sized)) -> Self {
        Call { event: self.event.context(context), ..self }
    }

    /// Calls the job when so much has passed.
    pub fn delay(self, delay: Duration) -> Self {
        Call { event: self.event.delay(delay), ..self }
    }

    /// Calls the job at this time, or at once where that has passed.
    pub fn at(self, time: SystemTime) -> Self {
        Call { event: self.event.at(time), ..self }
    }

    /// How long [`Io::invoke_and_wait`](crate::run::Io::invoke_and_wait) waits
    /// for the end of the run, which goes on after that; as long as it takes,
    /// where nothing is said.
    pub fn timeout(self, timeout: Duration) -> Self {
        Call { timeout: Some(timeout), ..self }
    }

    /// Marks the run as one that a person starts to try something out.
    pub fn test(self) -> Self {
        Call { event: self.event.test(), ..self }
    }
}
