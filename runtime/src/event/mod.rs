//! Events: named facts with a payload, which jobs are triggered by and runs wait for.

mod app;
pub(crate) mod contradiction;
mod examples;
mod handle;
mod outgoing;
mod parameter;
mod properties;
mod subscriptions;

pub(crate) use app::{AppGuard, enter, register};
pub use app::{cancel_event, invoke, send_event, send_events};
#[doc(hidden)]
pub use examples::check_examples;
pub use handle::{Events, SendError};
pub use outgoing::{Call, Outgoing};
pub use parameter::Event;
pub use properties::{IntoProperties, Properties, PropertyLine};
pub(crate) use subscriptions::Subscriptions;

use crate::endpoint::{Location, Trigger};
use crate::payload::Schema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use triggerfish_filter::Pattern;

/// Names that begin so are the program's own.
pub(crate) const RESERVED: &str = "triggerfish.";
/// The event of a call of a job.
pub(crate) const INVOKE: &str = "triggerfish.invoke";
/// The event of a schedule that is due.
pub(crate) const TICK: &str = "triggerfish.tick";

/// A function that carries `#[event(...)]`.
///
/// The attribute makes a type of the function's name that implements it. Its
/// own function `event` makes an event that can be sent.
pub trait EventType: Trigger {
    /// What an event of this kind carries.
    type Payload: Serialize + DeserializeOwned;
    /// What the attribute declares.
    const SPEC: EventSpec;
}

/// What a kind of event is declared to be.
#[derive(Clone, Copy)]
pub struct EventSpec {
    /// Its names; events are sent under the first.
    pub names: &'static [&'static str],
    /// The system that it comes from; `None` for the program itself.
    pub source: Option<&'static str>,
    /// What a person calls it.
    pub title: Option<&'static str>,
    /// The name of an icon.
    pub icon: Option<&'static str>,
    /// The name of the payload's type.
    pub payload: fn() -> &'static str,
    /// The shape of the payload; `None` where it is not known.
    pub schema: Option<&'static Schema>,
    /// Which events of these names are meant; `None` for all.
    pub filter: Option<Pattern<'static>>,
    /// Payloads to show and to try out.
    pub examples: &'static [Example],
    /// Reads a payload, and says what is shown of it.
    pub properties: fn(&[u8]) -> Result<Properties, String>,
    /// Where it is declared.
    pub location: Location,
}

impl fmt::Debug for EventSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSpec")
            .field("names", &self.names)
            .field("source", &self.source)
            .field("location", &self.location)
            .finish_non_exhaustive()
    }
}

/// A payload to show and to try out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Its id, unique among those of the event.
    pub id: &'static str,
    /// What a person calls it.
    pub name: &'static str,
    /// The payload, JSON.
    pub json: &'static str,
}

/// Names of events that a job is triggered by, without a type: `trigger = event("user.created")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventNames {
    /// The names.
    pub names: &'static [&'static str],
    /// The system that they come from; `None` for any.
    pub source: Option<&'static str>,
}
